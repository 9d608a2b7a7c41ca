//===- QuantizedProducts.cpp - Import of products of codes ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Products.h"
#include "QuantizedOperands.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Codes to codes
//===----------------------------------------------------------------------===//

static LogicalResult importQLinearConv(Node &node) {
  FailureOr<DequantizedCodes> image =
      readDequantized(node, 0, /*axis=*/std::nullopt);
  if (failed(image))
    return failure();
  FailureOr<DequantizedCodes> filter = readDequantized(node, 3, /*axis=*/0);
  if (failed(filter))
    return failure();
  FailureOr<Value> bias = Value();
  if (node.hasInput(8))
    bias = readDequantizedBias(node, 8, /*lhsScale=*/1, /*rhsScale=*/4,
                               /*factor=*/1.0);
  if (failed(bias))
    return failure();
  FailureOr<Value> result =
      createConvolution(node, image->values, filter->values, *bias);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 6, image->type);
}

static LogicalResult importQLinearMatMul(Node &node) {
  // Scales of rows on the left, of columns on the right.
  FailureOr<DequantizedCodes> lhs = readDequantized(node, 0, /*axis=*/-2);
  if (failed(lhs))
    return failure();
  FailureOr<DequantizedCodes> rhs = readDequantized(node, 3, /*axis=*/-1);
  if (failed(rhs))
    return failure();
  FailureOr<Value> result = createMatMul(node, lhs->values, rhs->values);
  if (failed(result))
    return failure();
  return setQuantized(node, *result, 6, lhs->type);
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
