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

FailureOr<ConstantWeights> mlir::ptq::matchConstantWeights(OpOperand &operand,
                                                           ExplainFn explain) {
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
  ConstantWeights weights;
  weights.dequantize = dequantize;
  weights.scales = std::move(*scales);
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!type.hasStaticShape() ||
      type.getNumElements() != codes->getNumElements())
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
