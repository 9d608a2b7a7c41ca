//===- TensorStatistics.cpp - What calibration remembers of an edge -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

void ChannelStatistics::add(llvm::ArrayRef<float> elements) {
  numElements += elements.size();
  // The common case has only finite elements; a minimum and maximum that are
  // finite and a sum of differences that is not NaN prove it in one pass that
  // vectorizes. `x - x` is 0 for finite x and NaN otherwise.
  float low = min, high = max, defect = 0;
  for (float x : elements) {
    low = x < low ? x : low;
    high = x > high ? x : high;
    defect += x - x;
  }
  if (defect == 0) {
    min = low;
    max = high;
    return;
  }
  for (float x : elements) {
    if (std::isnan(x)) {
      ++numNaNs;
    } else if (std::isinf(x)) {
      ++numInfinities;
    } else {
      min = std::min(min, x);
      max = std::max(max, x);
    }
  }
}

void ChannelStatistics::merge(const ChannelStatistics &other) {
  numElements += other.numElements;
  numNaNs += other.numNaNs;
  numInfinities += other.numInfinities;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

void TensorStatistics::add(llvm::ArrayRef<float> elements, int64_t inner) {
  if (channels.size() == 1) {
    channels.front().add(elements);
    return;
  }
  for (size_t channel = 0; !elements.empty();
       channel = (channel + 1) % channels.size()) {
    channels[channel].add(elements.take_front(inner));
    elements = elements.drop_front(inner);
  }
}

void TensorStatistics::merge(const TensorStatistics &other) {
  for (auto [mine, theirs] : llvm::zip_equal(channels, other.channels))
    mine.merge(theirs);
}
