//===- RunTimeParameters.cpp - Scales and zero points as values -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/RunTimeParameters.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Utils/ParameterMap.h"

using namespace mlir;
using namespace mlir::ptq;

std::optional<RunTimeQuantizedValue>
mlir::ptq::matchRunTimeQuantizedValue(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return std::nullopt;
  RankedTensorType type = dequantize.getInput().getType();
  if (!holdsActivationCodes(dequantize.getInput()) ||
      type.getShape() != dequantize.getResult().getType().getShape())
    return std::nullopt;
  RunTimeQuantizedValue match{
      dequantize.getInput(), dequantize.getScale(), dequantize.getZeroPoint(),
      getParameterMap(type, dequantize.getAxis(), dequantize.getBlockSize())};
  bool areWhole = llvm::all_of(match.map.getResults(), [](AffineExpr result) {
    return isa<AffineDimExpr, AffineConstantExpr>(result);
  });
  if (!areWhole)
    return std::nullopt;
  if (matchZeroPoint(match.zeroPoint) == 0)
    match.zeroPoint = {};
  return match;
}
