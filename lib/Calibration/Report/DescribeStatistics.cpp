//===- DescribeStatistics.cpp - Statistics of an edge for its report ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationReport.h"
#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

using namespace mlir::ptq;

using Side = Histogram::Side;

/// The histogram of all channels together.
static Histogram joinChannels(const TensorStatistics &statistics) {
  Histogram joined;
  for (const ChannelStatistics &channel : statistics.getChannels()) {
    if (channel.histogram)
      joined.merge(*channel.histogram);
    else if (!channel.values.empty())
      joined.add(channel.values, channel.min, channel.max);
  }
  return joined;
}

/// Both sides in one row of bins. Bins of powers of two nest, so those of the
/// wider side hold the others.
static ReportHistogram joinSides(const Histogram &histogram) {
  ReportHistogram joined;
  std::optional<int> exponent;
  for (Side side : {Side::Negative, Side::Positive})
    if (!histogram.isEmpty(side))
      exponent = std::max(exponent.value_or(Histogram::kMinExponent),
                          histogram.getExponent(side));
  if (!exponent)
    return joined;
  joined.binWidth = std::ldexp(1.0, *exponent);
  joined.leftEdge = -static_cast<double>(Histogram::kNumBins) * joined.binWidth;
  joined.counts.resize(2 * Histogram::kNumBins);
  for (Side side : {Side::Negative, Side::Positive}) {
    if (histogram.isEmpty(side))
      continue;
    // All bins of a much narrower side fall into the first one.
    int shift = std::min(*exponent - histogram.getExponent(side), 62);
    for (auto [bin, count] : llvm::enumerate(histogram.getCounts(side))) {
      int64_t wide = static_cast<int64_t>(bin) >> shift;
      int64_t number = side == Side::Positive ? wide : -wide - 1;
      joined.counts[Histogram::kNumBins + number] += count;
    }
  }
  return joined;
}

void mlir::ptq::describeStatistics(const TensorStatistics &statistics,
                                   EdgeReport &edge) {
  edge.dataMin = edge.dataMax = std::numeric_limits<float>::quiet_NaN();
  edge.numElements = edge.numZeros = edge.numNaNs = edge.numInfinities = 0;
  for (const ChannelStatistics &channel : statistics.getChannels()) {
    edge.numElements += channel.numElements;
    edge.numZeros += channel.numZeros;
    edge.numNaNs += channel.numNaNs;
    edge.numInfinities += channel.numInfinities;
    if (channel.getNumFinite() == 0)
      continue;
    edge.dataMin = std::fmin(edge.dataMin, channel.min);
    edge.dataMax = std::fmax(edge.dataMax, channel.max);
  }
  // Fine bins are of no use to a reader, and there may be many edges.
  constexpr size_t kMaxBins = 1024;
  edge.histogram =
      mergeHistogramBins(joinSides(joinChannels(statistics)), kMaxBins);
}
