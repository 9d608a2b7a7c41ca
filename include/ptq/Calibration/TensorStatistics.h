//===- TensorStatistics.h - What calibration remembers of an edge ---*- C++
//-*-===//
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
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_TENSORSTATISTICS_H
#define PTQ_CALIBRATION_TENSORSTATISTICS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <limits>

namespace mlir::ptq {

/// Statistics of the elements of one tensor or one channel. NaN and infinities
/// are counted and otherwise left out.
struct ChannelStatistics {
  /// All elements seen, non-finite ones included.
  int64_t numElements = 0;
  int64_t numNaNs = 0;
  int64_t numInfinities = 0;
  /// The smallest and the largest finite element; +inf and -inf while there is
  /// none.
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();

  int64_t getNumFinite() const { return numElements - numNaNs - numInfinities; }

  void add(llvm::ArrayRef<float> elements);
  void merge(const ChannelStatistics &other);
};

/// Statistics of an edge: of the whole tensor, or of each index along one axis.
class TensorStatistics {
public:
  /// One set of statistics for the whole tensor.
  TensorStatistics() : channels(1) {}
  /// One set for each of `numChannels` indices.
  explicit TensorStatistics(int64_t numChannels) : channels(numChannels) {}

  /// Adds a tensor whose elements lie in row-major order, with `inner` elements
  /// behind each index of the channel axis (1 channel: any `inner`).
  void add(llvm::ArrayRef<float> elements, int64_t inner);

  /// Adds what `other` has seen. Both have the same number of channels.
  void merge(const TensorStatistics &other);

  llvm::ArrayRef<ChannelStatistics> getChannels() const { return channels; }

private:
  llvm::SmallVector<ChannelStatistics, 1> channels;
};

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_TENSORSTATISTICS_H
