//===- RegisterTiles.cpp - The loops around a register tile -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisterTiles.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

void RegisterTiling::setRows(int64_t range, int64_t limit, int64_t unit) {
  rows = limit;
  if (ShapedType::isStatic(range) && range > 0)
    rows = llvm::divideCeil(range, llvm::divideCeil(range, limit));
  rows = std::min<int64_t>(llvm::alignTo(rows, unit), limit);
  rows = std::max<int64_t>(rows, 1);
}

RegisterTileEmitter::RegisterTileEmitter(RewriterBase &rewriter,
                                         linalg::LinalgOp op,
                                         const RegisterTiling &tiling,
                                         bool touchesOutputs,
                                         std::optional<unsigned> computedInput)
    : builder(rewriter), loc(op.getLoc()), op(op), tiling(tiling),
      numInputs(op.getNumDpsInputs()), numOutputs(op.getNumDpsInits()) {
  for (OpOperand &operand : op->getOpOperands()) {
    bool isTouched = op.isDpsInput(&operand)
                         ? operand.getOperandNumber() != computedInput
                         : touchesOutputs;
    accesses.push_back(isTouched ? FlatAccess(builder, loc, op, operand)
                                 : FlatAccess());
  }
  for (Range range : op.createLoopRanges(builder, loc))
    ranges.push_back(range.size);
  positions.assign(ranges.size(), builder.getIndexAttr(0));
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray()))
    if (type == utils::IteratorType::reduction)
      reductionDims.push_back(dim);
}

void RegisterTileEmitter::emitLoops() {
  SmallVector<unsigned> outer;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (dim != tiling.vectorDim && dim != tiling.tileDim &&
        !llvm::is_contained(reductionDims, dim) &&
        !llvm::is_contained(tiling.innerDims, dim))
      outer.push_back(dim);
  emitLoops(outer, [&] {
    if (tiling.rowsOutside)
      return emitRowLoop([&](int64_t rows) {
        emitVectorLoop([&](SmallVector<int64_t> widths) {
          emitTile({rows, std::move(widths)});
        });
      });
    emitVectorLoop([&](SmallVector<int64_t> widths) {
      Tile tile{/*rows=*/1, std::move(widths)};
      beginVectors(tile);
      emitLoops(tiling.innerDims, [&] {
        emitRowLoop([&](int64_t rows) {
          tile.rows = rows;
          emitTile(tile);
        });
      });
    });
  });
}

LoopOrder RegisterTileEmitter::getOrder(unsigned dim) const {
  return llvm::is_contained(tiling.orderedDims, dim) ? LoopOrder::Ordered
                                                     : LoopOrder::Parallel;
}

void RegisterTileEmitter::emitLoops(ArrayRef<unsigned> dims,
                                    function_ref<void()> emitInner) {
  if (dims.empty())
    return emitInner();
  emitBlocks(
      builder, loc, ranges[dims.front()], /*block=*/1,
      [&](Value position, int64_t) {
        positions[dims.front()] = position;
        emitLoops(dims.drop_front(), emitInner);
      },
      getOrder(dims.front()));
}

void RegisterTileEmitter::emitVectorLoop(
    function_ref<void(SmallVector<int64_t> widths)> emit) {
  beginVectorLoop();
  emitBlocks(
      builder, loc, ranges[tiling.vectorDim], tiling.lanes * tiling.vectors,
      [&](Value position, int64_t size) {
        positions[tiling.vectorDim] = position;
        SmallVector<int64_t> widths;
        for (int64_t done = 0; done < size; done += tiling.lanes)
          widths.push_back(std::min(tiling.lanes, size - done));
        emit(std::move(widths));
      },
      getOrder(tiling.vectorDim));
}

void RegisterTileEmitter::emitRowLoop(function_ref<void(int64_t rows)> emit) {
  if (!tiling.tileDim)
    return emit(/*rows=*/1);
  // Rows that are left over share less, but still share.
  SmallVector<int64_t> blocks{tiling.rows};
  while (blocks.back() > 2)
    blocks.push_back(llvm::divideCeil(blocks.back(), 2));
  emitBlocks(
      builder, loc, ranges[*tiling.tileDim], blocks,
      [&](Value position, int64_t rows) {
        positions[*tiling.tileDim] = position;
        emit(rows);
      },
      getOrder(*tiling.tileDim));
}

SmallVector<Value> RegisterTileEmitter::emitReductions(
    ArrayRef<unsigned> dims, ValueRange carried,
    function_ref<SmallVector<Value>(ValueRange)> emit) {
  SmallVector<OpFoldResult> firsts, sizes;
  for (unsigned dim : dims) {
    LoopPart part = getReductionPart(dim);
    firsts.push_back(part.first);
    sizes.push_back(part.size);
  }
  AffineExpr sum = builder.getAffineDimExpr(0) + builder.getAffineDimExpr(1);
  return emitReductionNest(
      builder, loc, sizes, carried, [&](ValueRange places, ValueRange values) {
        for (auto [dim, first, place] : llvm::zip_equal(dims, firsts, places))
          positions[dim] = applyExpr(builder, loc, sum, {first, place});
        return emit(values);
      });
}

SmallVector<OpFoldResult> RegisterTileEmitter::getPositions(int64_t row,
                                                            int64_t column) {
  SmallVector<OpFoldResult> here = positions;
  if (tiling.tileDim)
    here[*tiling.tileDim] =
        addConstant(builder, loc, here[*tiling.tileDim], row);
  here[tiling.vectorDim] =
      addConstant(builder, loc, here[tiling.vectorDim], column * tiling.lanes);
  return here;
}

Value RegisterTileEmitter::getAddress(const FlatAccess &access, int64_t row,
                                      int64_t column) {
  return access.getAddress(builder, loc, getPositions(row, column));
}

void RegisterTileEmitter::forEachVector(
    const Tile &tile, function_ref<void(int64_t row, int64_t column)> visit) {
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
      visit(row, column);
}
