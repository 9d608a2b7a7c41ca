//===- PTQOps.cpp - Verifiers and folders ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterVerification.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/CodePacking.h"
#include "ptq/Quantization/FixedPoint.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

#define GET_OP_CLASSES
#include "ptq/Dialect/PTQ/IR/PTQOps.cpp.inc"

//===----------------------------------------------------------------------===//
// What several ops check
//===----------------------------------------------------------------------===//

/// Input and result of an elementwise op have the same shape.
static LogicalResult verifySameShape(Operation *op, ShapedType input,
                                     ShapedType result) {
  if (failed(verifyCompatibleShape(input, result)))
    return op->emitOpError("input ")
           << input << " and result " << result << " differ in shape";
  return success();
}

/// Explicit bounds lie within the storage type and are in order.
static LogicalResult verifyBounds(Operation *op, IntegerType storage,
                                  std::optional<int64_t> low,
                                  std::optional<int64_t> high) {
  CodeRange codes = getCodeRange(storage.getWidth(), /*narrow=*/false);
  int64_t lowCode = low.value_or(codes.min);
  int64_t highCode = high.value_or(codes.max);
  if (lowCode < codes.min || highCode > codes.max || lowCode > highCode)
    return op->emitOpError("bounds [")
           << lowCode << ", " << highCode << "] do not fit " << storage;
  return success();
}

static IntegerType getStorage(Value value) {
  return cast<IntegerType>(getElementTypeOrSelf(value));
}

//===----------------------------------------------------------------------===//
// ObserveOp
//===----------------------------------------------------------------------===//

LogicalResult ObserveOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (getEdge().empty())
    return emitOpError("needs a name for the edge");
  EncodingAttr encoding = getEncoding();
  std::optional<int64_t> axis = encoding.getAxis();
  if (axis && failed(verifyAxis(*this, type, *axis)))
    return failure();
  Granularity granularity = encoding.getGranularity();
  bool runsAlongAxis =
      granularity == Granularity::Axis || granularity == Granularity::Block;
  if (!axis && runsAlongAxis)
    return emitOpError("encoding of granularity '")
           << stringifyGranularity(granularity) << "' needs an axis";
  std::optional<RangeAttr> range = getRange();
  if (!range)
    return success();
  int64_t count = range->getNumRanges();
  if (encoding.isPerTensor() && count != 1)
    return emitOpError("has ") << count << " ranges for a per-tensor encoding";
  if (granularity == Granularity::Axis &&
      !areCompatible(type.getDimSize(*axis), count))
    return emitOpError("has ")
           << count << " ranges for the " << type.getDimSize(*axis)
           << " channels along axis " << *axis;
  if (granularity == Granularity::Block && type.hasStaticShape()) {
    int64_t blocks =
        encoding.getParameterLayout(type.getShape()).getNumParameters();
    if (count != blocks)
      return emitOpError("has ")
             << count << " ranges for the " << blocks << " blocks of " << type;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ChooseParametersOp
//===----------------------------------------------------------------------===//

/// The shape of what a dynamic encoding measures for data of `type`; null for
/// scalars.
static FailureOr<std::optional<SmallVector<int64_t>>>
getMeasuredShape(ChooseParametersOp op, RankedTensorType type) {
  EncodingAttr encoding = op.getEncoding();
  switch (encoding.getGranularity()) {
  case Granularity::Tensor:
    return std::optional<SmallVector<int64_t>>();
  case Granularity::Axis: {
    std::optional<int64_t> axis = encoding.getAxis();
    if (!axis)
      return op.emitOpError("encoding of granularity 'axis' needs an axis");
    if (failed(verifyAxis(op, type, *axis)))
      return failure();
    return std::optional(SmallVector<int64_t>{type.getDimSize(*axis)});
  }
  case Granularity::Token:
    if (type.getRank() == 0)
      return op.emitOpError("a tensor of rank 0 has no tokens");
    return std::optional(encoding.getBlockCounts(type.getShape()));
  case Granularity::Block: {
    std::optional<int64_t> axis = encoding.getAxis();
    if (!axis)
      return op.emitOpError("encoding of granularity 'block' needs an axis");
    if (failed(verifyAxis(op, type, *axis)))
      return failure();
    if (type.isDynamicDim(*axis))
      return op.emitOpError("blocks need a static size along axis ")
             << *axis << ", got " << type;
    return std::optional(encoding.getBlockCounts(type.getShape()));
  }
  }
  llvm_unreachable("unknown granularity");
}

LogicalResult ChooseParametersOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  EncodingAttr encoding = getEncoding();
  if (!encoding.isDynamic())
    return emitOpError("needs an encoding with 'source = dynamic'");
  FailureOr<std::optional<SmallVector<int64_t>>> expected =
      getMeasuredShape(*this, input);
  if (failed(expected))
    return failure();
  if (encoding.isSymmetric() != !getZeroPoint())
    return emitOpError(encoding.isSymmetric()
                           ? "a symmetric encoding has no zero point"
                           : "an asymmetric encoding needs a zero point");

  auto verifyResult = [&](Value result) -> LogicalResult {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!*expected) {
      if (type)
        return emitOpError("per-tensor parameters are scalars, got ") << type;
      return success();
    }
    if (type && succeeded(verifyCompatibleShape(type.getShape(), **expected)))
      return success();
    if (encoding.getGranularity() == Granularity::Axis)
      return emitOpError("parameters along axis ")
             << *encoding.getAxis() << " of " << input
             << " have the rank 1 and its size, got " << result.getType();
    if (encoding.getGranularity() == Granularity::Block)
      return emitOpError("parameters of blocks of ")
             << input << " have its shape with a size of "
             << (**expected)[*encoding.getAxis()] << " along axis "
             << *encoding.getAxis() << ", got " << result.getType();
    return emitOpError("per-token parameters of ")
           << input << " have its shape with a last dimension of 1, got "
           << result.getType();
  };
  if (failed(verifyResult(getScale())))
    return failure();
  return getZeroPoint() ? verifyResult(getZeroPoint()) : success();
}

//===----------------------------------------------------------------------===//
// QuantizeOp
//===----------------------------------------------------------------------===//

LogicalResult QuantizeOp::verify() {
  IntegerType storage = getStorage(getResult());
  if (failed(verifySameShape(*this, getInput().getType(),
                             getResult().getType())) ||
      failed(verifyParameters(*this, getInput().getType(), storage, getScale(),
                              getZeroPoint(), getAxis(), getBlockSize())))
    return failure();
  return verifyBounds(*this, storage, getLow(), getHigh());
}

int64_t QuantizeOp::getLowCode() {
  return getLow().value_or(
      getCodeRange(getStorage(getResult()).getWidth(), false).min);
}

int64_t QuantizeOp::getHighCode() {
  return getHigh().value_or(
      getCodeRange(getStorage(getResult()).getWidth(), false).max);
}

/// quantize(dequantize(q)) with the same parameters is q: codes of up to 16
/// bits survive the round trip exactly. Narrower bounds would clamp, so they do
/// not fold. The opposite, dequantize(quantize(x)), rounds and never folds.
OpFoldResult QuantizeOp::fold(FoldAdaptor adaptor) {
  auto dequantize = getInput().getDefiningOp<DequantizeOp>();
  if (!dequantize || dequantize.getInput().getType() != getResult().getType())
    return {};
  unsigned width = getStorage(getResult()).getWidth();
  CodeRange codes = getCodeRange(width, /*narrow=*/false);
  bool sameParameters = dequantize.getScale() == getScale() &&
                        dequantize.getZeroPoint() == getZeroPoint() &&
                        dequantize.getAxis() == getAxis() &&
                        dequantize.getBlockSizeAttr() == getBlockSizeAttr();
  bool isFullRange = getLowCode() == codes.min && getHighCode() == codes.max;
  bool isExact = getElementTypeOrSelf(getInput()).isF32() && width <= 16;
  if (!sameParameters || !isFullRange || !isExact)
    return {};
  return dequantize.getInput();
}

//===----------------------------------------------------------------------===//
// DequantizeOp
//===----------------------------------------------------------------------===//

LogicalResult DequantizeOp::verify() {
  if (failed(
          verifySameShape(*this, getInput().getType(), getResult().getType())))
    return failure();
  return verifyParameters(*this, getInput().getType(), getStorage(getInput()),
                          getScale(), getZeroPoint(), getAxis(),
                          getBlockSize());
}

//===----------------------------------------------------------------------===//
// RequantizeOp
//===----------------------------------------------------------------------===//

/// Multiplier and shift of a fixed-point number are integers of one shape.
/// Those that are constant scalars are checked to be in range.
static LogicalResult verifyFixedPoint(RequantizeOp op) {
  bool isInteger = getElementTypeOrSelf(op.getMultiplier()).isInteger();
  Value shift = op.getShift();
  if (isInteger != static_cast<bool>(shift))
    return op.emitOpError(isInteger ? "an integer multiplier needs a shift"
                                    : "a float multiplier has no shift");
  if (!shift)
    return success();
  if (shift.getType() != op.getMultiplier().getType())
    return op.emitOpError("multiplier and shift differ in type");
  APInt number;
  if (matchPattern(op.getMultiplier(), m_ConstantInt(&number)) &&
      number.isNegative())
    return op.emitOpError("multiplier must not be negative, got ")
           << number.getSExtValue();
  if (matchPattern(shift, m_ConstantInt(&number)) &&
      (number.slt(kMinFixedPointShift) || number.sgt(kMaxFixedPointShift)))
    return op.emitOpError("shift must be from ")
           << kMinFixedPointShift << " to " << kMaxFixedPointShift << ", got "
           << number.getSExtValue();
  return success();
}

LogicalResult RequantizeOp::verify() {
  IntegerType storage = getStorage(getResult());
  if (failed(verifySameShape(*this, getInput().getType(),
                             getResult().getType())) ||
      failed(verifyParameterShape(*this, getInput().getType(),
                                  getMultiplier().getType(), getAxis(),
                                  /*blocks=*/std::nullopt)) ||
      failed(verifyConstantZeroPoint(*this, getZeroPoint(), storage)) ||
      failed(verifyFixedPoint(*this)))
    return failure();
  LogicalResult multiplierIsFinite =
      visitConstantFloats(getMultiplier(), [&](double value) -> LogicalResult {
        if (!std::isfinite(value) || value < 0)
          return emitOpError("multiplier must be finite and not negative, got ")
                 << value;
        return success();
      });
  if (failed(multiplierIsFinite))
    return failure();
  return verifyBounds(*this, storage, getLow(), getHigh());
}

int64_t RequantizeOp::getLowCode() {
  return getLow().value_or(
      getCodeRange(getStorage(getResult()).getWidth(), false).min);
}

int64_t RequantizeOp::getHighCode() {
  return getHigh().value_or(
      getCodeRange(getStorage(getResult()).getWidth(), false).max);
}

//===----------------------------------------------------------------------===//
// UnpackOp
//===----------------------------------------------------------------------===//

int64_t UnpackOp::getCodesPerByte() {
  return ptq::getCodesPerByte(getStorage(getResult()).getWidth());
}

LogicalResult UnpackOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  int64_t axis = getAxis();
  if (failed(verifyAxis(*this, input, axis)))
    return failure();
  if (input.getRank() != result.getRank())
    return emitOpError("input and result differ in rank");
  for (int64_t dim = 0; dim < input.getRank(); ++dim) {
    int64_t packed = input.getDimSize(dim);
    int64_t unpacked = result.getDimSize(dim);
    if (dim != axis && !areCompatible(packed, unpacked))
      return emitOpError("dimension ")
             << dim << " changes from " << packed << " to " << unpacked;
    if (dim == axis &&
        (ShapedType::isDynamic(packed) || ShapedType::isDynamic(unpacked)))
      return emitOpError("the unpacked dimension must be static");
    auto bytes =
        static_cast<int64_t>(llvm::divideCeil(unpacked, getCodesPerByte()));
    if (dim == axis && packed != bytes)
      return emitOpError("dimension ")
             << dim << " of " << unpacked << " codes needs " << bytes
             << " bytes, got " << packed;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// LookupOp
//===----------------------------------------------------------------------===//

LogicalResult LookupOp::verify() {
  auto table = cast<RankedTensorType>(getTable().getType());
  if (table.getShape() != ArrayRef<int64_t>{256})
    return emitOpError("table must have 256 entries, got ") << table;
  auto result = cast<RankedTensorType>(getResult().getType());
  if (table.getElementType() != result.getElementType())
    return emitOpError("table ")
           << table << " and result " << result << " differ in element type";
  return verifySameShape(*this, getInput().getType(), result);
}

//===----------------------------------------------------------------------===//
// DotOp
//===----------------------------------------------------------------------===//

LogicalResult DotOp::verify() {
  auto acc = cast<VectorType>(getAcc().getType());
  auto a = cast<VectorType>(getA().getType());
  auto b = cast<VectorType>(getB().getType());
  if (acc.isScalable() || a.isScalable() || b.isScalable())
    return emitOpError("takes vectors of fixed length");
  if (a != b)
    return emitOpError("a ") << a << " and b " << b << " differ in type";
  int64_t lanes = acc.getNumElements();
  int64_t ratio = acc.getElementTypeBitWidth() / a.getElementTypeBitWidth();
  if (a.getNumElements() != ratio * lanes)
    return emitOpError("sums ")
           << ratio << " products of " << a.getElementType()
           << " for each of the " << lanes << " lanes, got "
           << a.getNumElements() << " products";
  // No product of large numbers, which may overflow.
  int64_t rows = getRows();
  if (lanes % rows != 0 || lanes / rows % rows != 0)
    return emitOpError("has squares of ")
           << rows << " rows and columns, of which " << lanes
           << " lanes are no multiple";
  return success();
}

//===----------------------------------------------------------------------===//
// LookupByteOp
//===----------------------------------------------------------------------===//

LogicalResult LookupByteOp::verify() {
  if (getTable().getNumElements() != 256)
    return emitOpError("table must have 256 entries, got ")
           << getTable().getNumElements();
  if (auto vector = dyn_cast<VectorType>(getInput().getType());
      vector && vector.isScalable())
    return emitOpError("takes vectors of fixed length");
  return success();
}
