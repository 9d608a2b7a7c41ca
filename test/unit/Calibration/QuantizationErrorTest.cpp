//===- QuantizationErrorTest.cpp - Errors against every value -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/QuantizationError.h"
#include "OracleData.h"
#include "ptq/Calibration/AnalyticClipping.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

/// The error by quantizing and dequantizing each value.
double getErrorByDefinition(const std::vector<float> &values,
                            const RealRange &range,
                            const EncodingSpec &encoding) {
  QuantizationParameters parameters = chooseQuantizationParameters(
      range.min, range.max, encoding.symmetry, encoding.codes);
  double sum = 0;
  for (float x : values) {
    int32_t code = quantizeValue(x, parameters.scale, parameters.zeroPoint,
                                 encoding.codes);
    double difference =
        double{x} - (double{parameters.scale} * (code - parameters.zeroPoint));
    sum += difference * difference;
  }
  return sum / static_cast<double>(values.size());
}

std::vector<float> makeSkewedValues(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float &x : values) {
    x = normal(random);
    x = x < 0 ? x * x * -0.3f : x + 0.2f;
  }
  return values;
}

TEST(QuantizationError, ValuesMatchTheDefinition) {
  const EncodingSpec encodings[] = {kSymmetricInt8,
                                    kAsymmetricInt8,
                                    {Symmetry::Symmetric, {-128, 127}},
                                    {Symmetry::Asymmetric, {-8, 7}},
                                    {Symmetry::Symmetric, {-1, 1}},
                                    {Symmetry::Asymmetric, {-32768, 32767}}};
  for (size_t size : {1, 10, 300, 5000}) {
    std::vector<float> values = makeSkewedValues(size, 3);
    Distribution distribution = Distribution::fromValues(values);
    for (const EncodingSpec &encoding : encodings)
      for (RealRange range : {RealRange{-3, 3}, RealRange{-0.5, 1.25},
                              RealRange{0, 2}, RealRange{-1, 0}}) {
        double expected = getErrorByDefinition(values, range, encoding);
        EXPECT_NEAR(computeMeanSquaredError(distribution, range, encoding),
                    expected, 1e-5 * expected + 1e-14);
      }
  }
}

TEST(QuantizationError, HistogramsComeClose) {
  std::vector<float> values = makeSkewedValues(100000, 4);
  Distribution distribution =
      Distribution::get(makeStatistics(values, StatisticsDetail::Histogram));
  const EncodingSpec encodings[] = {
      kSymmetricInt8, kAsymmetricInt8, {Symmetry::Asymmetric, {-8, 7}}};
  for (const EncodingSpec &encoding : encodings)
    for (RealRange range : {RealRange{-5, 5}, RealRange{-0.5, 1.25}}) {
      double expected = getErrorByDefinition(values, range, encoding);
      EXPECT_NEAR(computeMeanSquaredError(distribution, range, encoding),
                  expected, 0.01 * expected);
    }
  // With more codes than bins only the step matters.
  EncodingSpec int16 = {Symmetry::Symmetric, {-32767, 32767}};
  double expected = getErrorByDefinition(values, {-6, 6}, int16);
  EXPECT_NEAR(computeMeanSquaredError(distribution, {-6, 6}, int16), expected,
              0.02 * expected);
}

TEST(QuantizationError, SampleOracles) {
  struct {
    const char *name;
    std::vector<float> (*make)();
    int64_t bins;
    double threshold, error;
  } oracles[] = {{"D1", makeD1, 2028, 3.632506, 6.8514e-5},
                 {"D2", makeD2, 2017, 8.191862, 3.5201e-4},
                 {"D3", makeD3, 2007, 19.599609, 2.0214e-3},
                 {"D4", makeD4, 2028, 3.632506, 3.4257e-5},
                 {"D5", makeD5, 2040, .996094, 5.1269e-6}};
  for (const auto &oracle : oracles) {
    SCOPED_TRACE(oracle.name);
    std::vector<float> values = oracle.make();
    double width = MagnitudeHistogram::fromValues(values).width;
    std::vector<double> edges;
    for (int i = 1; i <= 2048; ++i)
      edges.push_back(i * width);
    RangeError best = findBestThreshold(Distribution::fromValues(values), edges,
                                        kSymmetricInt8);
    EXPECT_EQ(std::lround(best.range.max / width), oracle.bins);
    EXPECT_NEAR(best.range.max, oracle.threshold, 1e-6);
    EXPECT_NEAR(best.error, oracle.error, 1e-4 * oracle.error);
  }
}

TEST(QuantizationError, ExactDistributions) {
  // Thresholds in bins of 2048 over [0, largest] for exact probabilities, with
  // the values of a bin at its center as the oracles have them. Spread evenly,
  // as in the product, they give the optimum of the density.
  auto getGaussian = [](double t) { return std::erf(t / std::sqrt(2.0)); };
  auto getLaplace = [](double t) { return -std::expm1(-t); };
  struct {
    bool isGaussian;
    double largest;
    unsigned bits;
    int64_t bins;
  } oracles[] = {{true, 6, 8, 1334},
                 {true, 12, 8, 667},
                 {false, 14, 8, 1439},
                 {true, 6, 4, 844},
                 {false, 14, 4, 704}};
  for (const auto &oracle : oracles) {
    double width = oracle.largest / 2048;
    std::vector<double> edges;
    std::vector<Distribution::Cell> centers, spreads;
    for (int k = 0; k < 2048; ++k) {
      double low = k * width, high = (k + 1) * width;
      double center = low + width / 2;
      double mass = oracle.isGaussian ? getGaussian(high) - getGaussian(low)
                                      : getLaplace(high) - getLaplace(low);
      edges.push_back(high);
      centers.push_back({center, center, mass});
      spreads.push_back({low, high, mass});
    }
    EncodingSpec encoding = {Symmetry::Symmetric,
                             getCodeRange(oracle.bits, true)};
    RangeError best = findBestThreshold(Distribution(centers), edges, encoding);
    EXPECT_EQ(std::lround(best.range.max / width), oracle.bins);
    best = findBestThreshold(Distribution(spreads), edges, encoding);
    EXPECT_NEAR(best.range.max,
                getOptimalThreshold(oracle.isGaussian ? Density::Gaussian
                                                      : Density::Laplace,
                                    oracle.bits),
                oracle.isGaussian ? width : 0.1);
  }
}

TEST(QuantizationError, TwoEndsMatchASearchOfAllPairs) {
  const EncodingSpec encodings[] = {{Symmetry::Asymmetric, {-128, 127}},
                                    {Symmetry::Asymmetric, {-8, 7}},
                                    {Symmetry::Asymmetric, {-2, 1}}};
  for (unsigned seed = 0; seed < 6; ++seed) {
    std::vector<float> values = makeSkewedValues(400, seed);
    if (seed % 2)
      values.push_back(12.0f);
    if (seed % 3)
      values.push_back(-9.0f);
    Distribution distribution = Distribution::fromValues(values);
    for (int size : {30, 200}) {
      std::vector<double> lows, highs;
      for (int i = 0; i <= size; ++i) {
        lows.push_back(distribution.getMin() * i / size);
        highs.push_back(distribution.getMax() * i / size);
      }
      for (const EncodingSpec &encoding : encodings) {
        double least = std::numeric_limits<double>::infinity();
        for (double low : lows)
          for (double high : highs)
            least = std::min(least,
                             computeMeanSquaredError(distribution, {low, high},
                                                     encoding, least));
        RangeError best = findBestRange(distribution, lows, highs, encoding);
        EXPECT_EQ(best.error,
                  computeMeanSquaredError(distribution, best.range, encoding));
        // All pairs are tried where they are few.
        EXPECT_LE(best.error, least * (size == 30 ? 1 : 1.01));
      }
    }
  }
}

} // namespace
