//===- EdgeParameters.cpp - Scales and zero points of an edge -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Interpreter/FloatElements.h"
#include "ptq/Interpreter/IntegerElements.h"
#include "ptq/Quantization/ArrayQuantization.h"
#include "ptq/Quantization/ParameterLayout.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

/// Whether `scale` rounds to an f16 that moves the value of no code by more
/// than a quarter of a step.
static bool isExactEnoughInHalf(float scale, CodeRange codes) {
  double error = std::fabs(double{roundToHalf(scale)} - double{scale});
  return error * static_cast<double>(codes.max - codes.min) <=
         0.25 * double{scale};
}

FailureOr<EdgeParameters> mlir::ptq::chooseParameters(EncodingAttr encoding,
                                                      ArrayRef<double> lows,
                                                      ArrayRef<double> highs,
                                                      bool hasHalfScales) {
  EdgeParameters parameters;
  CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
  for (auto [low, high] : llvm::zip_equal(lows, highs))
    parameters.values.push_back(
        chooseQuantizationParameters(low, high, encoding.getSymmetry(), codes));
  if (!hasHalfScales)
    return parameters;
  // The zero points follow the rounded scales.
  parameters.hasHalfScales = true;
  for (auto [p, low] : llvm::zip_equal(parameters.values, lows)) {
    if (!isExactEnoughInHalf(p.scale, codes))
      return failure();
    p.scale = roundToHalf(p.scale);
    bool isZero = p.scale == 1.0f && p.zeroPoint == 0;
    if (!encoding.isSymmetric() && !isZero)
      p.zeroPoint = chooseZeroPoint(std::min(low, 0.0), p.scale, codes);
  }
  return parameters;
}

/// Tells which scale is not for f16.
static void reportWideScales(ObserveOp observer,
                             const EdgeParameters &parameters) {
  EncodingAttr encoding = observer.getEncoding();
  CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
  const QuantizationParameters *wide =
      llvm::find_if(parameters.values, [&](const QuantizationParameters &p) {
        return !isExactEnoughInHalf(p.scale, codes);
      });
  remark::missed(
      observer.getLoc(),
      remark::RemarkOpts::name("WideScales").category("ptq-fold-parameters"))
      << remark::reason("the scales of '{0}' stay f32, since f16 does not "
                        "hold {1} well enough",
                        observer.getEdge(), wide->scale);
}

FailureOr<EdgeParameters> mlir::ptq::chooseEdgeParameters(ObserveOp observer) {
  EncodingAttr encoding = observer.getEncoding();
  std::optional<RangeAttr> range = observer.getRange();
  if (!range) {
    observer.emitOpError("has no range; run ptq-run-calibration first");
    return failure();
  }
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  bool isPerBlock = encoding.getGranularity() == Granularity::Block;
  ParameterLayout layout = encoding.getParameterLayout(type.getShape());
  if ((isPerBlock && !type.hasStaticShape()) ||
      layout.getNumParameters() != range->getNumRanges()) {
    observer.emitOpError("has ")
        << range->getNumRanges() << " ranges, but its "
        << (isPerBlock ? "blocks" : "channels") << " are dynamic";
    return failure();
  }
  SmallVector<double> lows = range->getMinValues();
  SmallVector<double> highs = range->getMaxValues();
  if (isPerBlock) {
    FailureOr<EdgeParameters> parameters =
        chooseParameters(encoding, lows, highs, /*hasHalfScales=*/true);
    if (succeeded(parameters))
      return parameters;
  }
  FailureOr<EdgeParameters> parameters =
      chooseParameters(encoding, lows, highs, /*hasHalfScales=*/false);
  if (isPerBlock)
    reportWideScales(observer, *parameters);
  return parameters;
}

TensorValue mlir::ptq::quantizeAndDequantize(const TensorValue &value,
                                             EncodingAttr encoding,
                                             const EdgeParameters &parameters) {
  CodeRange codes = {encoding.getMinCode(), encoding.getMaxCode()};
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  for (const QuantizationParameters &p : parameters.values) {
    scales.push_back(p.scale);
    zeroPoints.push_back(p.zeroPoint);
  }
  FloatElements elements(value);
  ArrayRef<float> source = elements.get();
  std::vector<float> results(source.size());
  MutableArrayRef<float> target = results;
  std::vector<int32_t> buffer;
  encoding.getParameterLayout(value.getShape())
      .forEachRun([&](const ElementRun &run) {
        ParameterRun part = {scales.data() + run.parameter,
                             zeroPoints.data() + run.parameter, run.stride};
        buffer.resize(run.count);
        quantizeArray<int32_t>(source.slice(run.begin, run.count), part, codes,
                               buffer);
        dequantizeArray<int32_t>(buffer, part,
                                 target.slice(run.begin, run.count));
      });
  return createFromFloats(value.getType(), results);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value mlir::ptq::createScale(OpBuilder &builder, Location loc,
                             ArrayRef<float> scales, bool isPerChannel,
                             StringRef name) {
  if (!isPerChannel)
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(scales.front()));
  return createFloatConstant(builder, loc,
                             {static_cast<int64_t>(scales.size())}, scales,
                             (name + "_scale").str());
}

Value mlir::ptq::createCodes(OpBuilder &builder, Location loc,
                             RankedTensorType type, ArrayRef<int32_t> codes,
                             StringRef name) {
  TensorValue tensor = TensorValue::allocateUninitialized(type);
  visitIntegerType(tensor.getElementByteSize(), [&](auto element) {
    using T = decltype(element);
    llvm::transform(codes, tensor.getMutableData<T>().begin(),
                    [](int32_t code) { return static_cast<T>(code); });
  });
  return createTensorConstant(builder, loc, tensor, name);
}

/// The scales as a tensor of `shape`.
static Value createScales(OpBuilder &builder, ObserveOp observer,
                          const EdgeParameters &parameters,
                          ArrayRef<int64_t> shape) {
  SmallVector<float> scales = llvm::map_to_vector(
      parameters.values,
      [](const QuantizationParameters &p) { return p.scale; });
  std::string name = (observer.getEdge() + "_scale").str();
  if (!parameters.hasHalfScales)
    return createFloatConstant(builder, observer.getLoc(), shape, scales, name);
  TensorValue tensor = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, builder.getF16Type()));
  llvm::transform(scales, tensor.getMutableData<uint16_t>().begin(),
                  [](float scale) { return getHalfBits(scale); });
  return createTensorConstant(builder, observer.getLoc(), tensor, name);
}

ParameterOperands
mlir::ptq::createParameterOperands(OpBuilder &builder, ObserveOp observer,
                                   const EdgeParameters &parameters) {
  EncodingAttr encoding = observer.getEncoding();
  Location loc = observer.getLoc();
  // i8 holds the zero points of all storage types up to 8 bits.
  Type zeroPointType = encoding.getStorage().getWidth() <= 8
                           ? builder.getI8Type()
                           : builder.getI32Type();
  ParameterOperands operands;
  if (encoding.isPerTensor()) {
    const QuantizationParameters &only = parameters.values.front();
    operands.scale = createScale(builder, loc, only.scale,
                                 /*isPerChannel=*/false, observer.getEdge());
    if (!encoding.isSymmetric())
      operands.zeroPoint = arith::ConstantOp::create(
          builder, loc, builder.getIntegerAttr(zeroPointType, only.zeroPoint));
    return operands;
  }
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  ParameterLayout layout = encoding.getParameterLayout(type.getShape());
  ArrayRef<int64_t> shape = layout.getParameterShape();
  operands.scale = createScales(builder, observer, parameters, shape);
  if (!encoding.isSymmetric()) {
    SmallVector<int32_t> codes = llvm::map_to_vector(
        parameters.values, [](const auto &p) { return p.zeroPoint; });
    operands.zeroPoint =
        createCodes(builder, loc, RankedTensorType::get(shape, zeroPointType),
                    codes, "zero_point");
  }
  if (encoding.getGranularity() == Granularity::Block)
    operands.blockSize =
        builder.getDenseI64ArrayAttr(encoding.getBlockSizes(type.getShape()));
  else
    operands.axis = builder.getI64IntegerAttr(*encoding.getAxis());
  return operands;
}
