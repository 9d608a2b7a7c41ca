//===- TensorStatistics.h - What calibration remembers of an edge -*- C++ -*-=//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statistics form a commutative monoid: adding elements in any order, and
// merging parts in any order, gives the same bits. So the result depends on the
// set of samples alone, not on batches, threads or shards.
//
// How much is remembered is chosen when the statistics are made: counts and
// extremes are always there, a histogram (fixed memory) serves activations, and
// the values themselves serve constants such as weights. Every estimator works
// on either.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_TENSORSTATISTICS_H
#define PTQ_CALIBRATION_TENSORSTATISTICS_H

#include "ptq/Calibration/Histogram.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace mlir::ptq {

/// What is remembered of the elements beyond counts and extremes.
enum class StatisticsDetail {
  /// Nothing.
  Extremes,
  /// A histogram: fixed memory.
  Histogram,
  /// Every finite value: memory grows with the elements.
  Values
};

/// The smallest and the largest finite element of one sample.
struct SampleExtremes {
  int64_t sample;
  float min;
  float max;

  bool operator==(const SampleExtremes &other) const {
    return sample == other.sample && min == other.min && max == other.max;
  }
};

/// Statistics of the elements of one tensor or one channel. NaN and infinities
/// are counted and otherwise left out; -0 counts as 0.
struct ChannelStatistics {
  ChannelStatistics() = default;
  explicit ChannelStatistics(StatisticsDetail detail) : detail(detail) {}

  /// All elements seen, non-finite ones included.
  int64_t numElements = 0;
  int64_t numZeros = 0;
  int64_t numNaNs = 0;
  int64_t numInfinities = 0;
  /// The smallest and the largest finite element; +inf and -inf while there is
  /// none.
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();

  StatisticsDetail detail = StatisticsDetail::Extremes;
  /// The nonzero finite elements, with `StatisticsDetail::Histogram` and from
  /// the first of them on.
  std::optional<Histogram> histogram;
  /// The finite elements, with `StatisticsDetail::Values`, in no order.
  std::vector<float> values;
  /// The extremes of each sample that was given an index, in order of the
  /// index. Averages over samples depend on the order of the samples alone:
  /// threads and shards may record them in any order.
  std::vector<SampleExtremes> sampleExtremes;

  int64_t getNumFinite() const { return numElements - numNaNs - numInfinities; }

  /// Adds elements. With `sample`, their extremes are recorded under this index
  /// too, joined with what the sample has recorded before.
  void add(llvm::ArrayRef<float> elements,
           std::optional<int64_t> sample = std::nullopt);

  /// Adds what `other`, of the same detail, has seen.
  void merge(const ChannelStatistics &other);

  /// Whether both have seen the same elements, as far as they remember.
  bool operator==(const ChannelStatistics &other) const;
  bool operator!=(const ChannelStatistics &other) const {
    return !(*this == other);
  }

private:
  void addFinite(llvm::ArrayRef<float> elements, int32_t minKey,
                 int32_t maxKey);
  void addChunk(llvm::ArrayRef<float> chunk);
};

/// Statistics of an edge: of the whole tensor, or of each part of it that has
/// parameters of its own (an index along one axis, or a block).
class TensorStatistics {
public:
  /// One set of statistics for the whole tensor.
  explicit TensorStatistics(
      StatisticsDetail detail = StatisticsDetail::Extremes)
      : TensorStatistics(1, detail) {}
  /// One set for each of `numChannels` parts.
  explicit TensorStatistics(
      int64_t numChannels, StatisticsDetail detail = StatisticsDetail::Extremes)
      : channels(numChannels, ChannelStatistics(detail)) {}
  explicit TensorStatistics(llvm::ArrayRef<ChannelStatistics> channels)
      : channels(channels) {}

  /// Adds a tensor whose elements lie in row-major order; `layout` has as many
  /// parameters as there are parts. `sample` as in `ChannelStatistics::add`.
  void add(llvm::ArrayRef<float> elements, const ParameterLayout &layout,
           std::optional<int64_t> sample = std::nullopt);

  /// Adds what `other` has seen. Both have the same number of channels.
  void merge(const TensorStatistics &other);

  llvm::ArrayRef<ChannelStatistics> getChannels() const { return channels; }

  bool operator==(const TensorStatistics &other) const {
    return channels == other.channels;
  }
  bool operator!=(const TensorStatistics &other) const {
    return !(*this == other);
  }

private:
  llvm::SmallVector<ChannelStatistics, 1> channels;
};

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_TENSORSTATISTICS_H
