//===- ExportQuant.cpp - To the upstream quant dialect --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UniformTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Conversion/PTQToQuant/PTQToQuant.h"
#include "ptq/Conversion/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_EXPORTQUANTPASS
#include "ptq/Conversion/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

using quant::QuantizedType;

namespace {

/// quantize(x) -> scast(qcast(x)).
struct ExportQuantize : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<QuantizedType> type = getUniformType(op, explainTo(rewriter, op));
    if (failed(type))
      return failure();
    Value quantized = quant::QuantizeCastOp::create(
        rewriter, op.getLoc(), op.getInput().getType().clone(*type),
        op.getInput());
    rewriter.replaceOpWithNewOp<quant::StorageCastOp>(
        op, op.getResult().getType(), quantized);
    return success();
  }
};

/// dequantize(q) -> dcast(scast(q)).
struct ExportDequantize : OpRewritePattern<DequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<QuantizedType> type = getUniformType(op, explainTo(rewriter, op));
    if (failed(type))
      return failure();
    RankedTensorType quantizedType = op.getInput().getType().clone(*type);
    Value quantized = quant::StorageCastOp::create(
        rewriter, op.getLoc(), quantizedType, createStored(rewriter, op));
    rewriter.replaceOpWithNewOp<quant::DequantizeCastOp>(
        op, op.getResult().getType(), quantized);
    return success();
  }

private:
  /// The codes that `op` reads. Packed constants are unpacked, since nobody
  /// else knows `ptq.unpack`.
  static Value createStored(PatternRewriter &rewriter, DequantizeOp op) {
    Value codes = op.getInput();
    if (getElementTypeOrSelf(codes).getIntOrFloatBitWidth() >= 8 ||
        matchPattern(codes, m_Constant()) || !isConstantExpression(codes))
      return codes;
    FailureOr<TensorValue> unpacked = evaluateConstant(codes);
    if (failed(unpacked))
      return codes;
    return createTensorConstant(rewriter, codes.getLoc(), *unpacked, "codes");
  }
};

/// scast(scast(q)) -> q, where it is of the same type again.
struct MergeStorageCasts : OpRewritePattern<quant::StorageCastOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(quant::StorageCastOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<quant::StorageCastOp>();
    if (!producer || producer.getInput().getType() != op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "not back to the same type");
    rewriter.replaceOp(op, producer.getInput());
    return success();
  }
};

struct ExportQuantPass : ptq::impl::ExportQuantPassBase<ExportQuantPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populatePTQToQuantPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    int64_t before = countCasts();
    GreedyRewriteConfig config;
    config.enableFolding(false)
        .enableConstantCSE(false)
        .setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      getOperation().emitWarning("the export did not come to an end");
    int64_t after = countCasts();
    numExported += before - after;
    getOperation().walk([&](Operation *op) {
      if (isa_and_nonnull<PTQDialect>(op->getDialect()))
        explainLeft(op);
    });
  }

private:
  int64_t countCasts() {
    int64_t count = 0;
    getOperation().walk(
        [&](Operation *op) { count += isa<QuantizeOp, DequantizeOp>(op); });
    return count;
  }

  void explainLeft(Operation *op) {
    ++numLeft;
    std::string reason = "the quant dialect has no such op";
    auto explain = [&](const Twine &text) {
      reason = text.str();
      return failure();
    };
    if (auto quantize = dyn_cast<QuantizeOp>(op))
      (void)getUniformType(quantize, explain);
    else if (auto dequantize = dyn_cast<DequantizeOp>(op))
      (void)getUniformType(dequantize, explain);
    remark::missed(
        op->getLoc(),
        remark::RemarkOpts::name("NotExported").category("ptq-export-quant"))
        << remark::reason("'{0}' stays: {1}", op->getName().getStringRef(),
                          reason);
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

void mlir::ptq::populatePTQToQuantPatterns(RewritePatternSet &patterns) {
  patterns.add<ExportDequantize, ExportQuantize, MergeStorageCasts>(
      patterns.getContext());
}
