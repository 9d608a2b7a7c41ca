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
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "ptq/Quantization/CodeSums.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The range of i8 codes.
static constexpr CodeRange kByteCodes{-128, 127};

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

namespace {
/// A dimension of a weight, and where the same loop is in the result.
struct KeptDim {
  int64_t resultDim;
  int64_t weightDim;
};
} // namespace

/// The dimensions of `weight` that are not summed over, by ascending dimension
/// of the result. Failure if an operand is not indexed by plain loops.
static FailureOr<SmallVector<KeptDim>> getKeptDims(LinalgOp op,
                                                   OpOperand &weight) {
  AffineMap weightMap = op.getMatchingIndexingMap(&weight);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weightMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation())
    return failure();
  SmallVector<KeptDim> kept;
  for (auto [dim, expr] : llvm::enumerate(resultMap.getResults()))
    if (std::optional<unsigned> weightDim = weightMap.getResultPosition(expr))
      kept.push_back({static_cast<int64_t>(dim), *weightDim});
  return kept;
}

/// Whether `dims` follow each other.
static bool areNeighbours(ArrayRef<int64_t> dims) {
  for (size_t i = 1; i < dims.size(); ++i)
    if (dims[i] != dims[i - 1] + 1)
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

namespace {
/// Constant codes of a weight, laid out as the op reads them.
struct Weights {
  TensorValue codes;
  DequantizeOp dequantize;
  /// The dimension of the op's operand, or the dimensions, that the scales run
  /// along; none for one scale.
  SmallVector<int64_t> scaleDims;
  SmallVector<float> scales;
};
} // namespace

/// Whether every op of `path` keeps the row-major order of elements.
static bool keepsOrder(const EdgePath &path) {
  return llvm::all_of(ArrayRef(path.operands).drop_back(),
                      [](OpOperand *operand) {
                        return isa<tensor::CastOp, tensor::CollapseShapeOp,
                                   tensor::ExpandShapeOp>(operand->getOwner());
                      });
}

static FailureOr<Weights> matchWeights(OpOperand &operand, ExplainFn explain) {
  EdgePath path = traceToRoot(operand);
  auto dequantize = path.root.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return explain("the weights are not quantized");
  if (matchZeroPoint(dequantize.getZeroPoint()) != 0)
    return explain("the weights are not symmetric");
  auto storage =
      cast<IntegerType>(dequantize.getInput().getType().getElementType());
  if (storage.getWidth() > 8)
    return explain("the weights have codes of more than 8 bits");
  if (dequantize.getBlockSize())
    return explain("the weights have scales for blocks");
  if (!keepsOrder(path))
    return explain("data movement splits the channels of the weights");
  FailureOr<TensorValue> codes = evaluateConstant(dequantize.getInput());
  FailureOr<SmallVector<float>> scales =
      readFloatConstant(dequantize.getScale());
  if (failed(codes) || failed(scales))
    return explain("the weights or their scales are not constants that can be "
                   "read");
  if (scales->empty() || codes->getNumElements() == 0)
    return explain("the weights are empty");
  Weights weights;
  weights.dequantize = dequantize;
  weights.scales = std::move(*scales);
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!type.hasStaticShape())
    return explain("the weights have a dynamic shape");
  weights.codes =
      codes->withType(type.clone(IntegerType::get(type.getContext(), 8)));
  if (std::optional<int64_t> axis = dequantize.getAxis()) {
    FailureOr<SmallVector<int64_t>> dims = mapDimsFromRoot(path, *axis);
    if (failed(dims))
      return explain("data movement splits the channels of the weights");
    weights.scaleDims = std::move(*dims);
  }
  if (llvm::all_equal(weights.scales)) {
    weights.scales.resize(1);
    weights.scaleDims.clear();
  }
  return weights;
}

/// Maps the scales of `weights` to dimensions of the result.
static FailureOr<AccumulatorScale> getAccumulatorScale(const Weights &weights,
                                                       ArrayRef<KeptDim> kept,
                                                       float inputScale,
                                                       ExplainFn explain) {
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
// Biases
//===----------------------------------------------------------------------===//

/// Whether `init` is filled with zeros.
static bool isZeroFilled(Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    return matchPattern(fill.getInputs().front(), m_AnyZeroFloat());
  return matchPattern(init, m_AnyZeroFloat());
}

/// The codes of the bias that `init` holds, one for each index of `dims` of the
/// result, if its scale is that of the accumulator. A failure means that the
/// bias has to be added in float.
static FailureOr<SmallVector<int32_t>>
readBiasCodes(OpOperand &init, ArrayRef<int64_t> dims, int64_t count,
              const AccumulatorScale &scale) {
  if (isZeroFilled(init.get()))
    return SmallVector<int32_t>(count, 0);
  EdgePath path = traceToRoot(init);
  auto dequantize = path.root.getDefiningOp<DequantizeOp>();
  if (!dequantize || matchZeroPoint(dequantize.getZeroPoint()) != 0 ||
      dequantize.getBlockSize() ||
      !dequantize.getInput().getType().getElementType().isInteger(32))
    return failure();
  // Codes may have been moved as well, after the dequantize has sunk.
  EdgePath codePath = traceToRoot(dequantize->getOpOperand(0));
  FailureOr<SmallVector<int64_t>> rootDims = mapDimsToRoot(path, dims);
  if (succeeded(rootDims))
    rootDims = mapDimsToRoot(codePath, *rootDims);
  auto rootType = dyn_cast<RankedTensorType>(codePath.root.getType());
  if (failed(rootDims) || !llvm::is_sorted(*rootDims) || !rootType ||
      !rootType.hasStaticShape() || rootType.getNumElements() != count)
    return failure();
  FailureOr<TensorValue> codes = evaluateConstant(codePath.root);
  FailureOr<SmallVector<float>> biasScales =
      readFloatConstant(dequantize.getScale());
  if (failed(codes) || failed(biasScales))
    return failure();
  // Both lists of scales are one number, or run along the same channels.
  SmallVector<float> steps = scale.getStepScales();
  bool isPerChannel = llvm::equal(scale.channelDims, dims);
  size_t channels = isPerChannel ? count : 1;
  auto getScale = [](ArrayRef<float> scales, size_t channel) {
    return scales[scales.size() == 1 ? 0 : channel];
  };
  for (ArrayRef<float> scales : {ArrayRef(steps), ArrayRef(*biasScales)})
    if (scales.size() != 1 && scales.size() != channels)
      return failure();
  for (size_t channel = 0; channel < channels; ++channel)
    if (getScale(steps, channel) != getScale(*biasScales, channel))
      return failure();
  return SmallVector<int32_t>(codes->getData<int32_t>());
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

static bool isSumOfProducts(StructuredOpKind kind) {
  return kind == StructuredOpKind::Contraction ||
         kind == StructuredOpKind::Convolution ||
         kind == StructuredOpKind::DepthwiseConvolution;
}

/// The input of `op` that is a weight; null if both are activations.
static OpOperand *getWeight(LinalgOp op) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  for (OpOperand *input : op.getDpsInputOperands())
    if (quantizable.getOperandRole(input->getOperandNumber()) ==
        OperandRole::Weight)
      return input;
  return nullptr;
}

/// Both inputs are activations: symmetric codes of known depth multiply as they
/// are.
static FailureOr<IntegerProduct> matchActivationProduct(LinalgOp op,
                                                        ExplainFn explain) {
  IntegerProduct product;
  product.op = op;
  SmallVector<QuantizedValue> values;
  for (OpOperand *input : op.getDpsInputOperands()) {
    std::optional<QuantizedValue> value = matchQuantizedValue(input->get());
    if (!value)
      return explain("an operand is not quantized to i8 with constant "
                     "parameters of the whole tensor");
    if (value->parameters.zeroPoint != 0)
      return explain("a product of two activations needs symmetric codes");
    product.inputs.push_back(value->codes);
    values.push_back(*value);
  }
  std::optional<int64_t> depth =
      cast<QuantizableOpInterface>(op.getOperation()).getAccumulationDepth();
  if (!depth)
    return explain("the number of products in a sum is not known");
  if (*depth > INT32_MAX / (128 * 128))
    return explain("the accumulator could exceed i32");
  product.scale.inputScale = values[0].parameters.scale;
  product.scale.weightScales = {values[1].parameters.scale};
  product.init = {0};
  product.addsInit = !isZeroFilled(op.getDpsInitOperand(0)->get());
  return product;
}

FailureOr<IntegerProduct> mlir::ptq::matchIntegerProduct(LinalgOp op,
                                                         ExplainFn explain) {
  Value result = op->getResult(0);
  OpOperand *weightOperand = getWeight(op);
  if (!weightOperand) {
    FailureOr<IntegerProduct> product = matchActivationProduct(op, explain);
    if (succeeded(product) &&
        failed(checkUsers(result, product->scale, explain)))
      return failure();
    return product;
  }
  OpOperand *activationOperand =
      op.getDpsInputOperand(1 - weightOperand->getOperandNumber());
  std::optional<QuantizedValue> activation =
      matchQuantizedValue(activationOperand->get());
  if (!activation)
    return explain("the activation is not quantized to i8 with constant "
                   "parameters of the whole tensor");
  FailureOr<SmallVector<KeptDim>> kept = getKeptDims(op, *weightOperand);
  if (failed(kept))
    return explain("the weights or the result are not indexed by plain loops");
  FailureOr<Weights> weights = matchWeights(*weightOperand, explain);
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
  SmallVector<CodeSum> sums =
      sumCodes(weights->codes.getData<int8_t>(), weights->codes.getShape(),
               keptWeightDims);
  FailureOr<SmallVector<int32_t>> bias = readBiasCodes(
      *op.getDpsInitOperand(0), product.initDims, sums.size(), product.scale);
  if (failed(bias)) {
    product.addsInit = true;
    bias = SmallVector<int32_t>(sums.size(), 0);
  }
  for (auto [sum, code] : llvm::zip_equal(sums, *bias)) {
    std::optional<int32_t> init = computeAccumulatorInit(
        sum, code, activation->parameters.zeroPoint, kByteCodes);
    if (!init)
      return explain("the accumulator could exceed i32");
    product.init.push_back(*init);
  }

  product.inputs = {activation->codes, activation->codes};
  product.weightNumber = weightOperand->getOperandNumber();
  Value stored = weights->dequantize.getInput();
  bool isReady = stored.getType() == weights->codes.getType() &&
                 matchPattern(stored, m_Constant());
  product.inputs[product.weightNumber] = isReady ? stored : Value();
  if (!isReady)
    product.weights = weights->codes;
  return product;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// The initial value of the accumulator: `product.init` broadcast to the shape
/// of the result.
static Value createInit(ImplicitLocOpBuilder &builder,
                        const IntegerProduct &product) {
  LinalgOp op = product.op;
  Type i32 = builder.getI32Type();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value empty =
      tensor::EmptyOp::create(builder, createResultSizes(builder, op), i32);
  if (llvm::all_equal(product.init)) {
    Value value = arith::ConstantOp::create(
        builder, builder.getI32IntegerAttr(product.init.front()));
    return linalg::FillOp::create(builder, value, empty).getResult(0);
  }
  SmallVector<int64_t> shape, broadcastDims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (llvm::is_contained(product.initDims, dim))
      shape.push_back(type.getDimSize(dim));
    else
      broadcastDims.push_back(dim);
  }
  TensorValue tensor =
      TensorValue::allocateUninitialized(RankedTensorType::get(shape, i32));
  llvm::copy(product.init, tensor.getMutableData<int32_t>().begin());
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
        !isSumOfProducts(classifyStructuredOp(linalgOp)))
      return rewriter.notifyMatchFailure(op, "no float sum of products");
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
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    if (product.weights)
      product.inputs[product.weightNumber] =
          createTensorConstant(builder, builder.getLoc(), product.weights,
                               getEdgeName(op->getResult(0)) + "_weights");
    Value init = createInit(builder, product);
    Value accumulator = rebuildStructuredOp(
        builder, op, {product.inputs[0], product.inputs[1], init},
        [](ImplicitLocOpBuilder &body, Block &block) -> Value {
          Type i32 = body.getI32Type();
          Value lhs = arith::ExtSIOp::create(body, i32, block.getArgument(0));
          Value rhs = arith::ExtSIOp::create(body, i32, block.getArgument(1));
          Value term = arith::MulIOp::create(body, lhs, rhs);
          return arith::AddIOp::create(body, block.getArgument(2), term);
        });

    Value result = op->getResult(0);
    Value oldInit = op.getDpsInitOperand(0)->get();
    if (product.addsInit) {
      auto type = cast<RankedTensorType>(result.getType());
      Value empty = tensor::EmptyOp::create(
          builder, createResultSizes(builder, op), type.getElementType());
      builder.setInsertionPointAfter(op);
      Value sum = createElementwise(
          builder, empty, {{result}, {oldInit}},
          [](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
            return arith::AddFOp::create(body, elements[0], elements[1]);
          });
      rewriter.replaceAllUsesExcept(result, sum, sum.getDefiningOp());
    }
    replaceUsers(rewriter, result, accumulator, product.scale);
    rewriter.eraseOp(op);
  }
};

} // namespace

void mlir::ptq::populateIntegerProductPatterns(RewritePatternSet &patterns) {
  patterns.add<RewriteProduct>(patterns.getContext());
}
