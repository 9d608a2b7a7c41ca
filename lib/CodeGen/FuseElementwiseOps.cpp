//===- FuseElementwiseOps.cpp - One loop for a chain of ops ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementaryOps.h"
#include "Kernels/InterleaveKernel.h"
#include "Transposes.h"
#include "UnnarrowedCodes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_FUSEELEMENTWISEOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// Whether `value` is computed element by element and needed once.
static bool isElementwiseForOne(Value value) {
  auto producer = value.getDefiningOp<linalg::GenericOp>();
  return producer && producer->hasOneUse() &&
         producer.getNumReductionLoops() == 0;
}

/// Whether `operand` is read once for each iteration of an op that computes
/// element by element, too. A consumer with reductions keeps the shape that
/// kernels know it by.
static bool isReadElementwise(OpOperand *operand) {
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  return consumer && consumer.getNumReductionLoops() == 0 &&
         consumer.isDpsInput(operand) &&
         consumer.getMatchingIndexingMap(operand).isPermutation();
}

/// Whether `value` is sums of products, which a kernel computes in registers.
static bool isSumOfProducts(Value value) {
  auto producer = value.getDefiningOp<linalg::LinalgOp>();
  return producer && producer.getNumReductionLoops() > 0 &&
         producer.getNumDpsInputs() == 2;
}

/// Whether `operand` is codes of sums of products, and the op that reads it
/// reads other such sums: of these only the last ones can be in registers, and
/// codes take less memory than sums.
static bool isForOtherSums(OpOperand *operand) {
  auto getWidth = [](Value value) {
    return getElementTypeOrSelf(value).getIntOrFloatBitWidth();
  };
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  bool shrinksSums = llvm::any_of(producer.getDpsInputs(), [&](Value input) {
    return isSumOfProducts(input) && getWidth(input) > getWidth(operand->get());
  });
  return shrinksSums && llvm::any_of(operand->getOwner()->getOpOperands(),
                                     [&](OpOperand &other) {
                                       return &other != operand &&
                                              isSumOfProducts(other.get());
                                     });
}

/// Whether the op that makes `operand` is computed once for each iteration of
/// the op that uses it, which nobody else needs: then it costs nothing to
/// compute it there.
static bool isWorthFusing(OpOperand *operand) {
  return isElementwiseForOne(operand->get()) && isReadElementwise(operand) &&
         !isForOtherSums(operand);
}

/// Whether the values of `body` are computed on vectors, few of them at a time:
/// registers that hold accumulators leave no room for more.
static bool fitsBesideAccumulators(Block &body) {
  return !hasElementaryFunction(body) &&
         llvm::all_of(body.without_terminator(), [](Operation &op) {
           return OpTrait::hasElementwiseMappableTraits(&op);
         });
}

/// Whether `operand` would be worth fusing but for other dimensions in between,
/// such as those of merged rows, which can as well follow the op that uses it.
static bool isWorthCollapsing(OpOperand *operand) {
  auto expand = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
  return expand && expand->hasOneUse() &&
         isElementwiseForOne(expand.getSrc()) && isReadElementwise(operand) &&
         fitsBesideAccumulators(
             *cast<linalg::GenericOp>(operand->getOwner()).getBody());
}

/// Whether `operand` is what a sum of products has computed but for merged
/// dimensions: apart, an op that computes element by element is an epilogue.
static bool isWorthExpanding(OpOperand *operand) {
  auto collapse = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  if (!collapse || !collapse->hasOneUse() || !isReadElementwise(operand))
    return false;
  auto producer = collapse.getSrc().getDefiningOp<linalg::LinalgOp>();
  return producer && producer->hasOneUse() &&
         producer.getNumReductionLoops() > 0 &&
         producer.getNumDpsInputs() == 2 &&
         fitsBesideAccumulators(
             *cast<linalg::GenericOp>(operand->getOwner()).getBody());
}

namespace {

/// Planes that are computed element by element and become pixels: a generic op,
/// which is fused with what computes them, and interleaves them.
struct GeneralizeInterleaving : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    int64_t planes = op.getInit().getType().getShape().back();
    if (!op.hasPureTensorSemantics() || !isToChannelsLast(op) ||
        !isElementwiseForOne(op.getInput()) || ShapedType::isDynamic(planes) ||
        planes > kMaxPlanes)
      return rewriter.notifyMatchFailure(op, "not of few computed planes");
    if (failed(linalg::generalizeNamedOp(rewriter, op)))
      return rewriter.notifyMatchFailure(op, "cannot be a linalg.generic");
    return success();
  }
};

struct FuseElementwiseOpsPass
    : ptq::impl::FuseElementwiseOpsPassBase<FuseElementwiseOpsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns,
                                                       isWorthCollapsing);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns,
                                                      isWorthExpanding);
    patterns.add<GeneralizeInterleaving>(&getContext());
    populateUnnarrowedCodePatterns(patterns);
    // What only tells a size does not need the elements.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
};

} // namespace
