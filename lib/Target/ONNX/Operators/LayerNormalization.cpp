//===- LayerNormalization.cpp - Import of layer normalization -------------===//
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
  Type stashType = elementType.getIntOrFloatBitWidth() < 32
                       ? builder.getF32Type()
                       : elementType;
  Value normalized = convert(builder, input, stashType);
  if (centers)
    normalized = createCentered(builder, normalized, dimensions);
  normalized = createScaledToUnit(builder, normalized, dimensions, epsilon);
  SmallVector<Value> operands = {convert(builder, normalized, elementType),
                                 scale};
  if (bias)
    operands.push_back(bias);
  return setElementwise(
      node, operands, [](TensorBuilder &body, ValueRange args) -> Value {
        Value product = arith::MulFOp::create(body, args[0], args[1]);
        if (args.size() == 2)
          return product;
        return arith::AddFOp::create(body, product, args[2]);
      });
}

void mlir::ptq::importer::populateLayerNormalizationImporters(
    OperatorRegistry &registry) {
  registry.add("LayerNormalization",
               {{17, kMaxOpset}, {2, 3}, importLayerNormalization<true>});
  registry.add("RMSNormalization",
               {{23, kMaxOpset}, {2, 2}, importLayerNormalization<false>});
}
