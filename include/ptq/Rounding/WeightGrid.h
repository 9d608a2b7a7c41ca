//===- WeightGrid.h - What weights can be rounded to ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_WEIGHTGRID_H
#define PTQ_ROUNDING_WEIGHTGRID_H

#include "ptq/Quantization/QuantizationParameters.h"
#include "ptq/Rounding/Matrix.h"

namespace mlir::ptq {

/// The values that each weight of a layer can have: `(code - zeroPoint) *
/// scale`. Codes and zero points are small integers in f32.
struct WeightGrid {
  /// One scale and zero point for each weight (channels x depth).
  MatrixF scales;
  MatrixF zeroPoints;
  CodeRange codes;

  float getCode(int64_t channel, int64_t k, float value) const {
    return static_cast<float>(
        quantizeValue(value, scales(channel, k),
                      static_cast<int32_t>(zeroPoints(channel, k)), codes));
  }
  float getValue(int64_t channel, int64_t k, float code) const {
    return (code - zeroPoints(channel, k)) * scales(channel, k);
  }

  /// The values of a matrix of codes.
  MatrixF getValues(const MatrixF &codesOfWeights) const;
};

/// The least and the largest code that each weight may have (channels x depth).
struct CodeBounds {
  MatrixF low, high;
};

/// All codes of the grid.
CodeBounds getGridBounds(const WeightGrid &grid);

/// The codes below and above each weight, between which AdaRound chooses. They
/// are the same where the weight is on the grid or beyond its end.
CodeBounds getNeighbors(const MatrixF &weights, const WeightGrid &grid);

/// The code next to each weight, ties to even: what rounding is when nothing
/// is known of the inputs.
MatrixF roundToNearest(const MatrixF &weights, const WeightGrid &grid);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_WEIGHTGRID_H
