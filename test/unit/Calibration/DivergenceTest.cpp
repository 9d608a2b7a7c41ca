//===- DivergenceTest.cpp - Divergences and their thresholds --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/Divergence.h"
#include "OracleData.h"
#include "gtest/gtest.h"
#include <numeric>
#include <random>

using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

TEST(Divergence, HandValues) {
  std::vector<double> p = {0.5, 0.5, 0, 0}, q = {0.25, 0.25, 0.25, 0.25};
  EXPECT_NEAR(computeJSDivergence(p, q), 0.311278, 1e-6);
  EXPECT_NEAR(computeJSDivergence(q, p), 0.311278, 1e-6);
  EXPECT_NEAR(computeKLDivergence(p, q), std::log(2.0), 1e-12);
  EXPECT_TRUE(std::isinf(computeKLDivergence(q, p)));
  EXPECT_NEAR(computeJSDivergence({1, 1, 0, 0}, {0, 0, 3, 1}), 1, 1e-12);
  EXPECT_EQ(computeJSDivergence(p, p), 0);
  EXPECT_EQ(computeKLDivergence(p, p), 0);
}

/// P and Q as the definition says, bin by bin.
void makeReference(const std::vector<double> &counts, int64_t kept,
                   int64_t levels, std::vector<double> &p,
                   std::vector<double> &q) {
  p.assign(counts.begin(), counts.begin() + kept);
  q.assign(kept, 0);
  p.back() += std::accumulate(counts.begin() + kept, counts.end(), 0.0);
  for (int64_t l = 0; l < levels; ++l) {
    auto edge = [&](int64_t index) {
      return (index * kept + levels - 1) / levels;
    };
    double mass = 0, used = 0;
    for (int64_t k = edge(l); k < edge(l + 1); ++k) {
      mass += counts[k];
      used += counts[k] > 0;
    }
    for (int64_t k = edge(l); k < edge(l + 1); ++k)
      if (counts[k] > 0)
        q[k] = mass / used;
  }
}

DivergenceMinimum minimizeByDefinition(
    const std::vector<double> &counts, int64_t levels,
    double (*divergence)(llvm::ArrayRef<double>, llvm::ArrayRef<double>)) {
  DivergenceMinimum best = {0, std::numeric_limits<double>::infinity()};
  std::vector<double> p, q;
  for (int64_t i = levels; i <= static_cast<int64_t>(counts.size()); ++i) {
    if (std::accumulate(counts.begin(), counts.begin() + i, 0.0) == 0)
      continue;
    makeReference(counts, i, levels, p, q);
    double value = divergence(p, q);
    if (value < best.divergence)
      best = {i, value};
  }
  return best;
}

TEST(Divergence, MatchesASearchByDefinition) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 40; ++trial) {
    // From dense to sparse, with gaps.
    int64_t numBins = 40 + random() % 300, levels = 4 << random() % 4;
    std::vector<double> counts(numBins);
    std::exponential_distribution<double> magnitude(8.0 / numBins);
    int numValues = trial % 2 ? 20000 : 200;
    for (int i = 0; i < numValues; ++i)
      ++counts[std::min<int64_t>(magnitude(random), numBins - 1)];
    counts.back() += 1;
    DivergenceMinimum kl = minimizeKLDivergence(counts, levels);
    DivergenceMinimum expectedKL =
        minimizeByDefinition(counts, levels, computeKLDivergence);
    EXPECT_EQ(kl.numBins, expectedKL.numBins);
    EXPECT_NEAR(kl.divergence, expectedKL.divergence, 1e-12);
    DivergenceMinimum js = minimizeJSDivergence(counts, levels);
    DivergenceMinimum expectedJS =
        minimizeByDefinition(counts, levels, computeJSDivergence);
    EXPECT_EQ(js.numBins, expectedJS.numBins);
    EXPECT_NEAR(js.divergence, expectedJS.divergence, 1e-12);
  }
}

struct SampleOracle {
  const char *name;
  std::vector<float> (*make)();
  double countedZeros;
  int64_t klBins;
  double klThreshold, klValue;
  int64_t jsBins;
  double jsThreshold, jsValue;
};

TEST(Divergence, SampleOracles) {
  // The zero of D5 counts there, which makes its histogram uniform.
  const SampleOracle oracles[] = {
      {"D1", makeD1, 0, 2048, 3.668329, 1.6756e-2, 2048, 3.668329, 6.0990e-3},
      {"D2", makeD2, 0, 2048, 8.317766, 8.5393e-3, 2048, 8.317766, 3.0809e-3},
      {"D3", makeD3, 0, 376, 3.671875, 2.1901e-3, 376, 3.671875, 7.9038e-4},
      {"D4", makeD4, 0, 2048, 3.668329, 1.6756e-2, 2048, 3.668329, 6.0990e-3},
      {"D5", makeD5, 1, 2048, 1.0, 0, 2048, 1.0, 0}};
  for (const SampleOracle &oracle : oracles) {
    SCOPED_TRACE(oracle.name);
    auto histogram = MagnitudeHistogram::fromValues(oracle.make());
    histogram.counts.front() += oracle.countedZeros;
    DivergenceMinimum kl = minimizeKLDivergence(histogram.counts, 128);
    EXPECT_EQ(kl.numBins, oracle.klBins);
    EXPECT_NEAR(kl.numBins * histogram.width, oracle.klThreshold, 1e-6);
    EXPECT_NEAR(kl.divergence, oracle.klValue, 1e-4 * oracle.klValue + 1e-12);
    DivergenceMinimum js = minimizeJSDivergence(histogram.counts, 128);
    EXPECT_EQ(js.numBins, oracle.jsBins);
    EXPECT_NEAR(js.numBins * histogram.width, oracle.jsThreshold, 1e-6);
    EXPECT_NEAR(js.divergence, oracle.jsValue, 1e-4 * oracle.jsValue + 1e-12);
  }
}

TEST(Divergence, CountingZerosRuinsTheThreshold) {
  // Why zeros are counted apart: they fill the first bin of D4.
  std::vector<float> values = makeD4();
  auto histogram = MagnitudeHistogram::fromValues(values);
  histogram.counts.front() += std::count(values.begin(), values.end(), 0.0f);
  DivergenceMinimum kl = minimizeKLDivergence(histogram.counts, 128);
  EXPECT_EQ(kl.numBins, 1151);
  EXPECT_NEAR(kl.numBins * histogram.width, 2.061644, 1e-6);
  DivergenceMinimum js = minimizeJSDivergence(histogram.counts, 128);
  EXPECT_EQ(js.numBins, 128);
  EXPECT_NEAR(js.numBins * histogram.width, .229271, 1e-6);
}

/// The probability that |x| lies below `t`.
using Distribution1D = double (*)(double t);

double getGaussian(double t) { return std::erf(t / std::sqrt(2.0)); }
double getLaplace(double t) { return -std::expm1(-t); }
double getContaminated(double t) {
  return 0.9999 * getGaussian(t) + (t >= 20 ? 0.0001 : 0);
}
double getUniform(double t) { return std::min(t, 1.0); }

std::vector<double> makeProbabilities(Distribution1D distribution,
                                      double largest) {
  std::vector<double> counts;
  for (int k = 0; k < 2048; ++k)
    counts.push_back(distribution(largest * (k + 1) / 2048) -
                     distribution(largest * k / 2048));
  return counts;
}

TEST(Divergence, ExactDistributions) {
  struct {
    const char *name;
    Distribution1D distribution;
    double largest;
    int64_t levels, klBins, jsBins;
  } oracles[] = {{"Gauss 6", getGaussian, 6, 128, 1646, 1579},
                 {"Gauss 12", getGaussian, 12, 128, 811, 778},
                 {"Gauss 4", getGaussian, 4, 128, 2048, 2048},
                 {"Laplace 14", getLaplace, 14, 128, 1664, 1472},
                 {"Laplace 10", getLaplace, 10, 128, 2048, 2048},
                 {"Gauss and 20", getContaminated, 20, 128, 431, 470},
                 {"Gauss 6, 4 bits", getGaussian, 6, 8, 1201, 1121},
                 {"Laplace 14, 4 bits", getLaplace, 14, 8, 904, 768},
                 {"uniform", getUniform, 1, 128, 2048, 2048}};
  for (const auto &oracle : oracles) {
    SCOPED_TRACE(oracle.name);
    std::vector<double> counts =
        makeProbabilities(oracle.distribution, oracle.largest);
    EXPECT_EQ(minimizeKLDivergence(counts, oracle.levels).numBins,
              oracle.klBins);
    EXPECT_EQ(minimizeJSDivergence(counts, oracle.levels).numBins,
              oracle.jsBins);
  }
}

TEST(Divergence, OneBinForEachLevelCostsTheTailOnly) {
  // With as many bins as levels Q is the kept histogram itself. Of 20 elements
  // 4 are clipped: P = (8, 4, 0, 8)/20 and Q = (8, 4, 0, 4)/16.
  std::vector<double> counts = {8, 4, 0, 4, 0, 1, 3};
  double kl = 8 / 20.0 * std::log(8 / 20.0 / (8 / 16.0)) +
              4 / 20.0 * std::log(4 / 20.0 / (4 / 16.0)) +
              8 / 20.0 * std::log(8 / 20.0 / (4 / 16.0));
  EXPECT_NEAR(computeKLDivergence({8, 4, 0, 8}, {8, 4, 0, 4}), kl, 1e-12);
  // Other thresholds either end in an empty bin with a tail, which is infinite,
  // or merge bins of different counts.
  DivergenceMinimum best = minimizeKLDivergence(counts, 4);
  DivergenceMinimum expected =
      minimizeByDefinition(counts, 4, computeKLDivergence);
  EXPECT_EQ(best.numBins, expected.numBins);
  EXPECT_NEAR(best.divergence, expected.divergence, 1e-12);
  EXPECT_LE(best.divergence, kl + 1e-12);
}

TEST(Divergence, FewerBinsThanLevelsClipNothing) {
  EXPECT_EQ(minimizeKLDivergence({1, 2, 3}, 128).numBins, 3);
  EXPECT_EQ(minimizeJSDivergence({1, 2, 3}, 128).numBins, 3);
}

TEST(Divergence, OneUsedBin) {
  std::vector<double> counts(2048);
  counts.back() = 7;
  EXPECT_EQ(minimizeKLDivergence(counts, 128).numBins, 2048);
  EXPECT_EQ(minimizeJSDivergence(counts, 128).numBins, 2048);
}

} // namespace
