//===- Activation.cpp - Import of activation functions --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

static Value add(TensorBuilder &builder, Value lhs, Value rhs) {
  return arith::AddFOp::create(builder, lhs, rhs);
}

static Value multiply(TensorBuilder &builder, Value lhs, Value rhs) {
  return arith::MulFOp::create(builder, lhs, rhs);
}

static Value multiply(TensorBuilder &builder, Value value, double factor) {
  return multiply(builder, value,
                  builder.createScalar(value.getType(), factor));
}

/// min(max(value, low), high); a bound that is infinite is left out.
static Value clamp(TensorBuilder &builder, Value value, double low,
                   double high) {
  Type type = value.getType();
  if (!std::isinf(low))
    value = arith::MaximumFOp::create(builder, value,
                                      builder.createScalar(type, low));
  if (!std::isinf(high))
    value = arith::MinimumFOp::create(builder, value,
                                      builder.createScalar(type, high));
  return value;
}

/// `positive` where `value` >= 0, otherwise `negative`.
static Value selectBySign(TensorBuilder &builder, Value value, Value positive,
                          Value negative) {
  Value zero = builder.createScalar(value.getType(), 0.0);
  Value isNegative =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT, value, zero);
  return arith::SelectOp::create(builder, isNegative, negative, positive);
}

Value mlir::ptq::importer::createSigmoid(TensorBuilder &builder, Value value) {
  Value one = builder.createScalar(value.getType(), 1.0);
  Value negated = arith::NegFOp::create(builder, value);
  Value exponential = math::ExpOp::create(builder, negated);
  return arith::DivFOp::create(builder, one, add(builder, exponential, one));
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

static LogicalResult importRelu(Node &node) {
  return importUnary(node, [](TensorBuilder &builder, ValueRange args) {
    return clamp(builder, args[0], 0.0,
                 std::numeric_limits<double>::infinity());
  });
}

static LogicalResult clip(Node &node, double low, double high) {
  if (std::isinf(low) && std::isinf(high))
    return node.forwardInput(0, 0);
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    return clamp(builder, args[0], low, high);
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

/// max(0, min(1, alpha * x + beta)).
static Value createHardSigmoid(TensorBuilder &builder, Value value,
                               double alpha, double beta) {
  Value line = add(builder, multiply(builder, value, alpha),
                   builder.createScalar(value.getType(), beta));
  return clamp(builder, line, 0.0, 1.0);
}

static LogicalResult importHardSigmoid(Node &node) {
  double alpha = 0.2f, beta = 0.5;
  if (failed(node.readAttribute("alpha", alpha)) ||
      failed(node.readAttribute("beta", beta)))
    return failure();
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    return createHardSigmoid(builder, args[0], alpha, beta);
  });
}

static LogicalResult importHardSwish(Node &node) {
  return importUnary(node, [](TensorBuilder &builder, ValueRange args) {
    Value gate = createHardSigmoid(builder, args[0], 1.0 / 6, 0.5);
    return multiply(builder, args[0], gate);
  });
}

//===----------------------------------------------------------------------===//
// Another slope for negative numbers
//===----------------------------------------------------------------------===//

static LogicalResult importLeakyRelu(Node &node) {
  double alpha = 0.01f;
  if (failed(node.readAttribute("alpha", alpha)))
    return failure();
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    return selectBySign(builder, args[0], args[0],
                        multiply(builder, args[0], alpha));
  });
}

/// The slopes broadcast to the shape of the input, which stays.
static LogicalResult importPRelu(Node &node) {
  SmallVector<Value, 2> operands;
  if (failed(node.readInputs(operands)))
    return failure();
  if (!isa<FloatType>(getElementType(operands[0])))
    return node.emitError() << "input 0 must be a tensor of floats, got "
                            << operands[0].getType();
  return setElementwise(
      node, operands, [](TensorBuilder &builder, ValueRange args) {
        return selectBySign(builder, args[0], args[0],
                            multiply(builder, args[0], args[1]));
      });
}

/// gamma * x, and gamma * alpha * (exp(x) - 1) where x < 0.
static LogicalResult setScaledElu(Node &node, double alpha, double gamma) {
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    Value exponential = math::ExpM1Op::create(builder, args[0]);
    Value negative = multiply(builder, exponential, alpha);
    Value result = selectBySign(builder, args[0], args[0], negative);
    return gamma == 1.0 ? result : multiply(builder, result, gamma);
  });
}

static LogicalResult importElu(Node &node) {
  double alpha = 1.0;
  if (failed(node.readAttribute("alpha", alpha)))
    return failure();
  return setScaledElu(node, alpha, /*gamma=*/1.0);
}

static LogicalResult importSelu(Node &node) {
  double alpha = 1.67326319217681884765625, gamma = 1.05070102214813232421875;
  if (failed(node.readAttribute("alpha", alpha)) ||
      failed(node.readAttribute("gamma", gamma)))
    return failure();
  return setScaledElu(node, alpha, gamma);
}

/// x, and alpha * (exp(x / alpha) - 1) where x < 0.
static LogicalResult importCelu(Node &node) {
  double alpha = 1.0;
  if (failed(node.readAttribute("alpha", alpha)))
    return failure();
  if (alpha == 0.0)
    return node.emitError() << "'alpha' must not be 0";
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    Value x = args[0], scaled = x;
    if (alpha != 1.0)
      scaled = arith::DivFOp::create(builder, x,
                                     builder.createScalar(x.getType(), alpha));
    Value exponential = math::ExpM1Op::create(builder, scaled);
    Value negative = multiply(builder, exponential, alpha);
    return selectBySign(builder, alpha > 0.0 ? scaled : x, x, negative);
  });
}

/// x where it is larger than alpha, otherwise 0.
static LogicalResult importThresholdedRelu(Node &node) {
  double alpha = 1.0;
  if (failed(node.readAttribute("alpha", alpha)))
    return failure();
  return importUnary(
      node, [&](TensorBuilder &builder, ValueRange args) -> Value {
        Value zero = builder.createScalar(args[0].getType(), 0.0);
        Value threshold = builder.createScalar(args[0].getType(), alpha);
        Value isLarger = arith::CmpFOp::create(
            builder, arith::CmpFPredicate::OGT, args[0], threshold);
        return arith::SelectOp::create(builder, isLarger, args[0], zero);
      });
}

//===----------------------------------------------------------------------===//
// Smooth functions
//===----------------------------------------------------------------------===//

static LogicalResult importSigmoid(Node &node) {
  return importUnary(node, [](TensorBuilder &builder, ValueRange args) {
    return createSigmoid(builder, args[0]);
  });
}

/// x * sigmoid(alpha * x).
static LogicalResult importSwish(Node &node) {
  double alpha = 1.0;
  if (failed(node.readAttribute("alpha", alpha)))
    return failure();
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    Value steep = alpha == 1.0 ? args[0] : multiply(builder, args[0], alpha);
    return multiply(builder, args[0], createSigmoid(builder, steep));
  });
}

/// log(1 + exp(x)), as max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
static Value createSoftplus(TensorBuilder &builder, Value value) {
  Value magnitude = math::AbsFOp::create(builder, value);
  Value negated = arith::NegFOp::create(builder, magnitude);
  Value exponential = math::ExpOp::create(builder, negated);
  Value rest = math::Log1pOp::create(builder, exponential);
  Value zero = builder.createScalar(value.getType(), 0.0);
  Value positive = arith::MaximumFOp::create(builder, value, zero);
  return add(builder, positive, rest);
}

static LogicalResult importSoftplus(Node &node) {
  return importUnary(node, [](TensorBuilder &builder, ValueRange args) {
    return createSoftplus(builder, args[0]);
  });
}

/// x * tanh(softplus(x)).
static LogicalResult importMish(Node &node) {
  return importUnary(node, [](TensorBuilder &builder, ValueRange args) {
    Value part =
        math::TanhOp::create(builder, createSoftplus(builder, args[0]));
    return multiply(builder, args[0], part);
  });
}

static LogicalResult importSoftsign(Node &node) {
  return importUnary(node,
                     [](TensorBuilder &builder, ValueRange args) -> Value {
                       Value one = builder.createScalar(args[0].getType(), 1.0);
                       Value magnitude = math::AbsFOp::create(builder, args[0]);
                       Value sum = add(builder, magnitude, one);
                       return arith::DivFOp::create(builder, args[0], sum);
                     });
}

/// x / 2 * (1 + erf(x / sqrt(2))), or its approximation by tanh.
static LogicalResult importGelu(Node &node) {
  std::string approximation = "none";
  if (failed(node.readAttribute("approximate", approximation)))
    return failure();
  if (approximation != "none" && approximation != "tanh")
    return node.emitError()
           << "unknown approximation '" << approximation << "'";
  return importUnary(node, [&](TensorBuilder &builder, ValueRange args) {
    Value x = args[0];
    Value part;
    if (approximation == "none") {
      part = math::ErfOp::create(builder, multiply(builder, x, 0.5 * M_SQRT2));
    } else {
      Value square = multiply(builder, x, x);
      Value cube = multiply(builder, square, x);
      Value sum = add(builder, x, multiply(builder, cube, 0.044715));
      part = math::TanhOp::create(
          builder, multiply(builder, sum, M_SQRT2 * 0.5 * M_2_SQRTPI));
    }
    Value one = builder.createScalar(x.getType(), 1.0);
    return multiply(builder, multiply(builder, x, 0.5),
                    add(builder, part, one));
  });
}

void mlir::ptq::importer::populateActivationImporters(
    OperatorRegistry &registry) {
  registry.add("Celu", {{12, kMaxOpset}, {1, 1}, importCelu});
  registry.add("Clip", {{kMinOpset, 10}, {1, 1}, importClipOfAttributes});
  registry.add("Clip", {{11, kMaxOpset}, {1, 3}, importClipOfInputs});
  registry.add("Elu", {kAllOpsets, {1, 1}, importElu});
  registry.add("Gelu", {{20, kMaxOpset}, {1, 1}, importGelu});
  registry.add("HardSigmoid", {kAllOpsets, {1, 1}, importHardSigmoid});
  registry.add("HardSwish", {{14, kMaxOpset}, {1, 1}, importHardSwish});
  registry.add("LeakyRelu", {kAllOpsets, {1, 1}, importLeakyRelu});
  registry.add("Mish", {{18, kMaxOpset}, {1, 1}, importMish});
  registry.add("PRelu", {kAllOpsets, {2, 2}, importPRelu});
  registry.add("Relu", {kAllOpsets, {1, 1}, importRelu});
  registry.add("Selu", {kAllOpsets, {1, 1}, importSelu});
  registry.add("Sigmoid", {kAllOpsets, {1, 1}, importSigmoid});
  registry.add("Softplus", {kAllOpsets, {1, 1}, importSoftplus});
  registry.add("Softsign", {kAllOpsets, {1, 1}, importSoftsign});
  registry.add("Swish", {{24, kMaxOpset}, {1, 1}, importSwish});
  registry.add("ThresholdedRelu",
               {{10, kMaxOpset}, {1, 1}, importThresholdedRelu});
}
