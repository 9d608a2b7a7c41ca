//===- FuseElementwiseOps.cpp - One loop for a chain of ops ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementaryOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_FUSEELEMENTWISEOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// Whether the op that makes `operand` is computed once for each iteration of
/// the op that uses it, which nobody else needs: then it costs nothing to
/// compute it there. A consumer with reductions keeps the shape that kernels
/// know it by.
static bool isWorthFusing(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  return producer && consumer && producer->hasOneUse() &&
         producer.getNumReductionLoops() == 0 &&
         consumer.getNumReductionLoops() == 0 && consumer.isDpsInput(operand) &&
         consumer.getMatchingIndexingMap(operand).isPermutation();
}

/// Whether the values of `body` are computed on vectors, few of them at a time:
/// registers that hold accumulators leave no room for more.
static bool fitsBesideAccumulators(Block &body) {
  return !hasElementaryFunction(body) &&
         llvm::all_of(body.without_terminator(), [](Operation &op) {
           return OpTrait::hasElementwiseMappableTraits(&op);
         });
}

/// Whether nothing but a reshape, which nobody else needs, stands between two
/// ops that could be one. It then moves behind the second one, so that they
/// are: the reshape of an accumulator whose rows had been merged.
static bool isReshapeInBetween(OpOperand *operand) {
  auto reshape = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!reshape || !consumer || !reshape->hasOneUse() ||
      consumer.getNumReductionLoops() != 0 || !consumer.isDpsInput(operand) ||
      !consumer.getMatchingIndexingMap(operand).isIdentity() ||
      !fitsBesideAccumulators(*consumer.getBody()))
    return false;
  auto producer = reshape.getSrc().getDefiningOp<linalg::GenericOp>();
  return producer && producer->hasOneUse() &&
         producer.getNumReductionLoops() == 0;
}

namespace {

struct FuseElementwiseOpsPass
    : ptq::impl::FuseElementwiseOpsPassBase<FuseElementwiseOpsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns,
                                                       isReshapeInBetween);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
};

} // namespace
