//===- DepthwiseKernel.cpp - Dot products along the window ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DepthwiseKernel.h"
#include "DotTiles.h"
#include "LoopNests.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include <map>

using namespace mlir;
using namespace mlir::ptq;

namespace {
class DepthwiseEmitter : public DotTileEmitter {
public:
  DepthwiseEmitter(RewriterBase &rewriter, const DepthwisePlan &plan,
                   const TargetDescription &target,
                   SymbolTableCollection &symbols)
      : DotTileEmitter(rewriter, plan, plan.tiling, plan.neighbours),
        plan(plan), steps(getNumSteps(plan.walk, dot.factor, plan.shifts)),
        vectorSize(dot.lanes * dot.factor),
        partSize(std::min<int64_t>(vectorSize, target.interleavedBytes * 8 /
                                                   dot.elementWidth)) {
    WeightWalk walk = plan.walk;
    if (partSize < vectorSize) {
      setColumnOrder(getInterleavedOrder());
      walk.columnOrder = orderFullRows(walk.columns.range);
    }
    if (plan.weightBytes)
      createWeights(*plan.weightBytes, walk, symbols);
    else
      createWeights(*plan.weightWords, walk, symbols);
  }

private:
  //===--------------------------------------------------------------------===//
  // Order of the channels
  //===--------------------------------------------------------------------===//

  /// The channels in the lanes of the vectors that interleaving makes: the i-th
  /// vector has the i-th piece of every part.
  SmallVector<int64_t> getInterleavedOrder() const {
    int64_t piece = partSize / dot.factor;
    SmallVector<int64_t> order;
    for (int64_t vector = 0; vector < dot.factor; ++vector)
      for (int64_t part = 0; part < vectorSize; part += partSize)
        for (int64_t i = 0; i < piece; ++i)
          order.push_back(part + vector * piece + i);
    return order;
  }

  /// The order of `numChannels`, of which only those that fill a load leave
  /// theirs.
  SmallVector<int64_t> orderFullRows(int64_t numChannels) const {
    auto order = llvm::to_vector(llvm::seq<int64_t>(numChannels));
    SmallVector<int64_t> interleaved = getInterleavedOrder();
    for (int64_t place = 0; place < numChannels / vectorSize * vectorSize;
         ++place)
      order[place] =
          place - place % vectorSize + interleaved[place % vectorSize];
    return order;
  }

  //===--------------------------------------------------------------------===//
  // Weights
  //===--------------------------------------------------------------------===//

  /// There are few weights, each of which is read for many pixels: they are as
  /// wide as the dot product wants them.
  template <typename T>
  void createWeights(ArrayRef<T> constant, const WeightWalk &walk,
                     SymbolTableCollection &symbols) {
    PackedWeights<T> packed =
        packWeights(constant, walk, dot.factor, dot.lanes, plan.shifts);
    if (dot.elementWidth == 8 * sizeof(T)) {
      weights = createGlobalConstant<T>(builder, op, "packed_weights",
                                        packed.data, symbols);
    } else {
      std::vector<int16_t> wide(packed.data.begin(), packed.data.end());
      weights = createGlobalConstant<int16_t>(builder, op, "packed_weights",
                                              wide, symbols);
    }
    correctSigns(packed.columnSums, symbols);
  }

  /// Where the weights of the tile's first vector begin, for the outer
  /// reduction loops' positions.
  Value getWeightAddress() {
    MLIRContext *context = builder.getContext();
    SmallVector<OpFoldResult> operands;
    auto bind = [&](OpFoldResult value) {
      operands.push_back(value);
      return getAffineDimExpr(operands.size() - 1, context);
    };
    AffineExpr block = bind(positions[tiling.vectorDim]).floorDiv(dot.lanes);
    for (unsigned dim : plan.outerDims)
      block = block * getConstantIntValue(ranges[dim]).value() +
              bind(positions[dim]);
    return applyExpr(builder, loc, block * getRunSize(), operands);
  }

  /// The packed weights of a run with all its shifts, in elements.
  int64_t getRunSize() const { return plan.shifts.size() * steps * vectorSize; }

  Value loadWeights(Value address, int64_t column, int64_t shift,
                    int64_t step) {
    int64_t run = column * plan.walk.getNumOuterSteps() * getRunSize();
    int64_t vector = shift * steps + step;
    OpFoldResult place =
        addConstant(builder, loc, address, run + vector * vectorSize);
    return vector::LoadOp::create(
        builder, loc, VectorType::get({vectorSize}, getFactorType()), weights,
        getValueOrCreateConstantIndexOp(builder, loc, place));
  }

  //===--------------------------------------------------------------------===//
  // Interleaved activations
  //===--------------------------------------------------------------------===//

  /// The pixels of one step of the outer reduction loops.
  struct Pixels {
    /// Where the first tap of the tile's first row is, and how many channels.
    Value address;
    int64_t width;
    /// Whether they keep the order that interleaving gives the channels.
    bool isReordered;
    /// The offset of the last tap of the last row. What would lie behind has no
    /// weight.
    int64_t last;
    /// What has been interleaved, by offset and number of taps.
    std::map<std::pair<int64_t, int64_t>, SmallVector<Value>> interleaved;
  };

  /// Loads the channels of the pixel at `offset`, as factors of dot products.
  /// Unless they are reordered anyway, they are arranged so that interleaving
  /// brings them into their order.
  Value loadPixel(const Pixels &pixels, int64_t offset) {
    const FlatAccess &access = accesses[plan.activations];
    OpFoldResult place = addConstant(builder, loc, pixels.address, offset);
    Value codes = access.loadContiguous(
        builder, loc, getValueOrCreateConstantIndexOp(builder, loc, place),
        pixels.width);
    unsigned width = access.getElementType().getIntOrFloatBitWidth();
    if (width < dot.elementWidth)
      codes = arith::ExtSIOp::create(
          builder, loc, VectorType::get({pixels.width}, getFactorType()),
          codes);
    if (!pixels.isReordered &&
        (partSize < vectorSize || pixels.width < vectorSize)) {
      SmallVector<int64_t> channels(vectorSize,
                                    vector::ShuffleOp::kPoisonIndex);
      for (auto [channel, place] : llvm::enumerate(getInterleavedOrder()))
        if (static_cast<int64_t>(channel) < pixels.width)
          channels[place] = channel;
      codes = vector::ShuffleOp::create(builder, loc, codes, codes, channels);
    }
    return flipSigns(codes);
  }

  /// `a` and `b` interleaved, `granule` elements at a time, within each part of
  /// the vectors: the lower halves or the upper ones.
  Value interleave(Value a, Value b, int64_t granule, bool upper) {
    SmallVector<int64_t> picked;
    for (int64_t part = 0; part < vectorSize; part += partSize)
      for (int64_t place = 0; place < partSize / 2; place += granule)
        for (int64_t from : {int64_t{0}, vectorSize})
          for (int64_t i = 0; i < granule; ++i)
            picked.push_back(from + part + (upper ? partSize / 2 : 0) + place +
                             i);
    return vector::ShuffleOp::create(builder, loc, a, b, picked);
  }

  /// The pixels of `taps` neighbouring taps from `offset` on, interleaved: as
  /// many vectors.
  SmallVector<Value> interleaveTaps(Pixels &pixels, int64_t offset,
                                    int64_t taps) {
    offset = std::min(offset, pixels.last);
    SmallVector<Value> &known = pixels.interleaved[{offset, taps}];
    if (!known.empty())
      return known;
    SmallVector<Value> vectors;
    if (taps == 1) {
      vectors.push_back(loadPixel(pixels, offset));
    } else {
      int64_t half = taps / 2;
      SmallVector<Value> first = interleaveTaps(pixels, offset, half);
      SmallVector<Value> second =
          interleaveTaps(pixels, offset + half * plan.tapStride, half);
      for (auto [a, b] : llvm::zip_equal(first, second))
        for (bool upper : {false, true})
          vectors.push_back(interleave(a, b, half, upper));
    }
    known = vectors;
    return vectors;
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

  /// The products of one row of the window. Steps of several rows of the tile
  /// that begin at the same pixel follow each other, so that its factors are
  /// alive only once.
  SmallVector<Value> emitRun(const Tile &tile, ValueRange accumulators) {
    int64_t shared = plan.shifts.size();
    std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> stepsAt;
    for (int64_t row = 0; row < tile.rows; row += shared)
      for (int64_t step = 0; step < steps; ++step)
        stepsAt[row * plan.rowStride + step * dot.factor * plan.tapStride]
            .push_back({row, step});

    Pixels pixels;
    pixels.address =
        getAddress(accesses[plan.activations], /*row=*/0, /*column=*/0);
    pixels.width = (tile.widths.size() - 1) * dot.lanes + tile.widths.back();
    pixels.isReordered = isReordered(tile);
    pixels.last = (tile.rows - 1) * plan.rowStride +
                  (plan.walk.getRunLength() - 1) * plan.tapStride;
    Value weightAddress = getWeightAddress();
    SmallVector<Value> sums = llvm::to_vector(accumulators);
    for (const auto &[offset, here] : stepsAt) {
      SmallVector<Value> factors = interleaveTaps(pixels, offset, dot.factor);
      for (auto [firstRow, step] : here)
        for (int64_t row = firstRow;
             row < std::min(firstRow + shared, tile.rows); ++row)
          for (int64_t column = 0, e = tile.widths.size(); column < e;
               ++column) {
            Value &sum = sums[row * e + column];
            sum = createDot(
                sum, factors[column],
                loadWeights(weightAddress, column, row - firstRow, step));
          }
    }
    return sums;
  }

  const DepthwisePlan &plan;
  /// The dot products of a run for one row of a tile.
  int64_t steps;
  /// The elements of a factor of a dot product, which are as many as the
  /// channels of a pixel that are loaded at once, and of a part within which
  /// they are interleaved.
  int64_t vectorSize;
  int64_t partSize;
  Value weights;
};
} // namespace

void mlir::ptq::emitDepthwiseKernel(RewriterBase &rewriter,
                                    const DepthwisePlan &plan,
                                    const TargetDescription &target,
                                    SymbolTableCollection &symbols) {
  DepthwiseEmitter(rewriter, plan, target, symbols).emitLoops();
}
