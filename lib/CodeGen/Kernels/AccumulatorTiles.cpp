//===- AccumulatorTiles.cpp - Tiles of accumulators in registers ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccumulatorTiles.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

/// How many vectors of accumulators of a row become one vector of results.
/// Wider ones are stored one by one, whatever else is computed on them.
static int64_t countJoinedVectors(const FusedNeighbours &neighbours) {
  if (!neighbours.epilogue)
    return 1;
  linalg::LinalgOp op = neighbours.epilogue->op;
  unsigned width = 8;
  for (Value output : op.getDpsInits()) {
    Type element = getElementTypeOrSelf(output);
    width = std::max(width, element.getIntOrFloatBitWidth());
  }
  return std::max<int64_t>(32 / width, 1);
}

/// How many rows of all columns, whose results follow each other, become one
/// vector of results, for which `numJoinedVectors` are needed.
static int64_t countJoinedRows(linalg::LinalgOp op,
                               const RegisterTiling &tiling,
                               const FusedNeighbours &neighbours,
                               int64_t numJoinedVectors) {
  int64_t columns = op.getStaticLoopRanges()[tiling.vectorDim];
  if (!neighbours.epilogue || !tiling.tileDim ||
      ShapedType::isDynamic(columns) || columns % tiling.lanes != 0 ||
      columns > tiling.vectors * tiling.lanes ||
      numJoinedVectors % (columns / tiling.lanes) != 0 ||
      neighbours.epilogue->getResultStride(*tiling.tileDim) != columns)
    return 1;
  return numJoinedVectors / (columns / tiling.lanes);
}

AccumulatorTileEmitter::AccumulatorTileEmitter(
    RewriterBase &rewriter, linalg::LinalgOp op, const RegisterTiling &tiling,
    const FusedNeighbours &neighbours, Type accumulatorElement)
    : RegisterTileEmitter(rewriter, op, tiling,
                          /*touchesOutputs=*/!neighbours.epilogue),
      accumulatorType(VectorType::get({tiling.lanes}, accumulatorElement)),
      lanes(tiling.lanes), numJoinedVectors(countJoinedVectors(neighbours)),
      numJoinedRows(countJoinedRows(op, tiling, neighbours, numJoinedVectors)),
      fused(rewriter, neighbours, tiling.getTileDims()) {}

void AccumulatorTileEmitter::emitTile(const Tile &tile) {
  storeAccumulators(tile, emitSums(tile, loadAccumulators(tile)));
}

bool AccumulatorTileEmitter::isReordered(const Tile &tile) const {
  int64_t vectors = tile.widths.size();
  return !columnOrder.empty() && tile.widths.back() == lanes &&
         vectors * lanes == static_cast<int64_t>(columnOrder.size());
}

void AccumulatorTileEmitter::forEachGroup(const Tile &tile,
                                          function_ref<void(Group)> visit) {
  int64_t vectors = tile.widths.size();
  if (isReordered(tile)) {
    for (int64_t row = 0; row < tile.rows; ++row)
      visit({row, /*column=*/0, vectors, vectors * lanes, columnOrder});
    return;
  }
  int64_t fullVectors = vectors - (tile.widths.back() < lanes);
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t column = 0, joined = 1; column < vectors; column += joined) {
      joined = std::clamp<int64_t>(fullVectors - column, 1, numJoinedVectors);
      int64_t width = joined > 1 ? joined * lanes : tile.widths[column];
      visit({row, column, joined, width, {}});
    }
}

TileVector AccumulatorTileEmitter::getTileVector(Group group) {
  return {getPositions(group.row, group.column), group.width, group.row,
          group.column, group.order};
}

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

/// A mask of the first `width` lanes.
Value AccumulatorTileEmitter::createMask(int64_t width) {
  auto type = VectorType::get({lanes}, builder.getI1Type());
  return vector::ConstantMaskOp::create(builder, loc, type,
                                        ArrayRef<int64_t>{width});
}

SmallVector<Value> AccumulatorTileEmitter::loadAccumulators(const Tile &tile) {
  SmallVector<Value> corrections;
  for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
    corrections.push_back(loadCorrection(column));
  SmallVector<Value> accumulators;
  if (fused.initial)
    fused.initial->beginTile();
  forEachGroup(tile, [&](Group group) {
    Value values = fused.initial ? computeInitial(group) : loadInitial(group);
    for (int64_t i = 0; i < group.numVectors; ++i) {
      Value value = sliceVector(builder, loc, values, i * lanes, lanes);
      if (Value correction = corrections[group.column + i])
        value = arith::AddIOp::create(builder, loc, value, correction);
      accumulators.push_back(value);
    }
  });
  return accumulators;
}

/// The accumulators that the op before the kernel gives, zeros behind
/// them.
Value AccumulatorTileEmitter::computeInitial(Group group) {
  Value value = fused.initial->emitInitial(getTileVector(group));
  if (group.width == group.numVectors * lanes)
    return value;
  Value zero = arith::ConstantOp::create(builder, loc,
                                         builder.getZeroAttr(accumulatorType));
  return vector::InsertStridedSliceOp::create(builder, loc, value, zero,
                                              /*offsets=*/ArrayRef<int64_t>{0},
                                              /*strides=*/ArrayRef<int64_t>{1});
}

Value AccumulatorTileEmitter::loadInitial(Group group) {
  const FlatAccess &output = getOutput(0);
  Value address = getAddress(output, group.row, group.column);
  if (group.width == group.numVectors * lanes)
    return pickElements(
        builder, loc, output.loadContiguous(builder, loc, address, group.width),
        group.order);
  VectorType type = accumulatorType;
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, output.getView(),
                                      address, createMask(group.width), zero);
}

void AccumulatorTileEmitter::storeAccumulators(const Tile &tile,
                                               ArrayRef<Value> accumulators) {
  SmallVector<TileVector> vectors;
  SmallVector<Value> sums;
  forEachGroup(tile, [&](Group group) {
    Value joined =
        joinVectors(builder, loc, accumulators.take_front(group.numVectors));
    accumulators = accumulators.drop_front(group.numVectors);
    if (!fused.epilogue)
      return storeSums(group, joined);
    vectors.push_back(getTileVector(group));
    sums.push_back(sliceVector(builder, loc, joined, 0, group.width));
  });
  if (!fused.epilogue)
    return;
  fused.epilogue->beginTile();
  fused.epilogue->emitResults(vectors, sums,
                              isReordered(tile) ? 1 : numJoinedRows);
}

void AccumulatorTileEmitter::storeSums(Group group, Value sums) {
  const FlatAccess &output = getOutput(0);
  Value address = getAddress(output, group.row, group.column);
  sums = pickElements(builder, loc, sums, invertPermutationVector(group.order));
  if (group.width == group.numVectors * lanes)
    output.store(builder, loc, sums, address);
  else
    vector::MaskedStoreOp::create(builder, loc, output.getView(), address,
                                  createMask(group.width), sums);
}
