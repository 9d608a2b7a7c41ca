//===- IntegerElementwise.cpp - Residual sums and products on codes -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes are read and written, and the arithmetic between them is f32, or i64
// where requantization is by fixed-point numbers: for a sum, each operand has a
// multiplier from its own scale to that of the result, and both zero points are
// taken off before.
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
#include "ptq/Quantization/FixedPoint.h"
#include <cmath>
#include <numeric>

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
  StructuredOpKind kind = classifyStructuredOp(op);
  if (kind != StructuredOpKind::ElementwiseAdd &&
      kind != StructuredOpKind::ElementwiseMul)
    return explain("no elementwise sum or product");
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
  match.isProduct = kind == StructuredOpKind::ElementwiseMul;
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

namespace {

/// Builds the codes of a sum or a product.
class CodesBuilder {
public:
  CodesBuilder(const IntegerElementwise &match, QuantizeOp quantize)
      : match(match), quantize(quantize),
        output(*matchStaticParameters(quantize.getScale(),
                                      quantize.getZeroPoint())),
        multipliers(getMultipliers(match, output.scale)),
        storage(cast<IntegerType>(
            quantize.getResult().getType().getElementType())) {}

  /// The codes by f32 arithmetic.
  Value createByFloats(ImplicitLocOpBuilder &builder) const {
    return create(builder, [&](ImplicitLocOpBuilder &body, ValueRange codes) {
      return createRoundedCode(body, createFloatValue(body, codes),
                               createI32(body, output.zeroPoint), getRange(),
                               storage, getFloatRange());
    });
  }

  /// The codes by integer arithmetic; null if a multiplier is too large or a
  /// product might not fit i64.
  Value createByIntegers(ImplicitLocOpBuilder &builder) const {
    constexpr unsigned kMantissaBits = 31;
    constexpr unsigned kBytesProduct = 18;
    float largest = *llvm::max_element(multipliers);
    std::optional<FixedPointMultiplier> common =
        chooseFixedPointMultiplier(largest, kMantissaBits);
    bool areBytes = getElementTypeOrSelf(match.lhs.codes).isInteger(8) &&
                    getElementTypeOrSelf(match.rhs.codes).isInteger(8);
    static_assert(kBytesProduct + kMantissaBits < 63);
    if (!common || (match.isProduct && !areBytes))
      return {};
    auto mantissas = llvm::map_to_vector(multipliers, [&](float multiplier) {
      return chooseMantissa(multiplier, common->shift);
    });
    return create(builder, [&](ImplicitLocOpBuilder &body, ValueRange codes) {
      return createShiftedCode(body, createIntegerValue(body, codes, mantissas),
                               createI32(body, common->shift),
                               createI32(body, output.zeroPoint), getRange(),
                               storage);
    });
  }

private:
  /// What is known of the values in steps of the result: codes less their zero
  /// points have at most 17 bits.
  RoundedRange getFloatRange() const {
    float sum = std::accumulate(multipliers.begin(), multipliers.end(), 0.0f);
    return !match.isProduct && sum <= 0x1p12f ? RoundedRange::FitsI32
                                              : RoundedRange::Any;
  }

  CodeRange getRange() const {
    QuantizeOp op = quantize;
    return {op.getLowCode(), op.getHighCode()};
  }

  static Value createI32(ImplicitLocOpBuilder &builder, int32_t value) {
    return arith::ConstantOp::create(builder, builder.getI32IntegerAttr(value));
  }

  Value create(ImplicitLocOpBuilder &builder, MakeElementFn makeCode) const {
    LinalgOp op = match.op;
    return createElementwise(
        builder, createEmptyResult(builder, op, storage),
        {{match.lhs.codes, op.getMatchingIndexingMap(op.getDpsInputOperand(0))},
         {match.rhs.codes,
          op.getMatchingIndexingMap(op.getDpsInputOperand(1))}},
        makeCode);
  }

  /// The value in steps of the result, in f32. Codes less their zero points are
  /// exact, and for bytes so is a product of two: it has 18 bits.
  Value createFloatValue(ImplicitLocOpBuilder &body, ValueRange codes) const {
    auto scaleBy = [&](Value value, float multiplier) -> Value {
      Value factor =
          arith::ConstantOp::create(body, body.getF32FloatAttr(multiplier));
      return arith::MulFOp::create(body, value, factor);
    };
    Value lhs = createCenteredCode(
        body, codes[0], createI32(body, match.lhs.parameters.zeroPoint));
    Value rhs = createCenteredCode(
        body, codes[1], createI32(body, match.rhs.parameters.zeroPoint));
    if (match.isProduct)
      return scaleBy(arith::MulFOp::create(body, lhs, rhs), multipliers[0]);
    return arith::AddFOp::create(body, scaleBy(lhs, multipliers[0]),
                                 scaleBy(rhs, multipliers[1]));
  }

  /// The value in steps of the result times a power of two, in i64.
  Value createIntegerValue(ImplicitLocOpBuilder &body, ValueRange codes,
                           ArrayRef<int32_t> mantissas) const {
    IntegerType type = body.getI64Type();
    auto createTerm = [&](Value code, int32_t zeroPoint) -> Value {
      Value offset = createIntegerCast(body, createI32(body, zeroPoint), type);
      return arith::SubIOp::create(body, createIntegerCast(body, code, type),
                                   offset);
    };
    auto scaleBy = [&](Value value, int32_t mantissa) -> Value {
      Value factor = createIntegerCast(body, createI32(body, mantissa), type);
      return arith::MulIOp::create(body, value, factor);
    };
    Value lhs = createTerm(codes[0], match.lhs.parameters.zeroPoint);
    Value rhs = createTerm(codes[1], match.rhs.parameters.zeroPoint);
    if (match.isProduct)
      return scaleBy(arith::MulIOp::create(body, lhs, rhs), mantissas[0]);
    return arith::AddIOp::create(body, scaleBy(lhs, mantissas[0]),
                                 scaleBy(rhs, mantissas[1]));
  }

  const IntegerElementwise &match;
  QuantizeOp quantize;
  StaticParameters output;
  /// The factors of the two operands of a sum, or the one of a product.
  SmallVector<float, 2> multipliers;
  IntegerType storage;
};

class RewriteElementwise
    : public FloatOpPattern<IntegerElementwise, matchIntegerElementwise> {
public:
  RewriteElementwise(MLIRContext *context, Requantization requantization)
      : FloatOpPattern(context), requantization(requantization) {}

private:
  void rewrite(IntegerElementwise &matched,
               PatternRewriter &rewriter) const override {
    LinalgOp op = matched.op;
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    for (QuantizeOp quantize : matched.users) {
      CodesBuilder codes(matched, quantize);
      Value result;
      if (requantization == Requantization::FixedPoint)
        result = codes.createByIntegers(builder);
      if (!result)
        result = codes.createByFloats(builder);
      rewriter.replaceOp(quantize, result);
    }
    // Other users keep the float op.
    if (op->use_empty())
      rewriter.eraseOp(op);
  }

  Requantization requantization;
};

} // namespace

void mlir::ptq::populateIntegerElementwisePatterns(
    RewritePatternSet &patterns, Requantization requantization) {
  patterns.add<RewriteElementwise>(patterns.getContext(), requantization);
}
