//===- WinogradKernel.cpp - Convolutions with fewer products ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WinogradKernel.h"
#include "DotKernel.h"
#include "LoopNests.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace mlir::ptq;

namespace {
class WinogradEmitter {
public:
  WinogradEmitter(RewriterBase &rewriter, const WinogradPlan &plan,
                  const TargetDescription &target,
                  SymbolTableCollection &symbols)
      : builder(rewriter), loc(plan.op->getLoc()), op(plan.op), plan(plan),
        target(target), symbols(symbols), sizes(plan.ranges),
        activations(builder, loc, op, op->getOpOperand(plan.activations)),
        initial(builder, *plan.neighbours.initial, plan.imageDims),
        numPoints(plan.filters[0]->getNumProducts() *
                  plan.filters[1]->getNumProducts()),
        positions(sizes.size(), builder.getIndexAttr(0)) {
    if (plan.neighbours.epilogue)
      epilogue.emplace(builder, *plan.neighbours.epilogue, plan.imageDims);
    else
      output = FlatAccess(builder, loc, op, *op.getDpsInitOperand(0));
    for (Range range : op.createLoopRanges(builder, loc))
      ranges.push_back(range.size);
    weights = createWeights();
  }

  void emit() { emitBatches(plan.batchDims); }

private:
  OpFoldResult getIndex(int64_t value) { return builder.getIndexAttr(value); }

  Value evaluate(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return applyExpr(builder, loc, expr, operands);
  }

  /// The smaller one of `expr` of `operands` and a constant.
  OpFoldResult evaluateUpTo(int64_t limit, AffineExpr expr,
                            ArrayRef<OpFoldResult> operands) {
    AffineMap map = AffineMap::get(operands.size(), 0,
                                   {expr, builder.getAffineConstantExpr(limit)},
                                   builder.getContext());
    return affine::makeComposedFoldedAffineMin(builder, loc, map, operands);
  }

  //===--------------------------------------------------------------------===//
  // Weights
  //===--------------------------------------------------------------------===//

  /// All transformed weights: [points][input channels][output channels].
  Value createWeights() {
    int64_t inputStride = *plan.getWeightStride(plan.inputChannels);
    int64_t outputStride = *plan.getWeightStride(plan.outputChannels);
    int64_t rowStride = *plan.getWeightStride(plan.windowDims[0]);
    int64_t columnStride = *plan.getWeightStride(plan.windowDims[1]);
    int64_t numInputs = sizes[plan.inputChannels];
    int64_t numOutputs = sizes[plan.outputChannels];
    std::vector<int16_t> transformed(numPoints * numInputs * numOutputs);
    for (int64_t input = 0; input < numInputs; ++input)
      for (int64_t output = 0; output < numOutputs; ++output) {
        const int8_t *window = plan.weightBytes->data() + input * inputStride +
                               output * outputStride;
        SmallVector<int> points = plan.filters[0]->weights.apply<int>(
            plan.filters[1]->weights,
            [&](int64_t row, int64_t column) {
              return window[row * rowStride + column * columnStride];
            },
            [](ArrayRef<int8_t> coefficients, ArrayRef<int> elements) {
              return std::inner_product(elements.begin(), elements.end(),
                                        coefficients.begin(), 0);
            });
        for (auto [point, value] : llvm::enumerate(points))
          transformed[(point * numInputs + input) * numOutputs + output] =
              static_cast<int16_t>(value);
      }
    auto type = MemRefType::get({numPoints, numInputs, numOutputs},
                                builder.getI16Type());
    return createGlobalConstant(
        builder, op, "transformed_weights", type,
        ArrayRef<char>(reinterpret_cast<const char *>(transformed.data()),
                       transformed.size() * sizeof(int16_t)),
        symbols);
  }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  /// A loop over parallel iterations.
  void emitLoop(OpFoldResult range, function_ref<void(Value position)> emit) {
    emitBlocks(builder, loc, range, /*block=*/1,
               [&](Value position, int64_t) { emit(position); });
  }

  void emitBatches(ArrayRef<unsigned> dims) {
    if (dims.empty())
      return emitLoop(getIndex(plan.numParts[0]), [&](Value row) {
        emitLoop(getIndex(plan.numParts[1]),
                 [&](Value column) { emitPart(row, column); });
      });
    emitLoop(ranges[dims.front()], [&](Value position) {
      positions[dims.front()] = position;
      emitBatches(dims.drop_front());
    });
  }

  /// The first tile of part `part` in dimension `dim`.
  OpFoldResult getFirstTile(int64_t dim, Value part) {
    return evaluateUpTo(plan.numTiles[dim] - plan.partSize[dim],
                        builder.getAffineDimExpr(0) * plan.partSize[dim],
                        {OpFoldResult(part)});
  }

  void emitPart(Value row, Value column) {
    std::array<OpFoldResult, 2> first{getFirstTile(0, row),
                                      getFirstTile(1, column)};
    int64_t numTiles = plan.partSize[0] * plan.partSize[1];
    Value factors =
        allocate(numTiles, sizes[plan.inputChannels], builder.getI16Type());
    Value sums =
        allocate(numTiles, sizes[plan.outputChannels], builder.getI32Type());
    emitTiles(first, [&](Value tile) {
      emitBlocks(builder, loc, getIndex(sizes[plan.inputChannels]),
                 target.getLanes(16), [&](Value channel, int64_t width) {
                   positions[plan.inputChannels] = channel;
                   transformActivations(factors, tile, channel, width);
                 });
      positions[plan.inputChannels] = getIndex(0);
    });
    emitProducts(factors, sums);
    emitTiles(first, [&](Value tile) {
      emitBlocks(builder, loc, getIndex(sizes[plan.outputChannels]),
                 target.getLanes(32), [&](Value channel, int64_t width) {
                   positions[plan.outputChannels] = channel;
                   transformSums(sums, tile, channel, width);
                 });
    });
  }

  /// A buffer of `numChannels` values for each point of each tile.
  Value allocate(int64_t numTiles, int64_t numChannels, Type elementType) {
    return memref::AllocOp::create(
        builder, loc,
        MemRefType::get({numPoints, numTiles, numChannels}, elementType),
        ValueRange(), builder.getI64IntegerAttr(kBufferAlignment));
  }

  /// Calls `emit` with the number of a tile, whose first result is at
  /// `positions`, in loops over those of the part from `first` on.
  void emitTiles(const std::array<OpFoldResult, 2> &first,
                 function_ref<void(Value tile)> emit) {
    AffineExpr d0 = builder.getAffineDimExpr(0);
    AffineExpr d1 = builder.getAffineDimExpr(1);
    auto place = [&](int64_t dim, Value tile) {
      int64_t size = sizes[plan.imageDims[dim]];
      AffineExpr result = (d0 + d1) * MinimalFilter::kNumResults;
      SmallVector<OpFoldResult> operands{first[dim], OpFoldResult(tile)};
      positions[plan.imageDims[dim]] =
          size % MinimalFilter::kNumResults == 0
              ? OpFoldResult(evaluate(result, operands))
              : evaluateUpTo(size - MinimalFilter::kNumResults, result,
                             operands);
    };
    // Nothing is between the loops, so that threads can divide all tiles.
    emitLoop(getIndex(plan.partSize[0]), [&](Value row) {
      emitLoop(getIndex(plan.partSize[1]), [&](Value column) {
        place(0, row);
        place(1, column);
        emit(evaluate(d0 * plan.partSize[1] + d1,
                      {OpFoldResult(row), OpFoldResult(column)}));
      });
    });
  }

  SmallVector<Value, 3> getPlace(int64_t point, Value tile, Value channel) {
    return {arith::ConstantIndexOp::create(builder, loc, point), tile, channel};
  }

  //===--------------------------------------------------------------------===//
  // Transformations
  //===--------------------------------------------------------------------===//

  /// The sum of vectors times coefficients of -1, 0 and 1, of which at least
  /// one is 1.
  Value combine(ArrayRef<int8_t> coefficients, ArrayRef<Value> vectors) {
    const auto *first = llvm::find(coefficients, 1);
    Value sum = vectors[first - coefficients.begin()];
    for (auto [index, coefficient] : llvm::enumerate(coefficients)) {
      if (coefficients.begin() + index == first || coefficient == 0)
        continue;
      if (coefficient > 0)
        sum = arith::AddIOp::create(builder, loc, sum, vectors[index]);
      else
        sum = arith::SubIOp::create(builder, loc, sum, vectors[index]);
    }
    return sum;
  }

  SmallVector<Value>
  transform(const FilterMatrix &left, const FilterMatrix &right,
            function_ref<Value(int64_t row, int64_t column)> load) {
    return left.apply<Value>(
        right, load,
        [&](ArrayRef<int8_t> coefficients, ArrayRef<Value> vectors) {
          return combine(coefficients, vectors);
        });
  }

  Value createSplat(Type type, int64_t value) {
    auto vector = cast<VectorType>(type);
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            vector, builder.getIntegerAttr(vector.getElementType(), value)));
  }

  /// `width` activations, row `row` and column `column` of the tile, in 16
  /// bits.
  Value loadActivations(Value address, int64_t row, int64_t column,
                        int64_t width) {
    int64_t offset = row * *plan.getActivationStride(plan.windowDims[0]) +
                     column * *plan.getActivationStride(plan.windowDims[1]);
    Value codes = activations.loadContiguous(
        builder, loc,
        getValueOrCreateConstantIndexOp(
            builder, loc, addConstant(builder, loc, address, offset)),
        width);
    if (plan.haveFlippedSigns)
      codes = arith::XOrIOp::create(builder, loc, codes,
                                    createSplat(codes.getType(), -128));
    return arith::ExtSIOp::create(
        builder, loc, VectorType::get({width}, builder.getI16Type()), codes);
  }

  /// Transforms the activations of `width` channels of a tile.
  void transformActivations(Value factors, Value tile, Value channel,
                            int64_t width) {
    Value address = activations.getAddress(builder, loc, positions);
    SmallVector<Value> points =
        transform(plan.filters[0]->activations, plan.filters[1]->activations,
                  [&](int64_t row, int64_t column) {
                    return loadActivations(address, row, column, width);
                  });
    for (auto [point, vector] : llvm::enumerate(points))
      vector::StoreOp::create(builder, loc, vector, factors,
                              getPlace(point, tile, channel));
  }

  /// Transforms the sums of `width` channels of a tile back, and computes all
  /// that becomes of the results.
  void transformSums(Value sums, Value tile, Value channel, int64_t width) {
    auto type = VectorType::get({width}, builder.getI32Type());
    SmallVector<Value> results = transform(
        plan.filters[0]->results, plan.filters[1]->results,
        [&](int64_t row, int64_t column) {
          int64_t point = row * plan.filters[1]->getNumProducts() + column;
          return vector::LoadOp::create(builder, loc, type, sums,
                                        getPlace(point, tile, channel));
        });
    int64_t numDoubled =
        plan.filters[0]->isDoubled + plan.filters[1]->isDoubled;
    SmallVector<TileVector> vectors;
    initial.beginTile();
    for (auto [number, result] : llvm::enumerate(results)) {
      TileVector &vector = vectors.emplace_back(
          TileVector{positions, width, static_cast<int64_t>(number),
                     /*column=*/0});
      auto move = [&](int64_t dim, int64_t offset) {
        OpFoldResult &position = vector.positions[plan.imageDims[dim]];
        position = addConstant(builder, loc, position, offset);
      };
      move(0, number / MinimalFilter::kNumResults);
      move(1, number % MinimalFilter::kNumResults);
      if (numDoubled > 0)
        result = arith::ShRSIOp::create(builder, loc, result,
                                        createSplat(type, numDoubled));
      result = arith::AddIOp::create(builder, loc, result,
                                     initial.emitInitial(vector));
    }
    if (epilogue) {
      epilogue->beginTile();
      return epilogue->emitResults(vectors, results);
    }
    for (auto [vector, result] : llvm::zip_equal(vectors, results))
      output.store(builder, loc, result,
                   output.getAddress(builder, loc, vector.positions));
  }

  //===--------------------------------------------------------------------===//
  // Products
  //===--------------------------------------------------------------------===//

  /// The products of matrices, one for each point.
  void emitProducts(Value factors, Value sums) {
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
    linalg::FillOp::create(builder, loc, zero, sums);
    auto product = cast<linalg::LinalgOp>(
        linalg::BatchMatmulOp::create(
            builder, loc, ValueRange{factors, weights}, ValueRange{sums})
            .getOperation());
    FailureOr<CodeContraction> contraction =
        CodeContraction::find(product, target, symbols, ignoreReason);
    assert(succeeded(contraction) && "codes of 16 bits have a dot product");
    FailureOr<DotPlan> dots = planDot(*contraction, target, ignoreReason);
    assert(succeeded(dots) && "rows of constant weights are a dot product");
    emitDotKernel(builder, *dots, symbols);
    dots->neighbours.eraseWith(builder, product);
  }

  RewriterBase &builder;
  Location loc;
  linalg::LinalgOp op;
  const WinogradPlan &plan;
  const TargetDescription &target;
  SymbolTableCollection &symbols;
  /// The sizes of the loops; only those of batches may be unknown.
  ArrayRef<int64_t> sizes;
  SmallVector<OpFoldResult> ranges;
  FlatAccess activations;
  FusedNeighbourEmitter initial;
  std::optional<FusedNeighbourEmitter> epilogue;
  /// Where the sums are stored if there is no epilogue.
  FlatAccess output;
  /// How many products there are for each tile and pair of channels.
  int64_t numPoints;
  /// Where the loops around the insertion point are.
  SmallVector<OpFoldResult> positions;
  Value weights;
};
} // namespace

void mlir::ptq::emitWinogradKernel(RewriterBase &rewriter,
                                   const WinogradPlan &plan,
                                   const TargetDescription &target,
                                   SymbolTableCollection &symbols) {
  WinogradEmitter(rewriter, plan, target, symbols).emit();
}
