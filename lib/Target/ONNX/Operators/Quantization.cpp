//===- Quantization.cpp - Import of quantization --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"
#include "../OperatorRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// Whether ptq.quantize and ptq.dequantize take floats of this type.
static bool isQuantizableFloat(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type);
}

/// Storage and sign of integers of type `type`.
static CodeType getCodeType(Type type) {
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

static LogicalResult verifyScales(Node &node, const ConstantTensor &scales) {
  SmallVector<double> values = *scales.getDoubles();
  for (double scale : values)
    if (!std::isnormal(static_cast<float>(scale)) || scale < 0)
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
      (constant && failed(verifyScales(node, *constant))))
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
    CodeType type, ScaleLayout layout) {
  CodeParameters parameters;
  SmallVector<int64_t> scaleShape;
  FailureOr<Value> value = readScale(node, scale, shape, layout, scaleShape);
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

/// Reads the attributes that say which elements share a scale.
static FailureOr<ScaleLayout> readScaleLayout(Node &node) {
  ScaleLayout layout;
  layout.axis = 1;
  if (failed(node.readAttribute("axis", layout.axis)) ||
      failed(node.readAttribute("block_size", layout.blockSize)))
    return failure();
  if (layout.blockSize < 0)
    return node.emitError() << "attribute 'block_size' must not be negative, "
                               "got "
                            << layout.blockSize;
  return layout;
}

/// Whether codes of `type` can be computed.
static LogicalResult verifyCodeType(Node &node, CodeType type) {
  unsigned width = type.storage.getWidth();
  if (width == 4 || width == 8 || width == 16)
    return success();
  return node.emitError() << "quantization to integers of " << width
                          << " bits is not supported";
}

//===----------------------------------------------------------------------===//
// QuantizeLinear
//===----------------------------------------------------------------------===//

/// The type of the codes: that of the zero point, or what an attribute asks
/// for.
static FailureOr<CodeType> readResultType(Node &node) {
  int64_t code = 0;
  if (failed(node.readAttribute("output_dtype", code)))
    return failure();
  if (code == 0 || node.hasInput(2))
    return readCodeType(node, 2);
  Type type = getElementType(code, node.getBuilder().getContext());
  if (!isa_and_nonnull<IntegerType>(type))
    return node.emitError() << "quantization to " << getElementTypeName(code)
                            << " is not supported";
  return getCodeType(type);
}

static LogicalResult importQuantizeLinear(Node &node) {
  // How conversions to floats of eight bits overflow.
  node.ignoreAttribute("saturate");
  Value input;
  if (failed(node.readFloatInput(0, input)))
    return failure();
  if (!isQuantizableFloat(getElementType(input)))
    return node.emitError()
           << "quantization of " << input.getType() << " is not supported";
  FailureOr<ScaleLayout> layout = readScaleLayout(node);
  FailureOr<CodeType> type = readResultType(node);
  if (failed(layout) || failed(type) || failed(verifyCodeType(node, *type)))
    return failure();
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, 1, 2, getShape(input), *type, *layout);
  if (failed(parameters))
    return failure();
  ValueFacts facts;
  facts.isShifted = type->isUnsigned;
  return node.setOutput(
      0, createQuantize(node.getBuilder(), input, *parameters, *type), facts);
}

//===----------------------------------------------------------------------===//
// DequantizeLinear
//===----------------------------------------------------------------------===//

/// The values of constant codes.
static ConstantTensor dequantizeConstant(const ConstantTensor &codes,
                                         const ConstantTensor &scale,
                                         const ConstantTensor *zeroPoint,
                                         const CodeParameters &parameters) {
  ArrayRef<int64_t> shape = codes.getShape();
  ParameterLayout layout = ParameterLayout::perTensor(shape);
  if (parameters.axis)
    layout = ParameterLayout::alongAxis(shape, parameters.axis.getInt());
  else if (parameters.blockSize)
    layout =
        ParameterLayout::inBlocks(shape, parameters.blockSize.asArrayRef());
  SmallVector<int64_t> integers = *codes.getIntegers();
  SmallVector<double> scales = *scale.getDoubles();
  SmallVector<int64_t> zeroPoints(scales.size(), 0);
  if (zeroPoint)
    zeroPoints = *zeroPoint->getIntegers();
  SmallVector<double> values(integers.size());
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t i = 0; i < run.count; ++i) {
      int64_t parameter = run.parameter + i * run.stride;
      values[run.begin + i] = dequantizeValue(
          integers[run.begin + i], static_cast<float>(scales[parameter]),
          zeroPoints[parameter]);
    }
  });
  return ConstantTensor::fromDoubles(
      codes.getName(), codes.getType().clone(scale.getElementType()), values);
}

static LogicalResult importDequantizeLinear(Node &node) {
  Value codes;
  CodeType type;
  if (failed(node.readCodes(0, codes, type.isUnsigned)))
    return failure();
  type.storage = cast<IntegerType>(getElementType(codes));
  if (!type.storage.isInteger(32) && failed(verifyCodeType(node, type)))
    return failure();
  FailureOr<ScaleLayout> layout = readScaleLayout(node);
  if (failed(layout))
    return failure();
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, 1, 2, getShape(codes), type, *layout);
  if (failed(parameters))
    return failure();

  ValueFacts facts;
  const ConstantTensor *constant = node.getConstantInput(0);
  const ConstantTensor *scale = node.getConstantInput(1);
  const ConstantTensor *zeroPoint = node.getConstantInput(2);
  if (constant && scale && (zeroPoint || !node.hasInput(2))) {
    // The copies share the elements.
    std::optional<ConstantTensor> zeroPointCopy;
    if (zeroPoint)
      zeroPointCopy = *zeroPoint;
    facts.getElements = [constant = *constant, scale = *scale, zeroPointCopy,
                         parameters = *parameters] {
      return dequantizeConstant(constant, scale,
                                zeroPointCopy ? &*zeroPointCopy : nullptr,
                                parameters);
    };
  }
  return node.setOutput(0,
                        createDequantize(node.getBuilder(), codes, *parameters),
                        std::move(facts));
}

//===----------------------------------------------------------------------===//
// DynamicQuantizeLinear
//===----------------------------------------------------------------------===//

/// To unsigned bytes, with the parameters that the data ask for.
static LogicalResult importDynamicQuantizeLinear(Node &node) {
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
      ParameterSource::Dynamic);
  auto choice = ChooseParametersOp::create(
      builder, builder.getF32Type(), builder.getI8Type(), input, encoding);
  CodeParameters parameters;
  parameters.scale = choice.getScale();
  parameters.zeroPoint = choice.getZeroPoint();
  CodeType type{builder.getI8Type(), /*isUnsigned=*/true};
  auto makeTensor = [&](Value scalar) -> Value {
    return tensor::FromElementsOp::create(
        builder, RankedTensorType::get({}, scalar.getType()), scalar);
  };
  ValueFacts unsignedFacts;
  unsignedFacts.isShifted = true;
  return success(succeeded(node.setOutput(
                     0, createQuantize(builder, input, parameters, type),
                     unsignedFacts)) &&
                 succeeded(node.setOutput(1, makeTensor(choice.getScale()))) &&
                 succeeded(node.setOutput(2, makeTensor(choice.getZeroPoint()),
                                          unsignedFacts)));
}

void mlir::ptq::importer::populateQuantizationImporters(
    OperatorRegistry &registry) {
  registry.add("DequantizeLinear",
               {{10, kMaxOpset}, {2, 3}, importDequantizeLinear});
  registry.add("DynamicQuantizeLinear",
               {{11, kMaxOpset}, {1, 1}, importDynamicQuantizeLinear});
  registry.add("QuantizeLinear",
               {{10, kMaxOpset}, {2, 3}, importQuantizeLinear});
}
