//===- IntegerActivationProducts.cpp - Contractions of two activations ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With two zero points, a sum of K products of centered codes is
//
//   sum (a - za) (b - zb) = sum a b  -  zb sum a  -  za sum b  +  K za zb
//
// The last three terms are the initial value of the accumulator: the sums over
// one operand each are computed before, so the inner loop knows no zero points.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

FailureOr<IntegerActivationProduct>
mlir::ptq::matchIntegerActivationProduct(LinalgOp op, ExplainFn explain) {
  if (!isSumOfProducts(classifyStructuredOp(op)) || !isActivationProduct(op))
    return explain("no sum of products of two activations");
  IntegerActivationProduct product;
  product.op = op;
  bool anyZeroPoint = false;
  for (OpOperand *input : op.getDpsInputOperands()) {
    std::optional<QuantizedValue> value = matchQuantizedValue(input->get());
    if (!value)
      return explain("an operand is not quantized to i8 or i16 with constant "
                     "parameters of the whole tensor");
    anyZeroPoint |= value->parameters.zeroPoint != 0;
    product.inputs.push_back(*value);
  }
  for (OpOperand *input : op.getDpsInputOperands())
    if (anyZeroPoint && !isSummedByLoops(op, *input))
      return explain("a zero point cannot be taken out of the sum");
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (anyZeroPoint && !resultMap.isProjectedPermutation())
    return explain("the result is not indexed by plain loops");
  FailureOr<ProductAccumulator> accumulator = matchProductAccumulator(
      op, product.inputs[0].codes, product.inputs[1].codes, explain);
  if (failed(accumulator))
    return failure();
  product.accumulatorType = accumulator->type;
  product.depth = accumulator->depth;
  product.scale.inputScale = product.inputs[0].parameters.scale;
  product.scale.weightScales = {product.inputs[1].parameters.scale};
  if (failed(checkUsers(op->getResult(0), product.scale, explain)))
    return failure();
  return product;
}

/// The three terms with zero points.
static Value createInit(ImplicitLocOpBuilder &builder,
                        const IntegerActivationProduct &product) {
  IntegerType type = product.accumulatorType;
  Value empty = createEmptyResult(builder, product.op, type);
  int64_t zeroPoints[] = {product.inputs[0].parameters.zeroPoint,
                          product.inputs[1].parameters.zeroPoint};
  auto createInteger = [&](ImplicitLocOpBuilder &b, int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  };
  Value constant =
      createInteger(builder, product.depth * zeroPoints[0] * zeroPoints[1]);
  // The sums of one operand matter where the other has a zero point.
  SmallVector<ElementwiseOperand> sums;
  SmallVector<int64_t> factors;
  for (unsigned number : {0, 1}) {
    if (zeroPoints[1 - number] == 0)
      continue;
    sums.push_back(createCodeSums(builder, product.op, number,
                                  product.inputs[number].codes, type));
    factors.push_back(zeroPoints[1 - number]);
  }
  if (sums.empty())
    return linalg::FillOp::create(builder, constant, empty).getResult(0);
  return createElementwise(
      builder, empty, sums,
      [&](ImplicitLocOpBuilder &body, ValueRange elements) {
        Value init = constant;
        for (auto [sum, factor] : llvm::zip_equal(elements, factors)) {
          Value term =
              arith::MulIOp::create(body, sum, createInteger(body, factor));
          init = arith::SubIOp::create(body, init, term);
        }
        return init;
      });
}

namespace {

struct RewriteActivationProduct
    : FloatOpPattern<IntegerActivationProduct, matchIntegerActivationProduct> {
  using FloatOpPattern::FloatOpPattern;

private:
  void rewrite(IntegerActivationProduct &product,
               PatternRewriter &rewriter) const override {
    LinalgOp op = product.op;
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value init = createInit(builder, product);
    Value accumulator = createCodeProduct(builder, op, product.inputs[0].codes,
                                          product.inputs[1].codes, init);
    bool addsInit = !isZeroFilled(op.getDpsInitOperand(0)->get());
    replaceByAccumulator(rewriter, op, accumulator, product.scale, addsInit);
  }
};

} // namespace

void mlir::ptq::populateIntegerActivationProductPatterns(
    RewritePatternSet &patterns) {
  patterns.add<RewriteActivationProduct>(patterns.getContext());
}
