//===- QuantizationParameters.h - Ranges to scales and codes ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only home of quantization arithmetic: from a range to scale and zero
// point, from a value to its code and back, from an accumulator to a code.
//
// The constant folder and the interpreter call these functions, and the lowered
// code computes the same operations in the same order, so that all of them
// agree bit for bit. Three choices matter for that:
//
// * A value is divided by its scale; multiplying by the reciprocal differs at
//   ties and by one unit in the last place.
// * Rounding is to nearest, ties to even, and happens before the zero point is
//   added.
// * Saturation happens on the float side of the conversion to integer, against
//   [low - zeroPoint, high - zeroPoint], because a conversion out of range is
//   undefined in LLVM. NaN is replaced by 0 first.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_QUANTIZATIONPARAMETERS_H
#define PTQ_QUANTIZATION_QUANTIZATIONPARAMETERS_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include <cstdint>

namespace mlir::ptq {

/// An inclusive interval of storage codes.
struct CodeRange {
  int64_t min;
  int64_t max;
};

/// The codes of a signed storage integer of `bits` bits (2 to 64). A narrow
/// range leaves out the most negative one.
CodeRange getCodeRange(unsigned bits, bool narrow);

/// Scale and zero point of one tensor, channel or block.
struct QuantizationParameters {
  /// Positive, finite and normal.
  float scale = 1.0f;
  int32_t zeroPoint = 0;
};

/// Scale and zero point that represent [`min`, `max`] by `codes`.
///
/// The range is widened to contain 0, so that 0 is represented exactly.
/// Asymmetric: `scale = (max - min) / (codes.max - codes.min)` in f64, rounded
/// to f32, and `zeroPoint = roundeven(codes.min - min / scale)`, clamped to the
/// codes. Symmetric: the largest magnitude maps to `codes.max` and the zero
/// point is 0. A range whose scale would be 0 or subnormal gets scale 1 if it
/// is [0, 0], and the smallest normal scale otherwise. `min` and `max` must be
/// finite.
QuantizationParameters chooseQuantizationParameters(double min, double max,
                                                    Symmetry symmetry,
                                                    CodeRange codes);

/// The zero point for a range that begins at `min` <= 0 and has scale `scale`:
/// `roundeven(codes.min - min / scale)` in f64, clamped to the codes.
int32_t chooseZeroPoint(double min, float scale, CodeRange codes);

/// `scale` rounded to f16, and the bits of that number.
float roundToHalf(float scale);
uint16_t getHalfBits(float scale);

/// The code of `value`: `clamp(roundeven(value / scale) + zeroPoint)`.
int32_t quantizeValue(float value, float scale, int32_t zeroPoint,
                      CodeRange codes);

/// The value of `code`: `(code - zeroPoint) * scale` in f32. The difference is
/// taken exactly and rounded to f32 once.
float dequantizeValue(int64_t code, float scale, int64_t zeroPoint);

/// The factor from accumulators of scale `inputScale * weightScale` to codes of
/// scale `outputScale`: computed in f64, rounded to f32 once.
float computeRequantizationMultiplier(float inputScale, float weightScale,
                                      float outputScale);

/// The factor from sums of `count` codes of scale `inputScale` to codes of
/// their average of scale `outputScale`: computed in f64, rounded to f32 once.
float computeAverageMultiplier(float inputScale, double count,
                               float outputScale);

/// The code of an accumulator:
/// `clamp(roundeven(f32(accumulator) * multiplier) + zeroPoint)`.
int32_t requantizeValue(int64_t accumulator, float multiplier,
                        int32_t zeroPoint, CodeRange codes);

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_QUANTIZATIONPARAMETERS_H
