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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

FailureOr<SmallVector<KeptDim>>
mlir::ptq::getKeptDims(LinalgOp op, OpOperand &weight, ExplainFn explain) {
  AffineMap weightMap = op.getMatchingIndexingMap(&weight);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weightMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation())
    return explain("the weights or the result are not indexed by plain loops");
  // Each weight must be multiplied once for each element of the result, or the
  // zero point's share would not be a sum of the weights.
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  for (unsigned loop : reductions)
    if (!weightMap.isFunctionOfDim(loop))
      return explain("a dimension that is summed over does not index the "
                     "weights");
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<KeptDim> kept;
  for (auto [dim, expr] : llvm::enumerate(resultMap.getResults())) {
    std::optional<unsigned> weightDim = weightMap.getResultPosition(expr);
    if (!weightDim)
      continue;
    if (type.isDynamicDim(dim))
      return explain("the number of output channels is dynamic");
    kept.push_back({static_cast<int64_t>(dim), *weightDim});
  }
  return kept;
}

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

OpOperand *mlir::ptq::getWeight(LinalgOp op) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  for (OpOperand *input : op.getDpsInputOperands())
    if (quantizable.getOperandRole(input->getOperandNumber()) ==
        OperandRole::Weight)
      return input;
  return nullptr;
}

bool mlir::ptq::isActivationProduct(LinalgOp op) { return !getWeight(op); }

FailureOr<IntegerProduct> mlir::ptq::matchIntegerProduct(LinalgOp op,
                                                         ExplainFn explain) {
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
  SmallVector<int64_t> keptWeightDims;
  for (const KeptDim &dim : *kept) {
    product.initDims.push_back(dim.resultDim);
    keptWeightDims.push_back(dim.weightDim);
  }
  SmallVector<CodeSum> sums = weights->sum(keptWeightDims);
  FailureOr<SmallVector<int32_t>> bias = readBiasCodes(
      *op.getDpsInitOperand(0), product.initDims, sums.size(), product.scale);
  if (failed(bias)) {
    product.addsInit = true;
    bias = SmallVector<int32_t>(sums.size(), 0);
  }
  CodeRange codes = getProducedCodeRange(activation->codes);
  for (auto [sum, code] : llvm::zip_equal(sums, *bias)) {
    AccumulatorStart start = computeAccumulatorStart(
        sum, code, activation->parameters.zeroPoint, codes);
    product.init.push_back(start.value);
    product.bound = std::max(product.bound, start.bound);
  }
  product.accumulatorType =
      getAccumulatorType(activation->codes, product.bound);
  if (!product.accumulatorType)
    return explain("the accumulator could exceed i32");

  product.inputs = {activation->codes, activation->codes};
  product.weightNumber = weightOperand->getOperandNumber();
  product.inputs[product.weightNumber] = {};
  product.weights = std::move(*weights);
  return product;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

Value mlir::ptq::createCodeProduct(OpBuilder &builder, LinalgOp op, Value lhs,
                                   Value rhs, Value init) {
  return rebuildStructuredOp(
      builder, op, {lhs, rhs, init},
      [](ImplicitLocOpBuilder &body, Block &block) -> Value {
        Type type = block.getArgument(2).getType();
        Value left = arith::ExtSIOp::create(body, type, block.getArgument(0));
        Value right = arith::ExtSIOp::create(body, type, block.getArgument(1));
        Value term = arith::MulIOp::create(body, left, right);
        return arith::AddIOp::create(body, block.getArgument(2), term);
      });
}

/// The initial value of the accumulator: `product.init` broadcast to the shape
/// of the result.
static Value createInit(ImplicitLocOpBuilder &builder,
                        const IntegerProduct &product) {
  LinalgOp op = product.op;
  IntegerType elementType = product.accumulatorType;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value empty = createEmptyResult(builder, op, elementType);
  if (llvm::all_equal(product.init)) {
    Value value = arith::ConstantOp::create(
        builder, builder.getIntegerAttr(elementType, product.init.front()));
    return linalg::FillOp::create(builder, value, empty).getResult(0);
  }
  SmallVector<int64_t> shape, broadcastDims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (llvm::is_contained(product.initDims, dim))
      shape.push_back(type.getDimSize(dim));
    else
      broadcastDims.push_back(dim);
  }
  TensorValue tensor = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, elementType));
  if (elementType.isInteger(32))
    llvm::copy(product.init, tensor.getMutableData<int32_t>().begin());
  else
    llvm::copy(product.init, tensor.getMutableData<int64_t>().begin());
  Value constant =
      createTensorConstant(builder, builder.getLoc(), tensor,
                           getEdgeName(op->getResult(0)) + "_init");
  return linalg::BroadcastOp::create(builder, constant, empty, broadcastDims)
      ->getResult(0);
}

namespace {

struct RewriteProduct : OpInterfaceRewritePattern<QuantizableOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizableOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto linalgOp = dyn_cast<LinalgOp>(op.getOperation());
    if (!linalgOp || op.getQuantizableKind().empty() ||
        !isSumOfProducts(classifyStructuredOp(linalgOp)) ||
        isActivationProduct(linalgOp))
      return rewriter.notifyMatchFailure(op, "no float sum of products with "
                                             "weights");
    FailureOr<IntegerProduct> product =
        matchIntegerProduct(linalgOp, [&](const Twine &reason) {
          return rewriter.notifyMatchFailure(op, reason);
        });
    if (failed(product))
      return failure();
    rewrite(*product, rewriter);
    return success();
  }

private:
  static void rewrite(IntegerProduct &product, PatternRewriter &rewriter) {
    LinalgOp op = product.op;
    remarkAccumulatorBound(op, product.accumulatorType, product.bound);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    product.inputs[product.weightNumber] = createCodeConstant(
        builder, product.weights, getEdgeName(op->getResult(0)) + "_weights");
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
