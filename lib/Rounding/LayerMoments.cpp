//===- LayerMoments.cpp - What a layer reads and shall give ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/LayerMoments.h"
#include "llvm/Support/MathExtras.h"
#include <mutex>

using namespace mlir::ptq;

/// Sums over the rows of one call are in f32: blocks of them are added in f64.
static constexpr int64_t kRowsAtOnce = 512;

/// Rows and columns of a Gram matrix that one thread computes at once.
static constexpr int64_t kTileSize = 128;

void mlir::ptq::fixOrderOfSums() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Those of a common processor.
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 8 << 20);
  });
}

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

/// Appends `added` to the rows of `moments`, or forgets them once there are too
/// many. The number of rows is that before.
static void keepRows(LayerMoments &moments, const MatrixViewF &added) {
  int64_t count = moments.numRows + added.rows();
  bool hasAll = moments.rows.rows() == moments.numRows;
  if (!hasAll || 2 * count >= moments.getDepth()) {
    moments.rows.resize(0, 0);
    return;
  }
  moments.rows.conservativeResize(count, moments.getDepth());
  moments.rows.bottomRows(added.rows()) = added;
}

void LayerMoments::add(const MatrixViewF &newRows, const MatrixViewF &wanted,
                       ParallelFor parallelFor) {
  keepRows(*this, newRows);
  numRows += newRows.rows();
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
      addProducts(wanted, newRows.middleCols(tile * kTileSize, getSize(tile)),
                  targetInputs.middleCols(tile * kTileSize, getSize(tile)));
      return;
    }
    int64_t row = 0;
    while (index > row)
      index -= ++row;
    int64_t column = index;
    addProducts(newRows.middleCols(row * kTileSize, getSize(row)),
                newRows.middleCols(column * kTileSize, getSize(column)),
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
  inputSums += newRows.cast<double>().colwise().sum().transpose();
  targetSums += wanted.cast<double>().colwise().sum().transpose();
  targetSquares += wanted.cast<double>().colwise().squaredNorm().transpose();
}

void LayerMoments::add(const LayerMoments &other) {
  keepRows(*this, other.rows);
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
  if (moments.numRows == 0)
    return VectorD::Zero(weights.rows());
  return getQuadraticErrors(moments.inputs, moments.targetInputs,
                            moments.targetSquares, weights, parallelFor) /
         static_cast<double>(moments.numRows);
}

/// Channels whose errors are computed together: the Gram matrix is read once
/// for all of them.
static constexpr int64_t kChannelsAtOnce = 16;

VectorD mlir::ptq::getQuadraticErrors(const MatrixD &gram, const MatrixD &cross,
                                      const VectorD &power,
                                      const MatrixF &weights,
                                      ParallelFor parallelFor) {
  int64_t channels = weights.rows();
  VectorD errors(channels);
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    int64_t count = std::min(kChannelsAtOnce, channels - begin);
    MatrixD w = weights.middleRows(begin, count).cast<double>();
    MatrixD products = w * gram - 2 * cross.middleRows(begin, count);
    errors.segment(begin, count) =
        (products.cwiseProduct(w).rowwise().sum() + power.segment(begin, count))
            .cwiseMax(0.0);
  });
  return errors;
}
