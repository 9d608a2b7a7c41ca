//===- QuantizedRuntime.cpp - Import of ONNX Runtime's ops on codes -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Runtime's quantizers write operators that the standard has only of
// floats. They are those operators, on dequantized values.
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Products.h"
#include "QuantizedOperands.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

/// The version of the standard operators that those of ONNX Runtime are like.
static constexpr int64_t kStandardOpset = 13;

//===----------------------------------------------------------------------===//
// Codes to codes
//===----------------------------------------------------------------------===//

/// Operator `standard` of codes at input 0, with parameters of the result at
/// inputs 3 and 4.
static LogicalResult importQuantizedUnary(Node &node, StringRef standard) {
  FailureOr<DequantizedCodes> operand = readDequantized(node, 0, std::nullopt);
  if (failed(operand))
    return failure();
  FailureOr<Value> result =
      node.apply(standard, kStandardOpset, operand->values);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 3, operand->type);
}

/// As `importQuantizedUnary`, of an image whose channels must come first.
static LogicalResult importQuantizedPooling(Node &node, StringRef standard) {
  bool isChannelsLast = false;
  if (failed(node.readAttribute("channels_last", isChannelsLast)))
    return failure();
  if (isChannelsLast)
    return node.emitError() << "'channels_last = 1' is not supported";
  FailureOr<DequantizedCodes> image = readDequantized(node, 0, std::nullopt);
  if (failed(image))
    return failure();
  FailureOr<Value> result =
      node.apply(standard, kStandardOpset, image->values, {"channels_last"});
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 3, image->type);
}

/// An attribute says which version of Softmax is meant.
static LogicalResult importQLinearSoftmax(Node &node) {
  int64_t opset = 0;
  if (failed(node.readAttribute("opset", opset)))
    return failure();
  if (!kAllOpsets.contains(opset))
    return node.emitError()
           << "Softmax of operator set " << opset << " is not supported";
  FailureOr<DequantizedCodes> operand = readDequantized(node, 0, std::nullopt);
  if (failed(operand))
    return failure();
  FailureOr<Value> result =
      node.apply("Softmax", opset, operand->values, {"opset"});
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 3, operand->type);
}

static LogicalResult importQuantizedBinary(Node &node, StringRef standard) {
  FailureOr<DequantizedCodes> lhs = readDequantized(node, 0, std::nullopt);
  if (failed(lhs))
    return failure();
  FailureOr<DequantizedCodes> rhs = readDequantized(node, 3, std::nullopt);
  if (failed(rhs))
    return failure();
  FailureOr<Value> result =
      node.apply(standard, kStandardOpset, {lhs->values, rhs->values});
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 6, lhs->type);
}

/// Scale and zero point of the result come first.
static LogicalResult importQLinearConcat(Node &node) {
  unsigned numInputs = node.getNumInputs();
  if (numInputs % 3 != 2)
    return node.emitError() << "has " << numInputs
                            << " inputs, expected 2 and 3 for each operand";
  SmallVector<Value> operands;
  CodeType type;
  for (unsigned index = 2; index < numInputs; index += 3) {
    FailureOr<DequantizedCodes> operand =
        readDequantized(node, index, std::nullopt);
    if (failed(operand))
      return failure();
    operands.push_back(operand->values);
    type = operand->type;
  }
  FailureOr<Value> result = node.apply("Concat", kStandardOpset, operands);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 0, type);
}

static LogicalResult importQLinearWhere(Node &node) {
  Value condition;
  if (failed(node.readInput(0, condition)))
    return failure();
  FailureOr<DequantizedCodes> chosen = readDequantized(node, 1, std::nullopt);
  if (failed(chosen))
    return failure();
  FailureOr<DequantizedCodes> other = readDequantized(node, 4, std::nullopt);
  if (failed(other))
    return failure();
  FailureOr<Value> result = node.apply(
      "Where", kStandardOpset, {condition, chosen->values, other->values});
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 7, chosen->type);
}

/// Inputs 6 to 8 are a bias and the parameters of the result, which is of
/// floats without them.
static LogicalResult importQGemm(Node &node) {
  double alpha = 1.0;
  bool transB = false;
  if (failed(node.readAttribute("alpha", alpha)) ||
      failed(node.readAttribute("transB", transB)))
    return failure();
  FailureOr<DequantizedCodes> lhs = readDequantized(node, 0, std::nullopt);
  if (failed(lhs))
    return failure();
  // There may be a scale for each column of the product.
  FailureOr<DequantizedCodes> rhs =
      readDequantized(node, 3, /*axis=*/transB ? 0 : -1);
  if (failed(rhs))
    return failure();
  SmallVector<Value> operands = {lhs->values, rhs->values};
  if (node.hasInput(6)) {
    FailureOr<Value> bias = readDequantizedBias(node, 6, /*lhsScale=*/1,
                                                /*rhsScale=*/4, alpha);
    if (failed(bias))
      return failure();
    operands.push_back(*bias);
  }
  FailureOr<Value> result = node.apply("Gemm", kStandardOpset, operands);
  if (failed(result))
    return failure();
  if (node.hasInput(7))
    return setQuantized(node, *result, 7, lhs->type);
  if (node.hasInput(8))
    return node.emitError() << "has a zero point of the result but no scale";
  return node.setOutput(0, *result);
}

//===----------------------------------------------------------------------===//
// Codes to floats
//===----------------------------------------------------------------------===//

/// Sets output 0 to the product of matrices, plus the bias at input `bias` if
/// it is given.
static LogicalResult setProduct(Node &node, Value lhs, Value rhs,
                                unsigned bias) {
  FailureOr<Value> product = createMatMul(node, lhs, rhs);
  if (succeeded(product) && node.hasInput(bias)) {
    Value summand;
    if (failed(node.readFloatInput(bias, summand)))
      return failure();
    product = node.apply("Add", kStandardOpset, {*product, summand});
  }
  if (failed(product))
    return failure();
  return node.setOutput(0, *product);
}

/// The values of the bytes at input `index` with parameters at inputs `scale`
/// and `zeroPoint`. If there are several, they lie along the last dimension.
static FailureOr<Value> readMatrix(Node &node, unsigned index, unsigned scale,
                                   unsigned zeroPoint) {
  FailureOr<ByteCodes> bytes = readByteCodes(node, index);
  if (failed(bytes))
    return failure();
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, scale, zeroPoint, getShape(bytes->codes),
                         bytes->type, {/*axis=*/-1});
  if (failed(parameters))
    return failure();
  return createDequantize(node.getBuilder(), bytes->codes, *parameters);
}

static LogicalResult importMatMulIntegerToFloat(Node &node) {
  FailureOr<Value> lhs = readMatrix(node, 0, 2, 4);
  if (failed(lhs))
    return failure();
  FailureOr<Value> rhs = readMatrix(node, 1, 3, 5);
  if (failed(rhs))
    return failure();
  return setProduct(node, *lhs, *rhs, /*bias=*/6);
}

/// The left side is quantized with the parameters that it asks for.
static LogicalResult importDynamicQuantizeMatMul(Node &node) {
  FailureOr<MeasuredCodes> measured = quantizeByMeasuring(node);
  if (failed(measured))
    return failure();
  FailureOr<Value> rhs = readMatrix(node, 1, 2, 3);
  if (failed(rhs))
    return failure();
  Value lhs = createDequantize(node.getBuilder(), measured->codes,
                               measured->parameters);
  return setProduct(node, lhs, *rhs, /*bias=*/4);
}

void mlir::ptq::importer::populateQuantizedRuntimeImporters(
    OperatorRegistry &registry) {
  constexpr Range kAny{5, std::numeric_limits<int64_t>::max()};
  auto add = [&](StringRef name, Range numInputs,
                 LogicalResult (*import)(Node &)) {
    registry.add(name, {kRuntimeOpset, numInputs, import}, kRuntimeDomain);
  };
  add("DynamicQuantizeMatMul", {3, 5}, importDynamicQuantizeMatMul);
  add("MatMulIntegerToFloat", {4, 7}, importMatMulIntegerToFloat);
  add("QGemm", {6, 9}, importQGemm);
  add("QLinearAdd", {7, 8},
      [](Node &node) { return importQuantizedBinary(node, "Add"); });
  add("QLinearAveragePool", {4, 5},
      [](Node &node) { return importQuantizedPooling(node, "AveragePool"); });
  add("QLinearConcat", kAny, importQLinearConcat);
  add("QLinearGlobalAveragePool", {5, 5}, [](Node &node) {
    return importQuantizedPooling(node, "GlobalAveragePool");
  });
  add("QLinearLeakyRelu", {4, 5},
      [](Node &node) { return importQuantizedUnary(node, "LeakyRelu"); });
  add("QLinearMul", {7, 8},
      [](Node &node) { return importQuantizedBinary(node, "Mul"); });
  add("QLinearSigmoid", {4, 5},
      [](Node &node) { return importQuantizedUnary(node, "Sigmoid"); });
  add("QLinearSoftmax", {5, 5}, importQLinearSoftmax);
  add("QLinearWhere", {9, 9}, importQLinearWhere);
}
