//===- Cast.cpp - Import of conversions -----------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "../IntegerFolding.h"
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// Whether a number differs from zero; NaN does.
static Value createIsNonZero(TensorBuilder &builder, Value value) {
  Value zero = builder.createScalar(value.getType(), 0.0);
  if (isa<FloatType>(value.getType()))
    return arith::CmpFOp::create(builder, arith::CmpFPredicate::UNE, value,
                                 zero);
  return arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, value, zero);
}

Value mlir::ptq::importer::convertScalar(TensorBuilder &builder, Value value,
                                         Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (type.isInteger(1))
    return createIsNonZero(builder, value);
  unsigned width = type.getIntOrFloatBitWidth();
  if (isa<FloatType>(from) && isa<FloatType>(type)) {
    // The two types of half a word go through f32, which holds both.
    if (from.getIntOrFloatBitWidth() == width)
      value = arith::ExtFOp::create(builder, builder.getF32Type(), value);
    if (value.getType().getIntOrFloatBitWidth() < width)
      return arith::ExtFOp::create(builder, type, value);
    return arith::TruncFOp::create(builder, type, value);
  }
  if (isa<FloatType>(from))
    return arith::FPToSIOp::create(builder, type, value);
  bool isBoolean = from.isInteger(1);
  if (isa<FloatType>(type)) {
    if (isBoolean)
      return arith::UIToFPOp::create(builder, type, value);
    return arith::SIToFPOp::create(builder, type, value);
  }
  if (isBoolean)
    return arith::ExtUIOp::create(builder, type, value);
  if (from.getIntOrFloatBitWidth() < width)
    return arith::ExtSIOp::create(builder, type, value);
  return arith::TruncIOp::create(builder, type, value);
}

/// Converts a constant of integers, mostly a size.
static LogicalResult foldCast(Node &node, const ConstantTensor &constant,
                              Type type) {
  bool holdsBatch = constant.holdsBatch();
  if (isa<IntegerType>(type))
    return foldIntegers(
        node,
        [&](ArrayRef<int64_t> operands) -> std::optional<int64_t> {
          if (holdsBatch && ShapedType::isDynamic(operands[0]))
            return std::nullopt;
          return type.isInteger(1) ? operands[0] != 0 : operands[0];
        },
        type);
  SmallVector<double> values(llvm::map_range(
      *constant.getIntegers(), [](int64_t n) { return double(n); }));
  return node.setOutput(0, ConstantTensor::fromDoubles(
                               node.getOutputName(0),
                               RankedTensorType::get(constant.getShape(), type),
                               values));
}

/// Floats become integers by dropping the fraction; what an integer cannot hold
/// has no defined value, as in ONNX.
static LogicalResult importCast(Node &node) {
  int64_t code = 0;
  // How conversions to floats of eight bits overflow.
  node.ignoreAttribute("saturate");
  node.ignoreAttribute("round_mode");
  if (failed(node.readAttribute("to", code)))
    return failure();
  Type type = getElementType(code, node.getBuilder().getContext());
  if (!type || type.isUnsignedInteger() || type.isInteger(4))
    return node.emitError()
           << "unsupported element type " << getElementTypeName(code);
  const ConstantTensor *constant = node.getConstantInput(0);
  if (constant && constant->getElementType() == type)
    return node.forwardInput(0, 0);
  if (constant && isa<IntegerType>(constant->getElementType()) &&
      (isa<IntegerType>(type) || !constant->holdsBatch()))
    return foldCast(node, *constant, type);
  Value operand;
  if (failed(node.readInput(0, operand)))
    return failure();
  Value floats = node.getInputAsFloats(0);
  if (floats && isa<FloatType>(type))
    operand = floats;
  if (getElementType(operand) == type)
    return operand == floats ? node.setOutput(0, operand)
                             : node.forwardInput(0, 0);
  return setElementwise(
      node, operand,
      [&](TensorBuilder &builder, ValueRange args) {
        return convertScalar(builder, args[0], type);
      },
      type);
}

void mlir::ptq::importer::populateCastImporters(OperatorRegistry &registry) {
  registry.add("Cast", {kAllOpsets, {1, 1}, importCast});
}
