//===- ArrayQuantization.h - Many values at once ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of QuantizationParameters.h on arrays, as loops that the
// compiler vectorizes. Every element gets exactly the value that the function
// for one value gives.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_ARRAYQUANTIZATION_H
#define PTQ_QUANTIZATION_ARRAYQUANTIZATION_H

#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::ptq {

/// The parameters of a run of elements: either one pair for all of them
/// (`stride` 0) or one for each (`stride` 1). No zero points means 0.
struct ParameterRun {
  const float *scales;
  const int32_t *zeroPoints = nullptr;
  int64_t stride = 0;

  float getScale(int64_t index) const { return scales[index * stride]; }
  int32_t getZeroPoint(int64_t index) const {
    return zeroPoints ? zeroPoints[index * stride] : 0;
  }
};

/// `codes[i] = quantizeValue(values[i], ...)`. T is int8_t, int16_t or int32_t.
template <typename T>
void quantizeArray(llvm::ArrayRef<float> values, ParameterRun parameters,
                   CodeRange range, llvm::MutableArrayRef<T> codes);

/// `values[i] = dequantizeValue(codes[i], ...)`. T is int8_t, int16_t, int32_t
/// or int64_t.
template <typename T>
void dequantizeArray(llvm::ArrayRef<T> codes, ParameterRun parameters,
                     llvm::MutableArrayRef<float> values);

/// `codes[i] = requantizeValue(accumulators[i], ...)`, where the scales are
/// multipliers. AccT is int32_t or int64_t, T int8_t, int16_t or int32_t.
template <typename AccT, typename T>
void requantizeArray(llvm::ArrayRef<AccT> accumulators, ParameterRun parameters,
                     CodeRange range, llvm::MutableArrayRef<T> codes);

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_ARRAYQUANTIZATION_H
