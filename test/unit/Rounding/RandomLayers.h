//===- RandomLayers.h - Small layers to test rounding on --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TEST_UNIT_ROUNDING_RANDOMLAYERS_H
#define PTQ_TEST_UNIT_ROUNDING_RANDOMLAYERS_H

#include "ptq/Rounding/LayerMoments.h"
#include "ptq/Rounding/WeightGrid.h"
#include <random>

namespace mlir::ptq {

/// Numbers that are the same everywhere: those of distributions are not.
inline MatrixF makeRandomMatrix(int64_t rows, int64_t columns, uint64_t seed) {
  std::mt19937_64 generator(seed);
  MatrixF matrix(rows, columns);
  for (int64_t i = 0; i < matrix.size(); ++i)
    matrix.data()[i] = static_cast<float>(generator() >> 40) * 0x1p-23f - 1;
  return matrix;
}

/// The grid of int4 codes -7 to 7 with one scale for each channel.
inline WeightGrid makeGrid(const MatrixF &weights, float shrink = 1,
                           CodeRange codes = {-7, 7}) {
  WeightGrid grid{MatrixF(weights.rows(), weights.cols()),
                  MatrixF::Zero(weights.rows(), weights.cols()), codes};
  for (int64_t channel = 0; channel < weights.rows(); ++channel)
    grid.scales.row(channel).setConstant(
        shrink * weights.row(channel).cwiseAbs().maxCoeff() /
        static_cast<float>(codes.max));
  return grid;
}

/// Rows of inputs that depend on each other, with a mean other than 0.
inline MatrixF makeCorrelatedRows(int64_t rows, int64_t depth, uint64_t seed) {
  MatrixF mixing = makeRandomMatrix(depth, depth, seed + 1);
  MatrixF result = makeRandomMatrix(rows, depth, seed) * mixing;
  result.rowwise() += makeRandomMatrix(1, depth, seed + 2).row(0);
  return result;
}

/// Moments of a layer that reads `rows` and is to give what `weights` give.
inline LayerMoments measure(const MatrixF &weights, const MatrixF &rows) {
  LayerMoments moments(weights.rows(), weights.cols());
  moments.add(rows, rows * weights.transpose(), runInOrder);
  return moments;
}

} // namespace mlir::ptq

#endif // PTQ_TEST_UNIT_ROUNDING_RANDOMLAYERS_H
