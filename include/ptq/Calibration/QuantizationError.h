//===- QuantizationError.h - What a range costs -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mean squared error of quantizing a distribution, and the ranges that make
// it smallest. All values that round to one code form an interval, and the
// error over an interval follows from its count, sum and sum of squares; so one
// range costs one question to the distribution for each code, however many
// values there are. The error is not convex in the range (it jumps where values
// change codes, and has several dips where values form clusters): candidates
// are searched, never descended into from one end.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_QUANTIZATIONERROR_H
#define PTQ_CALIBRATION_QUANTIZATIONERROR_H

#include "ptq/Calibration/Distribution.h"
#include "ptq/Calibration/RangeEstimator.h"
#include <limits>

namespace mlir::ptq {

/// A range and the mean squared error of quantizing with it.
struct RangeError {
  RealRange range = {0, 0};
  double error = std::numeric_limits<double>::infinity();
};

/// The mean of (x - x')^2 where x' is x after quantizing and dequantizing it by
/// the parameters that `encoding` gives `range`. Evaluation stops where the
/// clipping alone exceeds `bound`; the result is then infinite.
double
computeMeanSquaredError(const Distribution &distribution,
                        const RealRange &range, const EncodingSpec &encoding,
                        double bound = std::numeric_limits<double>::infinity());

/// The best of all ranges [-t, t] for t of `thresholds`, which ascend; of
/// several, the smallest.
RangeError findBestThreshold(const Distribution &distribution,
                             llvm::ArrayRef<double> thresholds,
                             const EncodingSpec &encoding);

/// The best of all ranges [low, high] for low of `lows` and high of `highs`,
/// both ordered by magnitude. All pairs are tried where one list has at most 48
/// elements and the other is as short or has only one; otherwise an even grid
/// of 48 x 48 pairs, the neighbourhood of the best 8 of them at ever finer
/// steps, and finally every low for the best high and conversely until neither
/// changes.
RangeError findBestRange(const Distribution &distribution,
                         llvm::ArrayRef<double> lows,
                         llvm::ArrayRef<double> highs,
                         const EncodingSpec &encoding);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_QUANTIZATIONERROR_H
