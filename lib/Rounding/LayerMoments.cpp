//===- LayerMoments.cpp - What a layer reads and shall give ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/LayerMoments.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::ptq;

/// Sums over the rows of one call are in f32: blocks of them are added in f64.
static constexpr int64_t kRowsAtOnce = 512;

/// Rows and columns of a Gram matrix that one thread computes at once.
static constexpr int64_t kTileSize = 128;

LayerMoments::LayerMoments(int64_t channels, int64_t depth)
    : inputs(MatrixD::Zero(depth, depth)),
      targetInputs(MatrixD::Zero(channels, depth)),
      inputSums(VectorD::Zero(depth)), targetSums(VectorD::Zero(channels)),
      targetSquares(VectorD::Zero(channels)) {}

/// Adds `left' * right` of all rows to `sums`.
static void addProducts(const MatrixViewF &left, const MatrixViewF &right,
                        Eigen::Ref<MatrixD> sums) {
  for (int64_t row = 0; row < left.rows(); row += kRowsAtOnce) {
    int64_t count = std::min<int64_t>(kRowsAtOnce, left.rows() - row);
    MatrixF part =
        left.middleRows(row, count).transpose() * right.middleRows(row, count);
    sums += part.cast<double>();
  }
}

void LayerMoments::add(const MatrixViewF &rows, const MatrixViewF &wanted,
                       ParallelFor parallelFor) {
  numRows += rows.rows();
  int64_t depth = getDepth();
  int64_t numTiles = llvm::divideCeil(depth, kTileSize);
  // Tiles on and below the diagonal, then the strips of `targetInputs`.
  int64_t numSquareTiles = numTiles * (numTiles + 1) / 2;
  parallelFor(numSquareTiles + numTiles, [&](int64_t index) {
    auto getSize = [&](int64_t tile) {
      return std::min(kTileSize, depth - tile * kTileSize);
    };
    if (index >= numSquareTiles) {
      int64_t tile = index - numSquareTiles;
      addProducts(wanted, rows.middleCols(tile * kTileSize, getSize(tile)),
                  targetInputs.middleCols(tile * kTileSize, getSize(tile)));
      return;
    }
    int64_t row = 0;
    while (index > row)
      index -= ++row;
    int64_t column = index;
    addProducts(rows.middleCols(row * kTileSize, getSize(row)),
                rows.middleCols(column * kTileSize, getSize(column)),
                inputs.block(row * kTileSize, column * kTileSize, getSize(row),
                             getSize(column)));
    // A diagonal tile is not symmetric to the last bit by itself.
    auto tile = inputs.block(row * kTileSize, column * kTileSize, getSize(row),
                             getSize(column));
    if (row == column)
      tile.triangularView<Eigen::StrictlyUpper>() = tile.transpose();
    else
      inputs.block(column * kTileSize, row * kTileSize, getSize(column),
                   getSize(row)) = tile.transpose();
  });
  inputSums += rows.cast<double>().colwise().sum().transpose();
  targetSums += wanted.cast<double>().colwise().sum().transpose();
  targetSquares += wanted.cast<double>().colwise().squaredNorm().transpose();
}

void LayerMoments::add(const LayerMoments &other) {
  numRows += other.numRows;
  inputs += other.inputs;
  targetInputs += other.targetInputs;
  inputSums += other.inputSums;
  targetSums += other.targetSums;
  targetSquares += other.targetSquares;
}

VectorD mlir::ptq::getMeanErrors(const LayerMoments &moments,
                                 const MatrixF &weights) {
  if (moments.numRows == 0)
    return VectorD::Zero(weights.rows());
  return (moments.targetSums - weights.cast<double>() * moments.inputSums) /
         static_cast<double>(moments.numRows);
}

VectorD mlir::ptq::getSquaredErrors(const LayerMoments &moments,
                                    const MatrixF &weights,
                                    ParallelFor parallelFor) {
  VectorD errors = VectorD::Zero(weights.rows());
  if (moments.numRows == 0)
    return errors;
  parallelFor(weights.rows(), [&](int64_t channel) {
    VectorD w = weights.row(channel).transpose().cast<double>();
    double sum = w.dot(moments.inputs * w) -
                 2 * w.dot(moments.targetInputs.row(channel).transpose()) +
                 moments.targetSquares(channel);
    errors(channel) = std::max(sum, 0.0) / static_cast<double>(moments.numRows);
  });
  return errors;
}
