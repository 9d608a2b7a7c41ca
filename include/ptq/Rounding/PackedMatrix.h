//===- PackedMatrix.h - Matrices laid out for products ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Products of large matrices, which take most of the time of rounding. They are
// made of the kernel that the interpreter has, which is compiled for several
// generations of processors and gives the same bits on all of them. Eigen knows
// one generation at a time, which here is the oldest.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_PACKEDMATRIX_H
#define PTQ_ROUNDING_PACKEDMATRIX_H

#include "ptq/Rounding/Matrix.h"
#include "ptq/Support/MatmulKernel.h"
#include "llvm/Support/MathExtras.h"
#include <memory>

namespace mlir::ptq {

/// The left factor of a product: a matrix, or one transposed, where it lies.
template <typename T>
struct LeftFactor {
  LeftFactor(const T *data, int64_t rows, int64_t depth, int64_t rowStride,
             int64_t depthStride)
      : data(data), rows(rows), depth(depth), rowStride(rowStride),
        depthStride(depthStride) {}

  template <typename Derived>
  LeftFactor(const Eigen::MatrixBase<Derived> &matrix)
      : LeftFactor(matrix.derived().data(), matrix.rows(), matrix.cols(),
                   matrix.derived().rowStride(), matrix.derived().colStride()) {
  }

  const T *data;
  int64_t rows, depth;
  int64_t rowStride, depthStride;
};

/// The right factor of a product: some rows of a packed matrix, and columns
/// from the beginning of a strip on.
template <typename T>
struct PackedView {
  PackedView middleRows(int64_t begin, int64_t count) const {
    return {data + begin * kTileColumns, count, columns, stripStride};
  }
  /// `begin` is a multiple of kTileColumns.
  PackedView middleColumns(int64_t begin, int64_t count) const {
    return {data + begin / kTileColumns * stripStride, rows, count,
            stripStride};
  }

  const T *data;
  int64_t rows, columns;
  /// From a strip to the next one.
  int64_t stripStride;
};

/// A matrix in strips of kTileColumns columns, each stored row by row. The last
/// strip is padded with zeros.
template <typename T>
class PackedMatrix {
public:
  PackedMatrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns),
        data(std::make_unique<T[]>(rows * getNumStrips() * kTileColumns)) {}

  /// Packs a matrix, or an expression.
  template <typename Derived>
  explicit PackedMatrix(const Eigen::MatrixBase<Derived> &matrix)
      : PackedMatrix(matrix.rows(), matrix.cols()) {
    for (int64_t strip = 0; strip < getNumStrips(); ++strip)
      packStrip(matrix, strip);
  }

  int64_t getNumStrips() const {
    return llvm::divideCeil(columns, kTileColumns);
  }
  int64_t getStripColumns(int64_t strip) const {
    return std::min(kTileColumns, columns - strip * kTileColumns);
  }

  /// Sets the columns of a strip to those of `matrix`.
  template <typename Derived>
  void packStrip(const Eigen::MatrixBase<Derived> &matrix, int64_t strip) {
    Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, kTileColumns, Eigen::RowMajor>>(
        getRow(0, strip), rows, kTileColumns)
        .leftCols(getStripColumns(strip)) =
        matrix.middleCols(strip * kTileColumns, getStripColumns(strip))
            .template cast<T>();
  }

  T *getRow(int64_t row, int64_t strip) {
    return data.get() + (strip * rows + row) * kTileColumns;
  }

  PackedView<T> view() const {
    return {data.get(), rows, columns, rows * kTileColumns};
  }

private:
  int64_t rows, columns;
  std::unique_ptr<T[]> data;
};

/// `target += left * right`, each element summed in the order of the depth,
/// with one rounding for each product and each sum. The rows of `target` are
/// `targetStride` elements apart.
template <typename T>
void addProduct(const LeftFactor<T> &left, const PackedView<T> &right,
                T *target, int64_t targetStride);

/// As above with the transpose of `left`.
template <typename T>
void addTransposedProduct(const PackedView<T> &left, const PackedView<T> &right,
                          T *target, int64_t targetStride);

/// `left * right`.
MatrixD multiply(const MatrixD &left, const MatrixD &right,
                 ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_PACKEDMATRIX_H
