//===- PTQOps.cpp - Verifiers and folders ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/CodePacking.h"
#include "ptq/Quantization/FixedPoint.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

#define GET_OP_CLASSES
#include "ptq/Dialect/PTQ/IR/PTQOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Shapes of parameters
//===----------------------------------------------------------------------===//

/// Whether two dimensions can be equal at run time.
static bool areCompatible(int64_t lhs, int64_t rhs) {
  return lhs == rhs || ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs);
}

/// Checks `axis` against the rank of `type`.
static LogicalResult verifyAxis(Operation *op, ShapedType type, int64_t axis) {
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

/// Checks that `parameter` (a scale, multiplier or zero point) is a scalar, or
/// a vector along `axis`, or one value for each block.
static LogicalResult
verifyParameterShape(Operation *op, ShapedType data, Type parameter,
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
// Values of constant parameters
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

/// Calls `visit` on every number of a constant, be it a scalar, dense, or a
/// dense resource. Values that are not constant are not visited.
static LogicalResult
visitConstantFloats(Value value, function_ref<LogicalResult(double)> visit) {
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

/// A constant zero point must be one of the codes of `storage`.
static LogicalResult verifyConstantZeroPoint(Operation *op, Value zeroPoint,
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

/// What quantize, dequantize and choose_parameters share: shapes of scale and
/// zero point, and the values of constant ones.
template <typename OpTy>
static LogicalResult verifyParameters(OpTy op, ShapedType data,
                                      IntegerType storage) {
  std::optional<ArrayRef<int64_t>> blocks = op.getBlockSize();
  if (failed(verifyParameterShape(op, data, op.getScale().getType(),
                                  op.getAxis(), blocks)) ||
      failed(verifyConstantScale(op, op.getScale())))
    return failure();
  Value zeroPoint = op.getZeroPoint();
  if (!zeroPoint)
    return success();
  auto scaleShape = dyn_cast<ShapedType>(op.getScale().getType());
  auto zeroPointShape = dyn_cast<ShapedType>(zeroPoint.getType());
  if (static_cast<bool>(scaleShape) != static_cast<bool>(zeroPointShape) ||
      (scaleShape && failed(verifyCompatibleShape(scaleShape, zeroPointShape))))
    return op.emitOpError("zero point ")
           << zeroPoint.getType() << " is not shaped like the scale "
           << op.getScale().getType();
  return verifyConstantZeroPoint(op, zeroPoint, storage);
}

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
      failed(verifyParameters(*this, getInput().getType(), storage)))
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
  return verifyParameters(*this, getInput().getType(), getStorage(getInput()));
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
  return success();
}
