//===- LayerMoments.cpp - What a layer reads and shall give ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/LayerMoments.h"
#include "ptq/Rounding/PackedMatrix.h"
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
static void addProducts(const PackedView<float> &left,
                        const PackedView<float> &right,
                        Eigen::Ref<MatrixD> sums) {
  MatrixF part(left.columns, right.columns);
  for (int64_t row = 0; row < left.rows; row += kRowsAtOnce) {
    int64_t count = std::min(kRowsAtOnce, left.rows - row);
    part.setZero();
    addTransposedProduct(left.middleRows(row, count),
                         right.middleRows(row, count), part.data(),
                         part.cols());
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
  PackedMatrix<float> packed(newRows.rows(), depth);
  parallelFor(packed.getNumStrips(), [&](int64_t strip) {
    packed.packStrip(newRows, strip);
    int64_t begin = strip * kTileColumns;
    int64_t count = packed.getStripColumns(strip);
    for (int64_t row = 0; row < newRows.rows(); ++row)
      for (int64_t column = 0; column < count; ++column)
        inputSums(begin + column) += double{packed.getRow(row, strip)[column]};
  });
  PackedMatrix<float> packedTargets(wanted);

  int64_t numTiles = llvm::divideCeil(depth, kTileSize);
  auto getSize = [&](int64_t tile) {
    return std::min(kTileSize, depth - tile * kTileSize);
  };
  auto getColumns = [&](int64_t tile) {
    return packed.view().middleColumns(tile * kTileSize, getSize(tile));
  };
  // Tiles on and below the diagonal, then the strips of `targetInputs`.
  int64_t numSquareTiles = numTiles * (numTiles + 1) / 2;
  parallelFor(numSquareTiles + numTiles, [&](int64_t index) {
    if (index >= numSquareTiles) {
      int64_t tile = index - numSquareTiles;
      addProducts(packedTargets.view(), getColumns(tile),
                  targetInputs.middleCols(tile * kTileSize, getSize(tile)));
      return;
    }
    int64_t row = 0;
    while (index > row)
      index -= ++row;
    int64_t column = index;
    auto tile = inputs.block(row * kTileSize, column * kTileSize, getSize(row),
                             getSize(column));
    addProducts(getColumns(row), getColumns(column), tile);
    if (row != column)
      inputs.block(column * kTileSize, row * kTileSize, getSize(column),
                   getSize(row)) = tile.transpose();
  });
  targetSums += wanted.cast<double>().colwise().sum().transpose();
  targetSquares += wanted.cast<double>().colwise().squaredNorm().transpose();
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

VectorD mlir::ptq::getQuadraticErrors(const MatrixD &gram, const MatrixD &cross,
                                      const VectorD &power,
                                      const MatrixF &weights,
                                      ParallelFor parallelFor) {
  MatrixD w = weights.cast<double>();
  MatrixD products = multiply(w, gram, parallelFor) - 2 * cross;
  return (products.cwiseProduct(w).rowwise().sum() + power).cwiseMax(0.0);
}
