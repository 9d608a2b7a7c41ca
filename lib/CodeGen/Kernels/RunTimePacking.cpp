//===- RunTimePacking.cpp - Packing a factor before its products ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunTimePacking.h"
#include "LoopNests.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

class Packer {
public:
  Packer(OpBuilder &builder, Location loc, const DotPlan &plan,
         const FlatAccess &access, ArrayRef<OpFoldResult> ranges)
      : builder(builder), loc(loc), plan(plan), dot(*plan.dot), access(access),
        ranges(ranges), reductionDim(plan.runDims.front()),
        vectorDim(plan.tiling.vectorDim),
        steps(llvm::divideCeil(plan.walk.getRunLength(), dot.factor)),
        stepBytes(dot.lanes * dot.factor),
        blocks(llvm::divideCeil(plan.walk.columns.range, dot.lanes)),
        positions(ranges.size(), builder.getIndexAttr(0)) {}

  std::pair<Value, Value> pack() {
    packed = allocate(steps * stepBytes, builder.getI8Type());
    if (dot.unsignedA)
      correction = allocate(dot.lanes, builder.getI32Type());
    packBatches(plan.batchDims, builder.getIndexAttr(0));
    return {packed, correction};
  }

private:
  /// `a` * `factor` + `b`.
  OpFoldResult multiplyAdd(OpFoldResult a, int64_t factor, OpFoldResult b) {
    MLIRContext *context = builder.getContext();
    return affine::makeComposedFoldedAffineApply(
        builder, loc,
        getAffineDimExpr(0, context) * factor + getAffineDimExpr(1, context),
        {a, b});
  }

  /// A buffer of `blockSize` elements for each vector of columns.
  Value allocate(int64_t blockSize, Type elementType) {
    OpFoldResult zero = builder.getIndexAttr(0);
    OpFoldResult size = builder.getIndexAttr(blocks * blockSize);
    // Only the outermost size may be unknown.
    for (unsigned dim : llvm::reverse(plan.batchDims))
      size = multiplyAdd(ranges[dim], getConstantIntValue(size).value(), zero);
    auto [staticSize, dynamicSize] = decomposeMixedValues({size});
    return memref::AllocOp::create(
        builder, loc, MemRefType::get(staticSize, elementType), dynamicSize,
        builder.getI64IntegerAttr(kBufferAlignment));
  }

  void packBatches(ArrayRef<unsigned> dims, OpFoldResult batch) {
    if (dims.empty())
      return emitBlocks(builder, loc, ranges[vectorDim], dot.lanes,
                        [&](Value column, int64_t width) {
                          packColumns(batch, column, width);
                        });
    unsigned dim = dims.front();
    emitBlocks(
        builder, loc, ranges[dim], /*block=*/1, [&](Value position, int64_t) {
          positions[dim] = position;
          // The outermost batch is not counted within another one.
          OpFoldResult inner =
              dim == plan.batchDims.front()
                  ? OpFoldResult(position)
                  : multiplyAdd(batch, getConstantIntValue(ranges[dim]).value(),
                                position);
          packBatches(dims.drop_front(), inner);
        });
  }

  /// Packs one vector of columns, of which `width` exist.
  void packColumns(OpFoldResult batch, Value column, int64_t width) {
    positions[vectorDim] = column;
    MLIRContext *context = builder.getContext();
    OpFoldResult block = affine::makeComposedFoldedAffineApply(
        builder, loc,
        getAffineDimExpr(0, context) * blocks +
            getAffineDimExpr(1, context).floorDiv(dot.lanes),
        {batch, OpFoldResult(column)});

    int64_t runLength = plan.walk.getRunLength();
    int64_t fullSteps = runLength / dot.factor;
    SmallVector<Value> sums;
    if (correction)
      sums.push_back(splat(getSumType(), 0));
    sums = emitReductionNest(builder, loc, {builder.getIndexAttr(fullSteps)},
                             sums, [&](ValueRange step, ValueRange carried) {
                               return packStep(block, step.front(), width,
                                               dot.factor, carried);
                             });
    if (fullSteps < steps) {
      Value last = arith::ConstantIndexOp::create(builder, loc, fullSteps);
      sums = packStep(block, last, width, runLength % dot.factor, sums);
    }
    if (!correction)
      return;
    Value result = arith::MulIOp::create(builder, loc, sums.front(),
                                         splat(getSumType(), -128));
    vector::StoreOp::create(
        builder, loc, result, correction,
        toValue(multiplyAdd(block, dot.lanes, builder.getIndexAttr(0))));
  }

  /// Packs the `count` rows of one step, and adds them to `sums`.
  SmallVector<Value> packStep(OpFoldResult block, Value step, int64_t width,
                              int64_t count, ValueRange sums) {
    Value bytes =
        access.isContiguous(reductionDim) && !access.isContiguous(vectorDim)
            ? loadColumns(step, width, count)
            : loadRows(step, width, count);
    OpFoldResult number = multiplyAdd(block, steps, step);
    vector::StoreOp::create(
        builder, loc, bytes, packed,
        toValue(multiplyAdd(number, stepBytes, builder.getIndexAttr(0))));
    if (sums.empty())
      return {};
    return {DotOp::create(builder, loc, getSumType(), sums.front(),
                          splat(bytes.getType(), 1), bytes, dot.unsignedA)};
  }

  /// Rows that are contiguous, interleaved.
  Value loadRows(Value step, int64_t width, int64_t count) {
    SmallVector<Value> rows;
    for (int64_t row = 0; row < dot.factor; ++row) {
      if (row >= count) {
        rows.push_back(
            splat(VectorType::get({dot.lanes}, builder.getI8Type()), 0));
        continue;
      }
      Value vector =
          access.load(builder, loc, getAddress(step, row, 0), vectorDim, width);
      rows.push_back(fillUp(vector, dot.lanes));
    }
    return interleave(rows);
  }

  /// Columns that are contiguous, one behind the other.
  Value loadColumns(Value step, int64_t width, int64_t count) {
    Type unit = builder.getIntegerType(8 * dot.factor);
    auto unitType = VectorType::get({1}, unit);
    SmallVector<Value> units;
    for (int64_t column = 0; column < width; ++column) {
      Value vector = access.loadContiguous(builder, loc,
                                           getAddress(step, 0, column), count);
      Value cast = vector::BitCastOp::create(builder, loc, unitType,
                                             fillUp(vector, dot.factor));
      units.push_back(vector::ExtractOp::create(builder, loc, cast, 0));
    }
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(unit));
    units.resize(dot.lanes, zero);
    Value lanes = vector::FromElementsOp::create(
        builder, loc, VectorType::get({dot.lanes}, unit), units);
    return vector::BitCastOp::create(
        builder, loc, VectorType::get({stepBytes}, builder.getI8Type()), lanes);
  }

  Value getAddress(Value step, int64_t row, int64_t column) {
    SmallVector<OpFoldResult> here = positions;
    here[reductionDim] =
        multiplyAdd(step, dot.factor, builder.getIndexAttr(row));
    here[vectorDim] = addConstant(builder, loc, here[vectorDim], column);
    return access.getAddress(builder, loc, here);
  }

  /// The elements of `vectors` in turn.
  Value interleave(ArrayRef<Value> vectors) {
    if (vectors.size() == 1)
      return vectors.front();
    SmallVector<Value> even, odd;
    for (auto [index, vector] : llvm::enumerate(vectors))
      (index % 2 == 0 ? even : odd).push_back(vector);
    return vector::InterleaveOp::create(builder, loc, interleave(even),
                                        interleave(odd));
  }

  /// `vector` with zeros behind it.
  Value fillUp(Value vector, int64_t size) {
    auto type = cast<VectorType>(vector.getType());
    if (type.getNumElements() == size)
      return vector;
    return vector::InsertStridedSliceOp::create(
        builder, loc, vector,
        splat(VectorType::get({size}, type.getElementType()), 0),
        /*offsets=*/ArrayRef<int64_t>{0}, /*strides=*/ArrayRef<int64_t>{1});
  }

  VectorType getSumType() {
    return VectorType::get({dot.lanes}, builder.getI32Type());
  }

  Value splat(Type type, int64_t value) {
    auto vectorType = cast<VectorType>(type);
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            vectorType,
            builder.getIntegerAttr(vectorType.getElementType(), value)));
  }

  Value toValue(OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  }

  OpBuilder &builder;
  Location loc;
  const DotPlan &plan;
  const DotInstruction &dot;
  const FlatAccess &access;
  ArrayRef<OpFoldResult> ranges;
  unsigned reductionDim;
  unsigned vectorDim;
  /// The steps of a column, the bytes of a step, the vectors of columns.
  int64_t steps;
  int64_t stepBytes;
  int64_t blocks;
  /// Where the loops around the insertion point are.
  SmallVector<OpFoldResult> positions;
  Value packed;
  Value correction;
};

} // namespace

std::pair<Value, Value>
mlir::ptq::packWeightsAtRunTime(OpBuilder &builder, Location loc,
                                const DotPlan &plan, const FlatAccess &access,
                                ArrayRef<OpFoldResult> ranges) {
  return Packer(builder, loc, plan, access, ranges).pack();
}
