//===- TensorStatistics.cpp - What calibration remembers of an edge -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>

using namespace mlir::ptq;

/// Maps floats to integers in the same order: -NaN < -inf < ... < -0 < 0 < ...
/// < inf < NaN. Unlike a minimum of floats, one of integers is the same in any
/// order, and compilers vectorize it.
static int32_t getOrderedKey(float x) {
  auto bits = llvm::bit_cast<int32_t>(x);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/// The inverse of `getOrderedKey`, but for -0, which becomes 0.
static float getKeyedValue(int32_t key) {
  return llvm::bit_cast<float>(key ^ ((key >> 31) & 0x7fffffff)) + 0.0f;
}

namespace {
/// What one pass over a chunk finds.
struct ChunkSummary {
  int32_t minKey = std::numeric_limits<int32_t>::max();
  int32_t maxKey = std::numeric_limits<int32_t>::min();
  uint32_t numZeros = 0;

  explicit ChunkSummary(llvm::ArrayRef<float> chunk) {
    for (float x : chunk) {
      int32_t key = getOrderedKey(x);
      minKey = std::min(minKey, key);
      maxKey = std::max(maxKey, key);
      numZeros += (llvm::bit_cast<uint32_t>(x) << 1) == 0;
    }
  }

  bool isFinite() const {
    return minKey >= getOrderedKey(-FLT_MAX) &&
           maxKey <= getOrderedKey(FLT_MAX);
  }
};
} // namespace

void ChannelStatistics::addFinite(llvm::ArrayRef<float> elements,
                                  int32_t minKey, int32_t maxKey) {
  float low = getKeyedValue(minKey), high = getKeyedValue(maxKey);
  min = std::min(min, low);
  max = std::max(max, high);
  if (detail == StatisticsDetail::Values) {
    values.insert(values.end(), elements.begin(), elements.end());
  } else if (detail == StatisticsDetail::Histogram && (low < 0 || high > 0)) {
    if (!histogram)
      histogram.emplace();
    histogram->add(elements, low, high);
  }
}

void ChannelStatistics::addChunk(llvm::ArrayRef<float> chunk) {
  ChunkSummary summary(chunk);
  numElements += chunk.size();
  numZeros += summary.numZeros;
  if (summary.isFinite())
    return addFinite(chunk, summary.minKey, summary.maxKey);
  std::vector<float> finite;
  for (float x : chunk) {
    if (std::isnan(x))
      ++numNaNs;
    else if (std::isinf(x))
      ++numInfinities;
    else
      finite.push_back(x);
  }
  if (finite.empty())
    return;
  ChunkSummary finiteSummary(finite);
  addFinite(finite, finiteSummary.minKey, finiteSummary.maxKey);
}

/// Joins `extremes` into the list that is sorted by sample.
static void recordExtremes(std::vector<SampleExtremes> &list,
                           const SampleExtremes &extremes) {
  auto it = llvm::lower_bound(
      list, extremes, [](const SampleExtremes &a, const SampleExtremes &b) {
        return a.sample < b.sample;
      });
  if (it == list.end() || it->sample != extremes.sample) {
    list.insert(it, extremes);
    return;
  }
  it->min = std::min(it->min, extremes.min);
  it->max = std::max(it->max, extremes.max);
}

void ChannelStatistics::add(llvm::ArrayRef<float> elements,
                            std::optional<int64_t> sample) {
  if (sample) {
    ChannelStatistics extremes;
    extremes.add(elements);
    if (extremes.getNumFinite() != 0)
      recordExtremes(sampleExtremes, {*sample, extremes.min, extremes.max});
  }
  // A chunk stays in the cache between finding its extremes and counting it.
  constexpr size_t kChunk = 4096;
  for (; elements.size() > kChunk; elements = elements.drop_front(kChunk))
    addChunk(elements.take_front(kChunk));
  if (!elements.empty())
    addChunk(elements);
}

void ChannelStatistics::merge(const ChannelStatistics &other) {
  numElements += other.numElements;
  numZeros += other.numZeros;
  numNaNs += other.numNaNs;
  numInfinities += other.numInfinities;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
  if (other.histogram) {
    if (!histogram)
      histogram.emplace();
    histogram->merge(*other.histogram);
  }
  values.insert(values.end(), other.values.begin(), other.values.end());
  for (const SampleExtremes &extremes : other.sampleExtremes)
    recordExtremes(sampleExtremes, extremes);
}

static std::vector<float> getSorted(std::vector<float> values) {
  llvm::sort(values);
  return values;
}

bool ChannelStatistics::operator==(const ChannelStatistics &other) const {
  return numElements == other.numElements && numZeros == other.numZeros &&
         numNaNs == other.numNaNs && numInfinities == other.numInfinities &&
         min == other.min && max == other.max && detail == other.detail &&
         histogram == other.histogram &&
         sampleExtremes == other.sampleExtremes &&
         values.size() == other.values.size() &&
         getSorted(values) == getSorted(other.values);
}

void TensorStatistics::add(llvm::ArrayRef<float> elements,
                           const ParameterLayout &layout,
                           std::optional<int64_t> sample) {
  if (channels.size() == 1) {
    channels.front().add(elements, sample);
    return;
  }
  // Runs are gathered, so that each channel is added once.
  std::vector<size_t> ends(channels.size() + 1, 0);
  layout.forEachRun([&](const ElementRun &run) {
    if (run.stride == 0)
      ends[run.parameter + 1] += run.count;
    else
      for (int64_t i = 0; i < run.count; ++i)
        ++ends[run.parameter + i + 1];
  });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<float> gathered(ends.back());
  // From here on `ends[c]` is where the next element of channel c goes, and in
  // the end where those of channel c + 1 begin.
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t i = 0; i < run.count; ++i)
      gathered[ends[run.parameter + i * run.stride]++] =
          elements[run.begin + i];
  });
  size_t begin = 0;
  for (auto [c, channel] : llvm::enumerate(channels)) {
    channel.add(llvm::ArrayRef(gathered).slice(begin, ends[c] - begin), sample);
    begin = ends[c];
  }
}

void TensorStatistics::merge(const TensorStatistics &other) {
  for (auto [mine, theirs] : llvm::zip(channels, other.channels))
    mine.merge(theirs);
}
