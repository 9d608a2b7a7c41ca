//===- UniformValue.cpp - Tensors of one number ---------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

TypedAttr mlir::ptq::matchUniformValue(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    value = fill.getInputs().front();
  SplatElementsAttr splat;
  if (matchPattern(value, m_Constant(&splat)))
    return dyn_cast<TypedAttr>(splat.getSplatValue<Attribute>());
  TypedAttr scalar;
  if (matchPattern(value, m_Constant(&scalar)) &&
      !isa<ShapedType>(scalar.getType()))
    return scalar;
  return {};
}

std::optional<double> mlir::ptq::matchUniformNumber(Value value) {
  auto number = dyn_cast_or_null<FloatAttr>(matchUniformValue(value));
  if (!number)
    return std::nullopt;
  return number.getValueAsDouble();
}
