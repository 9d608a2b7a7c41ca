//===- ParameterVerification.cpp - Checks of quantization parameters ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterVerification.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

bool mlir::ptq::areCompatible(int64_t lhs, int64_t rhs) {
  return lhs == rhs || ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs);
}

LogicalResult mlir::ptq::verifyAxis(Operation *op, ShapedType type,
                                    int64_t axis) {
  if (axis < 0 || axis >= type.getRank())
    return op->emitOpError("axis ") << axis << " is out of range for " << type;
  return success();
}

/// Checks a block-wise scale: of the data's rank, with ceilDiv(dim, block) in
/// each dimension.
static LogicalResult verifyBlocks(Operation *op, ShapedType data,
                                  ShapedType scale, ArrayRef<int64_t> blocks) {
  if (static_cast<int64_t>(blocks.size()) != data.getRank())
    return op->emitOpError("needs a block size for each of the ")
           << data.getRank() << " dimensions, got " << blocks.size();
  for (int64_t block : blocks)
    if (block < 1)
      return op->emitOpError("block size must be at least 1, got ") << block;
  if (!scale || scale.getRank() != data.getRank())
    return op->emitOpError("a block-wise scale needs the rank of ") << data;
  for (auto [dim, size] : llvm::enumerate(data.getShape())) {
    if (ShapedType::isDynamic(size) ||
        ShapedType::isDynamic(scale.getDimSize(dim)))
      continue;
    int64_t expected = llvm::divideCeil(size, blocks[dim]);
    if (scale.getDimSize(dim) != expected)
      return op->emitOpError("dimension ")
             << dim << " of " << data << " has " << expected << " blocks of "
             << blocks[dim] << ", but the scale has " << scale.getDimSize(dim);
  }
  return success();
}

LogicalResult
mlir::ptq::verifyParameterShape(Operation *op, ShapedType data, Type parameter,
                                std::optional<int64_t> axis,
                                std::optional<ArrayRef<int64_t>> blocks) {
  auto shaped = dyn_cast<ShapedType>(parameter);
  if (axis && blocks)
    return op->emitOpError("takes either an axis or a block size, not both");
  if (blocks)
    return verifyBlocks(op, data, shaped, *blocks);
  if (!axis) {
    if (shaped)
      return op->emitOpError(
          "a tensor of scales needs an axis or a block size");
    return success();
  }
  if (failed(verifyAxis(op, data, *axis)))
    return failure();
  if (!shaped || shaped.getRank() != 1)
    return op->emitOpError("with an axis the scale must be a tensor of rank 1");
  if (!areCompatible(shaped.getDimSize(0), data.getDimSize(*axis)))
    return op->emitOpError("dimension ")
           << *axis << " of " << data << " does not fit the scale " << shaped;
  return success();
}

//===----------------------------------------------------------------------===//
// Values of constants
//===----------------------------------------------------------------------===//

/// Calls `visit` on every element of a dense resource of `ResourceT`. A blob
/// that is missing or of the wrong size is not read: whoever uses the values
/// reports it, by name.
template <typename ResourceT>
static LogicalResult visitResource(Attribute attr,
                                   function_ref<LogicalResult(double)> visit) {
  auto resource = dyn_cast<ResourceT>(attr);
  if (!resource)
    return success();
  auto data = resource.tryGetAsArrayRef();
  if (!data || static_cast<int64_t>(data->size()) != resource.getNumElements())
    return success();
  for (auto element : *data)
    if (failed(visit(element)))
      return failure();
  return success();
}

LogicalResult
mlir::ptq::visitConstantFloats(Value value,
                               function_ref<LogicalResult(double)> visit) {
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return success();
  if (auto scalar = dyn_cast<FloatAttr>(attr))
    return visit(scalar.getValueAsDouble());
  if (auto dense = dyn_cast<DenseFPElementsAttr>(attr)) {
    auto visitOne = [&](const APFloat &element) {
      return visit(FloatAttr::getValueAsDouble(element));
    };
    if (dense.isSplat())
      return visitOne(dense.getSplatValue<APFloat>());
    for (const APFloat &element : dense)
      if (failed(visitOne(element)))
        return failure();
    return success();
  }
  return visitResource<DenseF32ResourceElementsAttr>(attr, visit);
}

/// Calls `visit` on those elements of a dense resource of f16 that are not
/// positive and finite.
static LogicalResult
visitUnusualHalves(Value value, function_ref<LogicalResult(double)> visit) {
  DenseResourceElementsAttr resource;
  if (!matchPattern(value, m_Constant(&resource)) ||
      !resource.getElementType().isF16())
    return success();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob || static_cast<int64_t>(blob->getData().size()) !=
                   2 * resource.getNumElements())
    return success();
  constexpr uint16_t kInfinity = 0x7c00;
  for (int64_t i = 0, e = resource.getNumElements(); i < e; ++i) {
    uint16_t bits;
    std::memcpy(&bits, blob->getData().data() + 2 * i, sizeof(bits));
    if (bits > 0 && bits < kInfinity)
      continue;
    APFloat element(APFloat::IEEEhalf(), APInt(16, bits));
    if (failed(visit(FloatAttr::getValueAsDouble(element))))
      return failure();
  }
  return success();
}

/// A constant scale must be positive, finite, and normal in f32.
static LogicalResult verifyConstantScale(Operation *op, Value scale) {
  auto verify = [&](double value) -> LogicalResult {
    if (!std::isfinite(value))
      return op->emitOpError("scale must be finite, got ") << value;
    if (value <= 0)
      return op->emitOpError("scale must be positive, got ") << value;
    if (!std::isnormal(static_cast<float>(value)))
      return op->emitOpError("scale must be a normal f32 number, got ")
             << value;
    return success();
  };
  return success(succeeded(visitConstantFloats(scale, verify)) &&
                 succeeded(visitUnusualHalves(scale, verify)));
}

LogicalResult mlir::ptq::verifyConstantZeroPoint(Operation *op, Value zeroPoint,
                                                 IntegerType storage) {
  CodeRange codes = getCodeRange(storage.getWidth(), /*narrow=*/false);
  auto verifyOne = [&](const APInt &value) -> LogicalResult {
    int64_t code = value.getSExtValue();
    if (code < codes.min || code > codes.max)
      return op->emitOpError("zero point ")
             << code << " is outside the range of " << storage;
    return success();
  };
  Attribute attr;
  if (!zeroPoint || !matchPattern(zeroPoint, m_Constant(&attr)))
    return success();
  if (auto scalar = dyn_cast<IntegerAttr>(attr))
    return verifyOne(scalar.getValue());
  if (auto dense = dyn_cast<DenseIntElementsAttr>(attr)) {
    if (dense.isSplat())
      return verifyOne(dense.getSplatValue<APInt>());
    for (const APInt &element : dense)
      if (failed(verifyOne(element)))
        return failure();
    return success();
  }
  auto verifyCode = [&](double code) {
    return verifyOne(APInt(64, static_cast<int64_t>(code), /*isSigned=*/true));
  };
  return success(
      succeeded(visitResource<DenseI8ResourceElementsAttr>(attr, verifyCode)) &&
      succeeded(visitResource<DenseI32ResourceElementsAttr>(attr, verifyCode)));
}

LogicalResult
mlir::ptq::verifyParameters(Operation *op, ShapedType data, IntegerType storage,
                            Value scale, Value zeroPoint,
                            std::optional<int64_t> axis,
                            std::optional<ArrayRef<int64_t>> blocks) {
  if (failed(verifyParameterShape(op, data, scale.getType(), axis, blocks)) ||
      failed(verifyConstantScale(op, scale)))
    return failure();
  if (!zeroPoint)
    return success();
  auto scaleShape = dyn_cast<ShapedType>(scale.getType());
  auto zeroPointShape = dyn_cast<ShapedType>(zeroPoint.getType());
  if (static_cast<bool>(scaleShape) != static_cast<bool>(zeroPointShape) ||
      (scaleShape && failed(verifyCompatibleShape(scaleShape, zeroPointShape))))
    return op->emitOpError("zero point ")
           << zeroPoint.getType() << " is not shaped like the scale "
           << scale.getType();
  return verifyConstantZeroPoint(op, zeroPoint, storage);
}
