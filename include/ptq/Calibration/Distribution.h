//===- Distribution.h - Where the values of a tensor lie --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What estimators see of statistics: how many values lie where on the real
// line, whether they are known exactly (weights) or by a histogram
// (activations). Values of one bin count as spread evenly over it.
//
// Two views exist. A `Distribution` answers how many values lie below x, and
// what their sum and sum of squares are; the quantization error of any scale
// follows from a few such answers for each code. A `MagnitudeHistogram` has the
// evenly wide bins of |x| that divergences are defined on.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_DISTRIBUTION_H
#define PTQ_CALIBRATION_DISTRIBUTION_H

#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace mlir::ptq {

/// The magnitudes of nonzero values, in bins of equal width from 0 on.
struct MagnitudeHistogram {
  /// The bins used by default for values that are known exactly.
  static constexpr int64_t kDefaultNumBins = 2048;

  /// The last bin is not empty, unless all are. Counts are integers where they
  /// come from samples, and may be probabilities.
  std::vector<double> counts;
  double width = 0;

  /// Bins of `numBins` equal parts of [0, largest magnitude].
  static MagnitudeHistogram fromValues(llvm::ArrayRef<float> values,
                                       int64_t numBins = kDefaultNumBins);
  /// The bins of a histogram up to the largest magnitude, at the coarser of its
  /// two widths, or those of the values.
  static MagnitudeHistogram get(const ChannelStatistics &statistics);
};

/// Number, sum and sum of squares of some values.
struct Moments {
  double count = 0;
  double sum = 0;
  double sumOfSquares = 0;

  Moments operator-(const Moments &other) const {
    return {count - other.count, sum - other.sum,
            sumOfSquares - other.sumOfSquares};
  }
};

/// Finite values in ascending order: points, and intervals over which values
/// are spread evenly.
class Distribution {
public:
  /// `count` values spread evenly over [`low`, `high`], or equal to `low` when
  /// both are equal.
  struct Cell {
    double low;
    double high;
    double count;
  };

  /// Cells are ascending and do not overlap; those without a count are dropped.
  explicit Distribution(llvm::ArrayRef<Cell> cells);

  static Distribution fromValues(llvm::ArrayRef<float> values);
  /// All nonzero values on the positive side, and `numZeros` zeros.
  static Distribution fromMagnitudes(const MagnitudeHistogram &histogram,
                                     double numZeros);
  /// The distribution of the finite elements. Statistics that hold extremes
  /// only give one even spread between them.
  static Distribution get(const ChannelStatistics &statistics);
  /// The same of the elements' magnitudes.
  static Distribution getMagnitudes(const ChannelStatistics &statistics);

  bool isEmpty() const { return cells.empty(); }
  double getMin() const { return cells.front().low; }
  double getMax() const { return cells.back().high; }
  llvm::ArrayRef<Cell> getCells() const { return cells; }
  bool hasOnlyPoints() const { return onlyPoints; }

  /// Of all values.
  const Moments &getMoments() const { return prefix.back(); }
  /// Of the values less than `x`. Takes constant time for cells of about equal
  /// width and logarithmic time otherwise.
  Moments getMomentsBelow(double x) const;

  /// The value of rank `rank` (from 0) in ascending order; half ranks and other
  /// fractions interpolate linearly between the two neighbours. Ranks are
  /// clamped. The distribution is not empty.
  double getOrderStatistic(double rank) const;

  /// The mean of |x - `center`|.
  double getMeanDeviation(double center) const;

private:
  size_t findCellAfter(double x) const;

  std::vector<Cell> cells;
  /// The moments of the first i cells.
  std::vector<Moments> prefix;
  /// For each of evenly wide parts of [min, max], the number of cells that
  /// start before the part. One more element ends it.
  std::vector<uint32_t> index;
  double partsPerUnit = 0;
  bool onlyPoints = true;
};

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_DISTRIBUTION_H
