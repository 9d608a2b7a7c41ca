//===- ProcessorDispatch.h - Code for several processors --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels are written once and compiled for several generations of x86-64
// processors; which version runs is found out at run time. Other processors get
// the portable version, which the compiler maps to whatever vectors they have.
// All versions give the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_PROCESSORDISPATCH_H
#define PTQ_SUPPORT_PROCESSORDISPATCH_H

#if defined(__x86_64__) && defined(__clang__)
#define PTQ_HAS_CPU_DISPATCH 1
#define PTQ_TARGET_AVX512                                                      \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define PTQ_TARGET_AVX2 __attribute__((target("avx2")))
#else
#define PTQ_HAS_CPU_DISPATCH 0
#endif

#define PTQ_INLINE static inline __attribute__((always_inline))

#if PTQ_HAS_CPU_DISPATCH
namespace mlir::ptq {

enum class ProcessorGeneration { Baseline, AVX2, AVX512 };

inline ProcessorGeneration getProcessorGeneration() {
  static const ProcessorGeneration generation = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
      return ProcessorGeneration::AVX512;
    return __builtin_cpu_supports("avx2") ? ProcessorGeneration::AVX2
                                          : ProcessorGeneration::Baseline;
  }();
  return generation;
}

} // namespace mlir::ptq
#endif // PTQ_HAS_CPU_DISPATCH

#endif // PTQ_SUPPORT_PROCESSORDISPATCH_H
