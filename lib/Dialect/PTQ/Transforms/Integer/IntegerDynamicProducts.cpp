//===- IntegerDynamicProducts.cpp - Products with run-time parameters -----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sums of products are those of constant parameters: codes times codes,
// from an initial value that takes the zero points off,
//
//   sum (a - za) (b - zb) = sum a b  -  zb sum a  -  za sum b  +  K za zb
//
// but zero points are values, one for each sample or token. The sums of weights
// are constants. What the accumulator stands for is computed in float, with the
// product of both scales for each element of the result that has its own:
//
//   f32(accumulator) * (sa * sb) + bias
//
// Shares of weights (see WeightShares.cpp) are like a zero point of them.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "ptq/Quantization/CodeSums.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kNoRunTimeParameters =
    "an activation is not quantized to i8 or i16 with parameters of the whole "
    "tensor, a sample or a token";

bool mlir::ptq::hasRunTimeParameters(LinalgOp op) {
  OpOperand *weight = getWeight(op);
  return llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
    return input != weight && !matchQuantizedValue(input->get()) &&
           matchRunTimeQuantizedValue(input->get());
  });
}

/// From the dimensions of the result of `op` to the parameters of an input,
/// which `map` finds from the dimensions of the input.
static FailureOr<AffineMap> mapFromResult(LinalgOp op, OpOperand &input,
                                          AffineMap map, ExplainFn explain) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  AffineMap fromLoops = map.compose(op.getMatchingIndexingMap(&input));
  MLIRContext *context = op.getContext();
  SmallVector<AffineExpr> results;
  for (AffineExpr result : fromLoops.getResults()) {
    if (isa<AffineConstantExpr>(result)) {
      results.push_back(result);
      continue;
    }
    std::optional<unsigned> dim = resultMap.getResultPosition(result);
    if (!dim)
      return explain("the scale of an activation changes along a dimension "
                     "that is summed over");
    results.push_back(getAffineDimExpr(*dim, context));
  }
  return AffineMap::get(resultMap.getNumResults(), /*symbolCount=*/0, results,
                        context);
}

/// Matches the weights of `product` and checks that the accumulator holds every
/// sum, whatever the activation's zero point is.
static LogicalResult matchWeights(IntegerDynamicProduct &product,
                                  OpOperand &operand, ExplainFn explain) {
  FailureOr<SmallVector<KeptDim>> kept =
      getKeptDims(product.op, operand, explain);
  if (failed(kept))
    return failure();
  FailureOr<ConstantWeights> weights = matchConstantWeights(operand, explain);
  if (failed(weights))
    return failure();
  SmallVector<int64_t> keptWeightDims;
  for (const KeptDim &dim : *kept)
    keptWeightDims.push_back(dim.weightDim);
  product.weightSums = weights->sum(keptWeightDims);
  OpOperand *activation =
      product.op.getDpsInputOperand(1 - operand.getOperandNumber());
  std::optional<RunTimeQuantizedValue> value =
      matchRunTimeQuantizedValue(activation->get());
  if (!value)
    return explain(kNoRunTimeParameters);
  int64_t bound = 0;
  for (CodeSum sum : product.weightSums)
    bound = std::max(
        bound, computeAccumulatorBound(sum, getCodeRangeOf(value->codes)));
  product.accumulatorType = getAccumulatorType(value->codes, bound);
  if (!product.accumulatorType)
    return explain("the accumulator could exceed i32");

  // The scales run along dimensions of the weights.
  MLIRContext *context = product.op.getContext();
  SmallVector<AffineExpr> results;
  for (int64_t dim : weights->scaleDims)
    results.push_back(getAffineDimExpr(dim, context));
  FailureOr<AffineMap> map = mapFromResult(
      product.op, operand,
      AffineMap::get(weights->codes.getShape().size(), 0, results, context),
      explain);
  if (failed(map))
    return failure();
  product.weightNumber = operand.getOperandNumber();
  takeOffShares(*weights, product.op, operand.getOperandNumber(), value->codes,
                *kept, /*largestBias=*/0);
  product.keptDims = std::move(*kept);
  product.weights = std::move(*weights);
  product.inputs.push_back({Value(), Value(), Value(), *map});
  return success();
}

FailureOr<IntegerDynamicProduct>
mlir::ptq::matchIntegerDynamicProduct(LinalgOp op, ExplainFn explain) {
  if (!isSumOfProducts(classifyStructuredOp(op)))
    return explain("no sum of products");
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0))
           .isProjectedPermutation())
    return explain("the result is not indexed by plain loops");
  IntegerDynamicProduct product;
  product.op = op;
  OpOperand *weight = getWeight(op);
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (input == weight) {
      if (failed(matchWeights(product, *input, explain)))
        return failure();
      continue;
    }
    std::optional<RunTimeQuantizedValue> value =
        matchRunTimeQuantizedValue(input->get());
    if (!value)
      return explain(kNoRunTimeParameters);
    FailureOr<AffineMap> map = mapFromResult(op, *input, value->map, explain);
    if (failed(map))
      return failure();
    value->map = *map;
    product.inputs.push_back(*value);
  }
  if (!hasRunTimeParameters(op))
    return explain("the parameters are constants");
  for (unsigned number : {0, 1})
    if (product.inputs[1 - number].zeroPoint &&
        !isSummedByLoops(op, *op.getDpsInputOperand(number)))
      return explain("a zero point cannot be taken out of the sum");
  if (weight)
    return product;

  FailureOr<ProductAccumulator> accumulator = matchProductAccumulator(
      op, product.inputs[0].codes, product.inputs[1].codes, explain);
  if (failed(accumulator))
    return failure();
  product.accumulatorType = accumulator->type;
  product.depth = accumulator->depth;
  return product;
}

//===----------------------------------------------------------------------===//
// Zero points
//===----------------------------------------------------------------------===//

/// The sums of the codes of input `number`.
static ElementwiseOperand createSums(ImplicitLocOpBuilder &builder,
                                     const IntegerDynamicProduct &product,
                                     unsigned number) {
  LinalgOp op = product.op;
  if (number != product.weightNumber)
    return createCodeSums(builder, op, number, product.inputs[number].codes,
                          product.accumulatorType);
  auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> dims;
  for (const KeptDim &dim : product.keptDims) {
    shape.push_back(resultType.getDimSize(dim.resultDim));
    dims.push_back(builder.getAffineDimExpr(dim.resultDim));
  }
  SmallVector<int64_t> sums = llvm::map_to_vector(
      product.weightSums, [](CodeSum sum) { return sum.sum; });
  return {createIntegerConstant(builder, builder.getLoc(),
                                product.accumulatorType, shape, sums,
                                getEdgeName(op->getResult(0)) + "_sums"),
          AffineMap::get(resultType.getRank(), /*symbolCount=*/0, dims,
                         builder.getContext())};
}

/// The initial value of the accumulator: the three terms with zero points, of
/// which shares of weights are one.
static Value createInit(ImplicitLocOpBuilder &builder,
                        const IntegerDynamicProduct &product) {
  IntegerType type = product.accumulatorType;
  Value empty = createEmptyResult(builder, product.op, type);
  Value zero =
      arith::ConstantOp::create(builder, builder.getIntegerAttr(type, 0));
  // Zero points, each followed by the sums of the other input.
  SmallVector<ElementwiseOperand> operands;
  for (unsigned number : {0, 1}) {
    const RunTimeQuantizedValue &input = product.inputs[number];
    if (!input.zeroPoint)
      continue;
    operands.push_back({input.zeroPoint, input.map});
    operands.push_back(createSums(builder, product, 1 - number));
  }
  if (product.weightNumber)
    llvm::append_range(
        operands, createShares(builder, product.op, product.weights,
                               *product.weightNumber,
                               product.inputs[1 - *product.weightNumber].codes,
                               product.keptDims, type));
  if (operands.empty())
    return linalg::FillOp::create(builder, zero, empty).getResult(0);
  return createElementwise(
      builder, empty, operands,
      [&](ImplicitLocOpBuilder &body, ValueRange elements) {
        Value init = zero;
        SmallVector<Value> zeroPoints;
        for (size_t i = 0; i < elements.size(); i += 2) {
          Value zeroPoint = elements[i];
          if (zeroPoint.getType() != type)
            zeroPoint = arith::ExtSIOp::create(body, type, zeroPoint);
          zeroPoints.push_back(zeroPoint);
          Value term = arith::MulIOp::create(body, zeroPoint, elements[i + 1]);
          init = arith::SubIOp::create(body, init, term);
        }
        if (product.depth == 0 || zeroPoints.size() < 2)
          return init;
        Value depth = arith::ConstantOp::create(
            body, body.getIntegerAttr(type, product.depth));
        Value term = arith::MulIOp::create(body, zeroPoints[0], zeroPoints[1]);
        term = arith::MulIOp::create(body, term, depth);
        return arith::AddIOp::create(body, init, term).getResult();
      });
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

namespace {
/// The scale of an accumulator as operands of a dequantize.
struct ResultScale {
  Value value;
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;
};
} // namespace

static Value createWeightScale(ImplicitLocOpBuilder &builder,
                               const IntegerDynamicProduct &product) {
  const ConstantWeights &weights = product.weights;
  if (weights.scaleDims.empty())
    return arith::ConstantOp::create(
        builder, builder.getF32FloatAttr(weights.scales.front()));
  SmallVector<int64_t> shape;
  for (int64_t dim : weights.scaleDims)
    shape.push_back(weights.codes.getShape()[dim]);
  return createFloatConstant(builder, builder.getLoc(), shape, weights.scales,
                             getEdgeName(product.op->getResult(0)) +
                                 "_weight_scale");
}

/// The number that `value` is, or has as its only element.
static Value createScalar(ImplicitLocOpBuilder &builder, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return value;
  Value zero = arith::ConstantIndexOp::create(builder, 0);
  return tensor::ExtractOp::create(builder, value,
                                   SmallVector<Value>(type.getRank(), zero));
}

/// The product of the scales of both inputs, shaped for an accumulator that is
/// `sums`: a scalar, a vector along an axis, or one number for each block.
static ResultScale createScale(ImplicitLocOpBuilder &builder,
                               const IntegerDynamicProduct &product,
                               Value sums) {
  SmallVector<ElementwiseOperand> scales;
  for (auto [number, input] : llvm::enumerate(product.inputs))
    scales.push_back({number == product.weightNumber
                          ? createWeightScale(builder, product)
                          : input.scale,
                      input.map});
  auto multiply = [](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
    return arith::MulFOp::create(body, createWideningToF32(body, elements[0]),
                                 createWideningToF32(body, elements[1]));
  };
  auto type = cast<RankedTensorType>(sums.getType());
  auto isUsed = [&](int64_t dim) {
    return llvm::any_of(product.inputs, [&](const auto &input) {
      return input.map.isFunctionOfDim(dim);
    });
  };
  SmallVector<int64_t> dims = llvm::to_vector(
      llvm::make_filter_range(llvm::seq<int64_t>(type.getRank()), isUsed));
  if (dims.empty())
    return {multiply(builder, {createScalar(builder, scales[0].value),
                               createScalar(builder, scales[1].value)}),
            {},
            {}};

  // Along one axis the loops are that dimension alone; otherwise they are all
  // dimensions, of which those without scales of their own have one block. A
  // block has a static size.
  bool isAlongAxis = dims.size() == 1;
  SmallVector<int64_t> shape, blocks;
  SmallVector<Value> sizes;
  SmallVector<AffineExpr> loops;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    bool isOneBlock = !isUsed(dim) && (isAlongAxis || !type.isDynamicDim(dim));
    blocks.push_back(isOneBlock ? type.getDimSize(dim) : 1);
    loops.push_back(builder.getAffineDimExpr(isAlongAxis ? 0 : loops.size()));
    if (isOneBlock && isAlongAxis)
      continue;
    shape.push_back(isOneBlock ? 1 : type.getDimSize(dim));
    if (ShapedType::isDynamic(shape.back()))
      sizes.push_back(tensor::DimOp::create(builder, sums, dim));
  }
  auto rank = static_cast<unsigned>(shape.size());
  for (ElementwiseOperand &scale : scales)
    scale.map = scale.map.replaceDimsAndSymbols(loops, {}, rank, 0);
  Value empty =
      tensor::EmptyOp::create(builder, shape, builder.getF32Type(), sizes);
  Value value = createElementwise(builder, empty, scales, multiply);
  if (isAlongAxis)
    return {value, builder.getI64IntegerAttr(dims.front()), {}};
  return {value, {}, builder.getDenseI64ArrayAttr(blocks)};
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

namespace {

struct RewriteDynamicProduct
    : FloatOpPattern<IntegerDynamicProduct, matchIntegerDynamicProduct> {
  using FloatOpPattern::FloatOpPattern;

private:
  void rewrite(IntegerDynamicProduct &product,
               PatternRewriter &rewriter) const override {
    LinalgOp op = product.op;
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    if (product.weightNumber)
      product.inputs[*product.weightNumber].codes =
          createCodeConstant(builder, op, product.weights);
    Value init = createInit(builder, product);
    Value sums = createCodeProduct(builder, op, product.inputs[0].codes,
                                   product.inputs[1].codes, init);
    ResultScale scale = createScale(builder, product, sums);
    Value values = DequantizeOp::create(
        builder, op->getResult(0).getType(), sums, scale.value,
        /*zero_point=*/Value(), scale.axis, scale.blockSize);
    if (!isZeroFilled(op.getDpsInitOperand(0)->get()))
      values = createSumWithInit(builder, op, values);
    rewriter.replaceOp(op, values);
  }
};

} // namespace

void mlir::ptq::populateIntegerDynamicProductPatterns(
    RewritePatternSet &patterns) {
  patterns.add<RewriteDynamicProduct>(patterns.getContext());
}
