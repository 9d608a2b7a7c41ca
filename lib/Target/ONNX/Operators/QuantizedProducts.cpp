//===- QuantizedProducts.cpp - Import of products of codes ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators on codes become float ops between ptq.dequantize and ptq.quantize,
// like everything that is quantized; lowering makes integer ops of them again.
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "CodeParameters.h"
#include "Products.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/QuantizationParameters.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

namespace {

/// Codes of eight bits, signed or not in the model.
struct ByteCodes {
  Value codes;
  CodeType type;
};

} // namespace

/// The codes at input `index`; an error if they are not bytes.
static FailureOr<ByteCodes> readByteCodes(Node &node, unsigned index) {
  ByteCodes bytes;
  if (failed(node.readCodes(index, bytes.codes, bytes.type.isUnsigned)))
    return failure();
  bytes.type.storage = cast<IntegerType>(getElementType(bytes.codes));
  if (!bytes.type.storage.isInteger(8))
    return node.emitError()
           << "input " << index << " must be a tensor of bytes, got "
           << bytes.codes.getType();
  return bytes;
}

//===----------------------------------------------------------------------===//
// Codes to codes
//===----------------------------------------------------------------------===//

/// The values of the codes at input `index`, with scales and zero points at the
/// inputs after it. If there are several, they lie along dimension `axis`.
static FailureOr<Value> readDequantized(Node &node, unsigned index,
                                        int64_t axis) {
  FailureOr<ByteCodes> bytes = readByteCodes(node, index);
  if (failed(bytes))
    return failure();
  FailureOr<CodeParameters> parameters = readCodeParameters(
      node, index + 1, index + 2, getShape(bytes->codes), bytes->type, {axis});
  if (failed(parameters))
    return failure();
  return createDequantize(node.getBuilder(), bytes->codes, *parameters);
}

/// Sets output 0 to the codes of `result`, by scale and zero point at inputs
/// `index` and the one after it.
static LogicalResult setQuantized(Node &node, Value result, unsigned index) {
  FailureOr<CodeType> type = readCodeType(node, index + 1);
  if (failed(type))
    return failure();
  if (!type->storage.isInteger(8))
    return node.emitError() << "only results of bytes are supported";
  FailureOr<CodeParameters> parameters = readCodeParameters(
      node, index, index + 1, getShape(result), *type, ScaleLayout());
  if (failed(parameters))
    return failure();
  if (parameters->axis)
    return node.emitError() << "only one scale of the result is supported";
  ValueFacts facts;
  facts.isShifted = type->isUnsigned;
  return node.setOutput(
      0, createQuantize(node.getBuilder(), result, *parameters, *type), facts);
}

/// The bias at input 8 of QLinearConv: codes of i32 with the product of the
/// scales of image and filter.
static FailureOr<Value> readBias(Node &node) {
  Value codes;
  bool isUnsigned;
  SmallVector<double> imageScale, filterScales;
  if (failed(node.readCodes(8, codes, isUnsigned)) ||
      failed(node.readFloats(1, imageScale)) ||
      failed(node.readFloats(4, filterScales)))
    return failure();
  if (!getElementType(codes).isInteger(32) || getShape(codes).size() != 1)
    return node.emitError()
           << "bias must be a vector of i32, got " << codes.getType();
  TensorBuilder &builder = node.getBuilder();
  SmallVector<double> scales;
  for (double filterScale : filterScales)
    scales.push_back(
        computeRequantizationMultiplier(static_cast<float>(imageScale.front()),
                                        static_cast<float>(filterScale), 1.0f));
  for (double scale : scales)
    if (!std::isnormal(static_cast<float>(scale)))
      return node.emitError()
             << "the product of scales " << scale << " is no normal f32 number";
  CodeParameters parameters;
  if (scales.size() == 1) {
    parameters.scale = builder.createScalar(builder.getF32Type(), scales[0]);
  } else {
    auto count = static_cast<int64_t>(scales.size());
    if (getShape(codes)[0] != count)
      return node.emitError() << "bias of type " << codes.getType()
                              << " does not fit the scales of the filter";
    parameters.scale = node.createConstant(ConstantTensor::fromDoubles(
        (node.getOutputName(0) + ".bias_scale").str(),
        RankedTensorType::get(count, builder.getF32Type()), scales));
    parameters.axis = builder.getI64IntegerAttr(0);
  }
  return createDequantize(builder, codes, parameters);
}

static LogicalResult importQLinearConv(Node &node) {
  FailureOr<Value> image = readDequantized(node, 0, /*axis=*/0);
  if (failed(image))
    return failure();
  FailureOr<Value> filter = readDequantized(node, 3, /*axis=*/0);
  if (failed(filter))
    return failure();
  FailureOr<Value> bias = Value();
  if (node.hasInput(8))
    bias = readBias(node);
  if (failed(bias))
    return failure();
  FailureOr<Value> result = createConvolution(node, *image, *filter, *bias);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 6);
}

static LogicalResult importQLinearMatMul(Node &node) {
  // Scales of rows on the left, of columns on the right.
  FailureOr<Value> lhs = readDequantized(node, 0, /*axis=*/-2);
  if (failed(lhs))
    return failure();
  FailureOr<Value> rhs = readDequantized(node, 3, /*axis=*/-1);
  if (failed(rhs))
    return failure();
  FailureOr<Value> result = createMatMul(node, *lhs, *rhs);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 6);
}

//===----------------------------------------------------------------------===//
// Codes to integers
//===----------------------------------------------------------------------===//

/// The codes at input `index` less the zero point at input `zeroPoint`, as
/// floats. If there are several zero points, they lie along dimension `axis`.
static FailureOr<Value> readDifference(Node &node, unsigned index,
                                       unsigned zeroPoint, int64_t axis) {
  FailureOr<ByteCodes> bytes = readByteCodes(node, index);
  if (failed(bytes))
    return failure();
  FailureOr<CodeParameters> parameters = readUnscaledParameters(
      node, zeroPoint, getShape(bytes->codes), bytes->type, axis);
  if (failed(parameters))
    return failure();
  return createDequantize(node.getBuilder(), bytes->codes, *parameters);
}

/// Sets output 0 to `product`, floats without fractions, as integers of i32.
/// Most models make floats of them next.
static LogicalResult setIntegers(Node &node, Value product) {
  TensorBuilder &builder = node.getBuilder();
  Type type = builder.getI32Type();
  ValueFacts facts;
  facts.floats = product;
  return node.setOutput(
      0,
      builder.createElementwise(
          product,
          [&](TensorBuilder &scalar, ValueRange arguments) -> Value {
            return arith::FPToSIOp::create(scalar, type, arguments[0]);
          },
          type),
      facts);
}

static LogicalResult importConvInteger(Node &node) {
  FailureOr<Value> image = readDifference(node, 0, 2, /*axis=*/0);
  if (failed(image))
    return failure();
  FailureOr<Value> filter = readDifference(node, 1, 3, /*axis=*/0);
  if (failed(filter))
    return failure();
  FailureOr<Value> result =
      createConvolution(node, *image, *filter, /*bias=*/Value());
  if (failed(result))
    return failure();
  return setIntegers(node, *result);
}

static LogicalResult importMatMulInteger(Node &node) {
  FailureOr<Value> lhs = readDifference(node, 0, 2, /*axis=*/-2);
  if (failed(lhs))
    return failure();
  FailureOr<Value> rhs = readDifference(node, 1, 3, /*axis=*/-1);
  if (failed(rhs))
    return failure();
  FailureOr<Value> result = createMatMul(node, *lhs, *rhs);
  if (failed(result))
    return failure();
  return setIntegers(node, *result);
}

void mlir::ptq::importer::populateQuantizedProductImporters(
    OperatorRegistry &registry) {
  registry.add("ConvInteger", {{10, kMaxOpset}, {2, 4}, importConvInteger});
  registry.add("MatMulInteger", {{10, kMaxOpset}, {2, 4}, importMatMulInteger});
  registry.add("QLinearConv", {{10, kMaxOpset}, {8, 9}, importQLinearConv});
  registry.add("QLinearMatMul", {{10, kMaxOpset}, {8, 8}, importQLinearMatMul});
}
