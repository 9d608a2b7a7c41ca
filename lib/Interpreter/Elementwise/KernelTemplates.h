//===- KernelTemplates.h - From functors to kernels -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A functor has a static function template `apply` on the values of one
// element. `mapKernel` makes the loop over it, written so that the compiler
// vectorizes it where the functor allows.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELTEMPLATES_H
#define PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELTEMPLATES_H

#include "Kernels.h"
#include "ptq/Support/ProcessorDispatch.h"
#include <utility>

namespace mlir::ptq {

template <typename Fn, typename Result, typename... Operands, size_t... Is>
PTQ_INLINE bool mapElements(const KernelArguments &args,
                            std::index_sequence<Is...>) {
  Result *result = args.getResult<Result>();
  for (size_t i = 0; i < args.count; ++i)
    result[i] = static_cast<Result>(
        Fn::apply(args.get<Operands>(Is)[i]..., args.immediate));
  return true;
}

/// `result[i] = Fn::apply(operands[i]..., immediate)`.
template <typename Fn, typename Result, typename... Operands>
bool mapKernel(const KernelArguments &args) {
  return mapElements<Fn, Result, Operands...>(
      args, std::index_sequence_for<Operands...>());
}

#if PTQ_HAS_CPU_DISPATCH
template <typename Fn, typename Result, typename... Operands>
PTQ_TARGET_AVX2 bool mapKernelAVX2(const KernelArguments &args) {
  return mapElements<Fn, Result, Operands...>(
      args, std::index_sequence_for<Operands...>());
}
#endif

/// The version of `mapKernel` that suits the processor.
template <typename Fn, typename Result, typename... Operands>
Kernel selectKernel() {
#if PTQ_HAS_CPU_DISPATCH
  if (getProcessorGeneration() != ProcessorGeneration::Baseline)
    return mapKernelAVX2<Fn, Result, Operands...>;
#endif
  return mapKernel<Fn, Result, Operands...>;
}

/// `Fn::apply(lhs[i], rhs[i], result[i])`, which may return false.
template <typename Fn, typename T>
bool checkedKernel(const KernelArguments &args) {
  for (size_t i = 0; i < args.count; ++i)
    if (!Fn::apply(args.get<T>(0)[i], args.get<T>(1)[i],
                   args.getResult<T>()[i]))
      return false;
  return true;
}

/// Repeats a type: for kernels whose operands are all alike.
template <typename T, size_t>
using Repeat = T;

template <typename Fn, typename T, size_t... Is>
Kernel uniformKernel(std::index_sequence<Is...>) {
  return selectKernel<Fn, T, Repeat<T, Is>...>();
}

/// The kernel of `Fn` on floats: `arity` operands and a result of one type.
template <typename Fn, size_t arity>
Kernel selectFloatKernel(ComputeType type) {
  auto indices = std::make_index_sequence<arity>();
  switch (type) {
  case ComputeType::F32:
    return uniformKernel<Fn, float>(indices);
  case ComputeType::F64:
    return uniformKernel<Fn, double>(indices);
  default:
    return nullptr;
  }
}

/// The kernel of `Fn` on integers: `arity` operands and a result of one type.
template <typename Fn, size_t arity>
Kernel selectIntegerKernel(ComputeType type) {
  auto indices = std::make_index_sequence<arity>();
  switch (type) {
  case ComputeType::I8:
    return uniformKernel<Fn, int8_t>(indices);
  case ComputeType::I16:
    return uniformKernel<Fn, int16_t>(indices);
  case ComputeType::I32:
    return uniformKernel<Fn, int32_t>(indices);
  case ComputeType::I64:
    return uniformKernel<Fn, int64_t>(indices);
  default:
    return nullptr;
  }
}

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELTEMPLATES_H
