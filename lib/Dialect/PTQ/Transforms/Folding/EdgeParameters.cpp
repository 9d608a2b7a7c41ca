//===- EdgeParameters.cpp - Scales and zero points of an edge -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<EdgeParameters> mlir::ptq::chooseEdgeParameters(ObserveOp observer) {
  EncodingAttr encoding = observer.getEncoding();
  std::optional<RangeAttr> range = observer.getRange();
  if (!range) {
    observer.emitOpError("has no range; run ptq-run-calibration first");
    return failure();
  }
  if (encoding.getGranularity() != Granularity::Tensor &&
      encoding.getGranularity() != Granularity::Axis) {
    observer.emitOpError("has static parameters per ")
        << stringifyGranularity(encoding.getGranularity())
        << ", but a range per tensor or per axis only";
    return failure();
  }
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  std::optional<int64_t> axis = encoding.getAxis();
  int64_t channels = axis ? type.getDimSize(*axis) : 1;
  if (channels != range->getNumChannels()) {
    observer.emitOpError("has ")
        << range->getNumChannels() << " ranges, but its channels are dynamic";
    return failure();
  }
  EdgeParameters parameters;
  CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
  for (auto [low, high] :
       llvm::zip_equal(range->getMinValues(), range->getMaxValues()))
    parameters.push_back(
        chooseQuantizationParameters(low, high, encoding.getSymmetry(), codes));
  return parameters;
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

Value mlir::ptq::createScale(OpBuilder &builder, Location loc,
                             const EdgeParameters &parameters,
                             EncodingAttr encoding, StringRef name) {
  SmallVector<float> scales = llvm::map_to_vector(
      parameters, [](const QuantizationParameters &p) { return p.scale; });
  return createScale(builder, loc, scales, !encoding.isPerTensor(), name);
}

Value mlir::ptq::createZeroPoint(OpBuilder &builder, Location loc,
                                 const EdgeParameters &parameters,
                                 EncodingAttr encoding) {
  if (encoding.isSymmetric())
    return {};
  // i8 holds the zero points of all storage types up to 8 bits.
  Type type = encoding.getStorage().getWidth() <= 8 ? builder.getI8Type()
                                                    : builder.getI32Type();
  if (encoding.isPerTensor())
    return arith::ConstantOp::create(
        builder, loc,
        builder.getIntegerAttr(type, parameters.front().zeroPoint));
  SmallVector<int32_t> codes = llvm::map_to_vector(
      parameters, [](const QuantizationParameters &p) { return p.zeroPoint; });
  return createCodes(
      builder, loc,
      RankedTensorType::get(static_cast<int64_t>(codes.size()), type), codes,
      "zero_point");
}

Value mlir::ptq::createCodes(OpBuilder &builder, Location loc,
                             RankedTensorType type, ArrayRef<int32_t> codes,
                             StringRef name) {
  TensorValue tensor = TensorValue::allocateUninitialized(type);
  auto copyAs = [&](auto element) {
    using T = decltype(element);
    llvm::transform(codes, tensor.getMutableData<T>().begin(),
                    [](int32_t code) { return static_cast<T>(code); });
  };
  switch (tensor.getElementByteSize()) {
  case 1:
    copyAs(int8_t());
    break;
  case 2:
    copyAs(int16_t());
    break;
  default:
    copyAs(int32_t());
    break;
  }
  return createTensorConstant(builder, loc, tensor, name);
}

IntegerAttr mlir::ptq::getAxisAttr(OpBuilder &builder, EncodingAttr encoding) {
  std::optional<int64_t> axis = encoding.getAxis();
  return axis ? builder.getI64IntegerAttr(*axis) : IntegerAttr();
}
