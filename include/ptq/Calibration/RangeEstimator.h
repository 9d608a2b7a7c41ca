//===- RangeEstimator.h - How a range is chosen -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_RANGEESTIMATOR_H
#define PTQ_CALIBRATION_RANGEESTIMATOR_H

#include "ptq/Calibration/TensorStatistics.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir::ptq {

/// A finite interval of real numbers.
struct RealRange {
  double min;
  double max;
};

/// The range that `estimator` chooses for a tensor or channel. Statistics
/// without any finite element give [0, 0].
RealRange estimateRange(RangeEstimatorKind estimator,
                        const ChannelStatistics &statistics);

/// The smallest and the largest finite element over all samples: nothing is
/// clipped. Does not depend on how samples are batched.
RealRange estimateMinMaxRange(const ChannelStatistics &statistics);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_RANGEESTIMATOR_H
