//===- PackedMatrix.cpp - Products of packed matrices ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/PackedMatrix.h"
#include <algorithm>
#include <array>

using namespace mlir::ptq;

/// The depth of a tile: a strip of that many rows stays in the first cache.
static constexpr int64_t kTileDepth = 256;

/// Columns of a product that one thread computes at once.
static constexpr int64_t kColumnsAtOnce = 8 * kTileColumns;

/// Where each row of a strip begins.
static constexpr auto kRowOffsets = [] {
  std::array<int64_t, kTileDepth> offsets{};
  for (int64_t row = 0; row < kTileDepth; ++row)
    offsets[row] = row * kTileColumns;
  return offsets;
}();

/// Computes a tile of which only `columns` columns exist.
template <typename T>
static void multiplyBorder(MatmulTile<T, T> tile, int64_t columns) {
  std::array<T, kPanelRows * kTileColumns> padded{};
  T *target = tile.c;
  int64_t targetStride = tile.rowStride;
  tile.c = padded.data();
  tile.rowStride = kTileColumns;
  for (int64_t row = 0; row < tile.rows; ++row)
    std::copy_n(target + row * targetStride, columns,
                tile.c + row * kTileColumns);
  multiplyTile(tile);
  for (int64_t row = 0; row < tile.rows; ++row)
    std::copy_n(tile.c + row * kTileColumns, columns,
                target + row * targetStride);
}

template <typename T>
void mlir::ptq::addProduct(const LeftFactor<T> &left,
                           const PackedView<T> &right, T *target,
                           int64_t targetStride) {
  MatmulTile<T, T> tile;
  tile.aRowStride = left.rowStride;
  tile.aStride = left.depthStride;
  tile.offsets = kRowOffsets.data();
  tile.rowStride = targetStride;
  tile.columns = kTileColumns;
  for (int64_t k = 0; k < left.depth; k += kTileDepth) {
    tile.depth = std::min(kTileDepth, left.depth - k);
    for (int64_t column = 0; column < right.columns; column += kTileColumns) {
      int64_t columns = std::min(kTileColumns, right.columns - column);
      tile.b =
          right.middleRows(k, tile.depth).middleColumns(column, columns).data;
      for (int64_t row = 0; row < left.rows; row += kPanelRows) {
        tile.rows = std::min(kPanelRows, left.rows - row);
        tile.a = left.data + row * left.rowStride + k * left.depthStride;
        tile.c = target + row * targetStride + column;
        if (columns == kTileColumns)
          multiplyTile(tile);
        else
          multiplyBorder(tile, columns);
      }
    }
  }
}

template <typename T>
void mlir::ptq::addTransposedProduct(const PackedView<T> &left,
                                     const PackedView<T> &right, T *target,
                                     int64_t targetStride) {
  for (int64_t row = 0; row < left.columns; row += kTileColumns) {
    int64_t count = std::min(kTileColumns, left.columns - row);
    addProduct(LeftFactor<T>(left.middleColumns(row, count).data, count,
                             left.rows, /*rowStride=*/1,
                             /*depthStride=*/kTileColumns),
               right, target + row * targetStride, targetStride);
  }
}

MatrixD mlir::ptq::multiply(const MatrixD &left, const MatrixD &right,
                            ParallelFor parallelFor) {
  MatrixD product = MatrixD::Zero(left.rows(), right.cols());
  parallelFor(
      llvm::divideCeil(right.cols(), kColumnsAtOnce), [&](int64_t part) {
        int64_t begin = part * kColumnsAtOnce;
        int64_t columns = std::min(kColumnsAtOnce, right.cols() - begin);
        for (int64_t k = 0; k < right.rows(); k += kTileDepth) {
          int64_t depth = std::min(kTileDepth, right.rows() - k);
          PackedMatrix<double> packed(right.block(k, begin, depth, columns));
          addProduct(LeftFactor<double>(left.middleCols(k, depth)),
                     packed.view(), product.data() + begin, product.cols());
        }
      });
  return product;
}

namespace mlir::ptq {
#define PTQ_INSTANTIATE(T)                                                     \
  template void addProduct(const LeftFactor<T> &, const PackedView<T> &, T *,  \
                           int64_t);                                           \
  template void addTransposedProduct(const PackedView<T> &,                    \
                                     const PackedView<T> &, T *, int64_t);
PTQ_INSTANTIATE(float)
PTQ_INSTANTIATE(double)
#undef PTQ_INSTANTIATE
} // namespace mlir::ptq
