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

/// The weights that `operand` reads, if they are symmetric codes of up to 8
/// bits with constant scales. Those in blocks are taken `withBlocks` only.
static FailureOr<StoredWeights>
matchStoredWeights(OpOperand &operand, bool withBlocks, ExplainFn explain) {
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
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!type.hasStaticShape() ||
      type.getNumElements() != codes->getNumElements())
    return explain("the weights have a dynamic shape");
  return StoredWeights{
      std::move(path), dequantize,
      codes->withType(type.clone(IntegerType::get(type.getContext(), 8))),
      std::move(*scales)};
}

FailureOr<ConstantWeights> mlir::ptq::matchConstantWeights(OpOperand &operand,
                                                           ExplainFn explain) {
  FailureOr<StoredWeights> stored =
      matchStoredWeights(operand, /*withBlocks=*/false, explain);
  if (failed(stored))
    return failure();
  ConstantWeights weights;
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

//===----------------------------------------------------------------------===//
// Weights in blocks
//===----------------------------------------------------------------------===//

/// The scale of each element of what `dequantize` gives.
static TensorValue spreadScales(DequantizeOp dequantize,
                                ArrayRef<float> scales) {
  RankedTensorType type = dequantize.getInput().getType();
  ArrayRef<int64_t> shape = type.getShape();
  ParameterLayout layout = ParameterLayout::perTensor(shape);
  if (std::optional<int64_t> axis = dequantize.getAxis())
    layout = ParameterLayout::alongAxis(shape, *axis);
  if (std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize())
    layout = ParameterLayout::inBlocks(shape, *blocks);
  TensorValue result = TensorValue::allocateUninitialized(
      type.clone(Float32Type::get(type.getContext())));
  MutableArrayRef<float> elements = result.getMutableData<float>();
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t index = 0; index < run.count; ++index)
      elements[run.begin + index] = scales[run.parameter + index * run.stride];
  });
  return result;
}

/// The number of elements between neighbours in dimension `dim`.
static int64_t getStride(ArrayRef<int64_t> shape, int64_t dim) {
  return ShapedType::getNumElements(shape.drop_front(dim + 1));
}

/// The largest size of blocks along dimension `dim` in which no scale changes.
static int64_t findBlockSize(const TensorValue &scales, int64_t dim) {
  int64_t depth = scales.getShape()[dim];
  int64_t stride = getStride(scales.getShape(), dim);
  ArrayRef<float> elements = scales.getData<float>();
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
  weights.scales =
      spreadScales(stored->dequantize, stored->scales)
          .withType(type.clone(Float32Type::get(type.getContext())));
  weights.blockSize = findBlockSize(weights.scales, dim);
  return weights;
}

BlockWeights mlir::ptq::splitIntoBlocks(const BlockWeights &weights,
                                        int64_t dim, int64_t blockSize) {
  RankedTensorType type = weights.codes.getType();
  int64_t depth = type.getDimSize(dim);
  int64_t stride = getStride(type.getShape(), dim);
  int64_t count = llvm::divideCeil(depth, blockSize);
  SmallVector<int64_t> scaleShape(type.getShape());
  scaleShape[dim] = count;
  SmallVector<int64_t> codeShape = scaleShape;
  codeShape.insert(codeShape.begin() + dim + 1, blockSize);

  BlockWeights split;
  split.blockSize = blockSize;
  split.codes = TensorValue::allocate(type.clone(codeShape));
  split.scales =
      TensorValue::allocate(weights.scales.getType().clone(scaleShape));
  ArrayRef<int8_t> codes = weights.codes.getData<int8_t>();
  ArrayRef<float> scales = weights.scales.getData<float>();
  MutableArrayRef<int8_t> splitCodes = split.codes.getMutableData<int8_t>();
  MutableArrayRef<float> splitScales = split.scales.getMutableData<float>();
  for (int64_t index = 0, e = codes.size(); index < e; ++index) {
    int64_t row = index / (stride * depth);
    int64_t step = index / stride % depth;
    int64_t offset = index % stride;
    splitCodes[(row * count * blockSize + step) * stride + offset] =
        codes[index];
    splitScales[(row * count + step / blockSize) * stride + offset] =
        scales[index];
  }
  return split;
}

Value mlir::ptq::createCodeConstant(ImplicitLocOpBuilder &builder,
                                    const ConstantWeights &weights,
                                    StringRef name) {
  DequantizeOp dequantize = weights.dequantize;
  Value stored = dequantize.getInput();
  if (stored.getType() == weights.codes.getType() &&
      matchPattern(stored, m_Constant()))
    return stored;
  return createTensorConstant(builder, builder.getLoc(), weights.codes, name);
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
