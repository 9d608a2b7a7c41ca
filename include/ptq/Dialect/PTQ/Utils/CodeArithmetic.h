//===- CodeArithmetic.h - Quantization arithmetic as scalar IR --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of ptq/Quantization/QuantizationParameters.h as arith and math
// ops on scalars, operation by operation, so that compiled code computes the
// same bits. Every pass that writes such arithmetic into a body uses these.
//
// Scales may be f32, f16 or bf16 and are widened to f32; a null zero point is
// 0. The zero point may be a constant, which is folded into the bounds, or any
// value.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_CODEARITHMETIC_H
#define PTQ_DIALECT_PTQ_UTILS_CODEARITHMETIC_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <optional>

namespace mlir::ptq {

/// The code of `width` bits at position `part` (an index, from the lowest bits)
/// among those that share `byte`, an integer of at least 8 bits; has its type.
Value createUnpackedCode(ImplicitLocOpBuilder &builder, Value byte, Value part,
                         unsigned width);

/// `value` as f32: widened from a smaller float.
Value createWideningToF32(ImplicitLocOpBuilder &builder, Value value);

/// `value` sign-extended or truncated to `type`.
Value createIntegerCast(ImplicitLocOpBuilder &builder, Value value,
                        IntegerType type);

/// The zero point that `zeroPoint` is: 0 if it is null, a constant scalar, or a
/// constant tensor whose elements are equal. Nothing otherwise.
std::optional<int64_t> matchZeroPoint(Value zeroPoint);

/// `quantizeValue`: the code of the float `value` as a `storage` integer.
Value createQuantizedValue(ImplicitLocOpBuilder &builder, Value value,
                           Value scale, Value zeroPoint, CodeRange codes,
                           IntegerType storage);

/// `code - zeroPoint` in f32, which is exact for codes of up to 16 bits.
Value createCenteredCode(ImplicitLocOpBuilder &builder, Value code,
                         Value zeroPoint);

/// `dequantizeValue`: the value of `code`, converted to `type`.
Value createDequantizedValue(ImplicitLocOpBuilder &builder, Value code,
                             Value scale, Value zeroPoint, FloatType type);

/// What is known of a float before it is rounded to a code.
enum class RoundedRange {
  /// It may be anything.
  Any,
  /// It is a number, and as an integer less than 2^30 away from zero.
  FitsI32,
};

/// The largest magnitude of multipliers with which the product with any i32 is
/// known to be in `RoundedRange::FitsI32`.
inline constexpr float kLargestBoundedMultiplier = 0x1p-2f;

/// `requantizeValue`: the code of an accumulator. `multiplier` is f32, and
/// `range` that of the products.
Value createRequantizedValue(ImplicitLocOpBuilder &builder, Value accumulator,
                             Value multiplier, Value zeroPoint, CodeRange codes,
                             IntegerType storage,
                             RoundedRange range = RoundedRange::Any);

/// `requantizeFixedPoint`: the code of an accumulator whose multiplier is
/// `mantissa * 2^-shift`, both i32.
Value createFixedPointCode(ImplicitLocOpBuilder &builder, Value accumulator,
                           Value mantissa, Value shift, Value zeroPoint,
                           CodeRange codes, IntegerType storage);

/// The last steps of that: shifts the i64 `product` right by the i32 `shift`,
/// rounding half up, saturates, and adds the zero point.
Value createShiftedCode(ImplicitLocOpBuilder &builder, Value product,
                        Value shift, Value zeroPoint, CodeRange codes,
                        IntegerType storage);

/// The last steps of the float forms: rounds the f32 `value` half to even,
/// saturates, adds the zero point. NaN becomes the lowest code. A value of
/// known range saturates behind the conversion, which targets do while they
/// narrow.
Value createRoundedCode(ImplicitLocOpBuilder &builder, Value value,
                        Value zeroPoint, CodeRange codes, IntegerType storage,
                        RoundedRange range = RoundedRange::Any);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_CODEARITHMETIC_H
