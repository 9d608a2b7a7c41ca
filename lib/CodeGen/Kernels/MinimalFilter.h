//===- MinimalFilter.h - Filters with fewer products --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two neighbouring results of a filter with three taps are sums of six products
// of activations d and weights g. They are also
//
//   A^T [(G g) * (B^T d)]
//
// where * is by element, with fewer products (Winograd, "Arithmetic Complexity
// of Computations", 1980). Filters of images have such an algorithm for each
// dimension, one inside of the other (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", CVPR 2016).
//
// In integers nothing is rounded. Where G holds halves, it is doubled, and so
// are the results.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_MINIMALFILTER_H
#define PTQ_LIB_CODEGEN_KERNELS_MINIMALFILTER_H

#include "mlir/Support/LLVM.h"
#include <array>

namespace mlir::ptq {

/// A small matrix of integers.
struct FilterMatrix {
  int64_t numRows;
  int64_t numColumns;
  /// Row by row.
  std::array<int8_t, 25> values;

  ArrayRef<int8_t> getRow(int64_t row) const {
    return ArrayRef<int8_t>(values).slice(row * numColumns, numColumns);
  }

  /// This matrix times x times the transpose of `right`, row by row, where
  /// `load` gives the elements of x, and `combine` sums elements of x times
  /// the coefficients of a row.
  template <typename T>
  SmallVector<T>
  apply(const FilterMatrix &right,
        function_ref<T(int64_t row, int64_t column)> load,
        function_ref<T(ArrayRef<int8_t> coefficients, ArrayRef<T> elements)>
            combine) const;
};

/// An algorithm for two results of a filter of three taps in one dimension.
struct MinimalFilter {
  static constexpr int64_t kNumTaps = 3;
  static constexpr int64_t kNumResults = 2;

  /// B^T: a row for each product, a column for each activation.
  FilterMatrix activations;
  /// G, maybe doubled.
  FilterMatrix weights;
  /// A^T.
  FilterMatrix results;
  /// Whether G is doubled, and with it the results.
  bool isDoubled;

  int64_t getNumActivations() const { return activations.numColumns; }
  int64_t getNumProducts() const { return activations.numRows; }

  /// The algorithm for results that are `stride` activations apart; null if
  /// there is none.
  static const MinimalFilter *get(int64_t stride);
};

template <typename T>
SmallVector<T> FilterMatrix::apply(
    const FilterMatrix &right,
    function_ref<T(int64_t row, int64_t column)> load,
    function_ref<T(ArrayRef<int8_t> coefficients, ArrayRef<T> elements)>
        combine) const {
  // The columns of this matrix times x.
  SmallVector<SmallVector<T>> columns;
  for (int64_t column = 0; column < right.numColumns; ++column) {
    SmallVector<T> elements;
    for (int64_t row = 0; row < numColumns; ++row)
      elements.push_back(load(row, column));
    SmallVector<T> &products = columns.emplace_back();
    for (int64_t row = 0; row < numRows; ++row)
      products.push_back(combine(getRow(row), elements));
  }
  SmallVector<T> results;
  for (int64_t row = 0; row < numRows; ++row) {
    SmallVector<T> elements;
    for (const SmallVector<T> &column : columns)
      elements.push_back(column[row]);
    for (int64_t column = 0; column < right.numRows; ++column)
      results.push_back(combine(right.getRow(column), elements));
  }
  return results;
}

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_MINIMALFILTER_H
