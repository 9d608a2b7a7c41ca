//===- StaticParameters.cpp - Constant scales and zero points -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"

using namespace mlir;
using namespace mlir::ptq;

bool mlir::ptq::holdsActivationCodes(Value codes) {
  Type type = getElementTypeOrSelf(codes);
  return type.isInteger(8) || type.isInteger(16);
}

std::optional<StaticParameters>
mlir::ptq::matchStaticParameters(Value scale, Value zeroPoint) {
  FloatAttr scaleAttr;
  if (!matchPattern(scale, m_Constant(&scaleAttr)))
    return std::nullopt;
  std::optional<int64_t> code = matchZeroPoint(zeroPoint);
  if (!code)
    return std::nullopt;
  return StaticParameters{static_cast<float>(scaleAttr.getValueAsDouble()),
                          static_cast<int32_t>(*code)};
}

std::optional<StaticParameters> mlir::ptq::matchStaticQuantize(QuantizeOp op) {
  // The arithmetic of requantize is exact for codes of up to 16 bits.
  RankedTensorType type = op.getResult().getType();
  if (type.getElementTypeBitWidth() > 16 ||
      type.getShape() != op.getInput().getType().getShape())
    return std::nullopt;
  return matchStaticParameters(op.getScale(), op.getZeroPoint());
}

IntegerAttr mlir::ptq::quantizeConstant(QuantizeOp op, FloatAttr value) {
  std::optional<StaticParameters> parameters = matchStaticQuantize(op);
  if (!parameters)
    return {};
  int32_t code = quantizeValue(static_cast<float>(value.getValueAsDouble()),
                               parameters->scale, parameters->zeroPoint,
                               {op.getLowCode(), op.getHighCode()});
  return IntegerAttr::get(op.getResult().getType().getElementType(), code);
}

CodeRange mlir::ptq::getCodeRangeOf(Value codes) {
  return getCodeRange(getElementTypeOrSelf(codes).getIntOrFloatBitWidth(),
                      /*narrow=*/false);
}

CodeRange mlir::ptq::getProducedCodeRange(Value codes) {
  if (auto quantize = codes.getDefiningOp<QuantizeOp>())
    return {quantize.getLowCode(), quantize.getHighCode()};
  if (auto requantize = codes.getDefiningOp<RequantizeOp>())
    return {requantize.getLowCode(), requantize.getHighCode()};
  return getCodeRangeOf(codes);
}

std::optional<QuantizedValue> mlir::ptq::matchQuantizedValue(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize || !holdsActivationCodes(dequantize.getInput()) ||
      dequantize.getInput().getType().getShape() !=
          dequantize.getResult().getType().getShape())
    return std::nullopt;
  std::optional<StaticParameters> parameters =
      matchStaticParameters(dequantize.getScale(), dequantize.getZeroPoint());
  if (!parameters)
    return std::nullopt;
  return QuantizedValue{dequantize.getInput(), *parameters};
}
