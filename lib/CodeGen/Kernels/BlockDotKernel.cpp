//===- BlockDotKernel.cpp - Dot products with scales for blocks -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockDotKernel.h"
#include "AccumulatorTiles.h"
#include "BlockCorrections.h"
#include "BlockPlanes.h"
#include "BlockRecords.h"
#include "DotProducts.h"
#include "DotSquares.h"
#include "LoopNests.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

/// How many pairs of products of a byte and an unsigned nibble fit 16 bits.
static constexpr int64_t kPairsIn16Bits = 32767 / (2 * 15 * 128);

namespace {
/// Emits the kernel: the loops are those of the total.
class BlockDotEmitter : public AccumulatorTileEmitter {
public:
  BlockDotEmitter(RewriterBase &rewriter, const BlockProduct &product,
                  const BlockDotPlan &plan, SymbolTableCollection &symbols)
      : AccumulatorTileEmitter(rewriter, product.total, plan.tiling,
                               plan.neighbours, rewriter.getF32Type()),
        product(product), plan(plan), format(plan.format), dot(*plan.dot),
        squares(builder, loc, dot),
        recordBytes(format.getRecordBytes(plan.walk.blockSize)) {
    if (plan.lowDot) {
      linalg::GenericOp written = emitBytePlanes(rewriter, product);
      OpOperand *low = written.getDpsInitOperand(0);
      OpOperand *high = written.getDpsInitOperand(1);
      planes.push_back({FlatAccess(builder, loc, written, *low), plan.lowDot,
                        /*multiplier=*/1, /*isUnsigned=*/true});
      planes.push_back({FlatAccess(builder, loc, written, *high), &dot,
                        /*multiplier=*/256});
    } else {
      Value codes = product.getActivations().get();
      AffineMap identity = builder.getMultiDimIdentityMap(
          cast<MemRefType>(codes.getType()).getRank());
      planes.push_back({FlatAccess(builder, loc, identity, codes), &dot});
    }
    if (format.offset != 0) {
      linalg::GenericOp written =
          emitOffsetCorrections(rewriter, product, format.offset,
                                /*ofLowBytes=*/plan.hasSignedWeights());
      corrections.emplace(builder, loc, written, *written.getDpsInitOperand(0));
    }
    if (plan.starts)
      starts.emplace(builder, *plan.starts, tiling.getTileDims());
    Value records = createGlobalConstant<int8_t>(
        rewriter, op, "packed_weights",
        packBlocks(plan.codes, plan.scales, plan.numbers, plan.walk, format),
        symbols);
    weights.emplace(builder, loc, format, records);
    readPackedStarts();
  }

private:
  /// The activations, or bytes of each of them.
  struct Plane {
    /// Indexed by the dimensions of the activations.
    FlatAccess access;
    const DotInstruction *dot;
    /// What the sums of its products are multiplied by.
    int64_t multiplier = 1;
    bool isUnsigned = false;
    /// Where each row of the tile begins in the current block.
    SmallVector<Value> addresses = {};
  };

  SmallVector<Value> emitSums(const Tile &tile,
                              ArrayRef<Value> totals) override {
    SmallVector<OpFoldResult> blockRanges = llvm::map_to_vector(
        plan.blockLoops, [&](unsigned loop) { return ranges[loop]; });
    SmallVector<Value> results = emitReductionNest(
        builder, loc, blockRanges, totals,
        [&](ValueRange block, ValueRange carried) {
          for (auto [loop, position] : llvm::zip_equal(plan.blockLoops, block))
            positions[loop] = position;
          return emitBlock(tile, carried);
        });
    for (unsigned loop : plan.blockLoops)
      positions[loop] = builder.getIndexAttr(0);
    return results;
  }

  VectorType getVectorType(Type type) {
    return VectorType::get({format.lanes}, type);
  }

  Value createZeros(VectorType type) {
    return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  }

  /// Adds one block to the totals.
  SmallVector<Value> emitBlock(const Tile &tile, ValueRange totals) {
    SmallVector<Value> records;
    for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
      records.push_back(getRecord(column));
    SmallVector<Value> sums = emitBlockSums(tile, records);
    SmallVector<Value> weightScales;
    for (Value record : records)
      weightScales.push_back(weights->loadScales(record));
    SmallVector<Value> rowScales, results;
    for (int64_t row = 0; product.activationScale && row < tile.rows; ++row)
      rowScales.push_back(broadcastElement(accesses[*product.activationScale],
                                           getPositions(row, /*column=*/0)));
    forEachVector(tile, [&](int64_t row, int64_t column) {
      Value scale = weightScales[column];
      if (product.activationScale)
        scale = arith::MulFOp::create(builder, loc, rowScales[row], scale);
      Value sum = arith::SIToFPOp::create(builder, loc,
                                          getVectorType(builder.getF32Type()),
                                          sums[results.size()]);
      Value term = arith::MulFOp::create(builder, loc, sum, scale);
      results.push_back(
          arith::AddFOp::create(builder, loc, totals[results.size()], term));
    });
    return results;
  }

  Value broadcastElement(const FlatAccess &access,
                         ArrayRef<OpFoldResult> here) {
    Value element = memref::LoadOp::create(
        builder, loc, access.getView(), access.getAddress(builder, loc, here));
    return vector::BroadcastOp::create(
        builder, loc, getVectorType(access.getElementType()), element);
  }

  //===--------------------------------------------------------------------===//
  // Addresses
  //===--------------------------------------------------------------------===//

  /// Where the record of a column's vector for the current block begins.
  Value getRecord(int64_t column) {
    MLIRContext *context = builder.getContext();
    SmallVector<OpFoldResult> here = getPositions(/*row=*/0, column);
    SmallVector<OpFoldResult> operands{here[tiling.vectorDim]};
    AffineExpr number = getAffineDimExpr(0, context).floorDiv(format.lanes);
    for (auto [loop, walked] :
         llvm::zip_equal(plan.blockLoops, plan.walk.blocks)) {
      number =
          number * walked.range + getAffineDimExpr(operands.size(), context);
      operands.push_back(here[loop]);
    }
    return applyExpr(number * recordBytes, operands);
  }

  Value applyExpr(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return ptq::applyExpr(builder, loc, expr, operands);
  }

  /// `base` + `step` * `size` + `constant`.
  Value offset(Value base, Value step, int64_t size, int64_t constant) {
    MLIRContext *context = builder.getContext();
    return applyExpr(getAffineDimExpr(0, context) +
                         getAffineDimExpr(1, context) * size + constant,
                     {base, step});
  }

  //===--------------------------------------------------------------------===//
  // Activations
  //===--------------------------------------------------------------------===//

  /// The position of a row in the dimensions of the activations, at the start
  /// of the current block.
  SmallVector<OpFoldResult> getActivationPositions(int64_t row) {
    SmallVector<OpFoldResult> here = getPositions(row, /*column=*/0);
    SmallVector<OpFoldResult> loops = llvm::map_to_vector(
        product.totalLoops, [&](std::optional<unsigned> loop) {
          return loop ? here[*loop] : OpFoldResult(builder.getIndexAttr(0));
        });
    return affine::makeComposedFoldedMultiResultAffineApply(
        builder, loc, product.getActivationMap(), loops);
  }

  /// `numElements` activations, filled up with zeros.
  Value loadRun(const Plane &plane, Value address, int64_t numElements) {
    Value run = plane.access.loadContiguous(builder, loc, address, numElements);
    if (numElements == format.stepElements)
      return run;
    auto type =
        VectorType::get({format.stepElements}, plane.access.getElementType());
    return vector::InsertStridedSliceOp::create(
        builder, loc, run, createZeros(type),
        /*offsets=*/ArrayRef<int64_t>{0}, /*strides=*/ArrayRef<int64_t>{1});
  }

  /// `runs`, one for each row that shares sums, in all lanes.
  Value spreadActivations(ArrayRef<Value> runs) {
    int64_t size = format.lanes / dot.rows * format.stepElements;
    auto type =
        VectorType::get({size}, builder.getIntegerType(format.unitWidth));
    return vector::BitCastOp::create(builder, loc, type,
                                     squares.spreadActivations(runs));
  }

  //===--------------------------------------------------------------------===//
  // Starts
  //===--------------------------------------------------------------------===//

  /// Has the starts read their constants from the records.
  void readPackedStarts() {
    int64_t offset = format.getScaleBytes();
    for (auto [input, numbers] :
         llvm::zip_equal(plan.packedStarts, plan.numbers)) {
      Type type = builder.getIntegerType(8 * numbers.bytes);
      starts->loadBy(input, [=](const TileVector &vector) {
        Value address =
            applyExpr(getAffineDimExpr(0, builder.getContext()) + offset,
                      {getRecord(vector.column)});
        return sliceVector(builder, loc, weights->loadNumbers(address, type), 0,
                           vector.width);
      });
      offset += format.lanes * numbers.bytes;
    }
  }

  /// What the sums of the current block begin with.
  SmallVector<Value> createStarts(const Tile &tile) {
    if (starts)
      starts->beginTile();
    SmallVector<Value> rowStarts, results;
    for (int64_t row = 0; row < tile.rows; ++row)
      rowStarts.push_back(
          corrections
              ? broadcastElement(*corrections, getActivationPositions(row))
              : createZeros(getVectorType(builder.getI32Type())));
    forEachVector(tile, [&](int64_t row, int64_t column) {
      Value start = rowStarts[row];
      if (starts) {
        TileVector vector{getPositions(row, column), tile.widths[column], row,
                          column};
        Value own =
            padVector(builder, loc, starts->emitInitial(vector), format.lanes);
        start =
            corrections
                ? arith::AddIOp::create(builder, loc, start, own).getResult()
                : own;
      }
      results.push_back(start);
    });
    return results;
  }

  //===--------------------------------------------------------------------===//
  // Sums
  //===--------------------------------------------------------------------===//

  /// The steps that one iteration of the loop along a block takes.
  int64_t getStepsPerGroup() const {
    return dot.isOfPairs() ? kPairsIn16Bits : format.stepsPerWord;
  }

  /// The sums of the current block: a loop over groups of steps, then the rest.
  SmallVector<Value> emitBlockSums(const Tile &tile, ArrayRef<Value> records) {
    SmallVector<Value> starts = squares.fromRows(createStarts(tile), tile.rows);
    for (Plane &plane : planes) {
      plane.addresses.clear();
      for (int64_t row = 0; row < tile.rows; ++row)
        plane.addresses.push_back(
            plane.access.getAddress(builder, loc, getActivationPositions(row)));
    }
    int64_t numSums = starts.size();
    // What is multiplied at the end begins with nothing.
    starts.append(numSums * (planes.size() - 1),
                  createZeros(getVectorType(builder.getI32Type())));
    int64_t groupElements = getStepsPerGroup() * format.stepElements;
    int64_t fullGroups = plan.walk.blockSize / groupElements;
    int64_t rest = plan.walk.blockSize % groupElements;
    SmallVector<Value> sums = emitReductionNest(
        builder, loc, {builder.getIndexAttr(fullGroups)}, starts,
        [&](ValueRange group, ValueRange carried) {
          return emitGroup(carried, records, group.front(), groupElements);
        });
    if (rest != 0) {
      Value last = arith::ConstantIndexOp::create(builder, loc, fullGroups);
      sums = emitGroup(sums, records, last, rest);
    }
    return squares.toRows(joinPlanes(sums, numSums), tile.rows);
  }

  /// The sums of all planes, `numSums` of each behind each other, as one.
  /// Each may wrap on the way, since what they come to fits.
  SmallVector<Value> joinPlanes(ArrayRef<Value> sums, int64_t numSums) {
    SmallVector<Value> joined(sums.take_front(numSums));
    for (const Plane &plane : ArrayRef(planes).drop_front()) {
      sums = sums.drop_front(numSums);
      Value multiplier = arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(cast<VectorType>(sums.front().getType()),
                                 builder.getI32IntegerAttr(plane.multiplier)));
      for (auto [total, sum] : llvm::zip(joined, sums.take_front(numSums))) {
        Value term = arith::MulIOp::create(builder, loc, sum, multiplier);
        total = arith::AddIOp::create(builder, loc, total, term);
      }
    }
    return joined;
  }

  /// The products of the first `numElements` elements of group `group`.
  SmallVector<Value> emitGroup(ValueRange sums, ArrayRef<Value> records,
                               Value group, int64_t numElements) {
    int64_t groupBytes =
        getStepsPerGroup() / format.stepsPerWord * format.getWordBytes();
    SmallVector<Value> partial(sums);
    if (dot.isOfPairs())
      partial.assign(sums.size(), createPairSums(builder, loc, dot));
    SmallVector<Value> words;
    for (int64_t step = 0; step * format.stepElements < numElements; ++step) {
      if (step % format.stepsPerWord == 0) {
        words.clear();
        int64_t before = format.getWordOffset() +
                         step / format.stepsPerWord * format.getWordBytes();
        for (Value record : records)
          words.push_back(
              weights->loadWord(offset(record, group, groupBytes, before)));
      }
      emitStep(partial, words, group, step, numElements);
    }
    if (dot.isOfPairs())
      for (auto [pairs, sum] : llvm::zip_equal(partial, sums))
        pairs = addPairSums(builder, loc, dot, sum, pairs);
    return partial;
  }

  /// The factors for the accumulators of all vectors of columns.
  SmallVector<Value> splitFactors(ArrayRef<Value> words, int64_t step) {
    SmallVector<Value> factors;
    for (Value word : words)
      llvm::append_range(factors, squares.splitWeights(weights->getFactors(
                                      word, step % format.stepsPerWord)));
    return factors;
  }

  /// Adds the products of step `step` of a group to `sums`.
  void emitStep(MutableArrayRef<Value> sums, ArrayRef<Value> words, Value group,
                int64_t step, int64_t numElements) {
    SmallVector<Value> factors = splitFactors(words, step);
    SmallVector<Value> signedFactors = factors;
    if (plan.hasSignedWeights())
      signedFactors = splitFactors(
          llvm::map_to_vector(
              words, [&](Value word) { return weights->flipSigns(word); }),
          step);
    int64_t first = step * format.stepElements;
    int64_t size = std::min(format.stepElements, numElements - first);
    int64_t groupElements = getStepsPerGroup() * format.stepElements;
    int64_t rows = planes.front().addresses.size();
    int64_t numSums = sums.size() / planes.size();
    for (int64_t row = 0; row < rows; row += dot.rows) {
      for (const Plane &plane : planes) {
        SmallVector<Value> runs;
        for (int64_t i = row; i < std::min(row + dot.rows, rows); ++i)
          runs.push_back(loadRun(
              plane, offset(plane.addresses[i], group, groupElements, first),
              size));
        Value shared = spreadActivations(runs);
        int64_t next = (&plane - planes.begin()) * numSums +
                       row / dot.rows * factors.size();
        for (Value weight : plane.isUnsigned ? factors : signedFactors) {
          sums[next] = multiply(plane, sums[next], weight, shared);
          ++next;
        }
      }
    }
  }

  /// `sum`, of pairs or not, plus the products of a plane.
  Value multiply(const Plane &plane, Value sum, Value weights, Value shared) {
    // The first factor is what may be read as unsigned, or what rows are of.
    bool areWeightsFirst = dot.rows == 1 && !plane.isUnsigned;
    Value a = areWeightsFirst ? weights : shared;
    Value b = areWeightsFirst ? shared : weights;
    return dot.isOfPairs() ? addPairs(builder, loc, *plane.dot, sum, a, b)
                           : createDot(builder, loc, *plane.dot, sum, a, b);
  }

  const BlockProduct &product;
  const BlockDotPlan &plan;
  const BlockFormat &format;
  const DotInstruction &dot;
  DotSquares squares;
  int64_t recordBytes;
  SmallVector<Plane, 2> planes;
  /// Indexed by the dimensions of the activations.
  std::optional<FlatAccess> corrections;
  std::optional<FusedNeighbourEmitter> starts;
  std::optional<BlockRecords> weights;
};
} // namespace

void mlir::ptq::emitBlockDotKernel(RewriterBase &rewriter,
                                   const BlockProduct &product,
                                   const BlockDotPlan &plan,
                                   SymbolTableCollection &symbols) {
  BlockDotEmitter(rewriter, product, plan, symbols).emitLoops();
}
