//===- IntegerElementwise.cpp - Residual sums and products on codes -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes are read and written, and the arithmetic between them is f32: for a
// sum, each operand has a multiplier from its own scale to that of the result,
// and both zero points are taken off before.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The factors of the two operands of a sum, or the one of a product.
static SmallVector<float, 2> getMultipliers(const IntegerElementwise &match,
                                            float outputScale) {
  float lhs = match.lhs.parameters.scale;
  float rhs = match.rhs.parameters.scale;
  if (match.isProduct)
    return {computeRequantizationMultiplier(lhs, rhs, outputScale)};
  return {computeRequantizationMultiplier(lhs, 1.0f, outputScale),
          computeRequantizationMultiplier(rhs, 1.0f, outputScale)};
}

FailureOr<IntegerElementwise>
mlir::ptq::matchIntegerElementwise(LinalgOp op, ExplainFn explain) {
  std::optional<QuantizedValue> lhs =
      matchQuantizedValue(op.getDpsInputOperand(0)->get());
  std::optional<QuantizedValue> rhs =
      matchQuantizedValue(op.getDpsInputOperand(1)->get());
  if (!lhs || !rhs)
    return explain("an operand is not quantized to i8 or i16 with constant "
                   "parameters of the whole tensor");
  IntegerElementwise match;
  match.op = op;
  match.lhs = *lhs;
  match.rhs = *rhs;
  match.isProduct =
      classifyStructuredOp(op) == StructuredOpKind::ElementwiseMul;
  // The result is written in the order of the loops; another order would be
  // data movement besides.
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return explain("the result is written in another order");
  for (Operation *user : op->getResult(0).getUsers()) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    std::optional<StaticParameters> parameters =
        quantize ? matchStaticQuantize(quantize) : std::nullopt;
    if (!parameters)
      continue;
    if (!llvm::all_of(getMultipliers(match, parameters->scale),
                      [](float m) { return std::isnormal(m); }))
      return explain("a multiplier is no normal f32 number");
    match.users.push_back(quantize);
  }
  if (match.users.empty())
    return explain("the result is not quantized with constant parameters of "
                   "the whole tensor");
  return match;
}

/// Builds the codes that `quantize` would give for the result of `match`.
static Value createCodes(ImplicitLocOpBuilder &builder,
                         const IntegerElementwise &match, QuantizeOp quantize) {
  LinalgOp op = match.op;
  StaticParameters output =
      *matchStaticParameters(quantize.getScale(), quantize.getZeroPoint());
  auto storage =
      cast<IntegerType>(quantize.getResult().getType().getElementType());
  SmallVector<float, 2> multipliers = getMultipliers(match, output.scale);
  Value empty = createEmptyResult(builder, op, storage);

  auto createZeroPoint = [&](ImplicitLocOpBuilder &body, int32_t zeroPoint) {
    return arith::ConstantOp::create(body, body.getI32IntegerAttr(zeroPoint));
  };
  // The sign-extended code less its zero point, exact in f32.
  auto createTerm = [&](ImplicitLocOpBuilder &body, Value code,
                        const QuantizedValue &operand) -> Value {
    return createCenteredCode(
        body, code, createZeroPoint(body, operand.parameters.zeroPoint));
  };
  auto scaleBy = [&](ImplicitLocOpBuilder &body, Value value,
                     float multiplier) -> Value {
    Value factor =
        arith::ConstantOp::create(body, body.getF32FloatAttr(multiplier));
    return arith::MulFOp::create(body, value, factor);
  };
  return createElementwise(
      builder, empty,
      {{match.lhs.codes, op.getMatchingIndexingMap(op.getDpsInputOperand(0))},
       {match.rhs.codes, op.getMatchingIndexingMap(op.getDpsInputOperand(1))}},
      [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
        Value lhs = createTerm(body, elements[0], match.lhs);
        Value rhs = createTerm(body, elements[1], match.rhs);
        Value value;
        if (match.isProduct) {
          // Exact for bytes: a product of two differences has 18 bits.
          Value product = arith::MulFOp::create(body, lhs, rhs);
          value = scaleBy(body, product, multipliers[0]);
        } else {
          value =
              arith::AddFOp::create(body, scaleBy(body, lhs, multipliers[0]),
                                    scaleBy(body, rhs, multipliers[1]));
        }
        return createRoundedCode(
            body, value, createZeroPoint(body, output.zeroPoint),
            {quantize.getLowCode(), quantize.getHighCode()}, storage);
      });
}

namespace {

struct RewriteElementwise : OpInterfaceRewritePattern<QuantizableOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizableOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto linalgOp = dyn_cast<LinalgOp>(op.getOperation());
    if (!linalgOp || op.getQuantizableKind().empty())
      return rewriter.notifyMatchFailure(op, "no float op");
    StructuredOpKind kind = classifyStructuredOp(linalgOp);
    if (kind != StructuredOpKind::ElementwiseAdd &&
        kind != StructuredOpKind::ElementwiseMul)
      return rewriter.notifyMatchFailure(op, "no elementwise sum or product");
    FailureOr<IntegerElementwise> match =
        matchIntegerElementwise(linalgOp, [&](const Twine &reason) {
          return rewriter.notifyMatchFailure(op, reason);
        });
    if (failed(match))
      return failure();
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    for (QuantizeOp quantize : match->users) {
      rewriter.replaceOp(quantize, createCodes(builder, *match, quantize));
    }
    // Other users keep the float op.
    if (op->use_empty())
      rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void mlir::ptq::populateIntegerElementwisePatterns(
    RewritePatternSet &patterns) {
  patterns.add<RewriteElementwise>(patterns.getContext());
}
