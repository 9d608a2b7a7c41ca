//===- PackedMatrixTest.cpp - Tests of products of matrices ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/PackedMatrix.h"
#include "RandomLayers.h"
#include <gtest/gtest.h>

using namespace mlir::ptq;

namespace {

/// `left * right` as the plain loops give it.
template <typename MatrixT>
MatrixT multiplyInOrder(const MatrixT &left, const MatrixT &right) {
  MatrixT product = MatrixT::Zero(left.rows(), right.cols());
  for (int64_t row = 0; row < left.rows(); ++row)
    for (int64_t column = 0; column < right.cols(); ++column)
      for (int64_t k = 0; k < left.cols(); ++k)
        product(row, column) += left(row, k) * right(k, column);
  return product;
}

/// Sizes at the borders of panels, tiles and blocks.
const std::tuple<int64_t, int64_t, int64_t> kSizes[] = {
    {1, 1, 1},    {8, 16, 16},   {9, 300, 17},
    {3, 129, 40}, {33, 128, 15}, {130, 257, 140}};

TEST(PackedMatrixTest, SumsInTheOrderOfTheDepth) {
  for (auto [rows, depth, columns] : kSizes) {
    MatrixF left = makeRandomMatrix(rows, depth, 1);
    MatrixF right = makeRandomMatrix(depth, columns, 2);
    MatrixF expected = multiplyInOrder<MatrixF>(left, right);
    PackedMatrix<float> packed(right);
    MatrixF product = MatrixF::Zero(rows, columns);
    addProduct(LeftFactor<float>(left), packed.view(), product.data(), columns);
    EXPECT_TRUE(product == expected) << rows << "x" << depth << "x" << columns;

    PackedMatrix<float> transposed(left.transpose());
    product.setZero();
    addTransposedProduct(transposed.view(), packed.view(), product.data(),
                         columns);
    EXPECT_TRUE(product == expected) << rows << "x" << depth << "x" << columns;
  }
}

TEST(PackedMatrixTest, MultipliesDoubles) {
  for (auto [rows, depth, columns] : kSizes) {
    MatrixD left = makeRandomMatrix(rows, depth, 3).cast<double>();
    MatrixD right = makeRandomMatrix(depth, columns, 4).cast<double>();
    EXPECT_TRUE(multiply(left, right, runInOrder) ==
                multiplyInOrder<MatrixD>(left, right))
        << rows << "x" << depth << "x" << columns;
  }
}

TEST(PackedMatrixTest, ViewsAreParts) {
  MatrixF left = makeRandomMatrix(5, 20, 5),
          right = makeRandomMatrix(40, 70, 6);
  PackedMatrix<float> packed(right);
  MatrixF product = MatrixF::Zero(5, 30);
  addProduct(LeftFactor<float>(left),
             packed.view().middleRows(7, 20).middleColumns(32, 30),
             product.data(), product.cols());
  EXPECT_TRUE(product ==
              multiplyInOrder<MatrixF>(left, right.block(7, 32, 20, 30)));
}

} // namespace
