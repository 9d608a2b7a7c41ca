//===- ScaledConstants.cpp - The constants of seams, scaled ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScaledConstants.h"
#include "ChannelFactors.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

using namespace mlir;
using namespace mlir::ptq;

static ArrayRef<int64_t> getShape(Value constant) {
  return cast<RankedTensorType>(constant.getType()).getShape();
}

/// The number of elements behind one channel index.
static int64_t getInner(ChannelConstant channels) {
  return ShapedType::getNumElements(
      getShape(channels.constant).drop_front(channels.dim + 1));
}

/// The weights of an op that produces the channels of a seam.
static ChannelConstant getProducedWeights(const WeightedOp &op) {
  return {op.weightPath.root, op.weightDims.front()};
}

static SmallVector<float> roundToFloats(ArrayRef<double> values) {
  return llvm::map_to_vector(values,
                             [](double x) { return static_cast<float>(x); });
}

void mlir::ptq::joinMagnitudes(MutableArrayRef<double> magnitudes,
                               ArrayRef<double> others) {
  for (auto [magnitude, other] : llvm::zip_equal(magnitudes, others))
    magnitude = std::max(magnitude, other);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

LogicalResult ScaledConstants::readTensor(Value constant) {
  if (tensors.contains(constant))
    return success();
  FailureOr<SmallVector<float>> values = readFloatConstant(constant);
  if (failed(values))
    return failure();
  tensors[constant].values.assign(values->begin(), values->end());
  return success();
}

LogicalResult ScaledConstants::readProducer(const WeightedOp &op) {
  FailureOr<SmallVector<float>> bias = op.readBias();
  if (failed(bias) || failed(readTensor(op.weightPath.root)))
    return failure();
  biases[op.op] = {op, std::vector<double>(bias->begin(), bias->end())};
  return success();
}

LogicalResult ScaledConstants::read(const ChannelSeam &seam) {
  for (const WeightedOp &producer : seam.producers)
    if (failed(readProducer(producer)))
      return failure();
  for (ChannelConstant constant : seam.constants)
    if (failed(readTensor(constant.constant)))
      return failure();
  for (const SeamConsumer &consumer : seam.consumers)
    if (failed(readTensor(consumer.weights.constant)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Scaling
//===----------------------------------------------------------------------===//

SmallVector<double>
ScaledConstants::getMagnitudes(ChannelConstant channels) const {
  return getChannelMagnitudes(tensors.find(channels.constant)->second.values,
                              getInner(channels),
                              getShape(channels.constant)[channels.dim]);
}

SmallVector<double>
ScaledConstants::getProducedMagnitudes(const ChannelSeam &seam) const {
  SmallVector<double> magnitudes(seam.numChannels);
  for (const WeightedOp &producer : seam.producers)
    joinMagnitudes(magnitudes, getMagnitudes(getProducedWeights(producer)));
  return magnitudes;
}

SmallVector<double>
ScaledConstants::getConsumedMagnitudes(const ChannelSeam &seam) const {
  SmallVector<double> magnitudes(seam.numChannels);
  for (const SeamConsumer &consumer : seam.consumers)
    joinMagnitudes(magnitudes, getMagnitudes(consumer.weights));
  return magnitudes;
}

void ScaledConstants::scale(ChannelConstant channels,
                            ArrayRef<double> factors) {
  Tensor &tensor = tensors[channels.constant];
  scaleChannels(tensor.values, getInner(channels), factors);
  tensor.isScaled = true;
}

void ScaledConstants::apply(const ChannelSeam &seam, ArrayRef<double> factors) {
  auto inverse = llvm::map_to_vector(factors, [](double x) { return 1 / x; });
  for (const WeightedOp &producer : seam.producers) {
    scale(getProducedWeights(producer), inverse);
    Bias &bias = biases[producer.op];
    scaleChannels(bias.values, /*inner=*/1, inverse);
    bias.isScaled = true;
  }
  for (ChannelConstant constant : seam.constants)
    scale(constant, inverse);
  for (const SeamConsumer &consumer : seam.consumers)
    scale(consumer.weights, factors);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Gives `op` the bias `values`.
static void writeBias(const WeightedOp &op, ArrayRef<double> values) {
  if (llvm::all_of(values, [](double x) { return x == 0; }))
    return;
  linalg::LinalgOp linalgOp = op.op;
  OpBuilder builder(linalgOp);
  Value constant = createFloatConstant(
      builder, linalgOp.getLoc(), static_cast<int64_t>(values.size()),
      roundToFloats(values), getEdgeName(linalgOp->getResult(0)) + "_bias");
  linalgOp.getDpsInitOperand(0)->set(op.createBiasInit(builder, constant));
}

void ScaledConstants::write() {
  for (auto &[op, bias] : biases)
    if (bias.isScaled)
      writeBias(bias.op, bias.values);
  for (auto &[constant, tensor] : tensors) {
    if (!tensor.isScaled)
      continue;
    Value old = constant;
    OpBuilder builder(old.getContext());
    builder.setInsertionPointAfterValue(old);
    old.replaceAllUsesWith(
        createFloatConstant(builder, old.getLoc(), getShape(old),
                            roundToFloats(tensor.values), getEdgeName(old)));
    old.getDefiningOp()->erase();
  }
  biases.clear();
  tensors.clear();
}
