//===- Percentile.cpp - The range of most elements ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keeps p percent of the elements, over all samples at once. An asymmetric
// encoding loses half of the others at each end; a symmetric one loses those of
// largest magnitude.
//
// The percentile of n elements is the value of rank p/100 * (n - 1), with
// linear interpolation between neighbouring ranks, as in NumPy. From a
// histogram, the elements of a bin count as spread evenly over it, so that the
// result is at most one bin's width from that of the elements. Rank n - 1 is
// the largest element itself: p = 100 is min-max, bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Estimators.h"
#include "ptq/Calibration/Distribution.h"

using namespace mlir::ptq;

namespace {
class PercentileEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::Percentile);
  }

  RealRange estimate(const ChannelStatistics &statistics,
                     const EncodingSpec &encoding,
                     const EstimatorOptions &options) const override {
    double last = static_cast<double>(statistics.getNumFinite() - 1);
    if (encoding.isSymmetric()) {
      double threshold =
          Distribution::getMagnitudes(statistics)
              .getOrderStatistic(options.percentile / 100 * last);
      return clipToThreshold(statistics, threshold);
    }
    double tail = (100 - options.percentile) / 200;
    Distribution distribution = Distribution::get(statistics);
    return {distribution.getOrderStatistic(tail * last) + 0.0,
            distribution.getOrderStatistic((1 - tail) * last) + 0.0};
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createPercentileEstimator() {
  return std::make_unique<PercentileEstimator>();
}
