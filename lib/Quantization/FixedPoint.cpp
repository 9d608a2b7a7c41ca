//===- FixedPoint.cpp - Requantization without floats ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/FixedPoint.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

unsigned mlir::ptq::getMantissaBits(unsigned magnitudeBits) {
  return std::min(31u, 62 - std::min(magnitudeBits, kMaxMagnitudeBits));
}

int32_t mlir::ptq::chooseMantissa(double value, int32_t shift) {
  return static_cast<int32_t>(std::nearbyint(std::ldexp(value, shift)));
}

std::optional<FixedPointMultiplier>
mlir::ptq::chooseFixedPointMultiplier(double value, unsigned bits) {
  auto width = static_cast<int32_t>(bits);
  if (!std::isfinite(value) || value < 0)
    return std::nullopt;
  if (value == 0)
    return FixedPointMultiplier();
  int exponent; // value is in [2^(exponent - 1), 2^exponent)
  std::frexp(value, &exponent);
  int32_t shift = std::min(width - exponent, kMaxFixedPointShift);
  // A mantissa may round up to a power of two that needs one bit more.
  if (std::nearbyint(std::ldexp(value, shift)) >= std::ldexp(1.0, width))
    --shift;
  if (shift < kMinFixedPointShift)
    return std::nullopt;
  return FixedPointMultiplier{chooseMantissa(value, shift), shift};
}

int64_t mlir::ptq::shiftRoundingHalfUp(int64_t product, int32_t shift) {
  uint64_t sum = static_cast<uint64_t>(product) + (uint64_t{1} << (shift - 1));
  return static_cast<int64_t>(sum) >> shift;
}

int32_t mlir::ptq::requantizeFixedPoint(int64_t accumulator,
                                        FixedPointMultiplier multiplier,
                                        int32_t zeroPoint, CodeRange codes) {
  auto product = static_cast<int64_t>(
      static_cast<uint64_t>(accumulator) *
      static_cast<uint64_t>(static_cast<int64_t>(multiplier.mantissa)));
  int64_t steps = shiftRoundingHalfUp(product, multiplier.shift);
  steps = std::clamp(steps, codes.min - zeroPoint, codes.max - zeroPoint);
  return static_cast<int32_t>(steps + zeroPoint);
}
