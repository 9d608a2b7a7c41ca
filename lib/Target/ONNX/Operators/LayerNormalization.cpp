//===- LayerNormalization.cpp - Import of norms of each sample ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "Reduction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// `tensor` converted to elements of `type`.
static Value convert(TensorBuilder &builder, Value tensor, Type type) {
  if (getElementType(tensor) == type)
    return tensor;
  return builder.createElementwise(
      tensor,
      [&](TensorBuilder &body, ValueRange args) {
        return convertScalar(body, args[0], type);
      },
      type);
}

/// x / sqrt(mean of the squares + epsilon) over `dimensions`.
static Value createScaledToUnit(TensorBuilder &builder, Value input,
                                ArrayRef<int64_t> dimensions, double epsilon) {
  Value squares = builder.createElementwise(
      input, [](TensorBuilder &body, ValueRange args) -> Value {
        return arith::MulFOp::create(body, args[0], args[0]);
      });
  Value variance = restoreDimensions(
      builder, createMean(builder, squares, dimensions), dimensions);
  Value deviation = builder.createElementwise(
      variance, [&](TensorBuilder &body, ValueRange args) -> Value {
        Value offset = body.createScalar(args[0].getType(), epsilon);
        Value sum = arith::AddFOp::create(body, args[0], offset);
        return math::SqrtOp::create(body, sum);
      });
  return builder.createElementwise({input, deviation},
                                   createScalarOp<arith::DivFOp>);
}

/// x - mean over `dimensions`.
static Value createCentered(TensorBuilder &builder, Value input,
                            ArrayRef<int64_t> dimensions) {
  Value mean = restoreDimensions(
      builder, createMean(builder, input, dimensions), dimensions);
  return builder.createElementwise({input, mean},
                                   createScalarOp<arith::SubFOp>);
}

/// `input` normalized over `dimensions`, in f32 where it is narrower. The mean
/// becomes 0 first where `centers`.
static Value createNormalized(TensorBuilder &builder, Value input,
                              ArrayRef<int64_t> dimensions, double epsilon,
                              bool centers) {
  Type elementType = getElementType(input);
  Type stashType = elementType.getIntOrFloatBitWidth() < 32
                       ? builder.getF32Type()
                       : elementType;
  Value normalized = convert(builder, input, stashType);
  if (centers)
    normalized = createCentered(builder, normalized, dimensions);
  normalized = createScaledToUnit(builder, normalized, dimensions, epsilon);
  return convert(builder, normalized, elementType);
}

/// operands[0] * operands[1], and + operands[2] if there is one.
static Value scaleAndShift(TensorBuilder &body, ValueRange operands) {
  Value product = arith::MulFOp::create(body, operands[0], operands[1]);
  if (operands.size() == 2)
    return product;
  return arith::AddFOp::create(body, product, operands[2]);
}

//===----------------------------------------------------------------------===//
// Over the last dimensions
//===----------------------------------------------------------------------===//

/// Over the dimensions from the axis on, in f32 where the input is narrower.
/// The mean becomes 0 first where `centers`.
template <bool centers>
static LogicalResult importLayerNormalization(Node &node) {
  double epsilon = 1e-5f;
  int64_t axis = -1, stash = 1;
  Value input, scale, bias;
  if (failed(node.readFloatInput(0, input)) ||
      failed(node.readFloatInput(1, scale)) ||
      failed(node.readOptionalFloatInput(2, bias)) ||
      failed(node.readAxis("axis", getShape(input).size(), axis)) ||
      failed(node.readAttribute("epsilon", epsilon)) ||
      failed(node.readAttribute("stash_type", stash)))
    return failure();
  if (stash != 1)
    return node.emitError()
           << "'stash_type = " << stash << "' is not supported";
  auto dimensions =
      llvm::to_vector(llvm::seq<int64_t>(axis, getShape(input).size()));
  if (failed(verifyReducible(node, input, dimensions)))
    return failure();
  Type elementType = getElementType(input);
  for (Value parameter : {scale, bias})
    if (parameter &&
        (getElementType(parameter) != elementType ||
         inferBroadcastShape({getShape(input), getShape(parameter)}) !=
             SmallVector<int64_t>(getShape(input))))
      return node.emitError() << "cannot broadcast " << parameter.getType()
                              << " to " << input.getType();

  TensorBuilder &builder = node.getBuilder();
  SmallVector<Value> operands = {
      createNormalized(builder, input, dimensions, epsilon, centers), scale};
  if (bias)
    operands.push_back(bias);
  return setElementwise(node, operands, scaleAndShift);
}

//===----------------------------------------------------------------------===//
// Over the pixels of channels
//===----------------------------------------------------------------------===//

/// Sets output 0 to input 0, N, C, ..., normalized over the pixels of as many
/// channels at a time as make `numGroups` groups, and scaled and shifted by
/// inputs 1 and 2, which have an element for each channel. `numGroups` 0 is a
/// group for each channel.
static LogicalResult setNormalizedGroups(Node &node, int64_t numGroups) {
  double epsilon = 1e-5f;
  Value input, scale, bias;
  if (failed(node.readFloatInput(0, input)) ||
      failed(node.readFloatInput(1, scale)) ||
      failed(node.readFloatInput(2, bias)) ||
      failed(node.readAttribute("epsilon", epsilon)))
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  if (shape.size() < 3)
    return node.emitError()
           << "needs channels of pixels, got " << input.getType();
  auto pixels = llvm::to_vector(llvm::seq<int64_t>(1, shape.size()));
  if (failed(verifyReducible(node, input, pixels)))
    return failure();
  int64_t numChannels = shape[1];
  if (numGroups == 0)
    numGroups = numChannels;
  if (numGroups < 1 || numChannels % numGroups != 0)
    return node.emitError() << "cannot divide " << numChannels
                            << " channels into " << numGroups << " groups";
  auto parameterType =
      RankedTensorType::get(numChannels, getElementType(input));
  for (Value parameter : {scale, bias})
    if (parameter.getType() != parameterType)
      return node.emitError() << "expected parameters of type " << parameterType
                              << ", got " << parameter.getType();

  TensorBuilder &builder = node.getBuilder();
  SmallVector<int64_t> groups = {shape[0], numGroups, numChannels / numGroups};
  llvm::append_range(groups, ArrayRef(shape).drop_front(2));
  auto dimensions = llvm::to_vector(llvm::seq<int64_t>(2, groups.size()));
  Value normalized =
      createNormalized(builder, builder.createReshape(input, groups),
                       dimensions, epsilon, /*centers=*/true);
  // Shaped so that they broadcast along the channels.
  SmallVector<int64_t> parameterShape(shape.size() - 1, 1);
  parameterShape.front() = numChannels;
  return setElementwise(node,
                        {builder.createReshape(normalized, shape),
                         builder.createReshape(scale, parameterShape),
                         builder.createReshape(bias, parameterShape)},
                        scaleAndShift);
}

static LogicalResult importInstanceNormalization(Node &node) {
  return setNormalizedGroups(node, /*numGroups=*/0);
}

static LogicalResult importGroupNormalization(Node &node) {
  int64_t numGroups = 0, stash = 1;
  if (failed(node.readAttribute("num_groups", numGroups)) ||
      failed(node.readAttribute("stash_type", stash)))
    return failure();
  if (stash != 1)
    return node.emitError()
           << "'stash_type = " << stash << "' is not supported";
  if (numGroups < 1)
    return node.emitError() << "'num_groups' must be positive";
  return setNormalizedGroups(node, numGroups);
}

void mlir::ptq::importer::populateLayerNormalizationImporters(
    OperatorRegistry &registry) {
  registry.add("GroupNormalization",
               {{21, kMaxOpset}, {3, 3}, importGroupNormalization});
  registry.add("InstanceNormalization",
               {kAllOpsets, {3, 3}, importInstanceNormalization});
  registry.add("LayerNormalization",
               {{17, kMaxOpset}, {2, 3}, importLayerNormalization<true>});
  registry.add("RMSNormalization",
               {{23, kMaxOpset}, {2, 2}, importLayerNormalization<false>});
}
