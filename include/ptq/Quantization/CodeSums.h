//===- CodeSums.h - Sums of constant codes ----------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With x = (q - z) * s and symmetric weights, a sum of products is
//
//   sum (q - z) * w  =  sum q * w  -  z * sum w
//
// whose last term is a constant for each output channel. The sums of the
// weights' magnitudes bound the accumulator.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_CODESUMS_H
#define PTQ_QUANTIZATION_CODESUMS_H

#include "mlir/Support/LLVM.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mlir::ptq {

/// The sum of some codes, and the sum of their magnitudes.
struct CodeSum {
  int64_t sum = 0;
  int64_t magnitude = 0;
};

/// Sums `codes`, a row-major tensor of shape `shape`, over all dimensions but
/// `keptDims`. The result has one element for each index of the kept
/// dimensions, row-major in the order of `keptDims`.
SmallVector<CodeSum> sumCodes(ArrayRef<int8_t> codes, ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> keptDims);
SmallVector<CodeSum> sumCodes(ArrayRef<int16_t> codes, ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> keptDims);

/// The start of an accumulator, and how large it can become.
struct AccumulatorStart {
  /// The code of the bias less the share of the activation's zero point.
  int64_t value = 0;
  /// The largest magnitude on the way and at the end.
  int64_t bound = 0;
};

/// The start of an accumulator of sums of products with activations of
/// `activationCodes`.
AccumulatorStart computeAccumulatorStart(CodeSum weights, int64_t biasCode,
                                         int64_t zeroPoint,
                                         CodeRange activationCodes);

/// The bound of an accumulator of products with activations of
/// `activationCodes`, whatever their zero point is.
int64_t computeAccumulatorBound(CodeSum weights, CodeRange activationCodes);

/// The largest magnitude of an i32 accumulator. Larger ones are i64.
constexpr int64_t kMaxI32Accumulator = (int64_t{1} << 31) - 1;

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_CODESUMS_H
