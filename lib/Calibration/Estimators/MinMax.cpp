//===- MinMax.cpp - The range of all elements -----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/RangeEstimator.h"

using namespace mlir::ptq;

RealRange mlir::ptq::estimateMinMaxRange(const ChannelStatistics &statistics) {
  // Adding 0 turns -0 into 0: which of the two was seen first must not matter.
  return {statistics.min + 0.0, statistics.max + 0.0};
}
