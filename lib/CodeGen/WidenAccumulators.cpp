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

/// The addition to the output that the body of `op` is, if it is one.
static arith::AddFOp getAddition(LinalgOp op) {
  Block *body = op.getBlock();
  auto addition =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  BlockArgument output = body->getArguments().back();
  if (!addition || !output.hasOneUse() ||
      *output.getUsers().begin() != addition)
    return {};
  return addition;
}

/// Lets `addition` add to an f32 in `output`. The factors of a product are
/// widened, so that it is exact, in place of the product.
static void widenAddition(OpBuilder &builder, arith::AddFOp addition,
                          BlockArgument output) {
  output.setType(builder.getF32Type());
  builder.setInsertionPoint(addition);
  unsigned number = addition.getLhs() == output ? 1 : 0;
  Value term = addition->getOperand(number);
  Location loc = addition.getLoc();
  auto product = term.getDefiningOp<arith::MulFOp>();
  if (product && product->hasOneUse()) {
    term = arith::MulFOp::create(builder, loc,
                                 widen(builder, loc, product.getLhs()),
                                 widen(builder, loc, product.getRhs()));
  } else {
    product = {};
    term = widen(builder, loc, term);
  }
  addition->setOperand(number, term);
  addition.getResult().setType(builder.getF32Type());
  if (product)
    product.erase();
}

namespace {

struct WidenSum : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op.getNumDpsInits() != 1 ||
        op.getNumReductionLoops() == 0)
      return rewriter.notifyMatchFailure(op, "no reduction to one tensor");
    Value start = op.getDpsInits().front();
    if (!isa<Float16Type, BFloat16Type>(getElementTypeOrSelf(start)))
      return rewriter.notifyMatchFailure(op, "sums are not of f16 or bf16");
    if (!getAddition(op))
      return rewriter.notifyMatchFailure(op, "terms are not just added up");
    Location loc = op.getLoc();
    Value wideStart = widenStart(rewriter, loc, start);
    SmallVector<Value> operands = op.getDpsInputs();
    operands.push_back(wideStart);
    auto wide = cast<LinalgOp>(
        clone(rewriter, op, TypeRange(wideStart.getType()), operands));
    {
      OpBuilder::InsertionGuard guard(rewriter);
      widenAddition(rewriter, getAddition(wide),
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
