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
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ParameterMap.h"

using namespace mlir;
using namespace mlir::ptq;

/// `value` as the dequantization of i8 or i16 codes, whatever shares a scale.
static std::optional<RunTimeQuantizedValue> matchDequantized(Value value) {
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
  if (matchZeroPoint(match.zeroPoint) == 0)
    match.zeroPoint = {};
  return match;
}

/// Whether no result of `map` is a quotient.
static bool isUncut(AffineMap map) {
  return llvm::all_of(map.getResults(), [](AffineExpr result) {
    return isa<AffineDimExpr, AffineConstantExpr>(result);
  });
}

std::optional<RunTimeQuantizedValue>
mlir::ptq::matchRunTimeQuantizedValue(Value value) {
  std::optional<RunTimeQuantizedValue> match = matchDequantized(value);
  if (!match || !isUncut(match->map))
    return std::nullopt;
  return match;
}

std::optional<QuantizedBlocks> mlir::ptq::matchQuantizedBlocks(Value value,
                                                               int64_t dim) {
  std::optional<RunTimeQuantizedValue> match = matchDequantized(value);
  if (!match)
    return std::nullopt;
  QuantizedBlocks blocks{
      std::move(*match),
      cast<RankedTensorType>(value.getType()).getDimSize(dim)};
  AffineMap &map = blocks.value.map;
  AffineExpr index = getAffineDimExpr(dim, value.getContext());
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (map.isFunctionOfDim(dim)) {
    blocks.blockSize =
        dequantize.getBlockSize() ? (*dequantize.getBlockSize())[dim] : 1;
    map = map.replace(index.floorDiv(blocks.blockSize), index, map.getNumDims(),
                      /*numResultSyms=*/0);
  }
  if (!isUncut(map))
    return std::nullopt;
  return blocks;
}
