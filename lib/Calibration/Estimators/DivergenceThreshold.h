//===- DivergenceThreshold.h - Ranges from divergences ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CALIBRATION_ESTIMATORS_DIVERGENCETHRESHOLD_H
#define PTQ_LIB_CALIBRATION_ESTIMATORS_DIVERGENCETHRESHOLD_H

#include "ptq/Calibration/Distribution.h"
#include "ptq/Calibration/Divergence.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::ptq {

/// The range within the threshold that `minimize` finds on magnitudes. Every
/// code stands for a magnitude if the elements have one sign and the encoding
/// is asymmetric, and half of them otherwise.
inline RealRange estimateByDivergence(
    const ChannelStatistics &statistics, const EncodingSpec &encoding,
    llvm::function_ref<DivergenceMinimum(llvm::ArrayRef<double>, int64_t)>
        minimize) {
  MagnitudeHistogram histogram = MagnitudeHistogram::get(statistics);
  if (histogram.counts.empty())
    return estimateMinMaxRange(statistics);
  bool isOneSided = statistics.min >= 0 || statistics.max <= 0;
  unsigned bits = encoding.getBits();
  bool usesAllCodes = isOneSided && !encoding.isSymmetric();
  int64_t levels = int64_t{1} << (usesAllCodes ? bits : bits - 1);
  DivergenceMinimum best = minimize(histogram.counts, levels);
  if (best.numBins == static_cast<int64_t>(histogram.counts.size()))
    return estimateMinMaxRange(statistics);
  return clipToThreshold(statistics,
                         static_cast<double>(best.numBins) * histogram.width);
}

} // namespace mlir::ptq

#endif // PTQ_LIB_CALIBRATION_ESTIMATORS_DIVERGENCETHRESHOLD_H
