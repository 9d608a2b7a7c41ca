//===- CodeSumsTest.cpp - Sums of constant codes --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/CodeSums.h"
#include "gtest/gtest.h"
#include <cstdint>

using namespace mlir::ptq;

static llvm::SmallVector<int64_t> getSums(llvm::ArrayRef<CodeSum> codeSums) {
  llvm::SmallVector<int64_t> sums;
  for (CodeSum codeSum : codeSums)
    sums.push_back(codeSum.sum);
  return sums;
}

using Sums = llvm::SmallVector<int64_t>;

TEST(SumCodes, KeepsDimensionsInAnyOrder) {
  // [[[1, 2], [3, 4], [5, 6]], [[-1, -2], [-3, -4], [-5, -128]]]
  llvm::SmallVector<int8_t> codes = {1,  2,  3,  4,  5,  6,
                                     -1, -2, -3, -4, -5, -128};
  EXPECT_EQ(getSums(sumCodes(codes, {2, 3, 2}, {})), (Sums{-122}));
  EXPECT_EQ(getSums(sumCodes(codes, {2, 3, 2}, {0})), (Sums{21, -143}));
  EXPECT_EQ(getSums(sumCodes(codes, {2, 3, 2}, {1})), (Sums{0, 0, -122}));
  EXPECT_EQ(getSums(sumCodes(codes, {2, 3, 2}, {0, 2})),
            (Sums{9, 12, -9, -134}));
  EXPECT_EQ(getSums(sumCodes(codes, {2, 3, 2}, {2, 0})),
            (Sums{9, -9, 12, -134}));
  EXPECT_EQ(sumCodes(codes, {2, 3, 2}, {})[0].magnitude, 164);
}

TEST(SumCodes, OfNothing) {
  EXPECT_EQ(getSums(sumCodes({}, {0, 2}, {1})), (Sums{0, 0}));
  EXPECT_TRUE(sumCodes({}, {0, 2}, {0}).empty());
  EXPECT_EQ(getSums(sumCodes({7}, {}, {})), (Sums{7}));
}

TEST(AccumulatorInit, TakesZeroPointOffTheBias) {
  CodeRange codes{-128, 127};
  EXPECT_EQ(computeAccumulatorInit({6, 6}, 10, 5, codes), -20);
  EXPECT_EQ(computeAccumulatorInit({-3, 9}, 0, -128, codes), -384);
}

TEST(AccumulatorInit, RefusesWhatCouldExceedI32) {
  CodeRange codes{-128, 127};
  // Weights of 127: 66311 products of up to 255 * 127 fit, one more does not.
  auto getWeights = [](int64_t count) { return CodeSum{0, count * 127}; };
  EXPECT_TRUE(computeAccumulatorInit(getWeights(66311), 0, -128, codes));
  EXPECT_FALSE(computeAccumulatorInit(getWeights(66312), 0, -128, codes));
  // The bias takes part.
  EXPECT_TRUE(computeAccumulatorInit({0, 0}, INT32_MAX, 0, codes));
  EXPECT_FALSE(computeAccumulatorInit({0, 1}, INT32_MAX, 0, codes));
  // The sum of raw codes may be larger than what it stands for.
  EXPECT_FALSE(computeAccumulatorInit({1 << 24, 1 << 24}, 0, 127, codes));
}
