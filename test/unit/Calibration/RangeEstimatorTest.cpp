//===- RangeEstimatorTest.cpp - Ranges from statistics --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/RangeEstimator.h"
#include "OracleData.h"
#include "ptq/Calibration/AnalyticClipping.h"
#include "ptq/Calibration/RangeEstimatorRegistry.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cfloat>
#include <random>

using namespace mlir::ptq;
using namespace mlir::ptq::test;
using Kind = RangeEstimatorKind;
using Detail = StatisticsDetail;

namespace {

const float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr Kind kKinds[] = {Kind::MinMax, Kind::Percentile, Kind::MSE,
                           Kind::KL,     Kind::Entropy,    Kind::OMSE};
constexpr Detail kDetails[] = {Detail::Extremes, Detail::Histogram,
                               Detail::Values};
constexpr EncodingSpec kEncodings[] = {kSymmetricInt8,
                                       kAsymmetricInt8,
                                       {Symmetry::Asymmetric, {-8, 7}},
                                       {Symmetry::Symmetric, {-1, 1}},
                                       {Symmetry::Symmetric, {-32767, 32767}}};

double getThreshold(Kind kind, const std::vector<float> &values, Detail detail,
                    const EncodingSpec &encoding = kSymmetricInt8,
                    const EstimatorOptions &options = {}) {
  RealRange range =
      estimateRange(kind, makeStatistics(values, detail), encoding, options);
  return std::max(-range.min, range.max);
}

TEST(RangeEstimator, MinMaxOracles) {
  struct {
    std::vector<float> values;
    EncodingSpec encoding;
    double scale;
    int32_t zeroPoint;
  } oracles[] = {{{-1, 3}, kAsymmetricInt8, 4.0 / 255, -64},
                 {{2, 4}, kAsymmetricInt8, 4.0 / 255, -128},
                 {{-1, 3}, kSymmetricInt8, 3.0 / 127, 0}};
  for (const auto &oracle : oracles) {
    RealRange range = estimateRange(
        Kind::MinMax, makeStatistics(oracle.values, Detail::Extremes),
        oracle.encoding);
    QuantizationParameters parameters = chooseQuantizationParameters(
        range.min, range.max, oracle.encoding.symmetry, oracle.encoding.codes);
    EXPECT_FLOAT_EQ(parameters.scale, oracle.scale);
    EXPECT_EQ(parameters.zeroPoint, oracle.zeroPoint);
  }
}

TEST(RangeEstimator, AveragesOfSamples) {
  ChannelStatistics statistics;
  statistics.add({-1.0f, 2.0f}, 0);
  statistics.add({-3.0f, 8.0f}, 2);
  statistics.add({-2.0f, 5.0f}, 1);
  EstimatorOptions options;
  options.reduction = ExtremesReduction::SampleMean;
  RealRange mean = estimateRange(Kind::MinMax, statistics, {}, options);
  EXPECT_DOUBLE_EQ(mean.min, -2);
  EXPECT_DOUBLE_EQ(mean.max, 5);
  options.reduction = ExtremesReduction::MovingAverage;
  options.movingAverageWeight = 0.5;
  RealRange moving = estimateRange(Kind::MinMax, statistics, {}, options);
  EXPECT_DOUBLE_EQ(moving.min, (-1 - 2) / 4.0 - 3 / 2.0);
  EXPECT_DOUBLE_EQ(moving.max, (2 + 5) / 4.0 + 8 / 2.0);
}

TEST(RangeEstimator, PercentileOracles) {
  EstimatorOptions p999, p9999;
  p999.percentile = 99.9;
  struct {
    std::vector<float> (*make)();
    EstimatorOptions options;
    double threshold;
  } oracles[] = {{makeD1, p999, 3.233998}, {makeD2, p999, 6.708328},
                 {makeD3, p999, 3.363404}, {makeD4, p999, 3.056432},
                 {makeD5, p999, .999},     {makeD3, p9999, 13.310548}};
  for (const auto &oracle : oracles) {
    EXPECT_NEAR(getThreshold(Kind::Percentile, oracle.make(), Detail::Values,
                             kSymmetricInt8, oracle.options),
                oracle.threshold, 1e-6);
    // Within one bin, where a bin is at most 1/2048 of the largest.
    EXPECT_NEAR(getThreshold(Kind::Percentile, oracle.make(), Detail::Histogram,
                             kSymmetricInt8, oracle.options),
                oracle.threshold, 20.0 / 2048);
  }
}

TEST(RangeEstimator, PercentileIsWithinABinOfOrderStatistics) {
  std::mt19937 random(21);
  std::normal_distribution<float> normal(0.7f, 2.0f);
  for (size_t size : {1, 2, 3, 17, 1000, 30000}) {
    std::vector<float> values(size);
    for (float &x : values)
      x = random() % 3 ? normal(random) : 0.0f;
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    auto getAt = [&](double rank) {
      double floor = std::floor(rank);
      double low = sorted[static_cast<size_t>(floor)];
      double high = sorted[std::min(static_cast<size_t>(floor) + 1, size - 1)];
      return low + (rank - floor) * (high - low);
    };
    for (double percentile : {50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
      EstimatorOptions options;
      options.percentile = percentile;
      double tail = (100 - percentile) / 200, last = size - 1;
      for (Detail detail : {Detail::Histogram, Detail::Values}) {
        RealRange range =
            estimateRange(Kind::Percentile, makeStatistics(values, detail),
                          kAsymmetricInt8, options);
        double bin = detail == Detail::Values
                         ? 1e-12
                         : std::max(-sorted.front(), sorted.back()) / 2048;
        EXPECT_NEAR(range.min, getAt(tail * last), bin);
        EXPECT_NEAR(range.max, getAt((1 - tail) * last), bin);
        if (percentile == 100.0) {
          EXPECT_EQ(range.min, sorted.front() + 0.0);
          EXPECT_EQ(range.max, sorted.back() + 0.0);
        }
      }
    }
  }
}

struct ThresholdOracle {
  const char *name;
  std::vector<float> (*make)();
  double mse, kl, js;
};

const ThresholdOracle kThresholds[] = {
    {"D1", makeD1, 3.632506, 3.668329, 3.668329},
    {"D2", makeD2, 8.191862, 8.317766, 8.317766},
    {"D3", makeD3, 19.599609, 3.671875, 3.671875},
    {"D4", makeD4, 3.632506, 3.668329, 3.668329},
    {"D5", makeD5, .996094, 1.0, 1.0}};

TEST(RangeEstimator, OraclesFromValues) {
  for (const ThresholdOracle &oracle : kThresholds) {
    SCOPED_TRACE(oracle.name);
    std::vector<float> values = oracle.make();
    EXPECT_NEAR(getThreshold(Kind::MSE, values, Detail::Values), oracle.mse,
                1e-6);
    EXPECT_NEAR(getThreshold(Kind::KL, values, Detail::Values), oracle.kl,
                1e-6);
    EXPECT_NEAR(getThreshold(Kind::Entropy, values, Detail::Values), oracle.js,
                1e-6);
  }
}

TEST(RangeEstimator, DivergencesDoNotClipAFewValues) {
  // One bin that holds the smallest value looks exactly like itself.
  std::vector<float> weights = {0.3f, -0.5f, 0.7f, 0.9f, -1.0f};
  // Two values, far apart.
  std::vector<float> steps(5000, 10.0f);
  std::fill(steps.begin(), steps.begin() + 3000, 5.0f);
  for (Kind kind : {Kind::KL, Kind::Entropy}) {
    for (Detail detail : {Detail::Histogram, Detail::Values}) {
      EXPECT_EQ(getThreshold(kind, weights, detail), 1.0f);
      EXPECT_EQ(getThreshold(kind, steps, detail), 10.0f);
    }
  }
}

TEST(RangeEstimator, OraclesFromHistogramsWithinTwoBins) {
  for (const ThresholdOracle &oracle : kThresholds) {
    SCOPED_TRACE(oracle.name);
    std::vector<float> values = oracle.make();
    double bin = 2 * *std::max_element(values.begin(), values.end()) / 2048;
    EXPECT_NEAR(getThreshold(Kind::MSE, values, Detail::Histogram), oracle.mse,
                bin);
    EXPECT_NEAR(getThreshold(Kind::KL, values, Detail::Histogram), oracle.kl,
                bin);
    EXPECT_NEAR(getThreshold(Kind::Entropy, values, Detail::Histogram),
                oracle.js, bin);
  }
}

TEST(RangeEstimator, AnalyticThresholdsOfQuantiles) {
  // Histogram: analytic. The quantiles' moments are nearly the density's.
  EXPECT_NEAR(getThreshold(Kind::OMSE, makeD1(), Detail::Histogram,
                           {Symmetry::Symmetric, {-7, 7}}),
              getOptimalThreshold(Density::Gaussian, 4), 2e-3);
  EXPECT_NEAR(getThreshold(Kind::OMSE, makeD2(), Detail::Histogram,
                           {Symmetry::Symmetric, {-7, 7}}),
              getOptimalThreshold(Density::Laplace, 4), 2e-2);
  // One sign: one bit more, zeros left out.
  EXPECT_NEAR(getThreshold(Kind::OMSE, makeD4(), Detail::Histogram,
                           {Symmetry::Asymmetric, {-8, 7}}),
              getOptimalThreshold(Density::Gaussian, 5), 3e-3);
}

TEST(RangeEstimator, LineSearchIsCloseToTheScan) {
  for (auto *make : {makeD1, makeD2, makeD3, makeD4, makeD5})
    for (EncodingSpec encoding :
         {kSymmetricInt8, EncodingSpec{Symmetry::Symmetric, {-7, 7}}}) {
      std::vector<float> values = make();
      EXPECT_NEAR(getThreshold(Kind::OMSE, values, Detail::Values, encoding),
                  getThreshold(Kind::MSE, values, Detail::Values, encoding),
                  0.02 * *std::max_element(values.begin(), values.end()));
    }
}

TEST(RangeEstimator, ScalingByPowersOfTwoScalesRanges) {
  for (auto *make : {makeD1, makeD2, makeD3, makeD4}) {
    std::vector<float> values = make(), scaled;
    for (float x : values)
      scaled.push_back(x * 32);
    for (Kind kind : kKinds)
      for (Detail detail : kDetails)
        for (const EncodingSpec &encoding : kEncodings) {
          RealRange range =
              estimateRange(kind, makeStatistics(values, detail), encoding);
          RealRange scaledRange =
              estimateRange(kind, makeStatistics(scaled, detail), encoding);
          EXPECT_EQ(range.min * 32, scaledRange.min);
          EXPECT_EQ(range.max * 32, scaledRange.max);
        }
  }
}

TEST(RangeEstimator, OrderAndBatchesDoNotMatter) {
  std::mt19937 random(13);
  for (auto *make : {makeD1, makeD3, makeD4}) {
    std::vector<float> values = make();
    for (Detail detail : kDetails) {
      ChannelStatistics whole = makeStatistics(values, detail);
      std::vector<float> shuffled = values;
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      ChannelStatistics batches(detail);
      llvm::ArrayRef<float> rest(shuffled);
      while (!rest.empty()) {
        size_t size = std::min<size_t>(rest.size(), random() % 700 + 1);
        batches.add(rest.take_front(size));
        rest = rest.drop_front(size);
      }
      for (Kind kind : kKinds)
        for (const EncodingSpec &encoding : kEncodings) {
          RealRange range = estimateRange(kind, whole, encoding);
          RealRange other = estimateRange(kind, batches, encoding);
          EXPECT_EQ(range.min, other.min);
          EXPECT_EQ(range.max, other.max);
        }
    }
  }
}

TEST(RangeEstimator, MirroredValuesMirrorSymmetricRanges) {
  std::vector<float> values = makeD3(), mirrored;
  for (float x : values)
    mirrored.push_back(-x);
  for (Kind kind : {Kind::MinMax, Kind::Percentile, Kind::KL, Kind::Entropy})
    for (Detail detail : {Detail::Histogram, Detail::Values}) {
      RealRange range =
          estimateRange(kind, makeStatistics(values, detail), kSymmetricInt8);
      RealRange other =
          estimateRange(kind, makeStatistics(mirrored, detail), kSymmetricInt8);
      EXPECT_EQ(range.min, -other.max);
      EXPECT_EQ(range.max, -other.min);
    }
}

TEST(RangeEstimator, UniformValuesAreNotClipped) {
  for (Kind kind : {Kind::MinMax, Kind::KL, Kind::Entropy})
    for (Detail detail : {Detail::Histogram, Detail::Values})
      for (const EncodingSpec &encoding : kEncodings)
        EXPECT_EQ(getThreshold(kind, makeD5(), detail, encoding), 1.0);
}

TEST(RangeEstimator, DegenerateElements) {
  const std::vector<float> cases[] = {{},
                                      {0, 0, -0.0f},
                                      {kNaN, kInf, -kInf},
                                      {3.5f},
                                      {-3.5f},
                                      {2, 2, 2, 2},
                                      {0, 5, 0},
                                      {kNaN, 1, -kInf},
                                      {FLT_TRUE_MIN},
                                      {FLT_TRUE_MIN, -FLT_TRUE_MIN, 0},
                                      {FLT_MIN / 2, -FLT_MIN / 4},
                                      {1e-40f, 1.0f},
                                      {FLT_MAX, -FLT_MAX},
                                      {FLT_MAX, FLT_TRUE_MIN},
                                      {1.0f, 1.0000001f},
                                      {-1e-30f, 1e30f}};
  for (const std::vector<float> &values : cases)
    for (Kind kind : kKinds)
      for (Detail detail : kDetails)
        for (const EncodingSpec &encoding : kEncodings) {
          ChannelStatistics statistics = makeStatistics(values, detail);
          RealRange range = estimateRange(kind, statistics, encoding);
          ASSERT_TRUE(std::isfinite(range.min) && std::isfinite(range.max))
              << stringifyRangeEstimatorKind(kind).str();
          EXPECT_LE(range.min, range.max);
          if (statistics.getNumFinite() == 0) {
            EXPECT_EQ(range.min, 0);
            EXPECT_EQ(range.max, 0);
            continue;
          }
          // Inside the extremes, 0 apart.
          EXPECT_GE(range.min, std::min(statistics.min, 0.0f));
          EXPECT_LE(range.max, std::max(statistics.max, 0.0f));
          QuantizationParameters parameters = chooseQuantizationParameters(
              range.min, range.max, encoding.symmetry, encoding.codes);
          EXPECT_GE(parameters.scale, FLT_MIN);
        }
}

TEST(RangeEstimator, ConstantsKeepTheirValue) {
  for (Kind kind :
       {Kind::MinMax, Kind::Percentile, Kind::MSE, Kind::KL, Kind::Entropy})
    for (Detail detail : {Detail::Histogram, Detail::Values})
      for (const EncodingSpec &encoding : {kSymmetricInt8, kAsymmetricInt8})
        EXPECT_NEAR(getThreshold(kind, {2, 2, 2}, detail, encoding), 2, 0.01);
}

TEST(RangeEstimatorRegistry, NamesAndAliases) {
  RangeEstimatorRegistry registry;
  ASSERT_FALSE(registerAllRangeEstimators(registry));
  EXPECT_EQ(registry.getEstimators().size(), 6u);
  for (Kind kind : kKinds) {
    llvm::StringRef name = stringifyRangeEstimatorKind(kind);
    ASSERT_TRUE(registry.lookup(name));
    EXPECT_EQ(registry.lookup(name)->getName(), name);
  }
  EXPECT_EQ(registry.lookup("trt-entropy"), registry.lookup("kl"));
  EXPECT_NE(registry.lookup("entropy"), registry.lookup("kl"));
  EXPECT_EQ(registry.lookup("nonsense"), nullptr);
}

TEST(RangeEstimatorRegistry, OtherLibrariesAddTheirOwn) {
  class HalfEstimator : public RangeEstimator {
    llvm::StringRef getName() const override { return "half"; }
    RealRange estimate(const ChannelStatistics &statistics,
                       const EncodingSpec &,
                       const EstimatorOptions &) const override {
      return {statistics.min / 2.0, statistics.max / 2.0};
    }
  };
  RangeEstimatorRegistry registry;
  ASSERT_FALSE(registerAllRangeEstimators(registry));
  ASSERT_FALSE(registry.add(std::make_unique<HalfEstimator>()));
  RealRange range = estimateRange(*registry.lookup("half"),
                                  makeStatistics({-2, 6}, Detail::Extremes));
  EXPECT_EQ(range.min, -1);
  EXPECT_EQ(range.max, 3);
  llvm::Error error = registry.add(std::make_unique<HalfEstimator>());
  EXPECT_EQ(llvm::toString(std::move(error)),
            "range estimator 'half' is registered already");
}

} // namespace
