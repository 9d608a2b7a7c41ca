//===- CodeArithmetic.cpp - Quantization arithmetic as scalar IR ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::ptq;

/// The largest f32 that converts to i64.
static constexpr float kLargestI64Float = 0x1.fffffep+62f;

static Value createF32(ImplicitLocOpBuilder &builder, float value) {
  return arith::ConstantOp::create(builder, builder.getF32FloatAttr(value));
}

static Value createInteger(ImplicitLocOpBuilder &builder, Type type,
                           int64_t value) {
  return arith::ConstantOp::create(builder,
                                   builder.getIntegerAttr(type, value));
}

Value mlir::ptq::createIntegerCast(ImplicitLocOpBuilder &builder, Value value,
                                   IntegerType type) {
  unsigned width = value.getType().getIntOrFloatBitWidth();
  if (width < type.getWidth())
    return arith::ExtSIOp::create(builder, type, value);
  if (width > type.getWidth())
    return arith::TruncIOp::create(builder, type, value);
  return value;
}

std::optional<int64_t> mlir::ptq::matchZeroPoint(Value zeroPoint) {
  APInt value;
  if (!zeroPoint)
    return 0;
  // m_ConstantInt takes scalars and splats.
  if (matchPattern(zeroPoint, m_ConstantInt(&value)))
    return value.getSExtValue();
  return std::nullopt;
}

/// Whether `[codes.min - zeroPoint, codes.max - zeroPoint]` is exact in f32 and
/// fits i32, so that saturating to it needs no check after the conversion.
static bool areBoundsExact(Value zeroPoint, IntegerType storage) {
  constexpr int64_t kExactInF32 = int64_t{1} << 23;
  if (storage.getWidth() > 16)
    return false;
  if (std::optional<int64_t> constant = matchZeroPoint(zeroPoint))
    return *constant > -kExactInF32 && *constant < kExactInF32;
  return zeroPoint.getType().getIntOrFloatBitWidth() <= 16;
}

Value mlir::ptq::createUnpackedCode(ImplicitLocOpBuilder &builder, Value byte,
                                    Value part, unsigned width) {
  Type type = byte.getType();
  // The code goes to the upper bits, and down again with its sign.
  Value unused =
      createInteger(builder, type, type.getIntOrFloatBitWidth() - width);
  Value offset = arith::MulIOp::create(
      builder, arith::IndexCastOp::create(builder, type, part),
      createInteger(builder, type, width));
  Value shift = arith::SubIOp::create(builder, unused, offset);
  Value high = arith::ShLIOp::create(builder, byte, shift);
  return arith::ShRSIOp::create(builder, high, unused);
}

Value mlir::ptq::createWideningToF32(ImplicitLocOpBuilder &builder,
                                     Value value) {
  if (value.getType().isF32())
    return value;
  return arith::ExtFOp::create(builder, builder.getF32Type(), value);
}

Value mlir::ptq::createRoundedCode(ImplicitLocOpBuilder &builder, Value value,
                                   Value zeroPoint, CodeRange codes,
                                   IntegerType storage, RoundedRange range) {
  bool isExact = areBoundsExact(zeroPoint, storage);
  bool isBounded = isExact && range == RoundedRange::FitsI32;
  IntegerType type = isExact ? builder.getI32Type() : builder.getI64Type();
  std::optional<int64_t> constant = matchZeroPoint(zeroPoint);
  Value offset;
  if (!constant)
    offset = createIntegerCast(builder, zeroPoint, type);
  else if (*constant != 0)
    offset = createInteger(builder, type, *constant);

  auto createBound = [&](int64_t code) -> Value {
    if (constant)
      return createF32(builder, std::min(static_cast<float>(code - *constant),
                                         kLargestI64Float));
    Value centered = arith::SubIOp::create(
        builder, createInteger(builder, type, code), offset);
    return arith::SIToFPOp::create(builder, builder.getF32Type(), centered);
  };

  Value rounded = math::RoundEvenOp::create(builder, value);
  if (!isBounded) {
    // Greater-than and less-than are false for NaN, which therefore becomes the
    // lower bound: one maximum and one minimum instruction on most targets.
    Value low = createBound(codes.min);
    Value isAboveLow =
        arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT, rounded, low);
    rounded = arith::SelectOp::create(builder, isAboveLow, rounded, low);
    Value high = createBound(codes.max);
    Value isBelowHigh = arith::CmpFOp::create(
        builder, arith::CmpFPredicate::OLT, rounded, high);
    rounded = arith::SelectOp::create(builder, isBelowHigh, rounded, high);
  }

  Value code = arith::FPToSIOp::create(builder, type, rounded);
  if (offset)
    code = arith::AddIOp::create(builder, code, offset,
                                 arith::IntegerOverflowFlags::nsw);
  if (isBounded || !isExact) {
    code = arith::MaxSIOp::create(builder, code,
                                  createInteger(builder, type, codes.min));
    code = arith::MinSIOp::create(builder, code,
                                  createInteger(builder, type, codes.max));
  }
  return createIntegerCast(builder, code, storage);
}

Value mlir::ptq::createQuantizedValue(ImplicitLocOpBuilder &builder,
                                      Value value, Value scale, Value zeroPoint,
                                      CodeRange codes, IntegerType storage) {
  Value quotient =
      arith::DivFOp::create(builder, createWideningToF32(builder, value),
                            createWideningToF32(builder, scale));
  Value isNaN = arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO,
                                      quotient, quotient);
  quotient = arith::SelectOp::create(builder, isNaN, createF32(builder, 0.0f),
                                     quotient);
  return createRoundedCode(builder, quotient, zeroPoint, codes, storage);
}

Value mlir::ptq::createCenteredCode(ImplicitLocOpBuilder &builder, Value code,
                                    Value zeroPoint) {
  std::optional<int64_t> constant = matchZeroPoint(zeroPoint);
  if (constant != 0) {
    // One bit more than either of the two holds their difference.
    unsigned width = std::max(code.getType().getIntOrFloatBitWidth(),
                              zeroPoint.getType().getIntOrFloatBitWidth());
    bool isNarrow =
        constant ? areBoundsExact(zeroPoint, cast<IntegerType>(code.getType()))
                 : width < 32;
    IntegerType type = isNarrow ? builder.getI32Type() : builder.getI64Type();
    Value offset = constant ? createInteger(builder, type, *constant)
                            : createIntegerCast(builder, zeroPoint, type);
    code = arith::SubIOp::create(
        builder, createIntegerCast(builder, code, type), offset);
  }
  return arith::SIToFPOp::create(builder, builder.getF32Type(), code);
}

Value mlir::ptq::createDequantizedValue(ImplicitLocOpBuilder &builder,
                                        Value code, Value scale,
                                        Value zeroPoint, FloatType type) {
  Value value = arith::MulFOp::create(
      builder, createCenteredCode(builder, code, zeroPoint),
      createWideningToF32(builder, scale));
  if (type.isF32())
    return value;
  return arith::TruncFOp::create(builder, type, value);
}

Value mlir::ptq::createRequantizedValue(ImplicitLocOpBuilder &builder,
                                        Value accumulator, Value multiplier,
                                        Value zeroPoint, CodeRange codes,
                                        IntegerType storage,
                                        RoundedRange range) {
  Value product = arith::MulFOp::create(
      builder,
      arith::SIToFPOp::create(builder, builder.getF32Type(), accumulator),
      multiplier);
  return createRoundedCode(builder, product, zeroPoint, codes, storage, range);
}

Value mlir::ptq::createShiftedCode(ImplicitLocOpBuilder &builder, Value product,
                                   Value shift, Value zeroPoint,
                                   CodeRange codes, IntegerType storage) {
  IntegerType type = builder.getI64Type();
  Value wideShift = createIntegerCast(builder, shift, type);
  Value one = createInteger(builder, type, 1);
  Value half = arith::ShLIOp::create(
      builder, one, arith::SubIOp::create(builder, wideShift, one));
  Value steps = arith::ShRSIOp::create(
      builder, arith::AddIOp::create(builder, product, half), wideShift);
  std::optional<int64_t> constant = matchZeroPoint(zeroPoint);
  Value offset = constant ? createInteger(builder, type, *constant)
                          : createIntegerCast(builder, zeroPoint, type);
  auto createBound = [&](int64_t code) -> Value {
    if (constant)
      return createInteger(builder, type, code - *constant);
    return arith::SubIOp::create(builder, createInteger(builder, type, code),
                                 offset);
  };
  steps = arith::MaxSIOp::create(builder, steps, createBound(codes.min));
  steps = arith::MinSIOp::create(builder, steps, createBound(codes.max));
  // What is left fits i32, in which the rest is cheaper.
  Value code = createIntegerCast(builder, steps, builder.getI32Type());
  if (constant != 0)
    code = arith::AddIOp::create(
        builder, code,
        createIntegerCast(builder, offset, builder.getI32Type()));
  return createIntegerCast(builder, code, storage);
}

Value mlir::ptq::createFixedPointCode(ImplicitLocOpBuilder &builder,
                                      Value accumulator, Value mantissa,
                                      Value shift, Value zeroPoint,
                                      CodeRange codes, IntegerType storage) {
  IntegerType type = builder.getI64Type();
  Value product = arith::MulIOp::create(
      builder, createIntegerCast(builder, accumulator, type),
      createIntegerCast(builder, mantissa, type));
  return createShiftedCode(builder, product, shift, zeroPoint, codes, storage);
}
