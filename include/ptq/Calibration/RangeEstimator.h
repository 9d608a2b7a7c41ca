//===- RangeEstimator.h - How a range is chosen -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An estimator is a pure function from statistics and an encoding to a range.
// What is remembered (TensorStatistics.h), how a range is chosen (here) and how
// it is encoded (QuantizationParameters.h) are independent of each other.
//
// One estimator lives in one file under lib/Calibration/Estimators. To add one,
// derive from `RangeEstimator` and add it to a `RangeEstimatorRegistry`.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_RANGEESTIMATOR_H
#define PTQ_CALIBRATION_RANGEESTIMATOR_H

#include "ptq/Calibration/TensorStatistics.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/StringRef.h"
#include <memory>

namespace mlir::ptq {

/// A finite interval of real numbers.
struct RealRange {
  double min;
  double max;
};

/// The encoding that a range is chosen for: where 0 lies, and which codes
/// exist. By default asymmetric int8.
struct EncodingSpec {
  Symmetry symmetry = Symmetry::Asymmetric;
  CodeRange codes = {-128, 127};

  bool isSymmetric() const { return symmetry == Symmetry::Symmetric; }
  /// The number of bits of a code: 8 for [-128, 127] and for [-127, 127].
  unsigned getBits() const;
};

/// Parameters of the estimators.
struct EstimatorOptions {
  /// The share of elements that `percentile` keeps, in (0, 100].
  double percentile = 99.99;
  /// How min-max joins the extremes of samples.
  ExtremesReduction reduction = ExtremesReduction::Global;
  /// The weight of each further sample in a moving average, in (0, 1].
  double movingAverageWeight = 0.01;
};

/// Chooses a range for the elements of a tensor or channel.
class RangeEstimator {
public:
  virtual ~RangeEstimator();

  /// The name that users select the estimator by.
  virtual llvm::StringRef getName() const = 0;

  /// Other names of the same estimator.
  virtual llvm::ArrayRef<llvm::StringRef> getAliases() const { return {}; }

  /// What `estimate` needs statistics to hold. Every estimator that needs a
  /// histogram takes the values instead. With less, an estimator sees the
  /// elements as spread evenly over [min, max].
  virtual StatisticsDetail getRequiredDetail() const {
    return StatisticsDetail::Histogram;
  }

  /// The range for statistics with at least one finite element. It lies within
  /// [min, max] of the statistics.
  virtual RealRange estimate(const ChannelStatistics &statistics,
                             const EncodingSpec &encoding,
                             const EstimatorOptions &options) const = 0;
};

/// The kinds of estimators that judge an edge by its statistics alone: all but
/// `Auto`, in the order of the enum.
llvm::ArrayRef<RangeEstimatorKind> getRangeEstimatorKinds();

/// The estimator of a kind that this project has. `Auto` stands for a choice by
/// the ops that consume the edge, which statistics do not know; by what they
/// know, the least error of the edge itself, it is `MSE`.
std::unique_ptr<RangeEstimator> createRangeEstimator(RangeEstimatorKind kind);

/// The range that `estimator` chooses for a tensor or channel. Statistics
/// without any finite element give [0, 0].
RealRange estimateRange(const RangeEstimator &estimator,
                        const ChannelStatistics &statistics,
                        const EncodingSpec &encoding = {},
                        const EstimatorOptions &options = {});
RealRange estimateRange(RangeEstimatorKind estimator,
                        const ChannelStatistics &statistics,
                        const EncodingSpec &encoding = {},
                        const EstimatorOptions &options = {});

/// The smallest and the largest finite element over all samples: nothing is
/// clipped. Does not depend on how samples are batched.
RealRange estimateMinMaxRange(const ChannelStatistics &statistics);

/// [-`threshold`, `threshold`] as far as it lies within the extremes.
RealRange clipToThreshold(const ChannelStatistics &statistics,
                          double threshold);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_RANGEESTIMATOR_H
