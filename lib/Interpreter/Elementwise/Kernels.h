//===- Kernels.h - One operation on many elements ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops that elementwise programs are made of: each applies one arith or
// math operation to runs of contiguous elements. They exist for f32, f64, i8,
// i16, i32 and i64. Other types are brought to these by the program: f16 and
// bf16 are computed in f32 and rounded after every operation, which gives the
// correctly rounded result of +, -, *, / and sqrt; odd integer widths are
// computed in the next larger container and wrapped.
//
// No kernel has undefined behaviour. What arith leaves undefined is either
// refused (integer division by zero) or given a value: shifts by the width or
// more shift everything out, conversions to integer saturate and read NaN as 0.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELS_H
#define PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELS_H

#include "mlir/IR/Operation.h"
#include <cstdint>
#include <optional>

namespace mlir::ptq {

/// What a kernel works on: `count` elements of each operand and of the result.
/// `immediate` is whatever the operation needs besides, such as a predicate.
struct KernelArguments {
  void *result;
  const void *operands[3];
  size_t count;
  int64_t immediate;

  template <typename T>
  const T *get(unsigned index) const {
    return static_cast<const T *>(operands[index]);
  }
  template <typename T>
  T *getResult() const {
    return static_cast<T *>(result);
  }
};

/// Returns false where an element is not allowed, such as a divisor of 0.
using Kernel = bool (*)(const KernelArguments &);

/// How an operation reads integers that do not fill their container, which
/// holds them sign-extended, or as 0 and 1 for i1.
enum class IntegerReading { Any, Signed, Unsigned };

/// A kernel and how to call it.
struct KernelCall {
  Kernel kernel = nullptr;
  int64_t immediate = 0;
  IntegerReading reading = IntegerReading::Any;
  /// What to tell the user when the kernel returns false.
  const char *failure = nullptr;
  /// The kernel moves elements as they lie in memory: no operand is brought to
  /// compute form, nor the result back.
  bool inMemoryForm = false;
};

/// The element type that values of `type` are computed in: f32 for f16 and
/// bf16, a full container for integers.
enum class ComputeType { I8, I16, I32, I64, F32, F64 };
std::optional<ComputeType> getComputeType(Type elementType);

/// The kernel for an elementwise op of arith or math with one result, of which
/// the types are taken elementwise, or for `ptq.lookup_byte`. Nullopt if there
/// is none.
std::optional<KernelCall> getKernelCall(Operation *op);

/// The parts of `getKernelCall`, by kind of op.
std::optional<KernelCall> getIntegerKernelCall(Operation *op);
std::optional<KernelCall> getFloatKernelCall(Operation *op);
std::optional<KernelCall> getMathKernelCall(Operation *op);
std::optional<KernelCall> getConversionKernelCall(Operation *op);
std::optional<KernelCall> getLookupKernelCall(Operation *op);

/// The kernels that bring an operand of `elementType` into the form that
/// kernels compute on, and a result back. A null kernel: nothing to do.
KernelCall getReadingKernelCall(Type elementType, IntegerReading reading);
KernelCall getWritingKernelCall(Type elementType);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_ELEMENTWISE_KERNELS_H
