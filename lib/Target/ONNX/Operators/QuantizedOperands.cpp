//===- QuantizedOperands.cpp - What operators on codes read ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizedOperands.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

FailureOr<ByteCodes> mlir::ptq::importer::readByteCodes(Node &node,
                                                        unsigned index) {
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

FailureOr<DequantizedCodes>
mlir::ptq::importer::readDequantized(Node &node, unsigned index,
                                     std::optional<int64_t> axis) {
  FailureOr<ByteCodes> bytes = readByteCodes(node, index);
  if (failed(bytes))
    return failure();
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, index + 1, index + 2, getShape(bytes->codes),
                         bytes->type, {axis.value_or(0)});
  if (failed(parameters))
    return failure();
  if (parameters->axis && !axis)
    return node.emitError()
           << "only one scale of input " << index << " is supported";
  return DequantizedCodes{
      createDequantize(node.getBuilder(), bytes->codes, *parameters),
      bytes->type};
}

FailureOr<Value> mlir::ptq::importer::readDequantizedBias(Node &node,
                                                          unsigned index,
                                                          unsigned lhsScale,
                                                          unsigned rhsScale,
                                                          double factor) {
  Value codes;
  bool isUnsigned;
  SmallVector<double> lhs, rhs;
  if (failed(node.readCodes(index, codes, isUnsigned)) ||
      failed(node.readFloats(lhsScale, lhs)) ||
      failed(node.readFloats(rhsScale, rhs)))
    return failure();
  if (!getElementType(codes).isInteger(32) || isUnsigned)
    return node.emitError()
           << "bias must be a tensor of i32, got " << codes.getType();
  TensorBuilder &builder = node.getBuilder();
  SmallVector<double> scales;
  for (double scale : rhs)
    scales.push_back(factor * computeRequantizationMultiplier(
                                  static_cast<float>(lhs.front()),
                                  static_cast<float>(scale), 1.0f));
  for (double scale : scales)
    if (!std::isnormal(static_cast<float>(scale)) || scale < 0)
      return node.emitError() << "the product of scales " << scale
                              << " is no positive normal f32 number";
  CodeParameters parameters;
  if (scales.size() == 1) {
    parameters.scale = builder.createScalar(builder.getF32Type(), scales[0]);
  } else {
    auto count = static_cast<int64_t>(scales.size());
    ArrayRef<int64_t> shape = getShape(codes);
    if (shape.empty() || shape.back() != count)
      return node.emitError() << "bias of type " << codes.getType()
                              << " does not fit the " << count << " scales";
    parameters.scale = node.createConstant(ConstantTensor::fromDoubles(
        (node.getOutputName(0) + ".bias_scale").str(),
        RankedTensorType::get(count, builder.getF32Type()), scales));
    parameters.axis = builder.getI64IntegerAttr(shape.size() - 1);
  }
  return createDequantize(builder, codes, parameters);
}

LogicalResult mlir::ptq::importer::setQuantized(Node &node, Value result,
                                                unsigned index,
                                                CodeType defaultType) {
  FailureOr<CodeType> type = defaultType;
  if (node.hasInput(index + 1))
    type = readCodeType(node, index + 1);
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
