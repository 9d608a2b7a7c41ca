//===- FixedPoint.h - Requantization without floats -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For targets without floating point, the multiplier of a requantization is
// `mantissa * 2^-shift`. The product is exact in i64 and is rounded once, half
// up: what TOSA's RESCALE calls SINGLE_ROUND. Against the float form, which
// rounds half to even after the product has been rounded to f32, a code differs
// by at most one step, and only next to a tie.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_FIXEDPOINT_H
#define PTQ_QUANTIZATION_FIXEDPOINT_H

#include "ptq/Quantization/QuantizationParameters.h"
#include <optional>

namespace mlir::ptq {

/// The positive number `mantissa * 2^-shift`, or 0.
struct FixedPointMultiplier {
  int32_t mantissa = 0;
  int32_t shift = 1;
};

/// The shifts of fixed-point multipliers.
inline constexpr int32_t kMinFixedPointShift = 1;
inline constexpr int32_t kMaxFixedPointShift = 62;

/// What i64 accumulators are less than 2^k of, for all that is known.
inline constexpr unsigned kMaxMagnitudeBits = 47;

/// The bits of a mantissa that multiplies accumulators whose magnitude is at
/// most 2^`magnitudeBits`: 31, as for i32, where the product then fits i64, and
/// what is left of 62 bits otherwise.
unsigned getMantissaBits(unsigned magnitudeBits);

/// The multiplier of `bits` significant bits nearest to `value`, which is not
/// negative; numbers so small that the shift would leave its range have fewer.
/// Nothing if `value` is too large, at least 2^(bits - 1), or not finite.
std::optional<FixedPointMultiplier> chooseFixedPointMultiplier(double value,
                                                               unsigned bits);

/// `mantissa` to the common `shift`: the nearest to `value * 2^shift`.
/// Multipliers of terms that are added before one rounding share a shift.
int32_t chooseMantissa(double value, int32_t shift);

/// `(product + 2^(shift - 1)) >> shift`: half up. Wraps around in i64.
int64_t shiftRoundingHalfUp(int64_t product, int32_t shift);

/// The code of an accumulator: `clamp(((accumulator * mantissa + 2^(shift - 1))
/// >> shift) + zeroPoint)`. The product must fit i64.
int32_t requantizeFixedPoint(int64_t accumulator,
                             FixedPointMultiplier multiplier, int32_t zeroPoint,
                             CodeRange codes);

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_FIXEDPOINT_H
