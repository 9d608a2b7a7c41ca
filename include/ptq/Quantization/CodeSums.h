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
#include <optional>

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

/// The initial value of an accumulator of sums of products: the code of the
/// bias less the share of the activation's zero point. Nothing if the
/// accumulator could leave i32 for activations of `activationCodes`, on the way
/// or at the end.
std::optional<int32_t> computeAccumulatorInit(CodeSum weights, int64_t biasCode,
                                              int64_t zeroPoint,
                                              CodeRange activationCodes);

/// Whether an accumulator of products with these weights stays in i32 for every
/// i8 activation, whatever its zero point is.
bool fitsAccumulatorForAnyZeroPoint(const CodeSum &weights);

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_CODESUMS_H
