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
// Codes whose signs are flipped are 128 more, as bytes without sign: they are
// packed as such, with a zero point that is 128 more.
//
//===----------------------------------------------------------------------===//

#include "BoundedIntegers.h"
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

namespace {

int64_t getNumElements(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
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

  /// The bytes of the elements of `bytes.value` from `first` on, at most
  /// `size`, which fill a register that is known to be narrowed. Fewer are a
  /// multiple of the elements in registers as wide.
  Value build(const BoundedBytes &bytes, int64_t first, int64_t size) {
    const NarrowingInstructions *narrow = target.getNarrowing(size);
    const NarrowingInstructions *wide = target.getNarrowing(2 * size);
    // Without registers twice as large there are twice as many.
    const NarrowingInstructions &words = *(wide ? wide : narrow);
    int64_t lanes = words.bytes / 4;
    SmallVector<Narrowed> registers;
    int64_t numElements = std::min(size, getNumElements(bytes.value) - first);
    for (int64_t place = 0; place < size; place += lanes) {
      // Behind the last elements they are repeated.
      int64_t source = std::min(place, numElements - lanes);
      registers.push_back(
          {sliceVector(builder, loc, bytes.value, first + source, lanes),
           llvm::to_vector(llvm::seq(place, place + lanes))});
    }
    registers = packPairs(registers, words, words.fromI32, 16);
    for (Narrowed &half : registers) {
      if (bytes.offset != 0)
        half.vector = LLVM::SAddSat::create(
            builder, loc, half.vector, createSplat(half.vector, bytes.offset));
      if (bytes.offsetOfCall)
        half.vector =
            arith::AddIOp::create(builder, loc, half.vector,
                                  createSplat(half.vector, bytes.offsetOfCall));
    }
    if (wide)
      registers = split(registers.front());
    StringRef last =
        bytes.isUnsigned ? narrow->unsignedFromI16 : narrow->fromI16;
    Narrowed packed = packPairs(registers, *narrow, last, 8).front();
    Value result = bytes.isUnsigned
                       ? clamp<arith::MaxUIOp, arith::MinUIOp>(
                             packed.vector, bytes, /*least=*/0, UINT8_MAX)
                       : clamp<arith::MaxSIOp, arith::MinSIOp>(
                             packed.vector, bytes, INT8_MIN, INT8_MAX);
    SmallVector<int64_t> order = invertPermutationVector(packed.order);
    order.resize(numElements);
    return vector::ShuffleOp::create(builder, loc, result, result, order);
  }

private:
  /// Each pair of `registers` as one of integers of `width` bits, by
  /// `intrinsic`.
  SmallVector<Narrowed> packPairs(ArrayRef<Narrowed> registers,
                                  const NarrowingInstructions &narrowing,
                                  StringRef intrinsic, unsigned width) {
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

  /// `value` within the bounds of `bytes` that are not `least` or `greatest`,
  /// which packing has seen to.
  template <typename MaxOp, typename MinOp>
  Value clamp(Value value, const BoundedBytes &bytes, int16_t least,
              int16_t greatest) {
    if (bytes.low > least)
      value = MaxOp::create(builder, loc, value, createSplat(value, bytes.low));
    if (bytes.high < greatest)
      value =
          MinOp::create(builder, loc, value, createSplat(value, bytes.high));
    return value;
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
    auto bits = APInt(type.getElementTypeBitWidth(), number, /*isSigned=*/true,
                      /*implicitTrunc=*/true);
    Attribute element = builder.getIntegerAttr(type.getElementType(), bits);
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

/// The bytes of `op`, or with `haveFlippedSigns` those with flipped signs, from
/// packed registers.
FailureOr<Value> narrow(PatternRewriter &rewriter, arith::TruncIOp op,
                        const TargetDescription &target,
                        bool haveFlippedSigns) {
  auto type = dyn_cast<VectorType>(op.getType());
  if (!type || type.getRank() != 1 || type.isScalable() ||
      !type.getElementType().isInteger(8) ||
      !getElementTypeOrSelf(op.getIn()).isInteger(32))
    return rewriter.notifyMatchFailure(op, "not a vector of i32 to bytes");
  std::optional<BoundedBytes> bytes = BoundedBytes::match(op.getIn());
  if (!bytes)
    return rewriter.notifyMatchFailure(op, "not bounded to bytes");
  if (haveFlippedSigns)
    bytes = bytes->flipSigns();
  // As many full registers as there are, or half of one, or more than half.
  int64_t size = type.getNumElements();
  int64_t step = 2 * size == target.vectorBytes ? size : target.vectorBytes;
  if (2 * size < target.vectorBytes || !target.getNarrowing(step) ||
      size % (step / 4) != 0)
    return rewriter.notifyMatchFailure(op, "does not fill registers");
  NarrowingBuilder builder(rewriter, op.getLoc(), target);
  SmallVector<Value> parts;
  for (int64_t first = 0; first < size; first += step)
    parts.push_back(builder.build(*bytes, first, step));
  return joinVectors(rewriter, op.getLoc(), parts);
}

struct LowerTruncation : OpRewritePattern<arith::TruncIOp> {
  LowerTruncation(MLIRContext *context, const TargetDescription &target)
      : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(arith::TruncIOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<Value> bytes =
        narrow(rewriter, op, target, /*haveFlippedSigns=*/false);
    if (failed(bytes))
      return failure();
    rewriter.replaceOp(op, *bytes);
    return success();
  }

  const TargetDescription &target;
};

/// Signs of codes that nobody reads as they were.
struct LowerFlippedTruncation : OpRewritePattern<arith::XOrIOp> {
  LowerFlippedTruncation(MLIRContext *context, const TargetDescription &target)
      : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(arith::XOrIOp op,
                                PatternRewriter &rewriter) const override {
    auto truncation = op.getLhs().getDefiningOp<arith::TruncIOp>();
    APInt flipped;
    if (!truncation || !truncation->hasOneUse() ||
        !matchPattern(op.getRhs(), m_ConstantInt(&flipped)) ||
        !flipped.isMinSignedValue())
      return rewriter.notifyMatchFailure(op, "not flipped signs of codes");
    FailureOr<Value> bytes =
        narrow(rewriter, truncation, target, /*haveFlippedSigns=*/true);
    if (failed(bytes))
      return failure();
    rewriter.replaceOp(op, *bytes);
    rewriter.eraseOp(truncation);
    return success();
  }

  const TargetDescription &target;
};

struct LowerNarrowingPass
    : TargetPass<ptq::impl::LowerNarrowingPassBase, LowerNarrowingPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    RewritePatternSet flipped(&getContext());
    flipped.add<LowerFlippedTruncation>(&getContext(), target);
    walkAndApplyPatterns(getOperation(), std::move(flipped));
    RewritePatternSet others(&getContext());
    others.add<LowerTruncation>(&getContext(), target);
    walkAndApplyPatterns(getOperation(), std::move(others));
  }
};

} // namespace
