//===- RangeEstimator.cpp - How a range is chosen -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Estimators/Estimators.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir::ptq;

unsigned EncodingSpec::getBits() const {
  return llvm::Log2_64_Ceil(static_cast<uint64_t>(codes.max - codes.min) + 1);
}

RangeEstimator::~RangeEstimator() = default;

llvm::ArrayRef<RangeEstimatorKind> mlir::ptq::getRangeEstimatorKinds() {
  using Kind = RangeEstimatorKind;
  static constexpr Kind kKinds[] = {Kind::MinMax, Kind::Percentile, Kind::MSE,
                                    Kind::KL,     Kind::Entropy,    Kind::OMSE};
  return kKinds;
}

std::unique_ptr<RangeEstimator>
mlir::ptq::createRangeEstimator(RangeEstimatorKind kind) {
  switch (kind) {
  case RangeEstimatorKind::MinMax:
    return createMinMaxEstimator();
  case RangeEstimatorKind::Percentile:
    return createPercentileEstimator();
  case RangeEstimatorKind::MSE:
  case RangeEstimatorKind::Auto:
    return createMSEEstimator();
  case RangeEstimatorKind::KL:
    return createKLEstimator();
  case RangeEstimatorKind::Entropy:
    return createEntropyEstimator();
  case RangeEstimatorKind::OMSE:
    return createOMSEEstimator();
  }
  return createMinMaxEstimator();
}

RealRange mlir::ptq::estimateRange(const RangeEstimator &estimator,
                                   const ChannelStatistics &statistics,
                                   const EncodingSpec &encoding,
                                   const EstimatorOptions &options) {
  if (statistics.getNumFinite() == 0)
    return {0, 0};
  return estimator.estimate(statistics, encoding, options);
}

RealRange mlir::ptq::estimateRange(RangeEstimatorKind estimator,
                                   const ChannelStatistics &statistics,
                                   const EncodingSpec &encoding,
                                   const EstimatorOptions &options) {
  return estimateRange(*createRangeEstimator(estimator), statistics, encoding,
                       options);
}

RealRange mlir::ptq::clipToThreshold(const ChannelStatistics &statistics,
                                     double threshold) {
  // Adding 0 turns -0 into 0.
  return {std::clamp<double>(-threshold, statistics.min, statistics.max) + 0.0,
          std::clamp<double>(threshold, statistics.min, statistics.max) + 0.0};
}
