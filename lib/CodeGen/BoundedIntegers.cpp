//===- BoundedIntegers.cpp - Integers within constant bounds --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoundedIntegers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

std::optional<BoundedInteger> BoundedInteger::match(Value value) {
  BoundedInteger bounded;
  auto minimum = value.getDefiningOp<arith::MinSIOp>();
  auto maximum =
      minimum ? minimum.getLhs().getDefiningOp<arith::MaxSIOp>() : nullptr;
  if (!maximum ||
      !matchPattern(minimum.getRhs(), m_ConstantInt(&bounded.high)) ||
      !matchPattern(maximum.getRhs(), m_ConstantInt(&bounded.low)) ||
      bounded.low.sgt(bounded.high))
    return std::nullopt;
  bounded.value = maximum.getLhs();
  return bounded;
}

/// The i8 that all elements of `value` are, if it is a constant and fits.
static std::optional<int8_t> matchByte(Value value) {
  APInt integer;
  if (!matchPattern(value, m_ConstantInt(&integer)) || !integer.isSignedIntN(8))
    return std::nullopt;
  return static_cast<int8_t>(integer.getSExtValue());
}

/// If `value` is x clamped to c minus `offset`, where `predicate` tells that x
/// lies within: x. `bound` becomes c.
static Value matchClamp(Value value, arith::CmpFPredicate predicate,
                        Value offset, std::optional<int8_t> &bound) {
  auto select = value.getDefiningOp<arith::SelectOp>();
  auto compare =
      select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  if (!compare || compare.getPredicate() != predicate ||
      compare.getLhs() != select.getTrueValue() ||
      compare.getRhs() != select.getFalseValue())
    return nullptr;
  auto converted = select.getFalseValue().getDefiningOp<arith::SIToFPOp>();
  auto difference =
      converted ? converted.getIn().getDefiningOp<arith::SubIOp>() : nullptr;
  if (!difference || difference.getRhs() != offset)
    return nullptr;
  bound = matchByte(difference.getLhs());
  return bound ? select.getTrueValue() : nullptr;
}

/// What is truncated, if it has been clamped as floats to the range of bytes
/// minus an i8 that is the same for all elements, and this is added to it.
static std::optional<BoundedBytes> matchClampedFloats(Value value) {
  auto sum = value.getDefiningOp<arith::AddIOp>();
  auto offset = sum ? sum.getRhs().getDefiningOp<arith::ExtSIOp>() : nullptr;
  auto splat =
      offset ? offset.getIn().getDefiningOp<vector::BroadcastOp>() : nullptr;
  if (!splat || !splat.getSource().getType().isInteger(8))
    return std::nullopt;
  Value code;
  if (auto convert = sum.getLhs().getDefiningOp<arith::FPToSIOp>())
    code = convert.getIn();
  else if (auto round = sum.getLhs().getDefiningOp<LLVM::LrintOp>())
    code = round.getVal();
  if (!code || !getElementTypeOrSelf(code).isF32())
    return std::nullopt;
  std::optional<int8_t> low, high;
  code = matchClamp(code, arith::CmpFPredicate::OLT, offset, high);
  if (!code || !matchClamp(code, arith::CmpFPredicate::OGT, offset, low) ||
      *low > *high)
    return std::nullopt;
  // They are within their bounds already.
  return BoundedBytes{sum.getLhs(), INT8_MIN, INT8_MAX, /*offset=*/0,
                      splat.getSource()};
}

std::optional<BoundedBytes> BoundedBytes::match(Value value) {
  if (std::optional<BoundedBytes> bytes = matchClampedFloats(value))
    return bytes;
  std::optional<BoundedInteger> bounded = BoundedInteger::match(value);
  if (!bounded || !bounded->low.isSignedIntN(8) ||
      !bounded->high.isSignedIntN(8))
    return std::nullopt;
  BoundedBytes bytes{bounded->value,
                     static_cast<int16_t>(bounded->low.getSExtValue()),
                     static_cast<int16_t>(bounded->high.getSExtValue())};
  auto sum = bytes.value.getDefiningOp<arith::AddIOp>();
  if (!sum || !bitEnumContainsAny(sum.getOverflowFlags(),
                                  arith::IntegerOverflowFlags::nsw))
    return bytes;
  // Saturated to 16 bits, a sum with a small offset is as far out of bounds.
  if (std::optional<int8_t> offset = matchByte(sum.getRhs())) {
    bytes.value = sum.getLhs();
    bytes.offset = *offset;
  }
  return bytes;
}

BoundedBytes BoundedBytes::flipSigns() const {
  constexpr int16_t kDistance = -INT8_MIN;
  BoundedBytes flipped = *this;
  for (int16_t *number : {&flipped.low, &flipped.high, &flipped.offset})
    *number += kDistance;
  flipped.isUnsigned = true;
  return flipped;
}
