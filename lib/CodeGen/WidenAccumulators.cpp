//===- WidenAccumulators.cpp - Sums of narrow floats in f32 ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/Utils/NarrowSums.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace mlir::ptq {
#define GEN_PASS_DEF_WIDENACCUMULATORSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// `value`, a scalar or tensor of narrow floats, in f32.
static Value widen(OpBuilder &builder, Location loc, Value value) {
  Type wide = builder.getF32Type();
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    wide = type.clone(wide);
  return arith::ExtFOp::create(builder, loc, wide, value);
}

/// What sums begin with, in f32. A filled tensor stays one, so that kernels
/// know what it is filled with.
static Value widenStart(OpBuilder &builder, Location loc, Value start) {
  auto fill = start.getDefiningOp<linalg::FillOp>();
  if (!fill)
    return widen(builder, loc, start);
  Value value = widen(builder, loc, fill.getInputs().front());
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, fill.getOutputs()[0]),
      builder.getF32Type());
  return linalg::FillOp::create(builder, loc, value, empty).getResult(0);
}

/// Lets `sum` add to an f32 in `output`.
static void widenAddition(OpBuilder &builder, const NarrowSum &sum,
                          BlockArgument output) {
  output.setType(builder.getF32Type());
  arith::AddFOp addition = sum.addition;
  builder.setInsertionPoint(addition);
  Location loc = addition.getLoc();
  Value term = addition->getOperand(sum.termNumber);
  if (arith::MulFOp product = sum.product)
    term = arith::MulFOp::create(builder, loc,
                                 widen(builder, loc, product.getLhs()),
                                 widen(builder, loc, product.getRhs()));
  else
    term = widen(builder, loc, term);
  addition->setOperand(sum.termNumber, term);
  addition.getResult().setType(builder.getF32Type());
  if (sum.product)
    arith::MulFOp(sum.product).erase();
}

namespace {

struct WidenSum : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    auto explain = [&](const Twine &reason) {
      return rewriter.notifyMatchFailure(op, reason);
    };
    if (failed(findNarrowSum(op, explain)))
      return failure();
    Value start = op.getDpsInits().front();
    Location loc = op.getLoc();
    Value wideStart = widenStart(rewriter, loc, start);
    SmallVector<Value> operands = op.getDpsInputs();
    operands.push_back(wideStart);
    auto wide = cast<LinalgOp>(
        clone(rewriter, op, TypeRange(wideStart.getType()), operands));
    {
      OpBuilder::InsertionGuard guard(rewriter);
      widenAddition(rewriter, *findNarrowSum(wide, explain),
                    wide.getBlock()->getArguments().back());
    }
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, start.getType(),
                                                 wide->getResult(0));
    return success();
  }
};

struct WidenAccumulatorsPass
    : ptq::impl::WidenAccumulatorsPassBase<WidenAccumulatorsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateWidenAccumulatorsPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace

void mlir::ptq::populateWidenAccumulatorsPatterns(RewritePatternSet &patterns) {
  patterns.add<WidenSum>(patterns.getContext());
}
