//===- ParameterMap.cpp - Which scale an element has ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/ParameterMap.h"

using namespace mlir;
using namespace mlir::ptq;

AffineMap
mlir::ptq::getParameterMap(RankedTensorType type, std::optional<int64_t> axis,
                           std::optional<ArrayRef<int64_t>> blockSizes) {
  MLIRContext *context = type.getContext();
  SmallVector<AffineExpr> results;
  if (axis)
    results.push_back(getAffineDimExpr(*axis, context));
  if (blockSizes)
    for (auto [dim, block] : llvm::enumerate(*blockSizes)) {
      int64_t size = type.getDimSize(dim);
      bool isOneBlock = !ShapedType::isDynamic(size) && size <= block;
      results.push_back(isOneBlock
                            ? getAffineConstantExpr(0, context)
                            : getAffineDimExpr(dim, context).floorDiv(block));
    }
  return AffineMap::get(type.getRank(), /*symbolCount=*/0, results, context);
}
