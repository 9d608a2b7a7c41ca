//===- Normalization.cpp - Import of normalizations -----------------------===//
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
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Batch normalization
//===----------------------------------------------------------------------===//

namespace {
/// The constant inputs of a batch normalization, one of each per channel.
struct BatchNormParameters {
  SmallVector<double> scale, bias, mean, variance;
};
} // namespace

static LogicalResult readParameters(Node &node, int64_t numChannels,
                                    BatchNormParameters &parameters) {
  unsigned index = 1;
  for (SmallVector<double> *values : {&parameters.scale, &parameters.bias,
                                      &parameters.mean, &parameters.variance}) {
    if (failed(node.readFloats(index, *values)))
      return failure();
    if (static_cast<int64_t>(values->size()) != numChannels)
      return node.emitError()
             << "input " << index << " has " << values->size()
             << " elements, the input has " << numChannels << " channels";
    ++index;
  }
  return success();
}

/// At inference, x * a + b with constants for each channel, computed in f64:
/// a = scale / sqrt(variance + epsilon), b = bias - mean * a.
static LogicalResult importBatchNormalization(Node &node) {
  double epsilon = 1e-5f;
  bool isTraining = false, isSpatial = true;
  node.ignoreAttribute("momentum");
  if (failed(node.readAttribute("epsilon", epsilon)) ||
      failed(node.readAttribute("training_mode", isTraining)) ||
      failed(node.readAttribute("spatial", isSpatial)))
    return failure();
  if (isTraining || node.hasOutput(1))
    return node.emitError() << "training is not supported; export the model "
                               "for inference";
  if (!isSpatial)
    return node.emitError() << "'spatial = 0' is not supported";
  Value input;
  if (failed(node.readFloatInput(0, input)))
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  if (shape.size() < 2 || ShapedType::isDynamic(shape[1]))
    return node.emitError() << "needs an input with a static number of "
                               "channels, got "
                            << input.getType();
  int64_t numChannels = shape[1];
  BatchNormParameters parameters;
  if (failed(readParameters(node, numChannels, parameters)))
    return failure();

  SmallVector<double> factors, offsets;
  for (int64_t channel = 0; channel < numChannels; ++channel) {
    double factor = parameters.scale[channel] /
                    std::sqrt(parameters.variance[channel] + epsilon);
    factors.push_back(factor);
    offsets.push_back(parameters.bias[channel] -
                      parameters.mean[channel] * factor);
  }
  // Shaped so that they broadcast along the channels.
  SmallVector<int64_t> parameterShape(shape.size() - 1, 1);
  parameterShape.front() = numChannels;
  auto type = RankedTensorType::get(parameterShape, getElementType(input));
  std::string name = node.getOutputName(0).str();
  Value factor = node.createConstant(
      ConstantTensor::fromDoubles(name + ".factor", type, factors));
  Value offset = node.createConstant(
      ConstantTensor::fromDoubles(name + ".offset", type, offsets));
  return node.setOutput(
      0, node.getBuilder().createElementwise(
             {input, factor, offset},
             [](TensorBuilder &builder, ValueRange args) -> Value {
               Value product = arith::MulFOp::create(builder, args[0], args[1]);
               return arith::AddFOp::create(builder, product, args[2]);
             }));
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

static Value createSoftmax(TensorBuilder &builder, Value input, int64_t axis) {
  Value empty =
      builder.createEmpty(builder.getSizes(input), getElementType(input));
  return linalg::SoftmaxOp::create(builder, empty.getType(), input, empty, axis)
      ->getResult(0);
}

/// x - max - log(sum of exp(x - max)), which does not overflow.
static Value createLogSoftmax(TensorBuilder &builder, Value input,
                              int64_t axis) {
  Value largest = builder.createReduction(
      input, axis, -std::numeric_limits<double>::infinity(),
      createScalarOp<arith::MaximumFOp>);
  largest = restoreDimensions(builder, largest, axis);
  Value centered = builder.createElementwise({input, largest},
                                             createScalarOp<arith::SubFOp>);
  Value exponential =
      builder.createElementwise(centered, createScalarOp<math::ExpOp>);
  Value sum =
      restoreDimensions(builder, createSum(builder, exponential, axis), axis);
  Value logarithm = builder.createElementwise(sum, createScalarOp<math::LogOp>);
  return builder.createElementwise({centered, logarithm},
                                   createScalarOp<arith::SubFOp>);
}

/// What is normalized along `axis` of `input`.
using NormalizeFn = Value (*)(TensorBuilder &builder, Value input,
                              int64_t axis);

template <NormalizeFn normalize>
static LogicalResult importSoftmax(Node &node) {
  Value input;
  int64_t axis = -1;
  if (failed(node.readFloatInput(0, input)) ||
      failed(node.readAxis("axis", getShape(input).size(), axis)))
    return failure();
  return node.setOutput(0, normalize(node.getBuilder(), input, axis));
}

/// Up to operator set 12, all dimensions from the axis on are one.
template <NormalizeFn normalize>
static LogicalResult importFlattenedSoftmax(Node &node) {
  Value input;
  int64_t axis = 1;
  if (failed(node.readFloatInput(0, input)) ||
      failed(node.readAxis("axis", getShape(input).size(), axis)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  SmallVector<int64_t> shape(getShape(input));
  SmallVector<int64_t> flattened(shape.begin(), shape.begin() + axis);
  int64_t numElements = 1;
  for (int64_t size : ArrayRef<int64_t>(shape).drop_front(axis)) {
    if (ShapedType::isDynamic(size))
      return node.emitError() << "the dimensions from axis " << axis
                              << " on must be static, got " << input.getType();
    numElements *= size;
  }
  flattened.push_back(numElements);
  Value result =
      normalize(builder, builder.createReshape(input, flattened), axis);
  return node.setOutput(0, builder.createReshape(result, shape));
}

void mlir::ptq::importer::populateNormalizationImporters(
    OperatorRegistry &registry) {
  registry.add("BatchNormalization",
               {kAllOpsets, {5, 5}, importBatchNormalization});
  constexpr Range kFlattening{kMinOpset, 12}, kAlongAxis{13, kMaxOpset};
  registry.add("LogSoftmax",
               {kFlattening, {1, 1}, importFlattenedSoftmax<createLogSoftmax>});
  registry.add("LogSoftmax",
               {kAlongAxis, {1, 1}, importSoftmax<createLogSoftmax>});
  registry.add("Softmax",
               {kFlattening, {1, 1}, importFlattenedSoftmax<createSoftmax>});
  registry.add("Softmax", {kAlongAxis, {1, 1}, importSoftmax<createSoftmax>});
}
