//===- UnnarrowedCodes.cpp - Codes that stay wide -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UnnarrowedCodes.h"
#include "BoundedIntegers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// A bounded integer that is narrowed and widened again.
struct KeepWidth : OpRewritePattern<arith::ExtSIOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(arith::ExtSIOp op,
                                PatternRewriter &rewriter) const override {
    auto truncation = op.getIn().getDefiningOp<arith::TruncIOp>();
    if (!truncation || truncation.getIn().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not as wide as before");
    std::optional<BoundedInteger> bounded =
        BoundedInteger::match(truncation.getIn());
    unsigned width =
        getElementTypeOrSelf(op.getIn().getType()).getIntOrFloatBitWidth();
    if (!bounded || !bounded->low.isSignedIntN(width) ||
        !bounded->high.isSignedIntN(width))
      return rewriter.notifyMatchFailure(op, "may not fit the narrow type");
    rewriter.replaceOp(op, truncation.getIn());
    return success();
  }
};

/// A number that is added to an integer, without overflow, before it is bounded
/// and subtracted afterwards.
struct MoveBounds : OpRewritePattern<arith::SubIOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(arith::SubIOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<BoundedInteger> bounded = BoundedInteger::match(op.getLhs());
    auto sum =
        bounded ? bounded->value.getDefiningOp<arith::AddIOp>() : nullptr;
    APInt added, subtracted;
    if (!sum || !matchPattern(sum.getRhs(), m_ConstantInt(&added)) ||
        !matchPattern(op.getRhs(), m_ConstantInt(&subtracted)) ||
        added != subtracted ||
        !bitEnumContainsAny(sum.getOverflowFlags(),
                            arith::IntegerOverflowFlags::nsw))
      return rewriter.notifyMatchFailure(op, "not the number that was added");
    bool overflowsLow = false, overflowsHigh = false;
    APInt low = bounded->low.ssub_ov(added, overflowsLow);
    APInt high = bounded->high.ssub_ov(added, overflowsHigh);
    if (overflowsLow || overflowsHigh)
      return rewriter.notifyMatchFailure(op, "the bounds would overflow");
    auto createConstant = [&](const APInt &number) -> Value {
      TypedAttr attribute =
          rewriter.getIntegerAttr(getElementTypeOrSelf(op.getType()), number);
      if (auto shaped = dyn_cast<ShapedType>(op.getType()))
        attribute = DenseElementsAttr::get(shaped, Attribute(attribute));
      return arith::ConstantOp::create(rewriter, op.getLoc(), attribute);
    };
    Value atLeast = arith::MaxSIOp::create(rewriter, op.getLoc(), sum.getLhs(),
                                           createConstant(low));
    rewriter.replaceOpWithNewOp<arith::MinSIOp>(op, atLeast,
                                                createConstant(high));
    return success();
  }
};

} // namespace

void mlir::ptq::populateUnnarrowedCodePatterns(RewritePatternSet &patterns) {
  patterns.add<KeepWidth, MoveBounds>(patterns.getContext());
}
