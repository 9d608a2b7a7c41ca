//===- MSE.cpp - The range of least squared error -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The range whose quantizer has the least mean squared error on the elements.
// Candidates are all edges of the histogram's bins up to the extremes (2048
// even steps for values that are known exactly): one threshold for a symmetric
// encoding, a pair of ends for an asymmetric one.
//
//===----------------------------------------------------------------------===//

#include "Estimators.h"
#include "ptq/Calibration/QuantizationError.h"
#include <cmath>

using namespace mlir::ptq;

/// width, 2 width, ... up to `largest`, which is the last.
static std::vector<double> getEdges(double width, double largest) {
  std::vector<double> edges;
  for (double edge = width; width > 0 && edge < largest;
       edge = width * static_cast<double>(edges.size() + 1))
    edges.push_back(edge);
  edges.push_back(largest);
  return edges;
}

/// The candidates for one end of a range, by magnitude from 0 on. The extreme
/// is that of the side's sign.
static std::vector<double> getEnds(const ChannelStatistics &statistics,
                                   Histogram::Side side, double extreme) {
  double largest = std::fabs(extreme);
  double width = largest / MagnitudeHistogram::kDefaultNumBins;
  if (statistics.histogram)
    width = std::ldexp(1.0, statistics.histogram->getExponent(side));
  std::vector<double> ends = getEdges(width, largest);
  for (double &end : ends)
    end = std::copysign(end, extreme);
  ends.insert(ends.begin(), 0.0);
  return ends;
}

static RealRange estimateAsymmetricRange(const ChannelStatistics &statistics,
                                         const EncodingSpec &encoding) {
  // On a side without values the range ends at 0, to which encoding widens it.
  std::vector<double> lows = {0.0}, highs = {0.0};
  if (statistics.min < 0)
    lows = getEnds(statistics, Histogram::Side::Negative, statistics.min);
  if (statistics.max > 0)
    highs = getEnds(statistics, Histogram::Side::Positive, statistics.max);
  RealRange range =
      findBestRange(Distribution::get(statistics), lows, highs, encoding).range;
  return {std::clamp<double>(range.min, statistics.min, statistics.max),
          std::clamp<double>(range.max, statistics.min, statistics.max)};
}

namespace {
class MSEEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::MSE);
  }

  RealRange estimate(const ChannelStatistics &statistics,
                     const EncodingSpec &encoding,
                     const EstimatorOptions &) const override {
    if (!encoding.isSymmetric())
      return estimateAsymmetricRange(statistics, encoding);
    double largest = std::max(-double{statistics.min}, double{statistics.max});
    MagnitudeHistogram histogram = MagnitudeHistogram::get(statistics);
    RangeError best =
        findBestThreshold(Distribution::get(statistics),
                          getEdges(histogram.width, largest), encoding);
    return clipToThreshold(statistics, best.range.max);
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createMSEEstimator() {
  return std::make_unique<MSEEstimator>();
}
