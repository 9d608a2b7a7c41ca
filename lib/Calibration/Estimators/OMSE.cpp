//===- OMSE.cpp - The range of least squared error, from less -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Choukroun et al., "Low-bit quantization of neural networks for efficient
// inference" (2019), in the form that suits what is known of the elements:
//
// * Elements known exactly (weights, for each output channel): a line search
//   over the scale, at hundredths of the largest, then at two-thousandths
//   around the best.
// * A histogram (activations): the threshold that is optimal for a Gaussian or
//   Laplace density of the same deviation, after Banner et al. (2019). The
//   elements' mean deviation tells which: it is .798 of the standard deviation
//   for the one, .707 for the other. Elements of one sign are seen as one half
//   of a density around 0, zeros left out, and have one more bit each.
//
// A density has no outliers: this estimator clips those that `mse` keeps.
//
//===----------------------------------------------------------------------===//

#include "Estimators.h"
#include "ptq/Calibration/AnalyticClipping.h"
#include "ptq/Calibration/QuantizationError.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

/// Mean magnitude by standard deviation, halfway between those of the
/// densities.
static constexpr double kLaplaceBelow = 0.7526;

/// The threshold for a mean deviation and standard deviation.
static double getThreshold(double meanDeviation, double deviation,
                           unsigned bits) {
  if (meanDeviation < kLaplaceBelow * deviation)
    return getOptimalThreshold(Density::Laplace, bits) * meanDeviation;
  return getOptimalThreshold(Density::Gaussian, bits) * deviation;
}

static RealRange estimateAnalytically(const ChannelStatistics &statistics,
                                      const EncodingSpec &encoding) {
  Distribution distribution = Distribution::get(statistics);
  const Moments &all = distribution.getMoments();
  unsigned bits = encoding.getBits();
  if (statistics.min >= 0 || statistics.max <= 0) {
    double numNonzero = all.count - static_cast<double>(statistics.numZeros);
    if (numNonzero <= 0)
      return estimateMinMaxRange(statistics);
    double meanMagnitude = std::fabs(all.sum) / numNonzero;
    double deviation = std::sqrt(all.sumOfSquares / numNonzero);
    return clipToThreshold(
        statistics, getThreshold(meanMagnitude, deviation,
                                 encoding.isSymmetric() ? bits : bits + 1));
  }
  double mean = all.sum / all.count;
  double variance = all.sumOfSquares / all.count - mean * mean;
  double threshold = getThreshold(distribution.getMeanDeviation(mean),
                                  std::sqrt(std::max(variance, 0.0)), bits);
  return {std::clamp<double>(mean - threshold, statistics.min, 0.0),
          std::clamp<double>(mean + threshold, 0.0, statistics.max)};
}

/// The range that is `share` of [min, max]; for a symmetric encoding, of the
/// largest magnitude.
static RealRange getShare(const ChannelStatistics &statistics,
                          const EncodingSpec &encoding, double share) {
  if (share >= 1)
    return estimateMinMaxRange(statistics);
  double min = std::min<double>(statistics.min, 0);
  double max = std::max<double>(statistics.max, 0);
  if (encoding.isSymmetric())
    return clipToThreshold(statistics, share * std::max(-min, max));
  return {std::clamp<double>(share * min, statistics.min, statistics.max),
          std::clamp<double>(share * max, statistics.min, statistics.max)};
}

static RealRange searchLine(const ChannelStatistics &statistics,
                            const EncodingSpec &encoding) {
  Distribution distribution = Distribution::get(statistics);
  constexpr int kCoarse = 100, kFine = 20;
  double bestShare = 1;
  double bestError = std::numeric_limits<double>::infinity();
  auto tryShare = [&](double share) {
    double error = computeMeanSquaredError(
        distribution, getShare(statistics, encoding, share), encoding,
        bestError);
    if (error < bestError) {
      bestError = error;
      bestShare = share;
    }
  };
  for (int j = kCoarse; j > 0; --j)
    tryShare(static_cast<double>(j) / kCoarse);
  double center = bestShare;
  for (int j = 1 - kFine; j < kFine; ++j)
    if (double share = center + static_cast<double>(j) / (kCoarse * kFine);
        share > 0 && share <= 1)
      tryShare(share);
  return getShare(statistics, encoding, bestShare);
}

namespace {
class OMSEEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::OMSE);
  }

  RealRange estimate(const ChannelStatistics &statistics,
                     const EncodingSpec &encoding,
                     const EstimatorOptions &) const override {
    return statistics.detail == StatisticsDetail::Values
               ? searchLine(statistics, encoding)
               : estimateAnalytically(statistics, encoding);
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createOMSEEstimator() {
  return std::make_unique<OMSEEstimator>();
}
