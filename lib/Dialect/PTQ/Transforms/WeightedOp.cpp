//===- WeightedOp.cpp - An op with constant weights and its bias ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

using namespace mlir;
using namespace mlir::ptq;

/// Whether `dims` are one or more consecutive dimensions.
static bool areNeighbours(ArrayRef<int64_t> dims) {
  return !dims.empty() && llvm::is_sorted(dims) &&
         dims.back() - dims.front() + 1 == static_cast<int64_t>(dims.size());
}

FailureOr<WeightedOp> mlir::ptq::matchWeightedOp(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!quantizable || !linalgOp || quantizable.getQuantizableKind().empty())
    return failure();
  OpOperand *activation = nullptr;
  OpOperand *weight = nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    OperandRole role = quantizable.getOperandRole(operand.getOperandNumber());
    if (role == OperandRole::Activation)
      activation = &operand;
    if (role == OperandRole::Weight)
      weight = &operand;
  }
  if (!activation || !weight)
    return failure();
  EdgePath weightPath = traceToRoot(*weight);
  FailureOr<SmallVector<int64_t>> dims = mapDimsToRoot(
      weightPath, quantizable.getOutputChannelDims(weight->getOperandNumber()));
  auto rootType = dyn_cast<RankedTensorType>(weightPath.root.getType());
  if (failed(dims) || !areNeighbours(*dims) || !rootType ||
      !rootType.hasStaticShape())
    return failure();
  return WeightedOp{linalgOp, activation, std::move(weightPath),
                    std::move(*dims), quantizable.getResultChannelDims()};
}

static ArrayRef<int64_t> getWeightShape(const WeightedOp &op) {
  return cast<RankedTensorType>(op.weightPath.root.getType()).getShape();
}

int64_t WeightedOp::getNumChannels() const {
  ArrayRef<int64_t> shape = getWeightShape(*this);
  return ShapedType::getNumElements(
      shape.slice(weightDims.front(), weightDims.size()));
}

int64_t WeightedOp::getNumInnerWeights() const {
  return ShapedType::getNumElements(
      getWeightShape(*this).drop_front(weightDims.back() + 1));
}

FailureOr<SmallVector<float>> WeightedOp::readBias() const {
  linalg::LinalgOp linalgOp = op;
  OpOperand &init = *linalgOp.getDpsInitOperand(0);
  int64_t channels = getNumChannels();
  if (auto fill = init.get().getDefiningOp<linalg::FillOp>()) {
    FailureOr<SmallVector<float>> value =
        readFloatConstant(fill.getInputs().front());
    if (failed(value))
      return failure();
    return SmallVector<float>(channels, value->front());
  }
  EdgePath path = traceToRoot(init);
  FailureOr<SmallVector<int64_t>> dims = mapDimsToRoot(path, resultDims);
  auto rootType = dyn_cast<RankedTensorType>(path.root.getType());
  if (failed(dims) || !rootType || !rootType.hasStaticShape() ||
      rootType.getNumElements() != channels)
    return failure();
  return readFloatConstant(path.root);
}

/// A tensor of the shape of `init` whose elements nobody needs: what the
/// destination-style ops that made `init` were given to write into.
static Value getShapeSource(Value init) {
  while (auto producer = init.getDefiningOp<DestinationStyleOpInterface>())
    init = producer.getTiedOpOperand(cast<OpResult>(init))->get();
  return init;
}

Value WeightedOp::createBiasInit(OpBuilder &builder, Value bias) const {
  linalg::LinalgOp linalgOp = op;
  Location loc = linalgOp.getLoc();
  Value oldInit = linalgOp.getDpsInitOperand(0)->get();
  auto type = cast<RankedTensorType>(oldInit.getType());
  if (resultDims.size() > 1) {
    SmallVector<int64_t> shape;
    for (int64_t dim : resultDims)
      shape.push_back(type.getDimSize(dim));
    ReassociationIndices group(
        llvm::to_vector(llvm::seq<int64_t>(resultDims.size())));
    bias = tensor::ExpandShapeOp::create(
        builder, loc, RankedTensorType::get(shape, type.getElementType()), bias,
        ArrayRef<ReassociationIndices>(group));
  }
  SmallVector<int64_t> broadcastDims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!llvm::is_contained(resultDims, dim))
      broadcastDims.push_back(dim);
  Value empty = getShapeSource(oldInit);
  if (!empty.getDefiningOp<tensor::EmptyOp>())
    empty = tensor::EmptyOp::create(builder, loc,
                                    tensor::getMixedSizes(builder, loc, empty),
                                    type.getElementType());
  return linalg::BroadcastOp::create(builder, loc, bias, empty, broadcastDims)
      ->getResult(0);
}
