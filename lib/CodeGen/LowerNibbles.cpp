//===- LowerNibbles.cpp - Floats of 4 bits from a register ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel that dequantizes weights of 4 bits where it multiplies them is bound
// by the shifts and conversions. All 16 floats fit one register.
//
//===----------------------------------------------------------------------===//

#include "Kernels/VectorSlices.h"
#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERNIBBLESPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

static constexpr int64_t kBits = 4;
/// How far 4 bits are shifted down from the top of an i32.
static constexpr int64_t kTopShift = 32 - kBits;

namespace {

/// Signed bits of i32 from bit `first` on.
struct Nibble {
  Value value;
  int64_t first;
};

/// How far `op` shifts all of its elements, if that is known and defined.
template <typename OpTy>
std::optional<int64_t> matchShift(OpTy op) {
  APInt amount;
  if (!op || !matchPattern(op.getRhs(), m_ConstantInt(&amount)) ||
      amount.uge(32))
    return std::nullopt;
  return amount.getZExtValue();
}

/// The bits that `value` is, if they have been shifted to the top and down.
std::optional<Nibble> matchNibble(Value value) {
  auto down = value.getDefiningOp<arith::ShRSIOp>();
  if (matchShift(down) != kTopShift)
    return std::nullopt;
  auto up = down.getLhs().getDefiningOp<arith::ShLIOp>();
  std::optional<int64_t> shift = matchShift(up);
  if (!shift)
    return Nibble{down.getLhs(), kTopShift};
  if (*shift > kTopShift)
    return std::nullopt;
  return Nibble{up.getLhs(), kTopShift - *shift};
}

struct LowerConversion : OpRewritePattern<arith::SIToFPOp> {
  LowerConversion(MLIRContext *context, const TargetDescription &target)
      : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(arith::SIToFPOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || type.getRank() != 1 || type.isScalable() ||
        !type.getElementType().isF32() ||
        !getElementTypeOrSelf(op.getIn()).isInteger(32))
      return rewriter.notifyMatchFailure(op, "not a vector of i32 to f32");
    std::optional<Nibble> nibble = matchNibble(op.getIn());
    if (!nibble)
      return rewriter.notifyMatchFailure(op, "not of 4 bits");
    int64_t size = type.getNumElements();
    const FloatLookupInstruction *lookup = findLookup(size);
    if (!lookup)
      return rewriter.notifyMatchFailure(op, "no lookup of that many elements");

    Location loc = op.getLoc();
    Value indices = nibble->value;
    if (nibble->first != 0)
      indices = arith::ShRUIOp::create(
          rewriter, loc, indices,
          arith::ConstantOp::create(
              rewriter, loc,
              DenseElementsAttr::get(
                  cast<VectorType>(indices.getType()),
                  rewriter.getI32IntegerAttr(nibble->first))));
    Value table = createTable(rewriter, loc, lookup->lanes);
    SmallVector<Value> parts;
    for (int64_t first = 0; first < size; first += lookup->lanes) {
      Value part = sliceVector(rewriter, loc, indices, first, lookup->lanes);
      parts.push_back(LLVM::CallIntrinsicOp::create(
                          rewriter, loc, table.getType(),
                          rewriter.getStringAttr(lookup->intrinsic),
                          ValueRange{table, part})
                          .getResult(0));
    }
    rewriter.replaceOp(op, joinVectors(rewriter, loc, parts));
    return success();
  }

private:
  /// The lookup in a table of all floats, of `size` elements or parts of these.
  const FloatLookupInstruction *findLookup(int64_t size) const {
    for (const FloatLookupInstruction &lookup : target.floatLookups)
      if (lookup.lanes >= 1 << kBits && size % lookup.lanes == 0)
        return &lookup;
    return nullptr;
  }

  /// The floats of all 4 bits, as often as `lanes` have room for.
  static Value createTable(OpBuilder &builder, Location loc, int64_t lanes) {
    SmallVector<float> entries;
    for (int64_t lane = 0; lane < lanes; ++lane)
      entries.push_back(llvm::SignExtend64<kBits>(lane));
    auto type = VectorType::get({lanes}, builder.getF32Type());
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, ArrayRef<float>(entries)));
  }

  const TargetDescription &target;
};

struct LowerNibblesPass
    : TargetPass<ptq::impl::LowerNibblesPassBase, LowerNibblesPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerConversion>(&getContext(), target);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
