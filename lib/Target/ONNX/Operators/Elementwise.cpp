//===- Elementwise.cpp - Import of elementwise operators ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

/// Imports an operator of two broadcast operands as FloatOp or IntegerOp.
template <typename FloatOp, typename IntegerOp>
static LogicalResult importBinary(Node &node) {
  SmallVector<Value, 2> operands;
  if (failed(node.readInputs(operands)))
    return failure();
  if (!inferBroadcastShape({getShape(operands[0]), getShape(operands[1])}) ||
      !haveSameBatch(operands))
    return node.emitError() << "cannot broadcast " << operands[0].getType()
                            << " and " << operands[1].getType();
  return node.setOutput(
      0, node.getBuilder().createElementwise(
             operands, [](TensorBuilder &builder, ValueRange args) -> Value {
               if (isa<FloatType>(args[0].getType()))
                 return FloatOp::create(builder, args[0], args[1]);
               return IntegerOp::create(builder, args[0], args[1]);
             }));
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

/// Imports an operator that applies `body` to each float of its first input.
static LogicalResult importUnary(Node &node, TensorBuilder::ScalarFn body) {
  Value operand;
  if (failed(node.readFloatInput(0, operand)))
    return failure();
  return node.setOutput(0, node.getBuilder().createElementwise(operand, body));
}

static LogicalResult importRelu(Node &node) {
  return importUnary(
      node, [](TensorBuilder &builder, ValueRange args) -> Value {
        Value zero = builder.createScalar(args[0].getType(), 0.0);
        return arith::MaximumFOp::create(builder, args[0], zero);
      });
}

static LogicalResult importSigmoid(Node &node) {
  return importUnary(
      node, [](TensorBuilder &builder, ValueRange args) -> Value {
        Value one = builder.createScalar(args[0].getType(), 1.0);
        Value negated = arith::NegFOp::create(builder, args[0]);
        Value exponential = math::ExpOp::create(builder, negated);
        Value sum = arith::AddFOp::create(builder, exponential, one);
        return arith::DivFOp::create(builder, one, sum);
      });
}

static LogicalResult importTanh(Node &node) {
  return importUnary(node,
                     [](TensorBuilder &builder, ValueRange args) -> Value {
                       return math::TanhOp::create(builder, args[0]);
                     });
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// min(max(x, low), high); a bound that is infinite is left out.
static LogicalResult clip(Node &node, double low, double high) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (low == -kInfinity && high == kInfinity)
    return node.forwardInput(0, 0);
  return importUnary(
      node, [&](TensorBuilder &builder, ValueRange args) -> Value {
        Value value = args[0];
        Type type = value.getType();
        if (low != -kInfinity)
          value = arith::MaximumFOp::create(builder, value,
                                            builder.createScalar(type, low));
        if (high != kInfinity)
          value = arith::MinimumFOp::create(builder, value,
                                            builder.createScalar(type, high));
        return value;
      });
}

/// Up to operator set 10 the bounds are attributes.
static LogicalResult importClipOfAttributes(Node &node) {
  double low = -std::numeric_limits<double>::infinity(), high = -low;
  if (failed(node.readAttribute("min", low)) ||
      failed(node.readAttribute("max", high)))
    return failure();
  return clip(node, low, high);
}

/// From operator set 11 on the bounds are inputs.
static LogicalResult importClipOfInputs(Node &node) {
  double bounds[] = {-std::numeric_limits<double>::infinity(),
                     std::numeric_limits<double>::infinity()};
  for (unsigned side : {0, 1}) {
    if (!node.hasInput(1 + side))
      continue;
    SmallVector<double> values;
    if (failed(node.readFloats(1 + side, values)))
      return failure();
    if (values.size() != 1)
      return node.emitError() << "input " << 1 + side << " must be a scalar";
    bounds[side] = values.front();
  }
  return clip(node, bounds[0], bounds[1]);
}

void mlir::ptq::importer::populateElementwiseImporters(
    OperatorRegistry &registry) {
  registry.add(
      "Add", {kAllOpsets, {2, 2}, importBinary<arith::AddFOp, arith::AddIOp>});
  registry.add("Clip", {{kMinOpset, 10}, {1, 1}, importClipOfAttributes});
  registry.add("Clip", {{11, kMaxOpset}, {1, 3}, importClipOfInputs});
  registry.add(
      "Div", {kAllOpsets, {2, 2}, importBinary<arith::DivFOp, arith::DivSIOp>});
  registry.add(
      "Mul", {kAllOpsets, {2, 2}, importBinary<arith::MulFOp, arith::MulIOp>});
  registry.add("Relu", {kAllOpsets, {1, 1}, importRelu});
  registry.add("Sigmoid", {kAllOpsets, {1, 1}, importSigmoid});
  registry.add(
      "Sub", {kAllOpsets, {2, 2}, importBinary<arith::SubFOp, arith::SubIOp>});
  registry.add("Tanh", {kAllOpsets, {1, 1}, importTanh});
}
