//===- WidenCodes.cpp - Codes narrower than a byte in bytes ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A byte can hold any code of four bits, and nothing computes on less than a
// byte. What makes codes narrow are the bounds that quantization clamps to.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_WIDENCODESPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Whether `op` makes codes of less than a byte.
static bool makesNarrowCodes(QuantizeOp op) {
  return op.getResult().getType().getElementTypeBitWidth() < 8;
}

namespace {

/// dequantize(quantize(x) to i4) -> dequantize(quantize(x) to i8, bounded).
struct WidenQuantize : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesNarrowCodes(op))
      return rewriter.notifyMatchFailure(op, "codes fill a byte already");
    if (!llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>))
      return rewriter.notifyMatchFailure(op, "codes are used as such");
    auto wide = QuantizeOp::create(
        rewriter, op.getLoc(),
        op.getResult().getType().clone(rewriter.getI8Type()), op.getInput(),
        op.getScale(), op.getZeroPoint(), op.getAxisAttr(),
        op.getBlockSizeAttr(), rewriter.getI64IntegerAttr(op.getLowCode()),
        rewriter.getI64IntegerAttr(op.getHighCode()));
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      rewriter.modifyOpInPlace(user, [&] {
        cast<DequantizeOp>(user).getInputMutable().assign(wide);
      });
    rewriter.eraseOp(op);
    return success();
  }
};

struct WidenCodesPass : ptq::impl::WidenCodesPassBase<WidenCodesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateWidenCodesPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    int64_t before = countNarrow();
    walkAndApplyPatterns(getOperation(), patterns);
    int64_t after = countNarrow();
    numWidened += before - after;
    numLeft += after;
    getOperation().walk([](QuantizeOp op) {
      if (makesNarrowCodes(op))
        remark::missed(
            op.getLoc(),
            remark::RemarkOpts::name("NarrowCodes").category("ptq-widen-codes"))
            << remark::reason("codes of {0} are used by other ops than "
                              "ptq.dequantize",
                              op.getResult().getType().getElementType());
    });
  }

private:
  int64_t countNarrow() {
    int64_t count = 0;
    getOperation().walk([&](QuantizeOp op) { count += makesNarrowCodes(op); });
    return count;
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

void mlir::ptq::populateWidenCodesPatterns(RewritePatternSet &patterns) {
  patterns.add<WidenQuantize>(patterns.getContext());
}
