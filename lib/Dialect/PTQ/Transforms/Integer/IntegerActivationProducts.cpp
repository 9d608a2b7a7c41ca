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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

FailureOr<ProductAccumulator>
mlir::ptq::matchProductAccumulator(LinalgOp op, Value lhs, Value rhs,
                                   ExplainFn explain) {
  std::optional<int64_t> depth =
      cast<QuantizableOpInterface>(op.getOperation()).getAccumulationDepth();
  if (!depth)
    return explain("the number of products in a sum is not known");
  // Each of the four terms is at most K times the largest codes. A sum that
  // i64 could not hold has more products than a tensor can have.
  int64_t largest = getCodeRangeOf(lhs).min * getCodeRangeOf(rhs).min;
  int64_t bound;
  bool isLhsWider = getCodeRangeOf(lhs).max > getCodeRangeOf(rhs).max;
  IntegerType type = llvm::MulOverflow(*depth, 4 * largest, bound)
                         ? IntegerType()
                         : getAccumulatorType(isLhsWider ? lhs : rhs, bound);
  if (!type)
    return explain("the accumulator could exceed i32");
  return ProductAccumulator{type, *depth};
}

FailureOr<IntegerActivationProduct>
mlir::ptq::matchIntegerActivationProduct(LinalgOp op, ExplainFn explain) {
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
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    bool isSummedAlike = map.isProjectedPermutation() &&
                         llvm::all_of(reductions, [&](unsigned loop) {
                           return map.isFunctionOfDim(loop);
                         });
    if (anyZeroPoint && !isSummedAlike)
      return explain("a zero point cannot be taken out of the sum");
  }
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

ElementwiseOperand mlir::ptq::createCodeSums(ImplicitLocOpBuilder &builder,
                                             LinalgOp op, unsigned number,
                                             Value codes, IntegerType sumType) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(number));
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto type = cast<RankedTensorType>(codes.getType());
  SmallVector<utils::IteratorType> iterators;
  SmallVector<AffineExpr> kept, fromResult;
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    std::optional<unsigned> resultDim = resultMap.getResultPosition(expr);
    iterators.push_back(resultDim ? utils::IteratorType::parallel
                                  : utils::IteratorType::reduction);
    if (!resultDim)
      continue;
    kept.push_back(builder.getAffineDimExpr(dim));
    fromResult.push_back(builder.getAffineDimExpr(*resultDim));
    shape.push_back(type.getDimSize(dim));
    if (type.isDynamicDim(dim))
      sizes.push_back(tensor::DimOp::create(builder, codes, dim));
  }
  Value zero =
      arith::ConstantOp::create(builder, builder.getIntegerAttr(sumType, 0));
  Value empty = tensor::EmptyOp::create(builder, shape, sumType, sizes);
  Value init = linalg::FillOp::create(builder, zero, empty).getResult(0);
  MLIRContext *context = builder.getContext();
  AffineMap maps[] = {
      builder.getMultiDimIdentityMap(type.getRank()),
      AffineMap::get(type.getRank(), /*symbolCount=*/0, kept, context)};
  auto generic = linalg::GenericOp::create(
      builder, init.getType(), codes, init, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder body(loc, b);
        Value code = arith::ExtSIOp::create(body, sumType, arguments[0]);
        Value sum = arith::AddIOp::create(body, arguments[1], code);
        linalg::YieldOp::create(body, sum);
      });
  return {generic.getResult(0),
          AffineMap::get(resultMap.getNumResults(), /*symbolCount=*/0,
                         fromResult, context)};
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
    : OpInterfaceRewritePattern<QuantizableOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizableOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto linalgOp = dyn_cast<LinalgOp>(op.getOperation());
    if (!linalgOp || op.getQuantizableKind().empty() ||
        !isSumOfProducts(classifyStructuredOp(linalgOp)) ||
        !isActivationProduct(linalgOp))
      return rewriter.notifyMatchFailure(op, "no float sum of products of two "
                                             "activations");
    FailureOr<IntegerActivationProduct> product =
        matchIntegerActivationProduct(linalgOp, [&](const Twine &reason) {
          return rewriter.notifyMatchFailure(op, reason);
        });
    if (failed(product))
      return failure();
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value init = createInit(builder, *product);
    Value accumulator =
        createCodeProduct(builder, linalgOp, product->inputs[0].codes,
                          product->inputs[1].codes, init);
    bool addsInit = !isZeroFilled(linalgOp.getDpsInitOperand(0)->get());
    replaceByAccumulator(rewriter, linalgOp, accumulator, product->scale,
                         addsInit);
    return success();
  }
};

} // namespace

void mlir::ptq::populateIntegerActivationProductPatterns(
    RewritePatternSet &patterns) {
  patterns.add<RewriteActivationProduct>(patterns.getContext());
}
