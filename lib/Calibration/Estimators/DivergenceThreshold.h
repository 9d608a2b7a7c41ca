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
///
/// Divergences compare densities, and mistake chance for shape where there are
/// few elements. Values that are known exactly (weights) are not clipped where
/// they are fewer than ten for each code, and never more than a tenth of the
/// nonzero elements is.
inline RealRange estimateByDivergence(
    const ChannelStatistics &statistics, const EncodingSpec &encoding,
    llvm::function_ref<DivergenceMinimum(llvm::ArrayRef<double>, int64_t,
                                         double)>
        minimize) {
  constexpr int64_t kElementsPerCode = 10;
  constexpr double kMinKept = 0.9;
  bool isOneSided = statistics.min >= 0 || statistics.max <= 0;
  unsigned bits = encoding.getBits();
  bool usesAllCodes = isOneSided && !encoding.isSymmetric();
  int64_t levels = int64_t{1} << (usesAllCodes ? bits : bits - 1);

  int64_t numNonzero = statistics.getNumFinite() - statistics.numZeros;
  if (statistics.detail == StatisticsDetail::Values &&
      numNonzero < kElementsPerCode * levels)
    return estimateMinMaxRange(statistics);
  MagnitudeHistogram histogram = MagnitudeHistogram::get(statistics);
  if (histogram.counts.empty())
    return estimateMinMaxRange(statistics);
  DivergenceMinimum best = minimize(histogram.counts, levels, kMinKept);
  if (best.numBins == static_cast<int64_t>(histogram.counts.size()))
    return estimateMinMaxRange(statistics);
  return clipToThreshold(statistics,
                         static_cast<double>(best.numBins) * histogram.width);
}

} // namespace mlir::ptq

#endif // PTQ_LIB_CALIBRATION_ESTIMATORS_DIVERGENCETHRESHOLD_H
