//===- PTQToLinalg.cpp - The arithmetic of ptq as linalg ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Conversion/PTQToLinalg/PTQToLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/Conversion/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_CONVERTTOLINALGPASS
#include "ptq/Conversion/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

struct RemoveObserve : OpRewritePattern<ObserveOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(ObserveOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

struct ConvertToLinalgPass
    : ptq::impl::ConvertToLinalgPassBase<ConvertToLinalgPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populatePTQToLinalgPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // No folding: constants of a network may be large, and what folds is the
    // business of other passes.
    walkAndApplyPatterns(getOperation(), patterns);
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace

void mlir::ptq::populatePTQToLinalgPatterns(RewritePatternSet &patterns) {
  populateQuantizationToLinalgPatterns(patterns);
  populateChooseParametersToLinalgPatterns(patterns);
  populateCodesToLinalgPatterns(patterns);
  patterns.add<RemoveObserve>(patterns.getContext());
}
