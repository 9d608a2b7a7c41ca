//===- CodeSumsTest.cpp - Sums of constant codes --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/CodeSums.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstdint>
#include <cstdlib>

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
  llvm::SmallVector<int8_t> none;
  EXPECT_EQ(getSums(sumCodes(none, {0, 2}, {1})), (Sums{0, 0}));
  EXPECT_TRUE(sumCodes(none, {0, 2}, {0}).empty());
}

TEST(SumCodes, OfScalar) {
  EXPECT_EQ(getSums(sumCodes(llvm::SmallVector<int8_t>{7}, {}, {})), (Sums{7}));
}

TEST(SumCodes, Of16Bits) {
  llvm::SmallVector<int16_t> codes = {-255, 255, -32768, 1};
  EXPECT_EQ(getSums(sumCodes(codes, {2, 2}, {0})), (Sums{0, -32767}));
  EXPECT_EQ(sumCodes(codes, {2, 2}, {1})[0].magnitude, 33023);
}

TEST(AccumulatorStart, TakesZeroPointOffTheBias) {
  CodeRange codes{-128, 127};
  EXPECT_EQ(computeAccumulatorStart({6, 6}, 10, 5, codes).value, -20);
  EXPECT_EQ(computeAccumulatorStart({-3, 9}, 0, -128, codes).value, -384);
}

TEST(AccumulatorStart, BoundsTheSum) {
  CodeRange codes{-128, 127};
  auto getBound = [&](CodeSum sum, int64_t bias, int64_t zeroPoint) {
    return computeAccumulatorStart(sum, bias, zeroPoint, codes).bound;
  };
  // Weights of 127: 66311 products of up to 255 * 127 fit, one more does not.
  auto getWeights = [](int64_t count) { return CodeSum{0, count * 127}; };
  EXPECT_LE(getBound(getWeights(66311), 0, -128), kMaxI32Accumulator);
  EXPECT_GT(getBound(getWeights(66312), 0, -128), kMaxI32Accumulator);
  // The bias takes part.
  EXPECT_EQ(getBound({0, 0}, INT32_MAX, 0), kMaxI32Accumulator);
  EXPECT_GT(getBound({0, 1}, INT32_MAX, 0), kMaxI32Accumulator);
  // The sum of raw codes may be larger than what it stands for.
  EXPECT_GT(getBound({1 << 24, 1 << 24}, 0, 127), kMaxI32Accumulator);
}

TEST(AccumulatorStart, BoundsWideCodes) {
  CodeRange codes{-32768, 32767};
  // 516 weights of 127 times 32768, symmetric: one more exceeds i32.
  auto getBound = [&](int64_t count, int64_t zeroPoint) {
    return computeAccumulatorStart({0, count * 127}, 0, zeroPoint, codes).bound;
  };
  EXPECT_EQ(getBound(516, 0), int64_t{516} * 127 * 32768);
  EXPECT_LE(getBound(516, 0), kMaxI32Accumulator);
  EXPECT_GT(getBound(517, 0), kMaxI32Accumulator);
  // A zero point at the end doubles the differences.
  EXPECT_EQ(getBound(258, -32768), int64_t{258} * 127 * 65535);
}

TEST(AccumulatorBound, HoldsForAnyZeroPoint) {
  // All that an accumulator of weights 3 and -6 can hold, on the way as well.
  CodeRange codes{-128, 127};
  int64_t largest = 0;
  for (int64_t zeroPoint : {-128, -1, 0, 5, 127})
    for (int64_t first : {-128, 127})
      for (int64_t second : {-128, 127}) {
        int64_t value = zeroPoint * 3;
        largest = std::max(largest, std::abs(value));
        value += first * 3;
        largest = std::max(largest, std::abs(value));
        value -= second * 6;
        largest = std::max(largest, std::abs(value));
      }
  int64_t bound = computeAccumulatorBound({-3, 9}, codes);
  EXPECT_EQ(bound, 128 * 3 + 128 * 9);
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, bound - 16);
}
