//===- HistogramTest.cpp - Bins nest, whatever the order ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/Histogram.h"
#include "ptq/Calibration/TensorStatistics.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>
#include <random>

using namespace mlir::ptq;
using Side = Histogram::Side;

namespace {

const float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Values over 60 orders of magnitude, with zeros and non-finite ones.
std::vector<float> makeWildValues(size_t size) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<int> exponent(-120, 100);
  std::vector<float> values(size);
  for (size_t i = 0; i < size; ++i) {
    values[i] = normal(random);
    if (i % 5 == 0)
      values[i] = std::ldexp(values[i], exponent(random));
    if (i % 7 == 0)
      values[i] = i % 2 ? 0.0f : -0.0f;
    if (i % 501 == 0)
      values[i] = i % 2 ? kNaN : -kInf;
  }
  return values;
}

ChannelStatistics getStatistics(llvm::ArrayRef<float> values) {
  ChannelStatistics statistics(StatisticsDetail::Histogram);
  statistics.add(values);
  return statistics;
}

int64_t getTotal(const Histogram &histogram) {
  int64_t total = 0;
  for (Side side : {Side::Negative, Side::Positive})
    for (int64_t count : histogram.getCounts(side))
      total += count;
  return total;
}

/// Counts as the definition of a bin says, with all values at hand.
Histogram countByDefinition(llvm::ArrayRef<float> values) {
  Histogram result;
  for (Side side : {Side::Negative, Side::Positive}) {
    float sign = side == Side::Negative ? -1 : 1, largest = 0;
    for (float x : values)
      if (std::isfinite(x))
        largest = std::max(largest, sign * x);
    if (largest == 0)
      continue;
    int exponent = std::max(std::ilogb(largest) - 11, -126);
    std::vector<int64_t> counts(Histogram::kNumBins);
    for (float x : values)
      if (std::isfinite(x) && sign * x > 0)
        ++counts[static_cast<size_t>(
            std::floor(std::ldexp(std::fabs(double{x}), -exponent)))];
    result.setSide(side, exponent, counts);
  }
  return result;
}

TEST(Histogram, BinsAreThoseOfTheDefinition) {
  std::vector<float> values = makeWildValues(20000);
  ChannelStatistics statistics = getStatistics(values);
  EXPECT_TRUE(*statistics.histogram == countByDefinition(values));
  EXPECT_EQ(getTotal(*statistics.histogram) + statistics.numZeros,
            statistics.getNumFinite());
}

TEST(Histogram, OrderAndSplitsDoNotMatter) {
  std::vector<float> values = makeWildValues(20000);
  ChannelStatistics whole = getStatistics(values);
  std::mt19937 random(3);
  for (int trial = 0; trial < 10; ++trial) {
    std::shuffle(values.begin(), values.end(), random);
    ChannelStatistics merged(StatisticsDetail::Histogram);
    llvm::ArrayRef<float> rest(values);
    while (!rest.empty()) {
      size_t size = std::min<size_t>(rest.size(), random() % 3000 + 1);
      ChannelStatistics part = getStatistics(rest.take_front(size));
      rest = rest.drop_front(size);
      if (trial % 2) {
        part.merge(merged);
        merged = part;
      } else {
        merged.merge(part);
      }
    }
    EXPECT_TRUE(merged == whole);
  }
}

TEST(Histogram, AscendingAndDescendingAgree) {
  std::vector<float> values = makeWildValues(5000);
  llvm::erase_if(values, [](float x) { return !std::isfinite(x); });
  std::sort(values.begin(), values.end());
  ChannelStatistics up(StatisticsDetail::Histogram),
      down(StatisticsDetail::Histogram);
  for (size_t i = 0; i < values.size(); ++i) {
    up.add(values[i]);
    down.add(values[values.size() - 1 - i]);
  }
  EXPECT_TRUE(up == down);
}

TEST(Histogram, AtLeast2048BinsOnEachSideInUse) {
  Histogram histogram = *getStatistics({-1e-20f, 3e30f, 1.0f}).histogram;
  for (auto [side, largest] :
       {std::pair{Side::Negative, 1e-20f}, {Side::Positive, 3e30f}}) {
    double index = std::ldexp(double{largest}, -histogram.getExponent(side));
    EXPECT_GE(index, 2048);
    EXPECT_LT(index, 4096);
  }
}

TEST(Histogram, ExtremeMagnitudesHaveBins) {
  Histogram histogram = *getStatistics({FLT_MAX, -FLT_TRUE_MIN}).histogram;
  EXPECT_EQ(histogram.getExponent(Side::Positive), 116);
  EXPECT_EQ(histogram.getCounts(Side::Positive).back(), 1);
  EXPECT_EQ(histogram.getExponent(Side::Negative), -126);
  EXPECT_EQ(histogram.getCounts(Side::Negative).front(), 1);
}

TEST(Histogram, ZerosAreCountedApart) {
  ChannelStatistics statistics = getStatistics({0.0f, -0.0f, 1.0f, 0.0f});
  EXPECT_EQ(statistics.numZeros, 3);
  EXPECT_EQ(getTotal(*statistics.histogram), 1);
  EXPECT_TRUE(statistics.histogram->isEmpty(Side::Negative));
  EXPECT_FALSE(getStatistics({0.0f, -0.0f}).histogram);
}

TEST(Histogram, PowersOfTwoShiftTheExponentOnly) {
  std::vector<float> values = makeWildValues(3000), scaled;
  llvm::erase_if(values, [](float x) {
    return !std::isfinite(x) || (x != 0 && std::fabs(x) < 1e-20f);
  });
  llvm::erase_if(values, [](float x) { return std::fabs(x) > 1e20f; });
  for (float x : values)
    scaled.push_back(x * 0.125f);
  ChannelStatistics a = getStatistics(values), b = getStatistics(scaled);
  for (Side side : {Side::Negative, Side::Positive}) {
    EXPECT_EQ(a.histogram->getExponent(side) - 3,
              b.histogram->getExponent(side));
    EXPECT_EQ(a.histogram->getCounts(side), b.histogram->getCounts(side));
  }
}

TEST(ChannelStatistics, ValuesAreAMultiset) {
  ChannelStatistics a(StatisticsDetail::Values), b(StatisticsDetail::Values);
  a.add({1.0f, kNaN, -2.0f, 1.0f});
  b.add({-2.0f, 1.0f});
  b.add({1.0f, kNaN});
  EXPECT_TRUE(a == b);
  EXPECT_EQ(a.values.size(), 3u);
  b.add(1.0f);
  EXPECT_FALSE(a == b);
}

TEST(ChannelStatistics, ExtremesOfSamplesAreInOrderOfTheIndex) {
  ChannelStatistics a, b, c;
  a.add({1.0f, 2.0f}, 0);
  a.add({-1.0f, kInf}, 1);
  a.add({kNaN}, 2);
  a.add({5.0f, 6.0f}, 3);
  b.add({5.0f}, 3);
  b.add({-1.0f, kInf}, 1);
  c.add({6.0f}, 3);
  c.add({kNaN}, 2);
  c.add({1.0f, 2.0f}, 0);
  b.merge(c);
  EXPECT_TRUE(a == b);
  ASSERT_EQ(a.sampleExtremes.size(), 3u);
  EXPECT_EQ(a.sampleExtremes[1].sample, 1);
  EXPECT_EQ(a.sampleExtremes[1].max, -1.0f);
  EXPECT_EQ(a.sampleExtremes[2].min, 5.0f);
}

TEST(TensorStatistics, ChannelsOfTheLastAxis) {
  std::vector<float> data(30);
  std::iota(data.begin(), data.end(), 0.0f);
  TensorStatistics statistics(3, StatisticsDetail::Values);
  statistics.add(data, ParameterLayout::alongAxis({10, 3}, 1));
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(statistics.getChannels()[c].min, c);
    EXPECT_EQ(statistics.getChannels()[c].max, 27 + c);
    EXPECT_EQ(statistics.getChannels()[c].values.size(), 10u);
  }
}

} // namespace
