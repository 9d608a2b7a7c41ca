//===- LowerNarrowing.cpp - Saturating truncation by pack instructions ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes are i32 until they are bounded and become bytes. x86 narrows two
// registers into one, with saturation, in each part of 16 bytes by itself. LLVM
// puts elements into order after each step; here that is left to one shuffle
// behind the last, which whoever wants another order may cancel: a kernel on
// interleaved pixels has its channels in the order that packing takes apart.
//
//===----------------------------------------------------------------------===//

#include "Kernels/VectorSlices.h"
#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERNARROWINGPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// The integer that all elements of `value` are, if it is a constant and fits
/// `Integer`.
template <typename Integer>
static std::optional<Integer> matchSplat(Value value) {
  APInt integer;
  if (!matchPattern(value, m_ConstantInt(&integer)) ||
      !integer.isSignedIntN(8 * sizeof(Integer)))
    return std::nullopt;
  return static_cast<Integer>(integer.getSExtValue());
}

namespace {

/// i32 that become bytes: `value` plus `offset`, within bounds.
struct BoundedBytes {
  Value value;
  int8_t low;
  int8_t high;
  /// Added without overflow.
  int16_t offset = 0;
  /// An i8 that is added to all elements as well; null if there is none.
  Value offsetOfCall = {};
};

/// If `value` is x clamped to c minus `offset`, where `predicate` tells that x
/// lies within: x. `bound` becomes c.
Value matchClamp(Value value, arith::CmpFPredicate predicate, Value offset,
                 std::optional<int8_t> &bound) {
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
  bound = matchSplat<int8_t>(difference.getLhs());
  return bound ? select.getTrueValue() : nullptr;
}

/// What is truncated, if it has been clamped as floats to the range of bytes
/// minus an i8 that is the same for all elements, and this is added to it.
std::optional<BoundedBytes> matchClampedFloats(Value value) {
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

/// What is truncated, if it has been brought into the range of bytes.
std::optional<BoundedBytes> matchBoundedBytes(Value value) {
  if (std::optional<BoundedBytes> bytes = matchClampedFloats(value))
    return bytes;
  auto minimum = value.getDefiningOp<arith::MinSIOp>();
  auto maximum =
      minimum ? minimum.getLhs().getDefiningOp<arith::MaxSIOp>() : nullptr;
  if (!maximum)
    return std::nullopt;
  std::optional<int8_t> low = matchSplat<int8_t>(maximum.getRhs());
  std::optional<int8_t> high = matchSplat<int8_t>(minimum.getRhs());
  if (!low || !high || *low > *high)
    return std::nullopt;
  BoundedBytes bytes{maximum.getLhs(), *low, *high};
  auto sum = bytes.value.getDefiningOp<arith::AddIOp>();
  if (!sum || !bitEnumContainsAny(sum.getOverflowFlags(),
                                  arith::IntegerOverflowFlags::nsw))
    return bytes;
  // Saturated to 16 bits, a sum with a small offset is as far out of bounds.
  if (std::optional<int8_t> offset = matchSplat<int8_t>(sum.getRhs())) {
    bytes.value = sum.getLhs();
    bytes.offset = *offset;
  }
  return bytes;
}

/// Elements in some order.
struct Narrowed {
  Value vector;
  /// Where each element comes from.
  SmallVector<int64_t> order;
};

/// Builds the bytes of i32 by packing registers in pairs.
class NarrowingBuilder {
public:
  NarrowingBuilder(OpBuilder &builder, Location loc,
                   const TargetDescription &target)
      : builder(builder), loc(loc), target(target) {}

  /// The bytes of the `size` elements of `bytes.value` from `first` on, which
  /// are a register that is known to be narrowed.
  Value build(const BoundedBytes &bytes, int64_t first, int64_t size) {
    const NarrowingInstructions *narrow = target.getNarrowing(size);
    const NarrowingInstructions *wide = target.getNarrowing(2 * size);
    // Without registers twice as large there are twice as many.
    int64_t lanes = (wide ? wide : narrow)->bytes / 4;
    SmallVector<Narrowed> registers;
    for (int64_t place = 0; place < size; place += lanes)
      registers.push_back(
          {sliceVector(builder, loc, bytes.value, first + place, lanes),
           llvm::to_vector(llvm::seq(place, place + lanes))});
    registers = packPairs(registers, *(wide ? wide : narrow), 16);
    for (Narrowed &words : registers) {
      if (bytes.offset != 0)
        words.vector =
            LLVM::SAddSat::create(builder, loc, words.vector,
                                  createSplat(words.vector, bytes.offset));
      if (bytes.offsetOfCall)
        words.vector = arith::AddIOp::create(
            builder, loc, words.vector,
            createSplat(words.vector, bytes.offsetOfCall));
    }
    if (wide)
      registers = split(registers.front());
    Narrowed packed = packPairs(registers, *narrow, 8).front();
    Value result = packed.vector;
    if (bytes.low > INT8_MIN)
      result = arith::MaxSIOp::create(builder, loc, result,
                                      createSplat(result, bytes.low));
    if (bytes.high < INT8_MAX)
      result = arith::MinSIOp::create(builder, loc, result,
                                      createSplat(result, bytes.high));
    return vector::ShuffleOp::create(builder, loc, result, result,
                                     invertPermutationVector(packed.order));
  }

private:
  /// Each pair of `registers` as one of integers of `width` bits.
  SmallVector<Narrowed> packPairs(ArrayRef<Narrowed> registers,
                                  const NarrowingInstructions &narrowing,
                                  unsigned width) {
    StringRef intrinsic = width == 16 ? narrowing.fromI32 : narrowing.fromI16;
    int64_t size = narrowing.bytes * 8 / width;
    int64_t ofPart = narrowing.partBytes * 8 / width / 2;
    auto type = VectorType::get({size}, builder.getIntegerType(width));
    SmallVector<Narrowed> packed;
    for (; !registers.empty(); registers = registers.drop_front(2)) {
      Narrowed &pair = packed.emplace_back();
      pair.vector = LLVM::CallIntrinsicOp::create(
                        builder, loc, type, builder.getStringAttr(intrinsic),
                        {registers[0].vector, registers[1].vector})
                        .getResult(0);
      for (int64_t place = 0; place < size / 2; place += ofPart)
        for (const Narrowed &half : registers.take_front(2))
          llvm::append_range(pair.order,
                             ArrayRef(half.order).slice(place, ofPart));
    }
    return packed;
  }

  /// The halves of a register.
  SmallVector<Narrowed> split(const Narrowed &whole) {
    int64_t size = whole.order.size() / 2;
    SmallVector<Narrowed> halves;
    for (int64_t first : {int64_t{0}, size})
      halves.push_back(
          {sliceVector(builder, loc, whole.vector, first, size),
           llvm::to_vector(ArrayRef(whole.order).slice(first, size))});
    return halves;
  }

  /// `number` in every element of a vector like `like`.
  Value createSplat(Value like, int64_t number) {
    auto type = cast<VectorType>(like.getType());
    Attribute element = builder.getIntegerAttr(type.getElementType(), number);
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, element));
  }

  /// The integer `number` in every element of a vector like `like`.
  Value createSplat(Value like, Value number) {
    auto type = cast<VectorType>(like.getType());
    number =
        arith::ExtSIOp::create(builder, loc, type.getElementType(), number);
    return vector::BroadcastOp::create(builder, loc, type, number);
  }

  OpBuilder &builder;
  Location loc;
  const TargetDescription &target;
};

struct LowerTruncation : OpRewritePattern<arith::TruncIOp> {
  LowerTruncation(MLIRContext *context, const TargetDescription &target)
      : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(arith::TruncIOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || type.getRank() != 1 || type.isScalable() ||
        !type.getElementType().isInteger(8) ||
        !getElementTypeOrSelf(op.getIn()).isInteger(32))
      return rewriter.notifyMatchFailure(op, "not a vector of i32 to bytes");
    std::optional<BoundedBytes> bytes = matchBoundedBytes(op.getIn());
    if (!bytes)
      return rewriter.notifyMatchFailure(op, "not bounded to bytes");
    // As many full registers as there are, or half of one.
    int64_t size = type.getNumElements();
    int64_t step = std::min(size, target.vectorBytes);
    if (size % step != 0 || 2 * step < target.vectorBytes ||
        !target.getNarrowing(step))
      return rewriter.notifyMatchFailure(op, "does not fill registers");
    NarrowingBuilder builder(rewriter, op.getLoc(), target);
    SmallVector<Value> parts;
    for (int64_t first = 0; first < size; first += step)
      parts.push_back(builder.build(*bytes, first, step));
    rewriter.replaceOp(op, joinVectors(rewriter, op.getLoc(), parts));
    return success();
  }

  const TargetDescription &target;
};

struct LowerNarrowingPass
    : TargetPass<ptq::impl::LowerNarrowingPassBase, LowerNarrowingPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerTruncation>(&getContext(), target);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
