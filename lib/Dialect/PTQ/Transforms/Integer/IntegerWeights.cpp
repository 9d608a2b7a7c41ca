//===- IntegerWeights.cpp - Constant weights and biases -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Whether every op of `path` keeps the row-major order of elements.
static bool keepsOrder(const EdgePath &path) {
  return llvm::all_of(ArrayRef(path.operands).drop_back(),
                      [](OpOperand *operand) {
                        return isa<tensor::CastOp, tensor::CollapseShapeOp,
                                   tensor::ExpandShapeOp>(operand->getOwner());
                      });
}

namespace {
/// Constant weights as they are stored, and the way to the op that reads them.
struct StoredWeights {
  EdgePath path;
  DequantizeOp dequantize;
  /// Laid out as the op reads them.
  TensorValue codes;
  SmallVector<float> scales;
  /// As many as scales; none if all are 0.
  SmallVector<int32_t> zeroPoints;
};
} // namespace

/// Constant scales of f32, f16 or bf16, widened to f32.
static FailureOr<SmallVector<float>> readScales(Value scale) {
  if (getElementTypeOrSelf(scale).isF32())
    return readFloatConstant(scale);
  FailureOr<TensorValue> tensor = evaluateConstant(scale);
  if (failed(tensor))
    return failure();
  const llvm::fltSemantics &semantics =
      cast<FloatType>(tensor->getElementType()).getFloatSemantics();
  return llvm::map_to_vector(tensor->getData<uint16_t>(), [&](uint16_t bits) {
    return APFloat(semantics, APInt(16, bits)).convertToFloat();
  });
}

/// The zero points of `dequantize`, which has `count` scales.
static FailureOr<SmallVector<int32_t>> readZeroPoints(DequantizeOp dequantize,
                                                      int64_t count) {
  Value zeroPoint = dequantize.getZeroPoint();
  SmallVector<int32_t> zeroPoints;
  if (std::optional<int64_t> constant = matchZeroPoint(zeroPoint)) {
    zeroPoints.assign(count, static_cast<int32_t>(*constant));
  } else {
    FailureOr<TensorValue> tensor = evaluateConstant(zeroPoint);
    if (failed(tensor))
      return failure();
    if (tensor->getElementType().isInteger(8))
      llvm::append_range(zeroPoints, tensor->getData<int8_t>());
    else
      llvm::append_range(zeroPoints, tensor->getData<int32_t>());
  }
  if (llvm::all_of(zeroPoints, [](int32_t code) { return code == 0; }))
    zeroPoints.clear();
  return zeroPoints;
}

/// The weights that `operand` reads, if they are codes of up to 8 bits with
/// constant scales and zero points. Those in blocks are taken `withBlocks`
/// only.
static FailureOr<StoredWeights>
matchStoredWeights(OpOperand &operand, bool withBlocks, ExplainFn explain) {
  EdgePath path = traceToRoot(operand);
  auto dequantize = path.root.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return explain("the weights are not quantized");
  auto storage =
      cast<IntegerType>(dequantize.getInput().getType().getElementType());
  if (storage.getWidth() > 8)
    return explain("the weights have codes of more than 8 bits");
  if (dequantize.getBlockSize() && !withBlocks)
    return explain("the weights have scales for blocks");
  if (!keepsOrder(path))
    return explain("data movement splits the channels of the weights");
  FailureOr<TensorValue> codes = evaluateConstant(dequantize.getInput());
  FailureOr<SmallVector<float>> scales = readScales(dequantize.getScale());
  if (failed(codes) || failed(scales))
    return explain("the weights or their scales are not constants that can be "
                   "read");
  if (scales->empty() || codes->getNumElements() == 0)
    return explain("the weights are empty");
  FailureOr<SmallVector<int32_t>> zeroPoints =
      readZeroPoints(dequantize, scales->size());
  if (failed(zeroPoints))
    return explain("the zero points of the weights are not constants that can "
                   "be read");
  CodeRange range = getCodeRange(storage.getWidth(), /*narrow=*/false);
  if (llvm::any_of(*zeroPoints, [&](int32_t code) {
        return code < range.min || code > range.max;
      }))
    return explain("a zero point of the weights is none of their codes");
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!type.hasStaticShape() ||
      type.getNumElements() != codes->getNumElements())
    return explain("the weights have a dynamic shape");
  return StoredWeights{
      std::move(path), dequantize,
      codes->withType(type.clone(IntegerType::get(type.getContext(), 8))),
      std::move(*scales), std::move(*zeroPoints)};
}

/// One of `parameters` for each element of what `dequantize` gives, in a tensor
/// of `elementType`.
template <typename T>
static TensorValue spreadParameters(DequantizeOp dequantize,
                                    ArrayRef<T> parameters, Type elementType) {
  RankedTensorType type = dequantize.getInput().getType();
  ArrayRef<int64_t> shape = type.getShape();
  ParameterLayout layout = ParameterLayout::perTensor(shape);
  if (std::optional<int64_t> axis = dequantize.getAxis())
    layout = ParameterLayout::alongAxis(shape, *axis);
  if (std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize())
    layout = ParameterLayout::inBlocks(shape, *blocks);
  TensorValue result =
      TensorValue::allocateUninitialized(type.clone(elementType));
  MutableArrayRef<T> elements = result.getMutableData<T>();
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t index = 0; index < run.count; ++index)
      elements[run.begin + index] =
          parameters[run.parameter + index * run.stride];
  });
  return result;
}

/// Takes the zero points off the codes of `weights`, which become i16 if they
/// do not fit i8 any more.
static void takeOffZeroPoints(StoredWeights &weights) {
  MLIRContext *context = weights.dequantize.getContext();
  TensorValue zeroPoints = spreadParameters<int32_t>(
      weights.dequantize, weights.zeroPoints, IntegerType::get(context, 32));
  auto differences = llvm::map_range(
      llvm::zip_equal(weights.codes.getData<int8_t>(),
                      zeroPoints.getData<int32_t>()),
      [](auto pair) { return std::get<0>(pair) - std::get<1>(pair); });
  bool isNarrow = llvm::all_of(
      differences, [](int32_t code) { return llvm::isInt<8>(code); });
  TensorValue codes =
      TensorValue::allocateUninitialized(weights.codes.getType().clone(
          IntegerType::get(context, isNarrow ? 8 : 16)));
  if (isNarrow)
    llvm::copy(differences, codes.getMutableData<int8_t>().begin());
  else
    llvm::copy(differences, codes.getMutableData<int16_t>().begin());
  weights.codes = std::move(codes);
}

FailureOr<ConstantWeights> mlir::ptq::matchConstantWeights(OpOperand &operand,
                                                           ExplainFn explain) {
  FailureOr<StoredWeights> stored =
      matchStoredWeights(operand, /*withBlocks=*/false, explain);
  if (failed(stored))
    return failure();
  ConstantWeights weights;
  if (!stored->zeroPoints.empty()) {
    if (!stored->dequantize.getInput().getType().hasStaticShape())
      return explain("the weights have a dynamic shape");
    takeOffZeroPoints(*stored);
    weights.areStored = false;
  }
  weights.dequantize = stored->dequantize;
  weights.codes = std::move(stored->codes);
  weights.scales = std::move(stored->scales);
  if (std::optional<int64_t> axis = weights.dequantize.getAxis()) {
    FailureOr<SmallVector<int64_t>> dims = mapDimsFromRoot(stored->path, *axis);
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

SmallVector<CodeSum> ConstantWeights::sum(ArrayRef<int64_t> keptDims) const {
  if (codes.getElementType().isInteger(8))
    return sumCodes(codes.getData<int8_t>(), codes.getShape(), keptDims);
  return sumCodes(codes.getData<int16_t>(), codes.getShape(), keptDims);
}

//===----------------------------------------------------------------------===//
// Weights in blocks
//===----------------------------------------------------------------------===//

/// The number of elements between neighbours in dimension `dim`.
static int64_t getStride(ArrayRef<int64_t> shape, int64_t dim) {
  return ShapedType::getNumElements(shape.drop_front(dim + 1));
}

/// The largest size of blocks along dimension `dim` in which none of
/// `parameters`, of type T, changes; all blocks begin after multiples of it.
template <typename T>
static int64_t findBlockSize(const TensorValue &parameters, int64_t dim) {
  int64_t depth = parameters.getShape()[dim];
  int64_t stride = getStride(parameters.getShape(), dim);
  ArrayRef<T> elements = parameters.getData<T>();
  int64_t size = 0;
  for (int64_t index = 0, e = elements.size(); index < e; ++index) {
    int64_t step = index / stride % depth;
    if (step > 0 && elements[index] != elements[index - stride])
      size = std::gcd(size, step);
  }
  return size == 0 ? depth : size;
}

FailureOr<BlockWeights> mlir::ptq::matchBlockWeights(OpOperand &operand,
                                                     int64_t dim,
                                                     ExplainFn explain) {
  FailureOr<StoredWeights> stored =
      matchStoredWeights(operand, /*withBlocks=*/true, explain);
  if (failed(stored))
    return failure();
  if (!stored->dequantize.getInput().getType().hasStaticShape())
    return explain("the weights have a dynamic shape");
  RankedTensorType type = stored->codes.getType();
  BlockWeights weights;
  weights.codes = std::move(stored->codes);
  Type f32 = Float32Type::get(type.getContext());
  weights.scales =
      spreadParameters<float>(stored->dequantize, stored->scales, f32)
          .withType(type.clone(f32));
  weights.blockSize = findBlockSize<float>(weights.scales, dim);
  if (stored->zeroPoints.empty())
    return weights;
  Type i32 = IntegerType::get(type.getContext(), 32);
  weights.zeroPoints =
      spreadParameters<int32_t>(stored->dequantize, stored->zeroPoints, i32)
          .withType(type.clone(i32));
  weights.blockSize = std::gcd(weights.blockSize,
                               findBlockSize<int32_t>(weights.zeroPoints, dim));
  return weights;
}

BlockWeights mlir::ptq::splitIntoBlocks(const BlockWeights &weights,
                                        int64_t dim, int64_t blockSize) {
  RankedTensorType type = weights.codes.getType();
  int64_t depth = type.getDimSize(dim);
  int64_t stride = getStride(type.getShape(), dim);
  int64_t count = llvm::divideCeil(depth, blockSize);
  SmallVector<int64_t> parameterShape(type.getShape());
  parameterShape[dim] = count;
  SmallVector<int64_t> codeShape = parameterShape;
  codeShape.insert(codeShape.begin() + dim + 1, blockSize);

  // Copies `from` to `to`, which has `steps` indices for each block.
  auto copy = [&](auto from, auto to, int64_t steps) {
    for (int64_t index = 0, e = from.size(); index < e; ++index) {
      int64_t row = index / (stride * depth);
      int64_t step = index / stride % depth;
      int64_t place = step / blockSize * steps + step % blockSize % steps;
      to[(row * count * steps + place) * stride + index % stride] = from[index];
    }
  };
  BlockWeights split;
  split.blockSize = blockSize;
  split.codes = TensorValue::allocate(type.clone(codeShape));
  copy(weights.codes.getData<int8_t>(), split.codes.getMutableData<int8_t>(),
       blockSize);
  split.scales =
      TensorValue::allocate(weights.scales.getType().clone(parameterShape));
  copy(weights.scales.getData<float>(), split.scales.getMutableData<float>(),
       /*steps=*/1);
  if (weights.zeroPoints) {
    split.zeroPoints = TensorValue::allocate(
        weights.zeroPoints.getType().clone(parameterShape));
    copy(weights.zeroPoints.getData<int32_t>(),
         split.zeroPoints.getMutableData<int32_t>(), /*steps=*/1);
  }
  return split;
}

Value mlir::ptq::createCodeConstant(ImplicitLocOpBuilder &builder,
                                    linalg::LinalgOp op,
                                    const ConstantWeights &weights) {
  DequantizeOp dequantize = weights.dequantize;
  Value stored = dequantize.getInput();
  if (weights.areStored && stored.getType() == weights.codes.getType() &&
      matchPattern(stored, m_Constant()))
    return stored;
  return createTensorConstant(builder, builder.getLoc(), weights.codes,
                              getEdgeName(op->getResult(0)) + "_weights");
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

/// Whether every element of what `path` ends in is an element of its root.
static bool addsNoElements(const EdgePath &path) {
  return llvm::none_of(path.operands, [](OpOperand *operand) {
    return isa<tensor::PadOp>(operand->getOwner());
  });
}

FailureOr<SmallVector<int32_t>>
mlir::ptq::readBiasCodes(OpOperand &init, ArrayRef<int64_t> dims, int64_t count,
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
      !rootType.hasStaticShape() || rootType.getNumElements() != count ||
      !addsNoElements(path) || !addsNoElements(codePath))
    return failure();
  FailureOr<TensorValue> codes = evaluateConstant(codePath.root);
  FailureOr<SmallVector<float>> biasScales =
      readFloatConstant(dequantize.getScale());
  if (failed(codes) || failed(biasScales) || biasScales->empty())
    return failure();
  if (llvm::all_equal(*biasScales))
    biasScales->resize(1);
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
