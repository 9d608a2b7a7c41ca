//===- Quantization.cpp - Import of quantization --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "CodeParameters.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

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
