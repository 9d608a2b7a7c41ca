//===- CodeParameters.cpp - Codes, scales and zero points -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

bool mlir::ptq::importer::isQuantizableFloat(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type);
}

CodeType mlir::ptq::importer::getCodeType(Type type) {
  return {IntegerType::get(type.getContext(), type.getIntOrFloatBitWidth()),
          type.isUnsignedInteger()};
}

FailureOr<CodeType> mlir::ptq::importer::readCodeType(Node &node,
                                                      unsigned index) {
  if (!node.hasInput(index))
    return CodeType{node.getBuilder().getI8Type(), /*isUnsigned=*/true};
  if (const ConstantTensor *constant = node.getConstantInput(index)) {
    if (!isa<IntegerType>(constant->getElementType()))
      return node.emitError()
             << "zero point of the unsupported type " << constant->getType();
    return getCodeType(constant->getElementType());
  }
  Value zeroPoint;
  CodeType type;
  if (failed(node.readCodes(index, zeroPoint, type.isUnsigned)))
    return failure();
  type.storage = cast<IntegerType>(getElementType(zeroPoint));
  return type;
}

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// Whether a tensor of `shape` is one scale for everything.
static bool isOneScale(ArrayRef<int64_t> shape, ScaleLayout layout) {
  return shape.empty() ||
         (layout.blockSize == 0 && shape.size() == 1 && shape.front() == 1);
}

/// Checks the shape of scales against that of the data.
static LogicalResult verifyScaleShape(Node &node, ArrayRef<int64_t> scale,
                                      ArrayRef<int64_t> data,
                                      ScaleLayout &layout) {
  auto emitMismatch = [&]() -> LogicalResult {
    InFlightDiagnostic diag = node.emitError();
    diag << "scales of shape [";
    llvm::interleaveComma(scale, diag);
    diag << "] do not fit a tensor of shape [";
    llvm::interleaveComma(data, diag);
    return diag << "]";
  };
  if (isOneScale(scale, layout))
    return success();
  if (failed(node.normalizeAxis(data.size(), layout.axis)))
    return failure();
  if (layout.blockSize == 0) {
    if (scale.size() != 1 || scale.front() != data[layout.axis])
      return emitMismatch();
    return success();
  }
  if (scale.size() != data.size())
    return emitMismatch();
  for (auto [dim, size] : llvm::enumerate(data)) {
    bool isBlocked = static_cast<int64_t>(dim) == layout.axis;
    if (ShapedType::isDynamic(size) && isBlocked)
      return emitMismatch();
    int64_t expected =
        isBlocked ? llvm::divideCeilSigned(size, layout.blockSize) : size;
    if (scale[dim] != expected)
      return emitMismatch();
  }
  return success();
}

static LogicalResult verifyScales(Node &node, const ConstantTensor &scales,
                                  bool allowsAnySign) {
  SmallVector<double> values = *scales.getDoubles();
  for (double scale : values)
    if (allowsAnySign ? scale != 0 && !std::isnormal(static_cast<float>(scale))
                      : !std::isnormal(static_cast<float>(scale)) || scale < 0)
      return node.emitError()
             << "scale must be a positive normal f32 number, got " << scale;
  return success();
}

/// The only element of `tensor`.
static Value createExtract(TensorBuilder &builder, Value tensor) {
  SmallVector<Value> position;
  if (!getShape(tensor).empty())
    position.push_back(arith::ConstantIndexOp::create(builder, 0));
  return tensor::ExtractOp::create(builder, tensor, position);
}

/// Reads the scales at input `index`; `shape` becomes that of them.
static FailureOr<Value> readScale(Node &node, unsigned index,
                                  ArrayRef<int64_t> data, ScaleLayout &layout,
                                  bool allowsAnySign,
                                  SmallVectorImpl<int64_t> &shape) {
  TensorBuilder &builder = node.getBuilder();
  const ConstantTensor *constant = node.getConstantInput(index);
  Value value;
  if (!constant && failed(node.readFloatInput(index, value)))
    return failure();
  Type elementType =
      constant ? constant->getElementType() : getElementType(value);
  if (!isQuantizableFloat(elementType))
    return node.emitError() << "scales of the unsupported type " << elementType;
  if (failed(node.readShape(index, shape)) ||
      failed(verifyScaleShape(node, shape, data, layout)) ||
      (constant && failed(verifyScales(node, *constant, allowsAnySign))))
    return failure();
  bool isOne = isOneScale(shape, layout);
  if (!constant)
    return isOne ? createExtract(builder, value) : value;
  if (!isOne)
    return node.createConstant(*constant);
  return builder.createScalar(elementType, constant->getDoubles()->front());
}

/// Reads the zero points at input `index`, which go with scales of shape
/// `scaleShape`. Null where they are 0.
static FailureOr<Value> readZeroPoint(Node &node, unsigned index, CodeType type,
                                      ArrayRef<int64_t> scaleShape,
                                      bool isOne) {
  TensorBuilder &builder = node.getBuilder();
  // i8 holds the zero points of all storage types up to 8 bits.
  auto elementType =
      type.storage.getWidth() <= 8 ? builder.getI8Type() : builder.getI32Type();
  int64_t zero =
      type.isUnsigned ? -(int64_t(1) << (type.storage.getWidth() - 1)) : 0;
  if (!node.hasInput(index)) {
    if (zero == 0)
      return Value();
    if (isOne)
      return builder.createScalar(elementType, zero);
    SmallVector<int64_t> zeros(llvm::product_of(scaleShape), zero);
    return node.createConstant(ConstantTensor::fromIntegers(
        "zero_point", RankedTensorType::get(scaleShape, elementType), zeros));
  }
  FailureOr<CodeType> given = readCodeType(node, index);
  SmallVector<int64_t> shape;
  if (failed(given) || failed(node.readShape(index, shape)))
    return failure();
  if (!(*given == type))
    return node.emitError() << "zero points have another type than the codes";
  if (llvm::product_of(shape) != llvm::product_of(scaleShape) ||
      (!isOne && shape != scaleShape))
    return node.emitError() << "the zero points are not shaped like the scales";
  if (const ConstantTensor *constant = node.getConstantInput(index)) {
    SmallVector<int64_t> codes = *constant->shiftedToSigned().getIntegers();
    if (llvm::all_of(codes, [](int64_t code) { return code == 0; }))
      return Value();
    if (isOne)
      return builder.createScalar(elementType, codes.front());
    return node.createConstant(ConstantTensor::fromIntegers(
        constant->getName(), RankedTensorType::get(shape, elementType), codes));
  }
  Value value;
  bool isUnsigned;
  if (failed(node.readCodes(index, value, isUnsigned)))
    return failure();
  if (type.storage.getWidth() != 8)
    return node.emitError()
           << "zero points of " << type.storage << " must be constant";
  return isOne ? createExtract(builder, value) : value;
}

FailureOr<CodeParameters> mlir::ptq::importer::readCodeParameters(
    Node &node, unsigned scale, unsigned zeroPoint, ArrayRef<int64_t> shape,
    CodeType type, ScaleLayout layout, bool allowsAnySign) {
  CodeParameters parameters;
  SmallVector<int64_t> scaleShape;
  FailureOr<Value> value =
      readScale(node, scale, shape, layout, allowsAnySign, scaleShape);
  if (failed(value))
    return failure();
  parameters.scale = *value;
  bool isOne = isOneScale(scaleShape, layout);
  value = readZeroPoint(node, zeroPoint, type, scaleShape, isOne);
  if (failed(value))
    return failure();
  parameters.zeroPoint = *value;
  TensorBuilder &builder = node.getBuilder();
  if (isOne)
    return parameters;
  if (layout.blockSize == 0) {
    parameters.axis = builder.getI64IntegerAttr(layout.axis);
    return parameters;
  }
  SmallVector<int64_t> blocks(shape.size(), 1);
  blocks[layout.axis] = layout.blockSize;
  parameters.blockSize = builder.getDenseI64ArrayAttr(blocks);
  return parameters;
}

FailureOr<CodeParameters>
mlir::ptq::importer::readUnscaledParameters(Node &node, unsigned zeroPoint,
                                            ArrayRef<int64_t> shape,
                                            CodeType type, int64_t axis) {
  TensorBuilder &builder = node.getBuilder();
  SmallVector<int64_t> scaleShape;
  ScaleLayout layout{axis};
  if (node.hasInput(zeroPoint) &&
      (failed(node.readShape(zeroPoint, scaleShape)) ||
       failed(verifyScaleShape(node, scaleShape, shape, layout))))
    return failure();
  bool isOne = isOneScale(scaleShape, layout);
  FailureOr<Value> value =
      readZeroPoint(node, zeroPoint, type, scaleShape, isOne);
  if (failed(value))
    return failure();
  CodeParameters parameters;
  parameters.zeroPoint = *value;
  if (isOne) {
    parameters.scale = builder.createScalar(builder.getF32Type(), 1.0);
    return parameters;
  }
  SmallVector<double> ones(scaleShape.front(), 1.0);
  parameters.scale = node.createConstant(ConstantTensor::fromDoubles(
      "one", RankedTensorType::get(scaleShape, builder.getF32Type()), ones));
  parameters.axis = builder.getI64IntegerAttr(layout.axis);
  return parameters;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

FailureOr<MeasuredCodes> mlir::ptq::importer::quantizeByMeasuring(Node &node) {
  Value input;
  if (failed(node.readFloatInput(0, input)))
    return failure();
  if (!getElementType(input).isF32())
    return node.emitError()
           << "quantization of " << input.getType() << " is not supported";
  TensorBuilder &builder = node.getBuilder();
  auto encoding = EncodingAttr::get(
      builder.getContext(), builder.getI8Type(), Symmetry::Asymmetric,
      Granularity::Tensor, std::nullopt, std::nullopt, /*narrow_range=*/false,
      /*bits=*/std::nullopt, ParameterSource::Dynamic);
  auto choice = ChooseParametersOp::create(
      builder, builder.getF32Type(), builder.getI8Type(), input, encoding);
  MeasuredCodes measured;
  measured.parameters.scale = choice.getScale();
  measured.parameters.zeroPoint = choice.getZeroPoint();
  CodeType type{builder.getI8Type(), /*isUnsigned=*/true};
  measured.codes = createQuantize(builder, input, measured.parameters, type);
  return measured;
}

Value mlir::ptq::importer::createQuantize(TensorBuilder &builder, Value input,
                                          const CodeParameters &parameters,
                                          CodeType type) {
  return QuantizeOp::create(
      builder, cast<RankedTensorType>(input.getType()).clone(type.storage),
      input, parameters.scale, parameters.zeroPoint, parameters.axis,
      parameters.blockSize, /*low=*/IntegerAttr(), /*high=*/IntegerAttr());
}

Value mlir::ptq::importer::createDequantize(TensorBuilder &builder, Value codes,
                                            const CodeParameters &parameters) {
  return DequantizeOp::create(
      builder,
      cast<RankedTensorType>(codes.getType())
          .clone(getElementTypeOrSelf(parameters.scale)),
      codes, parameters.scale, parameters.zeroPoint, parameters.axis,
      parameters.blockSize);
}
