//===- LoopNests.cpp - Blocked loops around kernels -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNests.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::ptq;

/// A loop from `lower` to `upper`, unless it is known to run once or never.
static void emitLoop(OpBuilder &builder, Location loc, OpFoldResult lower,
                     OpFoldResult upper, int64_t step,
                     function_ref<void(Value)> emit) {
  std::optional<int64_t> first = getConstantIntValue(lower);
  std::optional<int64_t> last = getConstantIntValue(upper);
  if (first && last && *last <= *first)
    return;
  Value lowerValue = getValueOrCreateConstantIndexOp(builder, loc, lower);
  if (first && last && *last - *first <= step)
    return emit(lowerValue);
  Value upperValue = getValueOrCreateConstantIndexOp(builder, loc, upper);
  Value stepValue = arith::ConstantIndexOp::create(builder, loc, step);
  auto loop =
      scf::ForOp::create(builder, loc, lowerValue, upperValue, stepValue);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  emit(loop.getInductionVar());
}

void mlir::ptq::emitBlocks(
    OpBuilder &builder, Location loc, OpFoldResult range, int64_t block,
    function_ref<void(Value position, int64_t size)> emit) {
  OpFoldResult zero = builder.getIndexAttr(0);
  if (std::optional<int64_t> size = getConstantIntValue(range)) {
    int64_t covered = *size - *size % block;
    emitLoop(builder, loc, zero, builder.getIndexAttr(covered), block,
             [&](Value position) { emit(position, block); });
    if (covered < *size)
      emit(arith::ConstantIndexOp::create(builder, loc, covered),
           *size - covered);
    return;
  }
  AffineExpr symbol = builder.getAffineSymbolExpr(0);
  OpFoldResult covered = affine::makeComposedFoldedAffineApply(
      builder, loc, symbol - symbol % block, {range});
  emitLoop(builder, loc, zero, covered, block,
           [&](Value position) { emit(position, block); });
  if (block > 1)
    emitLoop(builder, loc, covered, range, 1,
             [&](Value position) { emit(position, 1); });
}

SmallVector<Value> mlir::ptq::emitReductionNest(
    OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> ranges,
    ValueRange inits,
    function_ref<SmallVector<Value>(ValueRange positions, ValueRange carried)>
        emit) {
  SmallVector<Value> positions;
  std::function<SmallVector<Value>(ValueRange)> nest =
      [&](ValueRange carried) -> SmallVector<Value> {
    if (positions.size() == ranges.size())
      return emit(positions, carried);
    OpFoldResult range = ranges[positions.size()];
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    if (isConstantIntValue(range, 1)) {
      positions.push_back(zero);
      SmallVector<Value> results = nest(carried);
      positions.pop_back();
      return results;
    }
    Value upper = getValueOrCreateConstantIndexOp(builder, loc, range);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto loop = scf::ForOp::create(builder, loc, zero, upper, one, carried);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    positions.push_back(loop.getInductionVar());
    SmallVector<Value> results = nest(loop.getRegionIterArgs());
    positions.pop_back();
    // A loop that carries nothing got its terminator from the builder.
    if (!carried.empty())
      scf::YieldOp::create(builder, loc, results);
    return llvm::to_vector_of<Value>(loop.getResults());
  };
  return nest(inits);
}

SmallVector<Value> mlir::ptq::applyMap(OpBuilder &builder, Location loc,
                                       AffineMap map,
                                       ArrayRef<OpFoldResult> dims) {
  SmallVector<Value> values;
  for (AffineExpr expr : map.getResults()) {
    OpFoldResult value = affine::makeComposedFoldedAffineApply(
        builder, loc, AffineMap::get(map.getNumDims(), 0, expr), dims);
    values.push_back(getValueOrCreateConstantIndexOp(builder, loc, value));
  }
  return values;
}

OpFoldResult mlir::ptq::addConstant(OpBuilder &builder, Location loc,
                                    OpFoldResult value, int64_t constant) {
  if (constant == 0)
    return value;
  return affine::makeComposedFoldedAffineApply(
      builder, loc, builder.getAffineDimExpr(0) + constant, {value});
}
