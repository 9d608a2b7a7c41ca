//===- RangeEstimator.cpp - How a range is chosen -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/RangeEstimator.h"

using namespace mlir::ptq;

RealRange mlir::ptq::estimateRange(RangeEstimatorKind estimator,
                                   const ChannelStatistics &statistics) {
  if (statistics.getNumFinite() == 0)
    return {0, 0};
  switch (estimator) {
  case RangeEstimatorKind::MinMax:
    return estimateMinMaxRange(statistics);
  }
  return estimateMinMaxRange(statistics);
}
