//===- Histogram.h - A histogram that does not depend on order --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A histogram of values that arrive in any order, of any size, in one pass and
// in fixed memory.
//
// The width of a bin is a power of two and bin k of a side holds the values
// with `k * width <= |x| < (k + 1) * width`. The width follows from the largest
// magnitude of the side alone: it is the one that puts this magnitude into the
// upper half of the bins. When a larger magnitude arrives, the width doubles as
// often as needed and neighbouring bins are added up. Bins of one width nest in
// those of twice the width, so the bins are at any time those that the values
// would have fallen into had the largest been known from the start: no value is
// ever split, moved or rounded, and the counts depend on the multiset of values
// only. A histogram over [min, max], the common choice, has no such property.
//
// Negative and positive values have bins of their own, each at a width that
// suits them. Zeros belong to neither side; the owner of the histogram counts
// them.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_HISTOGRAM_H
#define PTQ_CALIBRATION_HISTOGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace mlir::ptq {

/// Counts of nonzero finite values by sign and magnitude.
class Histogram {
public:
  /// Bins of each side. The largest magnitude of a side falls into bin
  /// `kNumBins / 2` or above, but for magnitudes below 2^-115, whose bins keep
  /// the smallest width.
  static constexpr int64_t kNumBins = 4096;
  /// The exponent of the smallest width: the smallest normal f32, which is the
  /// smallest scale as well.
  static constexpr int kMinExponent = -126;

  enum class Side { Negative, Positive };

  Histogram();

  /// Adds `values`, which are finite and lie in [`min`, `max`]. Zeros are
  /// passed over.
  void add(llvm::ArrayRef<float> values, float min, float max);

  /// Adds what `other` has counted.
  void merge(const Histogram &other);

  /// Whether no value of this sign has been seen.
  bool isEmpty(Side side) const { return getExponent(side) < kMinExponent; }

  /// The logarithm to base 2 of the width of a side's bins. The side is not
  /// empty.
  int getExponent(Side side) const { return exponents[size_t(side)]; }

  /// The counts of a side's bins, nearest to zero first, `kNumBins` of them.
  llvm::ArrayRef<int64_t> getCounts(Side side) const {
    return llvm::ArrayRef(counts).slice(size_t(side) * kNumBins, kNumBins);
  }

  /// Replaces a side, as read from a file. `counts` holds the first bins; the
  /// others are 0.
  void setSide(Side side, int exponent, llvm::ArrayRef<int64_t> counts);

  bool operator==(const Histogram &other) const;
  bool operator!=(const Histogram &other) const { return !(*this == other); }

private:
  static constexpr int kEmptyExponent = kMinExponent - 1;
  /// Zeros go to counters behind the bins that nobody reads. There are several,
  /// since an addition to a counter waits for the one before to the same.
  static constexpr int64_t kNumIgnored = 8;

  llvm::MutableArrayRef<int64_t> getMutableCounts(Side side) {
    return llvm::MutableArrayRef(counts).slice(size_t(side) * kNumBins,
                                               kNumBins);
  }

  /// Makes bins wide enough for `exponent`.
  void widen(Side side, int exponent);

  std::vector<int64_t> counts;
  int exponents[2] = {kEmptyExponent, kEmptyExponent};
};

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_HISTOGRAM_H
