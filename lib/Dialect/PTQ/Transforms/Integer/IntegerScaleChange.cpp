//===- IntegerScaleChange.cpp - Codes of one scale to codes of another ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value that has codes already and is read beside others, by the parameters
// of what they become together, is requantized: its codes less their zero point
// are the accumulator. Each code is rounded a second time then, which a remark
// tells in bits.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

FailureOr<IntegerScaleChange>
mlir::ptq::matchIntegerScaleChange(QuantizeOp quantize, ExplainFn explain) {
  std::optional<StaticParameters> output = matchStaticQuantize(quantize);
  if (!output)
    return explain("the result is not quantized to i8 or i16 with constant "
                   "parameters of the whole tensor");
  auto dequantize = quantize.getInput().getDefiningOp<DequantizeOp>();
  if (!dequantize || !holdsActivationCodes(dequantize.getInput()) ||
      dequantize.getInput().getType().getShape() !=
          dequantize.getResult().getType().getShape())
    return explain("the input is not dequantized from i8 or i16");
  if (dequantize.getBlockSize())
    return explain("the input has scales of blocks");
  std::optional<int64_t> zeroPoint = matchZeroPoint(dequantize.getZeroPoint());
  FailureOr<SmallVector<float>> scales =
      readFloatConstant(dequantize.getScale());
  if (!zeroPoint || failed(scales))
    return explain("the parameters of the input are not constant");
  IntegerScaleChange match;
  match.quantize = quantize;
  match.dequantize = dequantize;
  match.zeroPoint = static_cast<int32_t>(*zeroPoint);
  match.outputZeroPoint = output->zeroPoint;
  for (float scale : *scales) {
    float multiplier =
        computeRequantizationMultiplier(scale, 1.0f, output->scale);
    if (!std::isnormal(multiplier))
      return explain("a multiplier is no normal f32 number");
    match.multipliers.push_back(multiplier);
  }
  return match;
}

/// Tells how much coarser the new steps are than the old ones.
static void remarkBitsLost(const IntegerScaleChange &match) {
  float finest = *llvm::min_element(match.multipliers);
  QuantizeOp quantize = match.quantize;
  remark::analysis(quantize.getLoc(), remark::RemarkOpts::name("ScaleChange")
                                          .category("ptq-rewrite-to-integer"))
      << remark::reason(
             "codes of '{0}' become codes of another scale: {1:F1} bits lost",
             getEdgeName(quantize.getInput()),
             std::max(0.0, -std::log2(double{finest})))
      << remark::suggest("quantize it by that scale in the first place");
}

/// `codes` less their zero point, in i32.
static Value createCenteredCodes(ImplicitLocOpBuilder &builder, Value codes,
                                 int32_t zeroPoint) {
  IntegerType i32 = builder.getI32Type();
  auto type = cast<RankedTensorType>(codes.getType());
  return createElementwise(
      builder, type.clone(i32), {{codes}},
      [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
        Value code = createIntegerCast(body, elements[0], i32);
        if (zeroPoint == 0)
          return code;
        Value offset =
            arith::ConstantOp::create(body, body.getI32IntegerAttr(zeroPoint));
        return arith::SubIOp::create(body, code, offset);
      });
}

namespace {

/// quantize(dequantize(q)) -> requantize(q - z)
struct RequantizeCodes : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<IntegerScaleChange> match =
        matchIntegerScaleChange(op, explainTo(rewriter, op));
    if (failed(match))
      return failure();
    remarkBitsLost(*match);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    DequantizeOp dequantize = match->dequantize;
    Value centered =
        createCenteredCodes(builder, dequantize.getInput(), match->zeroPoint);
    Value multiplier;
    if (dequantize.getAxis())
      multiplier = createFloatConstant(
          rewriter, op.getLoc(),
          {static_cast<int64_t>(match->multipliers.size())}, match->multipliers,
          getEdgeName(op.getInput()) + "_multiplier");
    else
      multiplier = arith::ConstantOp::create(
          builder, rewriter.getF32FloatAttr(match->multipliers.front()));
    Value zeroPoint;
    if (match->outputZeroPoint != 0)
      zeroPoint = arith::ConstantOp::create(
          builder, rewriter.getIntegerAttr(op.getZeroPoint().getType(),
                                           match->outputZeroPoint));
    rewriter.replaceOpWithNewOp<RequantizeOp>(
        op, op.getType(), centered, multiplier, /*shift=*/Value(), zeroPoint,
        dequantize.getAxisAttr(), op.getLowAttr(), op.getHighAttr());
    return success();
  }
};

} // namespace

void mlir::ptq::populateIntegerScaleChangePatterns(
    RewritePatternSet &patterns) {
  patterns.add<RequantizeCodes>(patterns.getContext());
}
