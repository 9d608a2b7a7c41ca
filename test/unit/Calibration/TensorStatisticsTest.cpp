//===- TensorStatisticsTest.cpp - Order and parts do not matter -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/TensorStatistics.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace mlir::ptq;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(ChannelStatistics, CountsWhatItLeavesOut) {
  ChannelStatistics s;
  s.add({1.0f, kNaN, -2.0f, kInf, -kInf, 0.5f});
  EXPECT_EQ(s.numElements, 6);
  EXPECT_EQ(s.numNaNs, 1);
  EXPECT_EQ(s.numInfinities, 2);
  EXPECT_EQ(s.getNumFinite(), 3);
  EXPECT_EQ(s.min, -2.0f);
  EXPECT_EQ(s.max, 1.0f);
}

TEST(ChannelStatistics, FiniteExtremesAreKept) {
  ChannelStatistics s;
  float largest = std::numeric_limits<float>::max();
  s.add({largest, -largest});
  EXPECT_EQ(s.getNumFinite(), 2);
  EXPECT_EQ(s.max, largest);
  EXPECT_EQ(s.min, -largest);
}

TEST(ChannelStatistics, NothingFiniteGivesTheZeroRange) {
  ChannelStatistics s;
  s.add({kNaN, kInf});
  RealRange range = estimateRange(RangeEstimatorKind::MinMax, s);
  EXPECT_EQ(range.min, 0);
  EXPECT_EQ(range.max, 0);
}

TEST(ChannelStatistics, SignOfZeroDoesNotDependOnOrder) {
  ChannelStatistics first, second;
  first.add({0.0f, -0.0f});
  second.add({-0.0f, 0.0f});
  EXPECT_FALSE(std::signbit(estimateMinMaxRange(first).min));
  EXPECT_FALSE(std::signbit(estimateMinMaxRange(second).min));
  EXPECT_FALSE(std::signbit(estimateMinMaxRange(second).max));
}

TEST(TensorStatistics, ChannelsAlongAnAxis) {
  // A 2x3x2 tensor, channels along dimension 1.
  std::vector<float> data = {0, 1, 10, 11, 20, 21, 2, 3, 12, 13, 22, 23};
  TensorStatistics s(3);
  s.add(data, ParameterLayout::alongAxis({2, 3, 2}, 1));
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(s.getChannels()[c].numElements, 4);
    EXPECT_EQ(s.getChannels()[c].min, 10.0f * c);
    EXPECT_EQ(s.getChannels()[c].max, 10.0f * c + 3);
  }
}

TEST(TensorStatistics, BlocksWithAShortOne) {
  // Rows of 5 in blocks of 2, two rows to a block.
  std::vector<float> data = {0,  1,  10, 11, 20, 2,  3,   12,
                             13, 21, 30, 31, 40, 41, kNaN};
  TensorStatistics s(6);
  s.add(data, ParameterLayout::inBlocks({3, 5}, {2, 2}));
  int64_t counts[] = {4, 4, 2, 2, 2, 1};
  for (int block = 0; block < 6; ++block)
    EXPECT_EQ(s.getChannels()[block].numElements, counts[block]);
  EXPECT_EQ(s.getChannels()[0].max, 3);
  EXPECT_EQ(s.getChannels()[1].min, 10);
  EXPECT_EQ(s.getChannels()[2].max, 21);
  EXPECT_EQ(s.getChannels()[3].min, 30);
  EXPECT_EQ(s.getChannels()[4].max, 41);
  EXPECT_EQ(s.getChannels()[5].numNaNs, 1);
}

TEST(TensorStatistics, PartsMergeToTheWholeInAnyOrder) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> data(1000);
  for (float &x : data)
    x = normal(random);
  data[17] = kNaN;
  TensorStatistics whole(2), left(2), right(2);
  llvm::ArrayRef<float> all(data);
  auto getLayout = [](int64_t count) {
    return ParameterLayout::alongAxis({count / 10, 2, 5}, 1);
  };
  whole.add(all, getLayout(1000));
  left.add(all.take_front(300), getLayout(300));
  right.add(all.drop_front(300), getLayout(700));
  TensorStatistics a(2), b(2);
  a.merge(left);
  a.merge(right);
  b.merge(right);
  b.merge(left);
  for (int c = 0; c < 2; ++c)
    for (const TensorStatistics *merged : {&a, &b}) {
      const ChannelStatistics &m = merged->getChannels()[c];
      const ChannelStatistics &w = whole.getChannels()[c];
      EXPECT_EQ(m.min, w.min);
      EXPECT_EQ(m.max, w.max);
      EXPECT_EQ(m.numElements, w.numElements);
      EXPECT_EQ(m.numNaNs, w.numNaNs);
    }
}

} // namespace
