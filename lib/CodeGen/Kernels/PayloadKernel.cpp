//===- PayloadKernel.cpp - A structured op on vectors ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PayloadKernel.h"
#include "../ElementaryOps.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// The parallel loop along which all outputs are contiguous, the longest if
/// there are several (loops of one iteration are contiguous as well).
static std::optional<unsigned> findVectorDim(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  std::optional<unsigned> best;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    if (iterators[dim] != utils::IteratorType::parallel)
      continue;
    bool isContiguous =
        llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
          return FlatAccess::getStaticStride(op, output, dim) == 1;
        });
    auto getLength = [&](unsigned d) {
      return ShapedType::isDynamic(ranges[d])
                 ? std::numeric_limits<int64_t>::max()
                 : ranges[d];
    };
    if (isContiguous && (!best || getLength(dim) > getLength(*best)))
      best = dim;
  }
  return best;
}

/// The parallel loop whose points share a vector operand: the innermost one
/// that runs more than once.
static std::optional<unsigned> findTileDim(linalg::LinalgOp op,
                                           unsigned vectorDim) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (unsigned dim = op.getNumLoops(); dim-- > 0;) {
    if (dim == vectorDim || ranges[dim] == 1 ||
        iterators[dim] != utils::IteratorType::parallel)
      continue;
    for (OpOperand *input : op.getDpsInputOperands())
      if (FlatAccess::getStaticStride(op, *input, vectorDim) != 0 &&
          FlatAccess::getStaticStride(op, *input, dim) == 0)
        return dim;
  }
  return std::nullopt;
}

/// How many of the narrowest results of `op` fill a register; as many as of its
/// other elements if those results are no integers, or much narrower.
static int64_t getLanesOfResults(linalg::LinalgOp op,
                                 const TargetDescription &target) {
  unsigned widest = getWidestElement(op);
  unsigned width = widest;
  for (Value output : op.getDpsInits())
    if (auto type = dyn_cast<IntegerType>(getElementTypeOrSelf(output)))
      width = std::min(width, type.getWidth());
  return target.getLanes(4 * width < widest ? widest : width);
}

FailureOr<RegisterTiling>
mlir::ptq::planPayload(linalg::LinalgOp op, const TargetDescription &target,
                       ExplainFn explain) {
  if (const char *obstacle = findVectorObstacle(op))
    return explain(obstacle);
  std::optional<unsigned> vectorDim = findVectorDim(op);
  if (!vectorDim)
    return explain("no parallel loop along which the outputs are contiguous");
  for (OpOperand *input : op.getDpsInputOperands())
    if (!FlatAccess::isLinearAlong(op, *input, *vectorDim))
      return explain("an input's address is not linear in the vectorized loop");

  RegisterTiling plan;
  plan.vectorDim = *vectorDim;
  plan.lanes = target.getLanes(getWidestElement(op));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t range = ranges[plan.vectorDim];
  bool isElementwise = op.getNumReductionLoops() == 0;
  if (isElementwise || op.getNumDpsInits() != 1) {
    if (ShapedType::isDynamic(range))
      // More lanes would leave more elements behind the last vector.
      return plan;
    if (gainsFromManyElements(*op.getBlock()))
      // Bytes that are looked up fill a register.
      plan.vectors = std::min<int64_t>(target.getLanes(8) / plan.lanes,
                                       llvm::divideCeil(range, plan.lanes));
    else if (isElementwise && hasElementaryFunction(*op.getBlock()) &&
             range >= 2 * plan.lanes)
      // Two chains of operations side by side wait for each other less.
      plan.lanes *= 2;
    else if (isElementwise && range >= getLanesOfResults(op, target))
      // Narrowing takes the fewest instructions where it fills registers.
      plan.lanes = std::max(plan.lanes, getLanesOfResults(op, target));
    return plan;
  }

  // Three quarters of the registers accumulate, one sixth of these hold shared
  // vectors; the rest is for what is computed on the way.
  int64_t accumulators = target.numVectorRegisters * 3 / 4;
  int64_t maxVectors = accumulators / 6;
  plan.vectors =
      ShapedType::isDynamic(range)
          ? 1
          : std::min<int64_t>(maxVectors, llvm::divideCeil(range, plan.lanes));
  plan.vectors = std::max<int64_t>(plan.vectors, 1);
  plan.tileDim = findTileDim(op, plan.vectorDim);
  if (plan.tileDim)
    plan.setRows(ranges[*plan.tileDim],
                 std::min<int64_t>(accumulators / plan.vectors, 8));
  return plan;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

PayloadEmitter::PayloadEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                               const RegisterTiling &tiling,
                               const FusedNeighbours &neighbours,
                               std::optional<unsigned> computedInput)
    : RegisterTileEmitter(rewriter, op, tiling,
                          /*touchesOutputs=*/!neighbours.epilogue,
                          computedInput),
      fused(rewriter, neighbours, tiling.getTileDims()) {}

BlockedRange PayloadEmitter::getReductionRange(unsigned dim) const {
  return {ranges[dim], {}};
}

bool PayloadEmitter::dependsOn(unsigned input, unsigned dim) const {
  return accesses[input].dependsOn(dim);
}

void PayloadEmitter::beginVectorLoop() {
  shared.clear();
  if (!reductionDims.empty())
    return;
  for (OpOperand *input : op.getDpsInputOperands()) {
    unsigned number = input->getOperandNumber();
    const FlatAccess &access = accesses[number];
    if (op.isScalar(input) || access.dependsOn(tiling.vectorDim) ||
        (tiling.tileDim && access.dependsOn(*tiling.tileDim)) ||
        op.getMatchingBlockArgument(input).use_empty())
      continue;
    // Stores in the loop must not change it; nobody else could tell.
    Value root = getViewedBuffer(input->get());
    if (!isDistinctBuffer(root) ||
        llvm::any_of(op.getDpsInits(), [&](Value output) {
          Value written = getViewedBuffer(output);
          return written == root || !isDistinctBuffer(written);
        }))
      continue;
    shared[number] =
        memref::LoadOp::create(builder, loc, access.getView(),
                               access.getAddress(builder, loc, positions));
  }
}

void PayloadEmitter::emitTile(const Tile &tile) {
  SmallVector<Value> accumulators;
  if (fused.initial)
    fused.initial->beginTile();
  forEachVector(tile, [&](int64_t row, int64_t column) {
    if (fused.initial) {
      accumulators.push_back(
          fused.initial->emitInitial(getTileVector(tile, row, column)));
      return;
    }
    for (unsigned i = 0; i < numOutputs; ++i)
      accumulators.push_back(loadOperand(numInputs + i, tile, row, column));
  });
  accumulators = emitSums(tile, accumulators);
  if (fused.epilogue) {
    SmallVector<TileVector> vectors;
    forEachVector(tile, [&](int64_t row, int64_t column) {
      vectors.push_back(getTileVector(tile, row, column));
    });
    fused.epilogue->beginTile();
    fused.epilogue->emitResults(vectors, accumulators);
    return;
  }
  storeResults(tile, accumulators);
}

void PayloadEmitter::storeResults(const Tile &tile, ArrayRef<Value> results) {
  forEachVector(tile, [&](int64_t row, int64_t column) {
    for (unsigned i = 0; i < numOutputs; ++i) {
      const FlatAccess &access = getOutput(i);
      access.store(builder, loc, results.front(),
                   getAddress(access, row, column));
      results = results.drop_front();
    }
  });
}

SmallVector<Value> PayloadEmitter::emitSums(const Tile &tile,
                                            ArrayRef<Value> accumulators) {
  SmallVector<BlockedRange> reductionRanges;
  for (unsigned dim : reductionDims)
    reductionRanges.push_back(getReductionRange(dim));
  return emitBlockedReductionNest(
      builder, loc, reductionRanges, accumulators,
      [&](ArrayRef<OpFoldResult> reductionPositions, ValueRange carried) {
        for (auto [dim, position] :
             llvm::zip_equal(reductionDims, reductionPositions))
          positions[dim] = position;
        return emitPayload(tile, carried);
      });
}

PayloadPart PayloadEmitter::createPart(int64_t width, int64_t row,
                                       int64_t column) {
  return {width, {}, [this, width, row, column](unsigned dim) {
            return emitIndex(dim, width, row, column);
          }};
}

TileVector PayloadEmitter::getTileVector(const Tile &tile, int64_t row,
                                         int64_t column) {
  return {getPositions(row, column), tile.widths[column], row, column};
}

SmallVector<Value> PayloadEmitter::emitPayload(const Tile &tile,
                                               ValueRange accumulators) {
  Block &body = *op.getBlock();
  bool isTogether = gainsFromManyElements(body);
  SmallVector<PayloadPart> parts;
  DenseMap<std::tuple<unsigned, int64_t, int64_t>, Value> loaded;
  SmallVector<Value> results;
  forEachVector(tile, [&](int64_t row, int64_t column) {
    int64_t width = tile.widths[column];
    PayloadPart part = createPart(width, row, column);
    for (unsigned i = 0; i < numInputs; ++i) {
      BlockArgument argument = body.getArgument(i);
      if (argument.use_empty())
        continue;
      bool perRow = tiling.tileDim && dependsOn(i, *tiling.tileDim);
      // A broadcast differs between vectors of different width only.
      bool perColumn = dependsOn(i, tiling.vectorDim);
      Value &value =
          loaded[{i, perRow ? row : -1, perColumn ? column : -1 - width}];
      if (!value)
        value = loadOperand(i, tile, perRow ? row : 0, column);
      part.mapping.map(argument, value);
    }
    unsigned first = (row * tile.widths.size() + column) * numOutputs;
    for (unsigned i = 0; i < numOutputs; ++i)
      part.mapping.map(body.getArgument(numInputs + i),
                       accumulators[first + i]);
    if (isTogether)
      parts.push_back(std::move(part));
    else
      llvm::append_range(results, ptq::emitPayload(builder, loc, body, part));
  });
  if (isTogether)
    return ptq::emitPayload(builder, loc, body, parts);
  return results;
}

Value PayloadEmitter::emitIndex(unsigned dim, int64_t width, int64_t row,
                                int64_t column) {
  auto type = VectorType::get({width}, builder.getIndexType());
  Value position = getValueOrCreateConstantIndexOp(
      builder, loc, getPositions(row, column)[dim]);
  Value splat = vector::BroadcastOp::create(builder, loc, type, position);
  if (dim != tiling.vectorDim)
    return splat;
  Value steps = vector::StepOp::create(builder, loc, type);
  return arith::AddIOp::create(builder, loc, splat, steps);
}

Value PayloadEmitter::loadOperand(unsigned index, const Tile &tile, int64_t row,
                                  int64_t column) {
  const FlatAccess &access = accesses[index];
  if (Value element = shared.lookup(index))
    return vector::BroadcastOp::create(
        builder, loc, VectorType::get({tile.widths[column]}, element.getType()),
        element);
  return access.load(builder, loc, getAddress(access, row, column),
                     tiling.vectorDim, tile.widths[column]);
}
