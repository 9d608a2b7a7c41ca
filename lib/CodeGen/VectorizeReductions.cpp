//===- VectorizeReductions.cpp - Rows to one element ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels/ReductionKernel.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

struct VectorizeReduction : OpInterfaceRewritePattern<linalg::LinalgOp> {
  VectorizeReduction(MLIRContext *context, const TargetDescription &target)
      : OpInterfaceRewritePattern(context, /*benefit=*/2), target(target) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<ReductionPlan> plan =
        planReduction(op, target, explainTo(rewriter, op));
    if (failed(plan))
      return failure();
    emitReductionKernel(rewriter, op, *plan);
    rewriter.eraseOp(op);
    return success();
  }

  const TargetDescription &target;
};

} // namespace

void mlir::ptq::populateReductionVectorizationPatterns(
    RewritePatternSet &patterns, const TargetDescription &target) {
  patterns.add<VectorizeReduction>(patterns.getContext(), target);
}
