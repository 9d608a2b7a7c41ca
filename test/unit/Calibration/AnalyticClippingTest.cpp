//===- AnalyticClippingTest.cpp - Thresholds of known densities -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/AnalyticClipping.h"
#include "OracleData.h"
#include "ptq/Calibration/QuantizationError.h"
#include "gtest/gtest.h"

using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

TEST(AnalyticClipping, SmoothThresholdsOfThePaper) {
  const double laplace[] = {1.862817, 2.830683, 3.897229, 5.028640, 6.204766,
                            7.413126, 8.645620, 9.896760, 11.162685};
  const double gaussian[] = {1.239905, 1.710635, 2.151593, 2.559136, 2.936201,
                             3.286914, 3.615114, 3.924035, 4.216330};
  for (unsigned bits = 1; bits <= 9; ++bits) {
    EXPECT_NEAR(solveSmoothThreshold(Density::Laplace, bits), laplace[bits - 1],
                1e-6);
    EXPECT_NEAR(solveSmoothThreshold(Density::Gaussian, bits),
                gaussian[bits - 1], 1e-6);
  }
}

/// The density of a Gaussian or Laplace variable, as fine as makes no
/// difference.
Distribution makeDensity(Density density) {
  std::vector<Distribution::Cell> cells;
  constexpr double kLargest = 40, kSteps = 200000;
  auto getBelow = [&](double t) {
    return density == Density::Gaussian ? 0.5 * std::erfc(-t / std::sqrt(2.0))
           : t < 0                      ? 0.5 * std::exp(t)
                                        : 1 - 0.5 * std::exp(-t);
  };
  // Differences of tail probabilities, not of those near 1, keep their digits.
  for (double k = -kSteps; k < kSteps; ++k) {
    double low = k * kLargest / kSteps, high = (k + 1) * kLargest / kSteps;
    double mass = k < 0 ? getBelow(high) - getBelow(low)
                        : getBelow(-low) - getBelow(-high);
    cells.push_back({low, high, mass});
  }
  return Distribution(cells);
}

TEST(AnalyticClipping, OptimalThresholdsHaveTheLeastError) {
  const double gaussianDecibels[] = {7.208,  13.292, 18.898, 24.326,
                                     29.709, 35.106, 40.540};
  const double laplaceDecibels[] = {5.780,  10.805, 15.623, 20.417,
                                    25.259, 30.178, 35.181};
  for (Density density : {Density::Gaussian, Density::Laplace}) {
    Distribution values = makeDensity(density);
    bool isGaussian = density == Density::Gaussian;
    double variance = isGaussian ? 1 : 2;
    for (unsigned bits = 2; bits <= 10; ++bits) {
      EncodingSpec encoding = {Symmetry::Symmetric, getCodeRange(bits, true)};
      auto getDecibels = [&](double t) {
        return 10 * std::log10(variance / computeMeanSquaredError(
                                              values, {-t, t}, encoding));
      };
      double t = getOptimalThreshold(density, bits);
      double best = getDecibels(t);
      if (bits <= 8)
        EXPECT_NEAR(best,
                    (isGaussian ? gaussianDecibels : laplaceDecibels)[bits - 2],
                    2e-3);
      EXPECT_GE(best, getDecibels(t * 1.01));
      EXPECT_GE(best, getDecibels(t / 1.01));
    }
  }
}

TEST(AnalyticClipping, OptimalThresholdsOfTheTable) {
  const double gaussian[] = {1.2240, 1.9523, 2.4739, 2.8987,
                             3.2701, 3.6075, 3.9205};
  const double laplace[] = {2.0000, 3.4864, 4.8199, 6.0980,
                            7.3586, 8.6178, 9.8827};
  for (unsigned bits = 2; bits <= 8; ++bits) {
    EXPECT_NEAR(getOptimalThreshold(Density::Gaussian, bits),
                gaussian[bits - 2], 6e-5);
    EXPECT_NEAR(getOptimalThreshold(Density::Laplace, bits), laplace[bits - 2],
                6e-5);
  }
}

TEST(AnalyticClipping, OctavOfDensities) {
  const double gaussian[] = {1.7388, 2.1611, 2.5621, 2.9371,
                             3.2872, 3.6152, 3.9241};
  const double laplace[] = {2.8737, 3.9133, 5.0341, 6.2065,
                            7.4137, 8.6458, 9.8968};
  for (Density density : {Density::Gaussian, Density::Laplace}) {
    std::vector<Distribution::Cell> magnitudes;
    Distribution values = makeDensity(density);
    for (const Distribution::Cell &cell : values.getCells())
      if (cell.low >= 0)
        magnitudes.push_back(cell);
    for (unsigned bits = 2; bits <= 8; ++bits)
      EXPECT_NEAR(findOctavThreshold(Distribution(magnitudes), bits,
                                     /*isUnsigned=*/false, 1000),
                  (density == Density::Gaussian ? gaussian : laplace)[bits - 2],
                  2e-4);
  }
}

TEST(AnalyticClipping, OctavOfSamples) {
  struct {
    std::vector<float> (*make)();
    double threshold;
  } oracles[] = {{makeD1, 3.630530},
                 {makeD2, 8.232057},
                 {makeD3, 19.591837},
                 {makeD4, 3.630530},
                 {makeD5, 0.996943}};
  for (const auto &oracle : oracles) {
    Distribution magnitudes = Distribution::getMagnitudes(
        makeStatistics(oracle.make(), StatisticsDetail::Values));
    EXPECT_NEAR(findOctavThreshold(magnitudes, 8, /*isUnsigned=*/false, 50),
                oracle.threshold, 1e-6);
  }
}

TEST(AnalyticClipping, OctavOfUnsignedCodes) {
  // A sign is one bit.
  for (auto *make : {makeD4, makeD5}) {
    Distribution magnitudes = Distribution::getMagnitudes(
        makeStatistics(make(), StatisticsDetail::Values));
    EXPECT_DOUBLE_EQ(
        findOctavThreshold(magnitudes, 7, /*isUnsigned=*/true, 50),
        findOctavThreshold(magnitudes, 8, /*isUnsigned=*/false, 50));
  }
}

TEST(AnalyticClipping, OctavOfZeros) {
  EXPECT_EQ(findOctavThreshold(Distribution::fromValues({0, 0}), 8, false), 0);
  EXPECT_EQ(findOctavThreshold(Distribution({}), 8, false), 0);
}

} // namespace
