//===- DotKernel.cpp - Dot products of packed weights -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotKernel.h"
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
  DotEmitter(RewriterBase &rewriter, linalg::LinalgOp op, const DotPlan &plan,
             SymbolTableCollection &symbols)
      : DotTileEmitter(rewriter, op, plan.tiling, *plan.dot, plan.neighbours),
        plan(plan), runLength(plan.walk.getRunLength()),
        steps(getNumSteps(plan.walk, dot.factor)),
        stepBytes(dot.lanes * dot.factor),
        holdsNibbles(plan.weightBytes && areNibbles(*plan.weightBytes)) {
    if (plan.weightBytes)
      createConstantWeights(symbols);
    else
      createRunTimeWeights();
  }

private:
  //===--------------------------------------------------------------------===//
  // Weights
  //===--------------------------------------------------------------------===//

  void createConstantWeights(SymbolTableCollection &symbols) {
    PackedWeights packed =
        packWeights(*plan.weightBytes, plan.walk, dot.factor, dot.lanes);
    if (holdsNibbles) {
      packed.data = packNibbles(packed.data, stepBytes);
      stepBytes /= 2;
    }
    weights = createGlobalConstant<int8_t>(builder, op, "packed_weights",
                                           packed.data, symbols);
    correctSigns(packed.columnSums, symbols);
  }

  void createRunTimeWeights() {
    // The run is the only reduction that is one.
    unsigned runDim = *llvm::find_if(reductionDims, [&](unsigned dim) {
      return getConstantIntValue(ranges[dim]) != 1;
    });
    auto [packed, corrections] = packWeightsAtRunTime(
        builder, loc, plan, accesses[plan.weights], ranges, runDim);
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
    return getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(
            builder, loc, AffineMap::get(operands.size(), 0, expr), operands));
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
    return evaluate(block * (steps * stepBytes), operands);
  }

  //===--------------------------------------------------------------------===//
  // Sums
  //===--------------------------------------------------------------------===//

  SmallVector<Value> emitSums(const Tile &tile,
                              ArrayRef<Value> accumulators) override {
    return emitReductions(
        plan.outerDims, accumulators,
        [&](ValueRange carried) { return emitRun(tile, carried); });
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

    SmallVector<Value> results = emitReductionNest(
        builder, loc, {builder.getIndexAttr(fullSteps)}, accumulators,
        [&](ValueRange step, ValueRange carried) {
          return emitStep(tile, carried, addresses, blocks, step.front(),
                          dot.factor);
        });
    if (fullSteps < steps) {
      Value last = arith::ConstantIndexOp::create(builder, loc, fullSteps);
      results = emitStep(tile, results, addresses, blocks, last,
                         runLength % dot.factor);
    }
    return results;
  }

  /// The products of step `step` of the run, of which the first `numElements`
  /// neighbours exist.
  SmallVector<Value> emitStep(const Tile &tile, ValueRange accumulators,
                              ArrayRef<Value> addresses, ArrayRef<Value> blocks,
                              Value step, int64_t numElements) {
    SmallVector<Value> columns;
    for (Value block : blocks)
      columns.push_back(loadWeights(offset(block, step, stepBytes)));
    SmallVector<Value> results;
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value shared = loadActivations(offset(addresses[row], step, dot.factor),
                                     numElements);
      for (Value column : columns)
        results.push_back(DotOp::create(builder, loc, getAccumulatorType(),
                                        accumulators[results.size()], shared,
                                        column, dot.unsignedA));
    }
    return results;
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
    Value bytes = vector::LoadOp::create(
        builder, loc, VectorType::get({stepBytes}, builder.getI8Type()),
        weights, address);
    if (holdsNibbles)
      bytes = unpackNibbles(bytes);
    if (dot.elementWidth == 8)
      return bytes;
    return arith::ExtSIOp::create(
        builder, loc, VectorType::get({size}, getFactorType()), bytes);
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
    auto all = llvm::to_vector(llvm::seq<int64_t>(2 * stepBytes));
    return vector::ShuffleOp::create(builder, loc, low, high, all);
  }

  /// `numElements` activations, filled up with zeros, in all lanes.
  Value loadActivations(Value address, int64_t numElements) {
    const FlatAccess &access = accesses[plan.activations];
    Value group = access.loadContiguous(builder, loc, address, numElements);
    if (numElements < dot.factor) {
      auto type = VectorType::get({dot.factor}, access.getElementType());
      Value zero =
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
      group = vector::InsertStridedSliceOp::create(
          builder, loc, group, zero, /*offsets=*/ArrayRef<int64_t>{0},
          /*strides=*/ArrayRef<int64_t>{1});
    }
    // A group is broadcast as one integer, then widened in all lanes at once.
    unsigned width = access.getElementType().getIntOrFloatBitWidth();
    Type unit = builder.getIntegerType(dot.factor * width);
    Value single = vector::BitCastOp::create(builder, loc,
                                             VectorType::get({1}, unit), group);
    Value lanes = vector::BroadcastOp::create(
        builder, loc, VectorType::get({dot.lanes}, unit), single);
    auto type =
        VectorType::get({dot.lanes * dot.factor}, access.getElementType());
    Value factors = vector::BitCastOp::create(builder, loc, type, lanes);
    if (dot.elementWidth != width)
      factors = arith::ExtSIOp::create(
          builder, loc,
          VectorType::get({dot.lanes * dot.factor}, getFactorType()), factors);
    return flipSigns(factors);
  }

  const DotPlan &plan;
  int64_t runLength;
  int64_t steps;
  /// The bytes of the weights that one vector takes, and whether each of them
  /// holds two.
  int64_t stepBytes;
  bool holdsNibbles;
  /// The packed weights.
  Value weights;
};
} // namespace

void mlir::ptq::emitDotKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                              const DotPlan &plan,
                              SymbolTableCollection &symbols) {
  DotEmitter(rewriter, op, plan, symbols).emitLoops();
}
