//===- NearestRounding.cpp - The code next to each weight -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/WeightGrid.h"

using namespace mlir::ptq;

MatrixF WeightGrid::getValues(const MatrixF &codesOfWeights) const {
  return (codesOfWeights - zeroPoints).cwiseProduct(scales);
}

MatrixF mlir::ptq::roundToNearest(const MatrixF &weights,
                                  const WeightGrid &grid) {
  MatrixF result(weights.rows(), weights.cols());
  for (int64_t channel = 0; channel < weights.rows(); ++channel)
    for (int64_t k = 0; k < weights.cols(); ++k)
      result(channel, k) = grid.getCode(channel, k, weights(channel, k));
  return result;
}

CodeBounds mlir::ptq::getGridBounds(const WeightGrid &grid) {
  int64_t channels = grid.scales.rows(), depth = grid.scales.cols();
  return {
      MatrixF::Constant(channels, depth, static_cast<float>(grid.codes.min)),
      MatrixF::Constant(channels, depth, static_cast<float>(grid.codes.max))};
}

CodeBounds mlir::ptq::getNeighbors(const MatrixF &weights,
                                   const WeightGrid &grid) {
  auto clip = [&](const MatrixF &codes) -> MatrixF {
    return (codes + grid.zeroPoints)
        .cwiseMax(static_cast<float>(grid.codes.min))
        .cwiseMin(static_cast<float>(grid.codes.max));
  };
  MatrixF quotients = weights.cwiseQuotient(grid.scales);
  return {clip(quotients.array().floor()), clip(quotients.array().ceil())};
}
