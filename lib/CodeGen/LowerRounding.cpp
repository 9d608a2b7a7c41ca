//===- LowerRounding.cpp - Rounding while converting ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERROUNDINGPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// Whether `value` is a constant integer (or a splat of one) in a float type,
/// or has been converted from an integer.
bool isIntegral(Value value) {
  if (value.getDefiningOp<arith::SIToFPOp>())
    return true;
  FloatAttr scalar;
  SplatElementsAttr splat;
  if (matchPattern(value, m_Constant(&splat)))
    scalar = dyn_cast<FloatAttr>(splat.getSplatValue<Attribute>());
  else
    matchPattern(value, m_Constant(&scalar));
  return scalar && scalar.getValue().isInteger();
}

/// select(roundeven(x) ? c, roundeven(x), c) -> roundeven(select(x ? c, x, c))
/// for an integer c and an ordered comparison: rounding keeps the order
/// of numbers and does not change c. A NaN selects c in both forms.
struct RoundAfterClamp : OpRewritePattern<arith::SelectOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(arith::SelectOp op,
                                PatternRewriter &rewriter) const override {
    auto round = op.getTrueValue().getDefiningOp<math::RoundEvenOp>();
    auto compare = op.getCondition().getDefiningOp<arith::CmpFOp>();
    Value bound = op.getFalseValue();
    if (!round || !compare || compare.getLhs() != round.getResult() ||
        compare.getRhs() != bound)
      return rewriter.notifyMatchFailure(op, "not a clamp of a rounded value");
    if (!llvm::is_contained(
            {arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE,
             arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE},
            compare.getPredicate()))
      return rewriter.notifyMatchFailure(op, "not an ordered comparison");
    if (!isIntegral(bound))
      return rewriter.notifyMatchFailure(op, "the bound is not an integer");
    Value input = round.getOperand();
    Value condition = arith::CmpFOp::create(
        rewriter, compare.getLoc(), compare.getPredicate(), input, bound);
    Value clamped =
        arith::SelectOp::create(rewriter, op.getLoc(), condition, input, bound);
    rewriter.replaceOpWithNewOp<math::RoundEvenOp>(op, clamped);
    return success();
  }
};

/// fptosi(roundeven(x)) -> lrint(x), from f32 to i32.
struct RoundWhileConverting : OpRewritePattern<arith::FPToSIOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(arith::FPToSIOp op,
                                PatternRewriter &rewriter) const override {
    auto round = op.getIn().getDefiningOp<math::RoundEvenOp>();
    auto vectorType = dyn_cast<VectorType>(op.getType());
    if (!round || !getElementTypeOrSelf(op.getType()).isInteger(32) ||
        !getElementTypeOrSelf(round.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not from rounded f32 to i32");
    if (vectorType && vectorType.getRank() != 1)
      return rewriter.notifyMatchFailure(op, "not a one-dimensional vector");
    rewriter.replaceOpWithNewOp<LLVM::LrintOp>(op, op.getType(),
                                               round.getOperand());
    return success();
  }
};

struct LowerRoundingPass
    : TargetPass<ptq::impl::LowerRoundingPassBase, LowerRoundingPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    if (!target.hasRoundingConversion)
      return;
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundAfterClamp, RoundWhileConverting>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
};

} // namespace
