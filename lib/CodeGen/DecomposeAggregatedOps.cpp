//===- DecomposeAggregatedOps.cpp - Composite linalg ops --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATEDOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// `tensor` with elements of `elementType`, narrower or wider floats.
static Value convertFloats(OpBuilder &builder, Location loc, Value tensor,
                           Type elementType) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getElementTypeBitWidth() < elementType.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(builder, loc, type.clone(elementType), tensor);
  return arith::TruncFOp::create(builder, loc, type.clone(elementType), tensor);
}

namespace {

/// Softmax of f16 and bf16 is computed in f32 and rounded once: its sum has
/// more elements than their mantissas have numbers.
struct WidenSoftmax : OpRewritePattern<linalg::SoftmaxOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getInput().getType());
    if (!type || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "is not on tensors");
    Type elementType = type.getElementType();
    if (!isa<Float16Type, BFloat16Type>(elementType))
      return rewriter.notifyMatchFailure(op, "is not of f16 or bf16");
    Location loc = op.getLoc();
    Type f32 = rewriter.getF32Type();
    Value input = convertFloats(rewriter, loc, op.getInput(), f32);
    Value output = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getOutput()),
        f32);
    auto wide = linalg::SoftmaxOp::create(rewriter, loc, output.getType(),
                                          input, output, op.getDimension());
    FailureOr<SmallVector<Value>> results = wide.decomposeOperation(rewriter);
    if (failed(results)) {
      rewriter.eraseOp(wide);
      return rewriter.notifyMatchFailure(op, "softmax does not decompose");
    }
    rewriter.replaceOp(wide, *results);
    rewriter.replaceOp(
        op, convertFloats(rewriter, loc, results->front(), elementType));
    return success();
  }
};

/// Nothing upstream lowers linalg.softmax, which is kept whole until here so
/// that it can be recognized.
struct DecomposeSoftmax : OpRewritePattern<linalg::SoftmaxOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "is not on tensors");
    FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
    if (failed(results))
      return rewriter.notifyMatchFailure(op, "softmax does not decompose");
    rewriter.replaceOp(op, *results);
    return success();
  }
};

struct DecomposeAggregatedOpsPass
    : ptq::impl::DecomposeAggregatedOpsPassBase<DecomposeAggregatedOpsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DecomposeSoftmax>(&getContext());
    patterns.add<WidenSoftmax>(&getContext(), /*benefit=*/2);
    linalg::populateDecomposeWinogradOpsPatterns(patterns);
    linalg::populateDecomposePackUnpackPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
