//===- LayerMomentsTest.cpp - Tests of sums over rows ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomLayers.h"
#include <gtest/gtest.h>
#include <thread>

using namespace mlir::ptq;

namespace {

TEST(LayerMomentsTest, SumsWhatIsDefined) {
  MatrixF rows(2, 2), wanted(2, 1);
  rows << 1, 2, 3, 4;
  wanted << 5, -6;
  LayerMoments moments(1, 2);
  moments.add(rows, wanted, runInOrder);
  MatrixD inputs(2, 2), cross(1, 2);
  inputs << 10, 14, 14, 20;
  cross << 5 - 18, 10 - 24;
  EXPECT_EQ(moments.numRows, 2);
  EXPECT_EQ(moments.inputs, inputs);
  EXPECT_EQ(moments.targetInputs, cross);
  EXPECT_EQ(moments.inputSums, VectorD(Eigen::Vector2d(4, 6)));
  EXPECT_EQ(moments.targetSums(0), -1);
  EXPECT_EQ(moments.targetSquares(0), 61);
}

/// More rows than are summed in f32 at once, and more columns than a tile.
TEST(LayerMomentsTest, AgreesWithDoublePrecision) {
  MatrixF rows = makeCorrelatedRows(1500, 300, 1);
  MatrixF wanted = makeRandomMatrix(1500, 5, 2);
  LayerMoments moments(5, 300);
  moments.add(rows, wanted, runInOrder);
  MatrixD x = rows.cast<double>(), y = wanted.cast<double>();
  MatrixD gram = x.transpose() * x, cross = y.transpose() * x;
  EXPECT_LT((moments.inputs - gram).norm(), 1e-5 * gram.norm());
  EXPECT_LT((moments.targetInputs - cross).norm(), 1e-4 * cross.norm());
  EXPECT_TRUE(moments.inputs == moments.inputs.transpose());
}

/// Bodies in another order, on two threads.
void runOnTwoThreads(int64_t count, llvm::function_ref<void(int64_t)> body) {
  auto work = [&](int64_t first) {
    for (int64_t i = count - 1 - first; i >= 0; i -= 2)
      body(i);
  };
  std::thread other(work, 1);
  work(0);
  other.join();
}

TEST(LayerMomentsTest, DoesNotDependOnThreads) {
  MatrixF rows = makeCorrelatedRows(700, 270, 3);
  MatrixF wanted = makeRandomMatrix(700, 33, 4);
  LayerMoments one(33, 270), two(33, 270);
  one.add(rows, wanted, runInOrder);
  two.add(rows, wanted, runOnTwoThreads);
  EXPECT_TRUE(one.inputs == two.inputs);
  EXPECT_TRUE(one.targetInputs == two.targetInputs);
}

TEST(LayerMomentsTest, ErrorsAreThoseOfTheRows) {
  MatrixF rows = makeCorrelatedRows(200, 9, 5);
  MatrixF weights = makeRandomMatrix(3, 9, 6);
  MatrixF other = makeRandomMatrix(3, 9, 7);
  LayerMoments moments = measure(weights, rows);
  MatrixD difference = (rows * (weights - other).transpose()).cast<double>();
  VectorD means = getMeanErrors(moments, other);
  VectorD squares = getSquaredErrors(moments, other, runInOrder);
  for (int64_t channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(means(channel), difference.col(channel).mean(), 1e-4);
    EXPECT_NEAR(squares(channel), difference.col(channel).squaredNorm() / 200,
                1e-3);
  }
}

} // namespace
