//===- Clamps.cpp - Bounds of codes ---------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clamps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// quantize(min(max(x, a), b)) -> quantize(x) between the codes of a and b.
/// Exact because quantization is monotonic. NaN becomes the zero point on both
/// sides for a ReLU in any spelling; a clamp that turns NaN into another bound
/// than 0 is taken to give the zero point as well.
struct FuseClamp : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<linalg::LinalgOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "input is no structured op");
    std::optional<ClampBounds> bounds = matchClamp(producer);
    if (!bounds)
      return rewriter.notifyMatchFailure(op, "input is no clamp");
    if (op.getScale().getDefiningOp<ChooseParametersOp>())
      return rewriter.notifyMatchFailure(op, "the clamp is measured");
    if (!(bounds->low <= 0.0 && bounds->high >= 0.0))
      return rewriter.notifyMatchFailure(op, "0 is outside the clamp");
    FailureOr<CodeRange> codes = computeCodes(op, *bounds);
    if (failed(codes))
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    Value input = producer.getDpsInputOperand(bounds->input)->get();
    if (input.getType() != op.getInput().getType())
      return rewriter.notifyMatchFailure(op, "the clamp changes the type");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      // Bounds that are those of the storage type are not written.
      if (codes->min != op.getLowCode())
        op.setLow(codes->min);
      if (codes->max != op.getHighCode())
        op.setHigh(codes->max);
    });
    return success();
  }

private:
  /// The bounds of `op` after those of the clamp have been applied.
  static FailureOr<CodeRange> computeCodes(QuantizeOp op, ClampBounds bounds) {
    CodeRange codes{op.getLowCode(), op.getHighCode()};
    std::optional<StaticParameters> parameters =
        matchStaticParameters(op.getScale(), op.getZeroPoint());
    // Codes of more than 16 bits are not what this is for.
    if (op.getResult().getType().getElementTypeBitWidth() > 16)
      return failure();
    auto getCode = [&](double bound) -> FailureOr<int64_t> {
      if (parameters)
        return quantizeValue(static_cast<float>(bound), parameters->scale,
                             parameters->zeroPoint, codes);
      // The code of 0 does not depend on the scale, nor that of an open end.
      if (bound == 0.0 && matchZeroPoint(op.getZeroPoint()) == 0)
        return std::clamp<int64_t>(0, codes.min, codes.max);
      if (std::isinf(bound))
        return bound < 0 ? codes.min : codes.max;
      return failure();
    };
    FailureOr<int64_t> low = getCode(bounds.low);
    FailureOr<int64_t> high = getCode(bounds.high);
    if (failed(low) || failed(high))
      return failure();
    return CodeRange{*low, *high};
  }
};

/// min(max(dequantize(q), a), b) -> dequantize(q), where no code of q stands
/// for a value outside of [a, b]: a ReLU behind codes whose lowest is the zero
/// point, for one.
struct DropRedundantClamp : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<ClampBounds> bounds = matchClamp(op);
    if (!bounds)
      return rewriter.notifyMatchFailure(op, "no clamp");
    Value input = op.getDpsInputOperand(bounds->input)->get();
    auto dequantize = input.getDefiningOp<DequantizeOp>();
    if (!dequantize || input.getType() != op->getResult(0).getType())
      return rewriter.notifyMatchFailure(op, "input is not dequantized");
    std::optional<int64_t> zeroPoint =
        matchZeroPoint(dequantize.getZeroPoint());
    FailureOr<SmallVector<float>> scales =
        readFloatConstant(dequantize.getScale());
    if (!zeroPoint || failed(scales))
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    CodeRange codes = getProducedCodeRange(dequantize.getInput());
    bool isRedundant = llvm::all_of(*scales, [&](float scale) {
      return bounds->low <= dequantizeValue(codes.min, scale, *zeroPoint) &&
             dequantizeValue(codes.max, scale, *zeroPoint) <= bounds->high;
    });
    if (!isRedundant)
      return rewriter.notifyMatchFailure(op, "some codes are outside");
    rewriter.replaceOp(op, input);
    return success();
  }
};

} // namespace

void mlir::ptq::populateClampPatterns(RewritePatternSet &patterns) {
  patterns.add<DropRedundantClamp, FuseClamp>(patterns.getContext());
}
