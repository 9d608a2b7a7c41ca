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

/// A parallel loop from `lower` to `upper`, unless it is known to run once or
/// never.
static void emitLoop(OpBuilder &builder, Location loc, OpFoldResult lower,
                     OpFoldResult upper, int64_t step, LoopOrder order,
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
  OpBuilder::InsertionGuard guard(builder);
  if (order == LoopOrder::Ordered) {
    auto loop =
        scf::ForOp::create(builder, loc, lowerValue, upperValue, stepValue);
    builder.setInsertionPointToStart(loop.getBody());
    return emit(loop.getInductionVar());
  }
  auto loop =
      scf::ParallelOp::create(builder, loc, ValueRange{lowerValue},
                              ValueRange{upperValue}, ValueRange{stepValue});
  builder.setInsertionPointToStart(loop.getBody());
  emit(loop.getInductionVars().front());
}

void mlir::ptq::emitBlocks(
    OpBuilder &builder, Location loc, OpFoldResult range,
    ArrayRef<int64_t> blocks,
    function_ref<void(Value position, int64_t size)> emit, LoopOrder order) {
  OpFoldResult covered = builder.getIndexAttr(0);
  if (std::optional<int64_t> size = getConstantIntValue(range)) {
    int64_t block = blocks.front();
    int64_t last = *size - *size % block;
    emitLoop(builder, loc, covered, builder.getIndexAttr(last), block, order,
             [&](Value position) { emit(position, block); });
    if (last < *size)
      emit(arith::ConstantIndexOp::create(builder, loc, last), *size - last);
    return;
  }
  SmallVector<int64_t> sizes(blocks);
  if (sizes.back() > 1)
    sizes.push_back(1);
  AffineExpr first = builder.getAffineSymbolExpr(0);
  AffineExpr end = builder.getAffineSymbolExpr(1);
  for (int64_t block : sizes) {
    OpFoldResult next = affine::makeComposedFoldedAffineApply(
        builder, loc, end - (end - first) % block, {covered, range});
    emitLoop(builder, loc, covered, next, block, order,
             [&](Value position) { emit(position, block); });
    covered = next;
  }
}

/// A loop over [0, `range`) that carries `inits`; none if it runs once.
static SmallVector<Value> emitCarryingLoop(
    OpBuilder &builder, Location loc, OpFoldResult range, ValueRange inits,
    function_ref<SmallVector<Value>(Value position, ValueRange carried)> emit) {
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  if (isConstantIntValue(range, 1))
    return emit(zero, inits);
  Value upper = getValueOrCreateConstantIndexOp(builder, loc, range);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  auto loop = scf::ForOp::create(builder, loc, zero, upper, one, inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> results =
      emit(loop.getInductionVar(), loop.getRegionIterArgs());
  // A loop that carries nothing got its terminator from the builder.
  if (!inits.empty())
    scf::YieldOp::create(builder, loc, results);
  return llvm::to_vector_of<Value>(loop.getResults());
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
    return emitCarryingLoop(builder, loc, range, carried,
                            [&](Value position, ValueRange inner) {
                              positions.push_back(position);
                              SmallVector<Value> results = nest(inner);
                              positions.pop_back();
                              return results;
                            });
  };
  return nest(inits);
}

namespace {

/// Builds the loops of emitBlockedReductionNest.
class BlockedNestEmitter {
public:
  using EmitFn = function_ref<SmallVector<Value>(
      ArrayRef<OpFoldResult> positions, ValueRange carried)>;

  BlockedNestEmitter(OpBuilder &builder, Location loc,
                     ArrayRef<BlockedRange> ranges, EmitFn emit)
      : builder(builder), loc(loc), ranges(ranges), emit(emit) {}

  /// The loops over the ranges that have no position yet.
  SmallVector<Value> emitRanges(ValueRange carried) {
    if (positions.size() == ranges.size())
      return emit(positions, carried);
    const BlockedRange &range = ranges[positions.size()];
    return emitBlocks(builder.getIndexAttr(0), range.size, range.blocks,
                      /*isBlock=*/false, carried);
  }

private:
  /// More copies of a body would be no faster.
  static constexpr int64_t kMaxUnrolled = 4;

  /// The loops over `size` positions from `first` on, in blocks of `blocks`.
  SmallVector<Value> emitBlocks(OpFoldResult first, OpFoldResult size,
                                ArrayRef<int64_t> blocks, bool isBlock,
                                ValueRange carried) {
    if (blocks.empty())
      return emitPositions(first, size, isBlock, carried);
    int64_t block = blocks.back();
    int64_t total = *getConstantIntValue(size);
    SmallVector<Value> current(carried);
    if (int64_t numBlocks = total / block)
      current = emitCarryingLoop(
          builder, loc, builder.getIndexAttr(numBlocks), current,
          [&](Value index, ValueRange inner) {
            return emitBlocks(apply(builder.getAffineDimExpr(0) +
                                        builder.getAffineDimExpr(1) * block,
                                    {first, index}),
                              builder.getIndexAttr(block), blocks.drop_back(),
                              /*isBlock=*/true, inner);
          });
    if (int64_t rest = total % block)
      current = emitBlocks(addConstant(builder, loc, first, total - rest),
                           builder.getIndexAttr(rest), blocks.drop_back(),
                           isBlock, current);
    return current;
  }

  SmallVector<Value> emitPositions(OpFoldResult first, OpFoldResult size,
                                   bool isBlock, ValueRange carried) {
    std::optional<int64_t> number = getConstantIntValue(size);
    if (!isBlock || !number || *number > kMaxUnrolled)
      return emitCarryingLoop(
          builder, loc, size, carried, [&](Value index, ValueRange inner) {
            return emitPosition(
                apply(builder.getAffineDimExpr(0) + builder.getAffineDimExpr(1),
                      {first, index}),
                inner);
          });
    SmallVector<Value> current(carried);
    for (int64_t i = 0; i < *number; ++i)
      current = emitPosition(addConstant(builder, loc, first, i), current);
    return current;
  }

  SmallVector<Value> emitPosition(OpFoldResult position, ValueRange carried) {
    positions.push_back(position);
    SmallVector<Value> results = emitRanges(carried);
    positions.pop_back();
    return results;
  }

  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> dims) {
    return affine::makeComposedFoldedAffineApply(
        builder, loc, AffineMap::get(dims.size(), 0, expr), dims);
  }

  OpBuilder &builder;
  Location loc;
  ArrayRef<BlockedRange> ranges;
  EmitFn emit;
  SmallVector<OpFoldResult> positions;
};

} // namespace

SmallVector<Value> mlir::ptq::emitBlockedReductionNest(
    OpBuilder &builder, Location loc, ArrayRef<BlockedRange> ranges,
    ValueRange inits,
    function_ref<SmallVector<Value>(ArrayRef<OpFoldResult> positions,
                                    ValueRange carried)>
        emit) {
  return BlockedNestEmitter(builder, loc, ranges, emit).emitRanges(inits);
}

Value mlir::ptq::applyExpr(OpBuilder &builder, Location loc, AffineExpr expr,
                           ArrayRef<OpFoldResult> dims) {
  return getValueOrCreateConstantIndexOp(
      builder, loc,
      affine::makeComposedFoldedAffineApply(
          builder, loc, AffineMap::get(dims.size(), 0, expr), dims));
}

SmallVector<Value> mlir::ptq::applyMap(OpBuilder &builder, Location loc,
                                       AffineMap map,
                                       ArrayRef<OpFoldResult> dims) {
  SmallVector<Value> values;
  for (AffineExpr expr : map.getResults())
    values.push_back(applyExpr(builder, loc, expr, dims));
  return values;
}

OpFoldResult mlir::ptq::addConstant(OpBuilder &builder, Location loc,
                                    OpFoldResult value, int64_t constant) {
  if (constant == 0)
    return value;
  return affine::makeComposedFoldedAffineApply(
      builder, loc, builder.getAffineDimExpr(0) + constant, {value});
}
