//===- DotKernel.cpp - Dot products of packed weights -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotKernel.h"
#include "BorderSums.h"
#include "DotSquares.h"
#include "DotTiles.h"
#include "LoopNests.h"
#include "RunTimePacking.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
class DotEmitter : public DotTileEmitter {
public:
  DotEmitter(RewriterBase &rewriter, const DotPlan &plan,
             SymbolTableCollection &symbols)
      : DotTileEmitter(rewriter, plan, plan.tiling, plan.neighbours),
        plan(plan), squares(builder, loc, dot),
        runLength(plan.walk.getRunLength()),
        steps(getNumSteps(plan.walk, dot.factor)),
        stepSize(dot.lanes * dot.factor),
        holdsNibbles(plan.weightBytes && areNibbles(*plan.weightBytes)) {
    if (plan.weightBytes)
      createConstantBytes(symbols);
    else if (plan.weightWords)
      createConstantWords(symbols);
    else
      createRunTimeWeights();
  }

private:
  //===--------------------------------------------------------------------===//
  // Weights
  //===--------------------------------------------------------------------===//

  void createConstantBytes(SymbolTableCollection &symbols) {
    PackedWeights<int8_t> packed =
        packWeights(*plan.weightBytes, plan.walk, dot.factor, dot.lanes);
    border = BorderSums(builder, plan, packed, symbols);
    if (holdsNibbles) {
      packed.data = packNibbles(packed.data, stepSize);
      stepSize /= 2;
    }
    weights = createGlobalConstant<int8_t>(builder, op, "packed_weights",
                                           packed.data, symbols);
    correctSigns(packed.columnSums, symbols);
  }

  void createConstantWords(SymbolTableCollection &symbols) {
    PackedWeights<int16_t> packed =
        packWeights(*plan.weightWords, plan.walk, dot.factor, dot.lanes);
    border = BorderSums(builder, plan, packed, symbols);
    weights = createGlobalConstant<int16_t>(builder, op, "packed_weights",
                                            packed.data, symbols);
  }

  void createRunTimeWeights() {
    auto [packed, corrections] = packWeightsAtRunTime(
        builder, loc, plan, accesses[plan.weights], ranges);
    weights = packed;
    correctSigns(corrections);
  }

  /// The vectors of columns before those of `column`, in all batches.
  AffineExpr getColumnBlock(int64_t column,
                            SmallVectorImpl<OpFoldResult> &operands) {
    MLIRContext *context = builder.getContext();
    auto bind = [&](OpFoldResult value) {
      operands.push_back(value);
      return getAffineDimExpr(operands.size() - 1, context);
    };
    AffineExpr batch = getAffineConstantExpr(0, context);
    for (unsigned dim : plan.batchDims) {
      // The first one begins at 0.
      if (dim != plan.batchDims.front())
        batch = batch * getConstantIntValue(ranges[dim]).value();
      batch = batch + bind(positions[dim]);
    }
    int64_t blocks = llvm::divideCeil(plan.walk.columns.range, dot.lanes);
    return batch * blocks +
           bind(getPositions(0, column)[tiling.vectorDim]).floorDiv(dot.lanes);
  }

  Value evaluate(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return applyExpr(builder, loc, expr, operands);
  }

  Value getCorrectionAddress(int64_t column) override {
    SmallVector<OpFoldResult> operands;
    AffineExpr block = getColumnBlock(column, operands);
    return evaluate(block * dot.lanes, operands);
  }

  /// Where the packed weights of a column's vector begin, for the outer
  /// reduction loops' positions.
  Value getWeightBlock(int64_t column) {
    SmallVector<OpFoldResult> operands;
    AffineExpr block = getColumnBlock(column, operands);
    for (unsigned dim : plan.outerDims) {
      operands.push_back(positions[dim]);
      block = block * getConstantIntValue(ranges[dim]).value() +
              getAffineDimExpr(operands.size() - 1, builder.getContext());
    }
    return evaluate(block * (steps * stepSize), operands);
  }

  //===--------------------------------------------------------------------===//
  // Border
  //===--------------------------------------------------------------------===//

  Value loadCorrection(int64_t column) override {
    Value correction = DotTileEmitter::loadCorrection(column);
    if (border.isZero())
      return correction;
    Value sum =
        border.load(builder, loc, getReductionPart(plan.border->windowDim),
                    getCorrectionAddress(column));
    if (!correction)
      return sum;
    return arith::AddIOp::create(builder, loc, correction, sum);
  }

  LoopPart getReductionPart(unsigned dim) override {
    if (!plan.border || plan.border->windowDim != dim)
      return DotTileEmitter::getReductionPart(dim);
    return plan.border->getRowsInside(builder, loc,
                                      positions[plan.border->imageDim]);
  }

  //===--------------------------------------------------------------------===//
  // Sums
  //===--------------------------------------------------------------------===//

  SmallVector<Value> emitSums(const Tile &tile,
                              ArrayRef<Value> accumulators) override {
    SmallVector<Value> sums = emitReductions(
        plan.outerDims, squares.fromRows(accumulators, tile.rows),
        [&](ValueRange carried) { return emitRun(tile, carried); });
    return squares.toRows(sums, tile.rows);
  }

  /// A loop over the steps that use all neighbours, then the rest.
  SmallVector<Value> emitRun(const Tile &tile, ValueRange accumulators) {
    int64_t fullSteps = runLength / dot.factor;
    SmallVector<Value> addresses;
    for (int64_t row = 0; row < tile.rows; ++row)
      addresses.push_back(
          getAddress(accesses[plan.activations], row, /*column=*/0));
    SmallVector<Value> blocks;
    for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
      blocks.push_back(getWeightBlock(column));

    auto emitFixedStep = [&](int64_t step, ValueRange carried) {
      Value place = arith::ConstantIndexOp::create(builder, loc, step);
      return emitStep(tile, carried, addresses, blocks, place,
                      std::min(runLength - step * dot.factor, dot.factor));
    };
    SmallVector<Value> results(accumulators);
    // LLVM counts two steps in one bit, from which it computes addresses in a
    // way that has all activations loaded before any weights, which takes more
    // registers than there are.
    if (fullSteps <= 2)
      for (int64_t step = 0; step < fullSteps; ++step)
        results = emitFixedStep(step, results);
    else
      results =
          emitReductionNest(builder, loc, {builder.getIndexAttr(fullSteps)},
                            results, [&](ValueRange step, ValueRange carried) {
                              return emitStep(tile, carried, addresses, blocks,
                                              step.front(), dot.factor);
                            });
    if (fullSteps < steps)
      results = emitFixedStep(fullSteps, results);
    return results;
  }

  /// The products of step `step` of the run, of which the first `numElements`
  /// neighbours exist.
  SmallVector<Value> emitStep(const Tile &tile, ValueRange accumulators,
                              ArrayRef<Value> addresses, ArrayRef<Value> blocks,
                              Value step, int64_t numElements) {
    SmallVector<Value> sums(accumulators);
    int64_t numGroups = squares.getNumGroups(tile.rows);
    int64_t numColumns = dot.rows * static_cast<int64_t>(blocks.size());
    auto loadGroup = [&](int64_t group) {
      SmallVector<Value> runs;
      for (Value address :
           addresses.drop_front(group * dot.rows).take_front(dot.rows))
        runs.push_back(loadRun(address, step, numElements));
      return spreadActivations(runs, numElements);
    };
    auto loadColumns = [&](Value block) {
      return squares.splitWeights(loadWeights(offset(block, step, stepSize)));
    };
    auto multiply = [&](int64_t group, Value shared, int64_t column,
                        Value weights) {
      Value &sum = sums[group * numColumns + column];
      sum = createDot(sum, shared, weights);
    };

    // The factors that there are fewer of stay in registers, the others come
    // one after the other.
    if (numGroups < numColumns && dot.rows > 1) {
      SmallVector<Value> groups;
      for (int64_t group = 0; group < numGroups; ++group)
        groups.push_back(loadGroup(group));
      int64_t column = 0;
      for (Value block : blocks)
        for (Value weights : loadColumns(block)) {
          for (auto [group, shared] : llvm::enumerate(groups))
            multiply(group, shared, column, weights);
          ++column;
        }
      return sums;
    }
    SmallVector<Value> columns;
    for (Value block : blocks)
      llvm::append_range(columns, loadColumns(block));
    for (int64_t group = 0; group < numGroups; ++group) {
      Value shared = loadGroup(group);
      for (auto [column, weights] : llvm::enumerate(columns))
        multiply(group, shared, column, weights);
    }
    return sums;
  }

  /// `base` + `step` * `size`.
  Value offset(Value base, Value step, int64_t size) {
    MLIRContext *context = builder.getContext();
    return evaluate(getAffineDimExpr(0, context) +
                        getAffineDimExpr(1, context) * size,
                    {base, step});
  }

  Value loadWeights(Value address) {
    int64_t size = dot.lanes * dot.factor;
    Type element = cast<MemRefType>(weights.getType()).getElementType();
    Value loaded = vector::LoadOp::create(
        builder, loc, VectorType::get({stepSize}, element), weights, address);
    if (holdsNibbles)
      loaded = unpackNibbles(loaded);
    if (element == getFactorType())
      return loaded;
    return arith::ExtSIOp::create(
        builder, loc, VectorType::get({size}, getFactorType()), loaded);
  }

  /// The low nibbles of `bytes`, then the high ones, with their signs.
  Value unpackNibbles(Value bytes) {
    Value four = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(cast<VectorType>(bytes.getType()),
                               builder.getI8IntegerAttr(4)));
    Value low = arith::ShLIOp::create(builder, loc, bytes, four);
    low = arith::ShRSIOp::create(builder, loc, low, four);
    Value high = arith::ShRSIOp::create(builder, loc, bytes, four);
    auto all = llvm::to_vector(llvm::seq<int64_t>(2 * stepSize));
    return vector::ShuffleOp::create(builder, loc, low, high, all);
  }

  /// Whether a step of the first `numElements` neighbours reads elements before
  /// them: one load, of whatever the run has there.
  bool readsBack(int64_t numElements) const {
    return numElements < dot.factor && runLength >= dot.factor;
  }

  /// The activations of step `step` of the run at `address`: all neighbours, or
  /// the first `numElements` of them with zeros behind, or behind others.
  Value loadRun(Value address, Value step, int64_t numElements) {
    const FlatAccess &access = accesses[plan.activations];
    if (readsBack(numElements))
      return access.loadContiguous(
          builder, loc,
          evaluate(getAffineDimExpr(0, builder.getContext()) + runLength -
                       dot.factor,
                   {address}),
          dot.factor);
    Value run = access.loadContiguous(
        builder, loc, offset(address, step, dot.factor), numElements);
    if (numElements == dot.factor)
      return run;
    auto type = VectorType::get({dot.factor}, access.getElementType());
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    return vector::InsertStridedSliceOp::create(
        builder, loc, run, zero, /*offsets=*/ArrayRef<int64_t>{0},
        /*strides=*/ArrayRef<int64_t>{1});
  }

  /// `runs`, one for each row that shares accumulators, in all lanes: as they
  /// are, then widened all at once. Of each, `numElements` count.
  Value spreadActivations(ArrayRef<Value> runs, int64_t numElements) {
    Value units = squares.spreadActivations(runs);
    auto type = cast<VectorType>(runs.front().getType());
    // The first neighbours are the low bits of a unit.
    if (readsBack(numElements)) {
      int64_t unused =
          (dot.factor - numElements) * type.getElementTypeBitWidth();
      auto unitsType = cast<VectorType>(units.getType());
      Value shift = arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(
              unitsType,
              builder.getIntegerAttr(unitsType.getElementType(), unused)));
      units = arith::ShRUIOp::create(builder, loc, units, shift);
    }
    int64_t size = dot.lanes / dot.rows * dot.factor;
    Value factors = vector::BitCastOp::create(
        builder, loc, VectorType::get({size}, type.getElementType()), units);
    if (dot.elementWidth != type.getElementTypeBitWidth())
      factors = arith::ExtSIOp::create(
          builder, loc, VectorType::get({size}, getFactorType()), factors);
    return flipSigns(factors);
  }

  const DotPlan &plan;
  DotSquares squares;
  int64_t runLength;
  int64_t steps;
  /// The elements of the weights that one vector takes, and whether each of
  /// them holds two.
  int64_t stepSize;
  bool holdsNibbles;
  /// The packed weights.
  Value weights;
  /// What is added for the border that is not read.
  BorderSums border;
};
} // namespace

void mlir::ptq::emitDotKernel(RewriterBase &rewriter, const DotPlan &plan,
                              SymbolTableCollection &symbols) {
  DotEmitter(rewriter, plan, symbols).emitLoops();
}
