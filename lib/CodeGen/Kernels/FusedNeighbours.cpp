//===- FusedNeighbours.cpp - What comes before and after a kernel ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedNeighbours.h"
#include "VectorPayload.h"
#include "VectorSlices.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

Value mlir::ptq::getViewedBuffer(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

bool mlir::ptq::isDistinctBuffer(Value root) {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  return isa<memref::AllocOp, memref::GetGlobalOp>(root.getDefiningOp());
}

SmallVector<OpOperand *> mlir::ptq::getOrderedUses(Value buffer,
                                                   LinalgOp kernel) {
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : buffer.getUses()) {
    if (!isa<LinalgOp>(use.getOwner()) ||
        use.getOwner()->getBlock() != kernel->getBlock())
      return {};
    uses.push_back(&use);
  }
  llvm::sort(uses, [](OpOperand *a, OpOperand *b) {
    return a->getOwner()->isBeforeInBlock(b->getOwner());
  });
  for (size_t i = 1; i < uses.size(); ++i)
    if (uses[i - 1]->getOwner() == uses[i]->getOwner())
      return {};
  return uses;
}

/// For each dimension of the accumulators, the loop of `kernel` that indexes
/// it; nothing if an index is no loop.
static std::optional<SmallVector<unsigned>> getOutputLoops(LinalgOp kernel) {
  AffineMap map = kernel.getMatchingIndexingMap(kernel.getDpsInitOperand(0));
  SmallVector<unsigned> loops;
  for (AffineExpr index : map.getResults()) {
    auto loop = dyn_cast<AffineDimExpr>(index);
    if (!loop)
      return std::nullopt;
    loops.push_back(loop.getPosition());
  }
  return loops;
}

/// `op` as a neighbour, if it computes on vectors along the loop that is the
/// kernel's `vectorDim` and touches `accumulators` in the order of its loops.
static std::optional<FusedNeighbour> matchNeighbour(LinalgOp op,
                                                    OpOperand &accumulators,
                                                    ArrayRef<unsigned> loops,
                                                    unsigned vectorDim) {
  if (op.getNumDpsInits() != 1 || op.hasIndexSemantics() ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      op.getNumLoops() != loops.size() || findVectorObstacle(op) ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) ||
      !op.getMatchingIndexingMap(&accumulators).isIdentity())
    return std::nullopt;
  auto position = llvm::find(loops, vectorDim);
  if (position == loops.end())
    return std::nullopt;
  FusedNeighbour neighbour{op, SmallVector<unsigned>(loops),
                           static_cast<unsigned>(position - loops.begin()),
                           std::nullopt};
  for (OpOperand *input : op.getDpsInputOperands())
    if (!FlatAccess::isLinearAlong(op, *input, neighbour.vectorDim))
      return std::nullopt;
  return neighbour;
}

std::optional<int64_t> FusedNeighbour::getResultStride(unsigned loop) const {
  const auto *position = llvm::find(loops, loop);
  if (position == loops.end())
    return std::nullopt;
  LinalgOp owner = op;
  return FlatAccess::getStaticStride(owner, *owner.getDpsInitOperand(0),
                                     position - loops.begin());
}

bool mlir::ptq::leavesMemory(Operation *op) {
  return isMemoryEffectFree(op) || isa<memref::AllocOp>(op);
}

/// Whether what is written to `written` may change `value`.
static bool mayChange(Value written, Value value) {
  if (!isa<BaseMemRefType>(value.getType()))
    return false;
  Value root = getViewedBuffer(value);
  if (root.getDefiningOp<memref::GetGlobalOp>())
    return false;
  written = getViewedBuffer(written);
  return root == written || !isDistinctBuffer(root) ||
         !isDistinctBuffer(written);
}

bool mlir::ptq::leaveAsTheyAre(Operation *first, Operation *last,
                               ValueRange values) {
  // Constants need no look at what is in between.
  if (llvm::none_of(values, [&](Value value) {
        return isa<BaseMemRefType>(value.getType()) &&
               !getViewedBuffer(value).getDefiningOp<memref::GetGlobalOp>();
      }))
    return true;
  auto leavesThem = [&](Operation *op) {
    if (leavesMemory(op) || isa<memref::LoadOp>(op))
      return true;
    auto structured = dyn_cast<LinalgOp>(op);
    if (!structured)
      return isa<scf::ForOp, scf::IfOp>(op);
    return structured.hasPureBufferSemantics() &&
           llvm::none_of(structured.getDpsInits(), [&](Value output) {
             return llvm::any_of(
                 values, [&](Value value) { return mayChange(output, value); });
           });
  };
  // What loops and branches do, the ops in them do.
  for (Operation *op = first; op != last; op = op->getNextNode())
    if (op->walk([&](Operation *inner) {
            return leavesThem(inner) ? WalkResult::advance()
                                     : WalkResult::interrupt();
          }).wasInterrupted())
      return false;
  return true;
}

static std::optional<FusedNeighbour> matchInitial(LinalgOp op, LinalgOp kernel,
                                                  ArrayRef<unsigned> loops,
                                                  unsigned vectorDim) {
  if (op->getBlock() != kernel->getBlock() || !op->isBeforeInBlock(kernel) ||
      !leaveAsTheyAre(op, kernel, op.getDpsInputs()))
    return std::nullopt;
  return matchNeighbour(op, *op.getDpsInitOperand(0), loops, vectorDim);
}

static std::optional<FusedNeighbour>
matchEpilogue(LinalgOp op, OpOperand &accumulators, LinalgOp initial,
              LinalgOp kernel, ArrayRef<unsigned> loops, unsigned vectorDim) {
  if (!op.isDpsInput(&accumulators))
    return std::nullopt;
  OpOperand *output = op.getDpsInitOperand(0);
  std::optional<FusedNeighbour> neighbour =
      matchNeighbour(op, accumulators, loops, vectorDim);
  if (!neighbour || !op.getMatchingIndexingMap(output).isIdentity() ||
      FlatAccess::getStaticStride(op, *output, neighbour->vectorDim) != 1)
    return std::nullopt;
  // The kernel moves to the place of the epilogue, behind whatever computes
  // other inputs of that, such as scales.
  SmallVector<Value> inputs = kernel.getDpsInputs();
  llvm::append_range(inputs, initial.getDpsInputs());
  if (!leaveAsTheyAre(kernel->getNextNode(), op, inputs))
    return std::nullopt;
  // Tiles are written while others are yet to be read.
  llvm::append_range(inputs, op.getDpsInputs());
  if (llvm::any_of(
          inputs, [&](Value input) { return mayChange(output->get(), input); }))
    return std::nullopt;
  neighbour->accumulator = accumulators.getOperandNumber();
  return neighbour;
}

/// Whether `use` writes every element of the buffer and reads none.
static bool overwrites(OpOperand &use) {
  auto op = cast<LinalgOp>(use.getOwner());
  return op.isDpsInit(&use) && !op.payloadUsesValueFromOperand(&use) &&
         op.getMatchingIndexingMap(&use).isIdentity();
}

FusedNeighbours FusedNeighbours::find(LinalgOp kernel, unsigned vectorDim) {
  OpOperand *output = kernel.getDpsInitOperand(0);
  std::optional<SmallVector<unsigned>> loops = getOutputLoops(kernel);
  if (!isDistinctBuffer(output->get()) || !loops)
    return {};
  SmallVector<OpOperand *> uses = getOrderedUses(output->get(), kernel);
  auto *position = llvm::find(uses, output);
  // What is in the buffer before it is written again is nobody's business.
  if (position == uses.begin() || position == uses.end() ||
      !overwrites(**(position - 1)))
    return {};
  FusedNeighbours neighbours;
  neighbours.initial = matchInitial(
      cast<LinalgOp>((*(position - 1))->getOwner()), kernel, *loops, vectorDim);
  bool isReadOnce =
      output->get().getDefiningOp<memref::AllocOp>() &&
      position + 1 != uses.end() &&
      (position + 2 == uses.end() || overwrites(**(position + 2)));
  if (neighbours.initial && isReadOnce)
    neighbours.epilogue = matchEpilogue(
        cast<LinalgOp>((*(position + 1))->getOwner()), **(position + 1),
        neighbours.initial->op, kernel, *loops, vectorDim);
  return neighbours;
}

void FusedNeighbours::findExtrema(LinalgOp kernel, RegisterTiling &tiling) {
  if (!epilogue)
    return;
  extrema = FusedExtrema::find(kernel, *epilogue, tiling);
  if (extrema)
    tiling.orderedDims = extrema->getOrderedDims(epilogue->loops);
}

void FusedNeighbours::eraseWith(RewriterBase &rewriter, LinalgOp kernel) const {
  Value accumulators = kernel.getDpsInits().front();
  rewriter.eraseOp(kernel);
  if (initial)
    rewriter.eraseOp(initial->op);
  if (epilogue)
    rewriter.eraseOp(epilogue->op);
  if (extrema)
    rewriter.eraseOp(extrema->op);
  if (auto alloc = accumulators.getDefiningOp<memref::AllocOp>();
      alloc && alloc->use_empty())
    rewriter.eraseOp(alloc);
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

FusedNeighbourEmitter::FusedNeighbourEmitter(OpBuilder &builder,
                                             const FusedNeighbour &neighbour,
                                             ArrayRef<unsigned> tileDims)
    : builder(builder), loc(LinalgOp(neighbour.op).getLoc()),
      neighbour(neighbour), tileDims(tileDims) {
  LinalgOp op = neighbour.op;
  for (OpOperand &operand : op->getOpOperands()) {
    bool isAccumulator = neighbour.accumulator ? operand.getOperandNumber() ==
                                                     *neighbour.accumulator
                                               : op.isDpsInit(&operand);
    if (isAccumulator)
      accesses.emplace_back(std::nullopt);
    else
      accesses.emplace_back(FlatAccess(builder, loc, op, operand));
  }
}

SmallVector<OpFoldResult>
FusedNeighbourEmitter::getOwnPositions(ArrayRef<OpFoldResult> positions) const {
  return llvm::map_to_vector(neighbour.loops,
                             [&](unsigned loop) { return positions[loop]; });
}

PayloadPart FusedNeighbourEmitter::loadOperands(const TileVector &vector,
                                                Value accumulators) {
  LinalgOp op = neighbour.op;
  SmallVector<OpFoldResult> own = getOwnPositions(vector.positions);
  auto dependsOnRow = [&](const FlatAccess &access) {
    for (auto [dim, loop] : llvm::enumerate(neighbour.loops))
      if (llvm::is_contained(tileDims, loop) && access.dependsOn(dim))
        return true;
    return false;
  };
  PayloadPart part{vector.width, {}};
  for (OpOperand *input : op.getDpsInputOperands()) {
    unsigned number = input->getOperandNumber();
    BlockArgument argument = op.getMatchingBlockArgument(input);
    if (argument.use_empty())
      continue;
    const std::optional<FlatAccess> &access = accesses[number];
    if (!access) {
      part.mapping.map(argument, accumulators);
      continue;
    }
    // A broadcast differs between vectors of different width only.
    bool perColumn = access->dependsOn(neighbour.vectorDim);
    Value &value = loaded[{number, dependsOnRow(*access) ? vector.row : -1,
                           perColumn ? vector.column : -1 - vector.width}];
    if (!value) {
      auto load = loads.find(number);
      value = load != loads.end()
                  ? load->second(vector)
                  : access->load(builder, loc,
                                 access->getAddress(builder, loc, own),
                                 neighbour.vectorDim, vector.width);
      if (perColumn)
        value = pickElements(builder, loc, value, vector.order);
    }
    part.mapping.map(argument, value);
  }
  return part;
}

Value FusedNeighbourEmitter::emitInitial(const TileVector &vector) {
  PayloadPart part = loadOperands(vector, /*accumulators=*/Value());
  return emitPayload(builder, loc, *LinalgOp(neighbour.op).getBlock(), part)
      .front();
}

PayloadPart FusedNeighbourEmitter::joinOperands(ArrayRef<TileVector> vectors,
                                                ArrayRef<Value> accumulators) {
  SmallVector<PayloadPart> parts;
  PayloadPart joined{0, {}};
  for (auto [vector, sums] : llvm::zip_equal(vectors, accumulators)) {
    parts.push_back(loadOperands(vector, sums));
    joined.width += vector.width;
  }
  if (parts.size() == 1)
    return parts.front();
  for (BlockArgument argument :
       LinalgOp(neighbour.op).getBlock()->getArguments())
    if (parts.front().mapping.contains(argument))
      joined.mapping.map(
          argument,
          joinVectors(builder, loc, llvm::map_to_vector(parts, [&](auto &part) {
                        return part.mapping.lookup(argument);
                      })));
  return joined;
}

SmallVector<Value>
FusedNeighbourEmitter::emitJoined(ArrayRef<TileVector> vectors,
                                  ArrayRef<Value> accumulators,
                                  int64_t numJoined) {
  Block &body = *LinalgOp(neighbour.op).getBlock();
  SmallVector<PayloadPart> parts;
  SmallVector<const TileVector *> places;
  SmallVector<Value> results;
  auto emitParts = [&] {
    for (auto [place, result] :
         llvm::zip_equal(places, emitPayload(builder, loc, body, parts))) {
      store(*place, result);
      results.push_back(result);
    }
    parts.clear();
    places.clear();
  };
  bool isTogether = gainsFromManyElements(body);
  for (size_t first = 0, size; first < vectors.size(); first += size) {
    // LLVM takes vectors of other sizes apart.
    size = llvm::bit_floor(std::min<size_t>(numJoined, vectors.size() - first));
    places.push_back(&vectors[first]);
    parts.push_back(joinOperands(vectors.slice(first, size),
                                 accumulators.slice(first, size)));
    if (!isTogether)
      emitParts();
  }
  if (isTogether)
    emitParts();
  return results;
}

void FusedNeighbourEmitter::emitResults(ArrayRef<TileVector> vectors,
                                        ArrayRef<Value> accumulators,
                                        int64_t numJoined) {
  if (!measuring) {
    emitJoined(vectors, accumulators, numJoined);
    return;
  }
  // Extrema of one column after the other take few registers.
  llvm::MapVector<int64_t,
                  std::pair<SmallVector<TileVector>, SmallVector<Value>>>
      columns;
  for (auto [vector, accumulator] : llvm::zip_equal(vectors, accumulators)) {
    auto &[places, sums] = columns[vector.column];
    places.push_back(vector);
    sums.push_back(accumulator);
  }
  for (const auto &[places, sums] : llvm::make_second_range(columns))
    measuring->include(places.front(),
                       emitJoined(places, sums, /*numJoined=*/1));
}

void FusedNeighbourEmitter::store(const TileVector &vector, Value results) {
  results = pickElements(builder, loc, results,
                         invertPermutationVector(vector.order));
  const FlatAccess &output = *accesses.back();
  output.store(
      builder, loc, results,
      output.getAddress(builder, loc, getOwnPositions(vector.positions)));
}

FusedNeighbourEmitters::FusedNeighbourEmitters(
    OpBuilder &builder, const FusedNeighbours &neighbours,
    ArrayRef<unsigned> tileDims) {
  if (neighbours.initial)
    initial.emplace(builder, *neighbours.initial, tileDims);
  if (neighbours.epilogue)
    epilogue.emplace(builder, *neighbours.epilogue, tileDims);
  if (neighbours.extrema)
    epilogue->measure(*neighbours.extrema);
}
