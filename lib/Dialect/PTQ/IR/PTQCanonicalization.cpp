//===- PTQCanonicalization.cpp - Canonical forms of ptq ops ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// op(cast(x)) -> cast(op(x)), where x has more static sizes and the result of
/// the op has the shape of its input.
template <typename OpTy>
struct AbsorbCast : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto cast = op.getInput().template getDefiningOp<tensor::CastOp>();
    if (!cast || !tensor::canFoldIntoConsumerOp(cast))
      return rewriter.notifyMatchFailure(op, "input has no static sizes to "
                                             "offer");
    auto source = llvm::cast<RankedTensorType>(cast.getSource().getType());
    auto type = llvm::cast<RankedTensorType>(op.getResult().getType());
    auto refined =
        RankedTensorType::get(source.getShape(), type.getElementType());
    rewriter.startOpModification(op);
    op.getInputMutable().assign(cast.getSource());
    op.getResult().setType(refined);
    rewriter.finalizeOpModification(op);
    rewriter.setInsertionPointAfter(op);
    auto widened =
        tensor::CastOp::create(rewriter, op.getLoc(), type, op.getResult());
    rewriter.replaceAllUsesExcept(op.getResult(), widened, widened);
    return success();
  }
};

} // namespace

void DequantizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<AbsorbCast<DequantizeOp>>(context);
}

void LookupOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<AbsorbCast<LookupOp>>(context);
}

void ObserveOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<AbsorbCast<ObserveOp>>(context);
}

void QuantizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<AbsorbCast<QuantizeOp>>(context);
}

void RequantizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<AbsorbCast<RequantizeOp>>(context);
}
