//===- Entropy.cpp - The range of least Jensen-Shannon divergence ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The entropy that is gained by not knowing whether a value comes from before
// or after quantization: H((P+Q)/2) - H(P)/2 - H(Q)/2. It is symmetric, lies
// between 0 and 1 bit, and is finite for empty bins, where the divergence of
// KL.cpp is not. Its practical merit is robustness: on sampled data the two
// choose nearly the same threshold, and both clip too much when there are fewer
// than about ten elements for each bin.
//
//===----------------------------------------------------------------------===//

#include "DivergenceThreshold.h"
#include "Estimators.h"

using namespace mlir::ptq;

namespace {
class EntropyEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::Entropy);
  }

  RealRange estimate(const ChannelStatistics &statistics,
                     const EncodingSpec &encoding,
                     const EstimatorOptions &) const override {
    return estimateByDivergence(statistics, encoding, minimizeJSDivergence);
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createEntropyEstimator() {
  return std::make_unique<EntropyEstimator>();
}
