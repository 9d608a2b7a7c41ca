//===- MinMax.cpp - The range of all elements -----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The extremes over all samples, or an average of the extremes of each sample.
// Averages are taken over samples, never batches, in order of the samples'
// indices: batch size, threads and shards make no difference, although the
// moving average does depend on which sample has which index.
//
//===----------------------------------------------------------------------===//

#include "Estimators.h"

using namespace mlir::ptq;

RealRange mlir::ptq::estimateMinMaxRange(const ChannelStatistics &statistics) {
  // Adding 0 turns -0 into 0: which of the two was seen first must not matter.
  return {statistics.min + 0.0, statistics.max + 0.0};
}

/// m <- m + weight * (x - m), from the extremes of the first sample on.
static RealRange getMovingAverage(llvm::ArrayRef<SampleExtremes> samples,
                                  double weight) {
  RealRange average = {samples.front().min, samples.front().max};
  for (const SampleExtremes &sample : samples.drop_front()) {
    average.min += weight * (sample.min - average.min);
    average.max += weight * (sample.max - average.max);
  }
  return average;
}

static RealRange getMean(llvm::ArrayRef<SampleExtremes> samples) {
  RealRange sum = {0, 0};
  for (const SampleExtremes &sample : samples) {
    sum.min += sample.min;
    sum.max += sample.max;
  }
  auto count = static_cast<double>(samples.size());
  return {sum.min / count, sum.max / count};
}

namespace {
class MinMaxEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::MinMax);
  }

  StatisticsDetail getRequiredDetail() const override {
    return StatisticsDetail::Extremes;
  }

  RealRange estimate(const ChannelStatistics &statistics, const EncodingSpec &,
                     const EstimatorOptions &options) const override {
    // Constants have no samples.
    if (statistics.sampleExtremes.empty())
      return estimateMinMaxRange(statistics);
    switch (options.reduction) {
    case ExtremesReduction::Global:
      break;
    case ExtremesReduction::MovingAverage:
      return getMovingAverage(statistics.sampleExtremes,
                              options.movingAverageWeight);
    case ExtremesReduction::SampleMean:
      return getMean(statistics.sampleExtremes);
    }
    return estimateMinMaxRange(statistics);
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createMinMaxEstimator() {
  return std::make_unique<MinMaxEstimator>();
}
