//===- IntegerProducts.cpp - Contractions and convolutions on codes -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "ptq/Quantization/CodeSums.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

/// Whether `dims` follow each other.
static bool areNeighbours(ArrayRef<int64_t> dims) {
  for (size_t i = 1; i < dims.size(); ++i)
    if (dims[i] != dims[i - 1] + 1)
      return false;
  return true;
}

/// Maps the scales of `weights` to dimensions of the result.
static FailureOr<AccumulatorScale>
getAccumulatorScale(const ConstantWeights &weights, ArrayRef<KeptDim> kept,
                    float inputScale, ExplainFn explain) {
  AccumulatorScale scale;
  scale.inputScale = inputScale;
  scale.weightScales = weights.scales;
  for (int64_t dim : weights.scaleDims) {
    const KeptDim *found = llvm::find_if(
        kept, [&](const KeptDim &k) { return k.weightDim == dim; });
    if (found == kept.end())
      return explain("the weights have scales along a dimension that is summed "
                     "over");
    scale.channelDims.push_back(found->resultDim);
  }
  if (!areNeighbours(scale.channelDims))
    return explain("the output channels are not neighbours in the result");
  return scale;
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

FailureOr<IntegerProduct> mlir::ptq::matchIntegerProduct(LinalgOp op,
                                                         ExplainFn explain) {
  if (!isSumOfProducts(classifyStructuredOp(op)) || isActivationProduct(op))
    return explain("no sum of products with weights");
  Value result = op->getResult(0);
  OpOperand *weightOperand = getWeight(op);
  OpOperand *activationOperand =
      op.getDpsInputOperand(1 - weightOperand->getOperandNumber());
  std::optional<QuantizedValue> activation =
      matchQuantizedValue(activationOperand->get());
  if (!activation)
    return explain("the activation is not quantized to i8 or i16 with constant "
                   "parameters of the whole tensor");
  FailureOr<SmallVector<KeptDim>> kept =
      getKeptDims(op, *weightOperand, explain);
  if (failed(kept))
    return failure();
  FailureOr<ConstantWeights> weights =
      matchConstantWeights(*weightOperand, explain);
  if (failed(weights))
    return failure();
  FailureOr<AccumulatorScale> scale = getAccumulatorScale(
      *weights, *kept, activation->parameters.scale, explain);
  if (failed(scale) || failed(checkUsers(result, *scale, explain)))
    return failure();

  IntegerProduct product;
  product.op = op;
  product.scale = std::move(*scale);
  SmallVector<int64_t> initDims, keptWeightDims;
  for (const KeptDim &dim : *kept) {
    initDims.push_back(dim.resultDim);
    keptWeightDims.push_back(dim.weightDim);
  }
  SmallVector<CodeSum> sums = weights->sum(keptWeightDims);
  FailureOr<SmallVector<int32_t>> bias = readBiasCodes(
      *op.getDpsInitOperand(0), initDims, sums.size(), product.scale);
  if (failed(bias)) {
    product.addsInit = true;
    bias = SmallVector<int32_t>(sums.size(), 0);
  }
  CodeRange codes = getProducedCodeRange(activation->codes);
  int64_t largestBias = 0;
  for (auto [sum, code] : llvm::zip_equal(sums, *bias)) {
    AccumulatorStart start = computeAccumulatorStart(
        sum, code, activation->parameters.zeroPoint, codes);
    product.init.push_back(start.value);
    product.bound = std::max(product.bound, start.bound);
    largestBias = std::max(largestBias, std::abs(int64_t{code}));
  }
  product.accumulatorType =
      getAccumulatorType(activation->codes, product.bound);
  if (!product.accumulatorType)
    return explain("the accumulator could exceed i32");

  product.inputs = {activation->codes, activation->codes};
  product.weightNumber = weightOperand->getOperandNumber();
  int64_t boundWithShares =
      takeOffShares(*weights, op, product.weightNumber, activation->codes,
                    *kept, largestBias);
  product.bound = std::max(product.bound, boundWithShares);
  product.keptDims = std::move(*kept);
  product.inputs[product.weightNumber] = {};
  product.weights = std::move(*weights);
  return product;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// `product.init`: a scalar, or one number for each output channel.
static ElementwiseOperand createStart(ImplicitLocOpBuilder &builder,
                                      const IntegerProduct &product) {
  IntegerType elementType = product.accumulatorType;
  if (llvm::all_equal(product.init))
    return {arith::ConstantOp::create(
        builder, builder.getIntegerAttr(elementType, product.init.front()))};
  auto type = cast<RankedTensorType>(product.op->getResult(0).getType());
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> dims;
  for (const KeptDim &dim : product.keptDims) {
    shape.push_back(type.getDimSize(dim.resultDim));
    dims.push_back(builder.getAffineDimExpr(dim.resultDim));
  }
  Value constant = createIntegerConstant(
      builder, builder.getLoc(), elementType, shape, product.init,
      getEdgeName(product.op->getResult(0)) + "_init");
  return {constant, AffineMap::get(type.getRank(), /*symbolCount=*/0, dims,
                                   builder.getContext())};
}

/// The initial value of the accumulator: `product.init` broadcast to the shape
/// of the result, less what the shares of the weights add.
static Value createInit(ImplicitLocOpBuilder &builder,
                        const IntegerProduct &product) {
  Value empty = createEmptyResult(builder, product.op, product.accumulatorType);
  ElementwiseOperand start = createStart(builder, product);
  SmallVector<ElementwiseOperand, 2> shares =
      createShares(builder, product.op, product.weights, product.weightNumber,
                   product.inputs[1 - product.weightNumber], product.keptDims,
                   product.accumulatorType);
  if (!shares.empty())
    return createElementwise(
        builder, empty, {start, shares[0], shares[1]},
        [](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
          Value term = arith::MulIOp::create(body, elements[1], elements[2]);
          return arith::SubIOp::create(body, elements[0], term);
        });
  if (!start.map)
    return linalg::FillOp::create(builder, start.value, empty).getResult(0);
  SmallVector<int64_t> broadcastDims;
  for (unsigned dim = 0; dim < start.map.getNumDims(); ++dim)
    if (!start.map.isFunctionOfDim(dim))
      broadcastDims.push_back(dim);
  return linalg::BroadcastOp::create(builder, start.value, empty, broadcastDims)
      ->getResult(0);
}

namespace {

struct RewriteProduct : FloatOpPattern<IntegerProduct, matchIntegerProduct> {
  using FloatOpPattern::FloatOpPattern;

private:
  void rewrite(IntegerProduct &product,
               PatternRewriter &rewriter) const override {
    LinalgOp op = product.op;
    remarkAccumulatorBound(op, product.accumulatorType, product.bound);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    product.inputs[product.weightNumber] =
        createCodeConstant(builder, op, product.weights);
    Value init = createInit(builder, product);
    Value accumulator = createCodeProduct(builder, op, product.inputs[0],
                                          product.inputs[1], init);
    replaceByAccumulator(rewriter, op, accumulator, product.scale,
                         product.addsInit);
  }
};

} // namespace

void mlir::ptq::populateIntegerProductPatterns(RewritePatternSet &patterns) {
  patterns.add<RewriteProduct>(patterns.getContext());
}
