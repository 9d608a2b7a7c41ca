//===- KL.cpp - The range of least Kullback-Leibler divergence ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What TensorRT and the frameworks that follow it call "entropy" calibration:
// they minimize a relative entropy, the Kullback-Leibler divergence, and no
// entropy. So `trt-entropy` is another name of this estimator, and `entropy`
// is the one that does minimize a difference of entropies (Entropy.cpp).
//
//===----------------------------------------------------------------------===//

#include "DivergenceThreshold.h"
#include "Estimators.h"

using namespace mlir::ptq;

namespace {
class KLEstimator : public RangeEstimator {
public:
  llvm::StringRef getName() const override {
    return stringifyRangeEstimatorKind(RangeEstimatorKind::KL);
  }

  llvm::ArrayRef<llvm::StringRef> getAliases() const override {
    static constexpr llvm::StringRef kAliases[] = {"trt-entropy"};
    return kAliases;
  }

  RealRange estimate(const ChannelStatistics &statistics,
                     const EncodingSpec &encoding,
                     const EstimatorOptions &) const override {
    return estimateByDivergence(statistics, encoding, minimizeKLDivergence);
  }
};
} // namespace

std::unique_ptr<RangeEstimator> mlir::ptq::createKLEstimator() {
  return std::make_unique<KLEstimator>();
}
