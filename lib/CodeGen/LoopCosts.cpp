//===- LoopCosts.cpp - How long loops take --------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopCosts.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// The cost of an elementary function, a polynomial.
static constexpr double kFunctionCost = 20;

/// The value of `bound`, or the largest one that it can have; nothing if
/// neither is known.
static std::optional<int64_t> getLargestValue(OpFoldResult bound) {
  if (std::optional<int64_t> constant = getConstantIntValue(bound))
    return constant;
  std::optional<int64_t> least;
  if (auto op = cast<Value>(bound).getDefiningOp<affine::AffineMinOp>())
    for (AffineExpr expr : op.getMap().getResults())
      if (auto constant = dyn_cast<AffineConstantExpr>(expr))
        least = std::min(constant.getValue(), least.value_or(INT64_MAX));
  return least;
}

double mlir::ptq::getNumIterations(Operation *op) {
  auto loop = dyn_cast<LoopLikeOpInterface>(op);
  if (!loop)
    return 1;
  auto lower = loop.getLoopLowerBounds();
  auto upper = loop.getLoopUpperBounds();
  auto steps = loop.getLoopSteps();
  if (!lower || !upper || !steps)
    return 1;
  double iterations = 1;
  for (auto [first, last, step] : llvm::zip_equal(*lower, *upper, *steps)) {
    std::optional<int64_t> from = getConstantIntValue(first);
    std::optional<int64_t> to = getLargestValue(last);
    std::optional<int64_t> by = getConstantIntValue(step);
    if (from && to && by && *by > 0)
      iterations *= *to <= *from ? 0 : std::ceil((double(*to) - *from) / *by);
  }
  return iterations;
}

/// The cost of an op without regions: none for addresses, which are computed
/// beside the rest, and for what other instructions do on the way.
static double getOwnCost(Operation *op) {
  auto isIndex = [](Type type) { return type.isIndex(); };
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>() ||
      isa<ViewLikeOpInterface, vector::BitCastOp, vector::BroadcastOp>(op) ||
      (op->getNumResults() > 0 && llvm::all_of(op->getResultTypes(), isIndex)))
    return 0;
  return isa<math::MathDialect>(op->getDialect()) ? kFunctionCost : 1;
}

double mlir::ptq::sumCosts(Operation *op,
                           function_ref<double(Operation *)> getInnerCost) {
  if (op->getNumRegions() == 0)
    return getOwnCost(op);
  // Of several regions, one runs.
  double inner = 0;
  for (Region &region : op->getRegions()) {
    double sum = 0;
    for (Operation &child : region.getOps())
      sum += getInnerCost(&child);
    inner = std::max(inner, sum);
  }
  return getNumIterations(op) * inner;
}

double mlir::ptq::getCost(Operation *op) { return sumCosts(op, getCost); }
