//===- Quantization.cpp - Import of quantization --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "ConstantCodes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

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

/// Reads an attribute that asks for arithmetic in another type of floats than
/// that of the scales, `type`.
static LogicalResult verifyArithmeticType(Node &node, StringRef name,
                                          Type type) {
  int64_t code = 0;
  if (failed(node.readAttribute(name, code)))
    return failure();
  if (code == 0 || getElementType(code, type.getContext()) == type)
    return success();
  return node.emitError() << "attribute '" << name
                          << "' must name the type of the scales, " << type
                          << ", got " << getElementTypeName(code);
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
  const ConstantTensor *values = node.getConstantInput(0);
  if (values && !hasPlausibleSize(values->getType()))
    values = nullptr;
  Value input;
  if (!values && failed(node.readFloatInput(0, input)))
    return failure();
  RankedTensorType inputType =
      values ? values->getType() : cast<RankedTensorType>(input.getType());
  if (!isQuantizableFloat(inputType.getElementType()))
    return node.emitError()
           << "quantization of " << inputType << " is not supported";
  FailureOr<ScaleLayout> layout = readScaleLayout(node);
  FailureOr<CodeType> type = readResultType(node);
  if (failed(layout) || failed(type) || failed(verifyCodeType(node, *type)))
    return failure();
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, 1, 2, inputType.getShape(), *type, *layout);
  if (failed(parameters))
    return failure();
  Type scaleType = getElementTypeOrSelf(parameters->scale);
  if (failed(verifyArithmeticType(node, "precision", scaleType)))
    return failure();
  if (inputType.getElementType() != scaleType)
    return node.emitError()
           << "quantizes " << inputType << " by scales of type " << scaleType
           << ", which is not supported";
  // Weights that are trained to be quantized are floats in the model.
  std::optional<ConstantParameters> constant =
      getConstantParameters(node, 1, 2);
  if (values && constant && scaleType.isF32()) {
    constant->axis = parameters->axis;
    constant->blockSize = parameters->blockSize;
    return node.setOutput(0, quantizeConstant(*values, *constant, *type));
  }
  if (values && failed(node.readFloatInput(0, input)))
    return failure();
  ValueFacts facts;
  facts.isShifted = type->isUnsigned;
  return node.setOutput(
      0, createQuantize(node.getBuilder(), input, *parameters, *type), facts);
}

//===----------------------------------------------------------------------===//
// DequantizeLinear
//===----------------------------------------------------------------------===//

/// The codes, if they and all that dequantizes them are known.
static std::optional<ConstantCodes> getConstantCodes(const Node &node) {
  const ConstantTensor *codes = node.getConstantInput(0);
  std::optional<ConstantParameters> parameters =
      getConstantParameters(node, 1, 2);
  if (!codes || !parameters)
    return std::nullopt;
  return ConstantCodes(*codes, std::move(*parameters));
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
  std::optional<ConstantCodes> constant = getConstantCodes(node);
  FailureOr<CodeParameters> parameters =
      readCodeParameters(node, 1, 2, getShape(codes), type, *layout,
                         /*allowsAnySign=*/constant.has_value());
  if (failed(parameters) ||
      failed(verifyArithmeticType(node, "output_dtype",
                                  getElementTypeOrSelf(parameters->scale))))
    return failure();
  if (!constant)
    return node.setOutput(
        0, createDequantize(node.getBuilder(), codes, *parameters));

  constant->axis = parameters->axis;
  constant->blockSize = parameters->blockSize;
  ValueFacts facts;
  // The copy shares the elements.
  facts.codes = std::make_shared<ConstantCodes>(*constant);
  facts.getElements = [codes = facts.codes] { return codes->dequantize(); };
  FailureOr<Value> values =
      constant->hasUnusualScales()
          ? constant->createValues(node)
          : createDequantize(node.getBuilder(), codes, *parameters);
  if (failed(values))
    return failure();
  return node.setOutput(0, *values, std::move(facts));
}

//===----------------------------------------------------------------------===//
// DynamicQuantizeLinear
//===----------------------------------------------------------------------===//

/// To unsigned bytes, with the parameters that the data ask for.
static LogicalResult importDynamicQuantizeLinear(Node &node) {
  FailureOr<MeasuredCodes> measured = quantizeByMeasuring(node);
  if (failed(measured))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  auto makeTensor = [&](Value scalar) -> Value {
    return tensor::FromElementsOp::create(
        builder, RankedTensorType::get({}, scalar.getType()), scalar);
  };
  ValueFacts unsignedFacts;
  unsignedFacts.isShifted = true;
  const CodeParameters &parameters = measured->parameters;
  return success(succeeded(node.setOutput(0, measured->codes, unsignedFacts)) &&
                 succeeded(node.setOutput(1, makeTensor(parameters.scale))) &&
                 succeeded(node.setOutput(2, makeTensor(parameters.zeroPoint),
                                          unsignedFacts)));
}

void mlir::ptq::importer::populateQuantizationImporters(
    OperatorRegistry &registry) {
  registry.add("DequantizeLinear",
               {{10, kMaxOpset}, {2, 3}, importDequantizeLinear});
  registry.add("DequantizeLinear",
               {kRuntimeOpset, {2, 3}, importDequantizeLinear}, kRuntimeDomain);
  registry.add("DynamicQuantizeLinear",
               {{11, kMaxOpset}, {1, 1}, importDynamicQuantizeLinear});
  registry.add("QuantizeLinear",
               {{10, kMaxOpset}, {2, 3}, importQuantizeLinear});
  registry.add("QuantizeLinear", {kRuntimeOpset, {2, 3}, importQuantizeLinear},
               kRuntimeDomain);
}
