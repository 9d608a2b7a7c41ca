//===- QuantCasts.cpp - Casts of the quant dialect as QDQ form -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After the conversion a value of a quantized type holds the bits that were
// stored, so storage casts and constants need nothing. Codes of ptq are signed;
// those of an unsigned type are the stored bits with the highest one inverted.
// Quantize and dequantize casts do that where they meet the storage, and leave
// it out between them.
//
//===----------------------------------------------------------------------===//

#include "SignFlip.h"
#include "UniformParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/DialectConversion.h"
#include "ptq/Conversion/QuantToPTQ/QuantToPTQ.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Unsigned codes
//===----------------------------------------------------------------------===//

/// The codes that the constant `stored` stores, as a constant; null if it is no
/// constant that can be read.
static Value createConstantCodes(OpBuilder &builder, Value stored,
                                 bool isUnsigned) {
  if (!matchPattern(stored, m_Constant()))
    return {};
  FailureOr<TensorValue> tensor = evaluateConstant(stored);
  if (failed(tensor) || failed(tensor->makeUnique()))
    return {};
  if (isUnsigned) {
    auto flip = [&](auto sign) {
      for (auto &element : tensor->getMutableData<decltype(sign)>())
        element = static_cast<decltype(sign)>(element ^ sign);
    };
    // Codes of less than a byte are sign-extended to one.
    unsigned width = tensor->getType().getElementTypeBitWidth();
    if (width == 8)
      flip(std::numeric_limits<int8_t>::min());
    else if (width == 16)
      flip(std::numeric_limits<int16_t>::min());
    else if (width == 32)
      flip(std::numeric_limits<int32_t>::min());
    else
      for (int8_t &element : tensor->getMutableData<int8_t>())
        element = static_cast<int8_t>(llvm::SignExtend64(
            static_cast<uint8_t>(element) ^ (1u << (width - 1)), width));
  }
  return createCodeConstant(builder, stored.getLoc(), *tensor, "codes");
}

/// The codes of `stored`, the bits of a tensor of a quantized type.
static Value createCodes(ImplicitLocOpBuilder &builder, Value stored,
                         const UniformParameters &parameters) {
  bool isPacked = parameters.storage.getWidth() < 8;
  if (parameters.isUnsigned || isPacked)
    if (Value codes =
            createConstantCodes(builder, stored, parameters.isUnsigned))
      return codes;
  if (!parameters.isUnsigned)
    return stored;
  if (Value codes = matchSignFlip(stored))
    return codes;
  return createSignFlip(builder, stored);
}

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

namespace {
/// Scale, zero point and where they apply, as a ptq op takes them.
struct ParameterOperands {
  Value scale;
  /// Null where all are 0.
  Value zeroPoint;
  IntegerAttr axis;
  DenseI64ArrayAttr blockSizes;
};
} // namespace

/// Constants are dense attributes, and so are the same for the same type.
static ParameterOperands createOperands(ImplicitLocOpBuilder &builder,
                                        const UniformParameters &parameters) {
  ParameterOperands operands;
  auto createConstant = [&](Type elementType, auto values,
                            Attribute scalar) -> Value {
    if (parameters.shape.empty())
      return arith::ConstantOp::create(builder, cast<TypedAttr>(scalar));
    auto type = RankedTensorType::get(parameters.shape, elementType);
    return arith::ConstantOp::create(builder,
                                     DenseElementsAttr::get(type, values));
  };
  operands.scale =
      createConstant(builder.getF32Type(), ArrayRef(parameters.scales),
                     builder.getF32FloatAttr(parameters.scales.front()));
  bool hasZeroPoint =
      llvm::any_of(parameters.zeroPoints, [](int64_t z) { return z != 0; });
  if (hasZeroPoint) {
    // i8 holds the zero points of all storage types up to 8 bits.
    unsigned width = parameters.storage.getWidth() <= 8 ? 8 : 32;
    IntegerType type = builder.getIntegerType(width);
    SmallVector<APInt> values;
    for (int64_t zeroPoint : parameters.zeroPoints)
      values.emplace_back(width, zeroPoint, /*isSigned=*/true);
    operands.zeroPoint = createConstant(
        type, ArrayRef(values), builder.getIntegerAttr(type, values.front()));
  }
  if (parameters.axis)
    operands.axis = builder.getI64IntegerAttr(*parameters.axis);
  if (!parameters.blockSizes.empty())
    operands.blockSizes = builder.getDenseI64ArrayAttr(parameters.blockSizes);
  return operands;
}

/// The parameters of the quantized side of a cast.
static FailureOr<UniformParameters> readCast(Operation *op, Type type,
                                             PatternRewriter &rewriter) {
  auto tensorType = dyn_cast<RankedTensorType>(type);
  if (!tensorType)
    return rewriter.notifyMatchFailure(op, "not on a ranked tensor");
  return readUniformParameters(tensorType, explainTo(rewriter, op));
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

/// qcast(x) -> ptq.quantize(x), with the bounds of the type where it has any.
struct ImportQuantizeCast : OpConversionPattern<quant::QuantizeCastOp> {
  using Base::Base;

  LogicalResult
  matchAndRewrite(quant::QuantizeCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<UniformParameters> parameters =
        readCast(op, op.getResult().getType(), rewriter);
    if (failed(parameters))
      return failure();
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    ParameterOperands operands = createOperands(builder, *parameters);
    CodeRange all = parameters->getStorageRange();
    IntegerAttr low, high;
    if (parameters->codes.min != all.min)
      low = rewriter.getI64IntegerAttr(parameters->codes.min);
    if (parameters->codes.max != all.max)
      high = rewriter.getI64IntegerAttr(parameters->codes.max);
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Value codes = QuantizeOp::create(builder, type.clone(parameters->storage),
                                     adaptor.getInput(), operands.scale,
                                     operands.zeroPoint, operands.axis,
                                     operands.blockSizes, low, high);
    if (parameters->isUnsigned)
      codes = createSignFlip(builder, codes);
    rewriter.replaceOp(op, codes);
    return success();
  }
};

/// dcast(q) -> ptq.dequantize(q).
struct ImportDequantizeCast : OpConversionPattern<quant::DequantizeCastOp> {
  using Base::Base;

  LogicalResult
  matchAndRewrite(quant::DequantizeCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<UniformParameters> parameters =
        readCast(op, op.getInput().getType(), rewriter);
    if (failed(parameters))
      return failure();
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value codes = createCodes(builder, adaptor.getInput(), *parameters);
    ParameterOperands operands = createOperands(builder, *parameters);
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, op.getResult().getType(), codes, operands.scale, operands.zeroPoint,
        operands.axis, operands.blockSizes);
    return success();
  }
};

/// scast(x) -> x, in both directions.
struct ImportStorageCast : OpConversionPattern<quant::StorageCastOp> {
  using Base::Base;

  LogicalResult
  matchAndRewrite(quant::StorageCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (getTypeConverter()->convertType(op.getResult().getType()) !=
        adaptor.getInput().getType())
      return rewriter.notifyMatchFailure(op, "not to or from the storage type");
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

} // namespace

void mlir::ptq::populateQuantCastPatterns(const TypeConverter &converter,
                                          RewritePatternSet &patterns) {
  patterns.add<ImportDequantizeCast, ImportQuantizeCast, ImportStorageCast>(
      converter, patterns.getContext());
}
