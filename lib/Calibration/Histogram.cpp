//===- Histogram.cpp - A histogram that does not depend on order ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/Histogram.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

/// The exponent of the width that puts `magnitude` into the upper half of the
/// bins.
static int getExponentFor(float magnitude) {
  constexpr int kLogHalf = 11;
  static_assert(Histogram::kNumBins == int64_t{2} << kLogHalf);
  return std::max(std::ilogb(magnitude) - kLogHalf, Histogram::kMinExponent);
}

Histogram::Histogram() : counts(2 * kNumBins + kNumIgnored) {}

void Histogram::widen(Side side, int exponent) {
  int &mine = exponents[size_t(side)];
  if (exponent <= mine)
    return;
  // An empty side has nothing to add up; 12 doublings join all bins.
  int shift = std::min(exponent - mine, 12);
  bool wasEmpty = isEmpty(side);
  mine = exponent;
  if (wasEmpty)
    return;
  llvm::MutableArrayRef<int64_t> bins = getMutableCounts(side);
  for (int64_t k = 0; k < kNumBins; ++k) {
    int64_t count = bins[k];
    bins[k] = 0;
    bins[k >> shift] += count;
  }
}

void Histogram::add(llvm::ArrayRef<float> values, float min, float max) {
  if (min < 0)
    widen(Side::Negative, getExponentFor(-min));
  if (max > 0)
    widen(Side::Positive, getExponentFor(max));

  // Exponents lie within [-126, 116], so that scaling by their inverse is exact
  // (or vanishes below bin 0, which is where such values belong).
  auto getInverseWidth = [&](Side side) {
    return isEmpty(side) ? 1.0f : std::ldexp(1.0f, -getExponent(side));
  };
  auto negativeScale =
      llvm::bit_cast<uint32_t>(getInverseWidth(Side::Negative));
  auto positiveScale =
      llvm::bit_cast<uint32_t>(getInverseWidth(Side::Positive));
  static_assert(size_t(Side::Negative) == 0);

  // Indices are computed by vector instructions, then counted one by one.
  constexpr size_t kBlock = 512;
  int32_t indices[kBlock];
  int64_t *bins = counts.data();
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    size_t size = std::min(kBlock, values.size() - begin);
    const float *block = values.data() + begin;
    for (size_t i = 0; i < size; ++i) {
      auto bits = llvm::bit_cast<uint32_t>(block[i]);
      uint32_t magnitude = bits & 0x7fffffffu;
      uint32_t isPositive =
          ~static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31);
      float scale = llvm::bit_cast<float>((positiveScale & isPositive) |
                                          (negativeScale & ~isPositive));
      auto bin = static_cast<int32_t>(llvm::bit_cast<float>(magnitude) * scale);
      bin += static_cast<int32_t>(isPositive & uint32_t{kNumBins});
      auto ignored = static_cast<int32_t>(2 * kNumBins + i % kNumIgnored);
      indices[i] = magnitude == 0 ? ignored : bin;
    }
    for (size_t i = 0; i < size; ++i)
      ++bins[indices[i]];
  }
}

void Histogram::merge(const Histogram &other) {
  for (Side side : {Side::Negative, Side::Positive}) {
    if (other.isEmpty(side))
      continue;
    widen(side, other.getExponent(side));
    int shift = std::min(getExponent(side) - other.getExponent(side), 12);
    llvm::MutableArrayRef<int64_t> mine = getMutableCounts(side);
    for (auto [k, count] : llvm::enumerate(other.getCounts(side)))
      mine[k >> shift] += count;
  }
}

void Histogram::setSide(Side side, int exponent,
                        llvm::ArrayRef<int64_t> newCounts) {
  exponents[size_t(side)] = exponent;
  llvm::MutableArrayRef<int64_t> bins = getMutableCounts(side);
  std::fill(bins.begin(), bins.end(), 0);
  llvm::copy(newCounts.take_front(kNumBins), bins.begin());
}

bool Histogram::operator==(const Histogram &other) const {
  return llvm::all_of(llvm::ArrayRef({Side::Negative, Side::Positive}),
                      [&](Side side) {
                        return getExponent(side) == other.getExponent(side) &&
                               getCounts(side) == other.getCounts(side);
                      });
}
