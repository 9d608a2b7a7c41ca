//===- FusedExtrema.cpp - Extrema of what a kernel writes -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedExtrema.h"
#include "FusedNeighbours.h"
#include "VectorPayload.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "ptq/CodeGen/TargetDescription.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// Loops have partial extrema of their own while each is shared by so many
/// positions of the others: fewer cost about as much as what is saved.
static constexpr int64_t kMinShared = 4;

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

/// Whether `op` reduces every element of `results`, and nothing else.
static bool reducesAll(LinalgOp op, Value results) {
  return op.getNumReductionLoops() > 0 && op.getNumDpsInputs() == 1 &&
         op.getDpsInputs().front() == results && !op.hasIndexSemantics() &&
         !findVectorObstacle(op) &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isPermutation();
}

/// The constant that fills output `operand` before its op; null if there is
/// none.
static TypedAttr findStart(LinalgOp op, OpOperand &operand) {
  if (!isDistinctBuffer(operand.get()))
    return nullptr;
  SmallVector<OpOperand *> uses = getOrderedUses(operand.get(), op);
  auto *position = llvm::find(uses, &operand);
  if (position == uses.begin() || position == uses.end())
    return nullptr;
  auto fill = dyn_cast<linalg::FillOp>((*(position - 1))->getOwner());
  TypedAttr start;
  if (!fill || !matchPattern(fill.getInputs().front(), m_Constant(&start)) ||
      start.getType() != getElementTypeOrSelf(operand.get()))
    return nullptr;
  return start;
}

/// For each loop of `op`, which goes through what an epilogue writes, the loop
/// of the kernel; `loops` has those of the epilogue.
static SmallVector<unsigned> mapToKernel(LinalgOp op,
                                         ArrayRef<unsigned> loops) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  SmallVector<unsigned> kernelLoops(op.getNumLoops());
  for (auto [dim, loop] : llvm::enumerate(loops))
    kernelLoops[map.getDimPosition(dim)] = loop;
  return kernelLoops;
}

/// Whether neither zeros nor NaN change the extremum of `combiner` that begins
/// with `start`.
static bool ignoresZerosAndNaN(const Combiner &combiner, TypedAttr start) {
  auto number = dyn_cast<FloatAttr>(start);
  auto compare = dyn_cast<arith::CmpFOp>(combiner.ops.front());
  // The other way round, NaN would be selected.
  if (!number || !compare || compare.getLhs() != combiner.element ||
      number.getValue().isNaN())
    return false;
  bool isMinimum = compare.getPredicate() == arith::CmpFPredicate::OLT;
  return number.getValue().isPosZero() ||
         (!number.getValue().isZero() &&
          number.getValue().isNegative() == isMinimum);
}

/// Finds the element of `extrema` that is zero where it would not be finite.
static void findFiniteElement(FusedExtrema &extrema) {
  Value element = extrema.combiners.front().element;
  for (auto [combiner, start] :
       llvm::zip_equal(extrema.combiners, extrema.starts))
    if (combiner.element != element || !ignoresZerosAndNaN(combiner, start))
      return;
  auto select = element.getDefiningOp<arith::SelectOp>();
  if (!select || !matchPattern(select.getFalseValue(), m_PosZeroFloat()))
    return;
  auto isFinite = select.getCondition().getDefiningOp<arith::CmpFOp>();
  if (!isFinite || isFinite.getPredicate() != arith::CmpFPredicate::OLT ||
      !matchPattern(isFinite.getRhs(), m_PosInfFloat()))
    return;
  auto magnitude = isFinite.getLhs().getDefiningOp<math::AbsFOp>();
  if (!magnitude || magnitude.getOperand() != select.getTrueValue())
    return;
  extrema.finite = element;
  extrema.unchecked = select.getTrueValue();
}

/// `op` without the loops that there are parts for, if all of its outputs are
/// extrema.
static std::optional<FusedExtrema> matchExtrema(LinalgOp op) {
  FusedExtrema extrema{op, {}, {}, {}, {}, {}};
  Block *body = op.getBlock();
  for (auto [index, yielded] :
       llvm::enumerate(body->getTerminator()->getOperands())) {
    std::optional<Combiner> combiner =
        Combiner::match(yielded, body->getArgument(1 + index));
    TypedAttr start = findStart(op, *op.getDpsInitOperand(index));
    if (!combiner || combiner->neutral || !start ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(index))
             .isProjectedPermutation())
      return std::nullopt;
    extrema.combiners.push_back(std::move(*combiner));
    extrema.starts.push_back(start);
  }
  findFiniteElement(extrema);
  return extrema;
}

/// Adds the loops that `extrema`, whose own loops are `kernelLoops` of
/// `kernel`, has parts for.
static LogicalResult chooseParts(FusedExtrema &extrema, LinalgOp kernel,
                                 ArrayRef<unsigned> kernelLoops,
                                 const RegisterTiling &tiling) {
  SmallVector<int64_t> ranges = kernel.getStaticLoopRanges();
  SmallVector<unsigned> &parts = extrema.partDims;
  // The rows of a tile share extrema; other loops may index the outputs.
  for (OpOperand &output : extrema.op.getDpsInitsMutable()) {
    AffineMap map = extrema.op.getMatchingIndexingMap(&output);
    for (unsigned index = 0; index < map.getNumResults(); ++index) {
      unsigned dim = kernelLoops[map.getDimPosition(index)];
      if (dim == tiling.tileDim && ranges[dim] != 1)
        return failure();
      if (dim != tiling.vectorDim && !llvm::is_contained(parts, dim))
        parts.push_back(dim);
    }
  }
  SmallVector<unsigned> shared;
  for (unsigned dim : kernelLoops)
    if (dim != tiling.vectorDim && !llvm::is_contained(parts, dim) &&
        ShapedType::isStatic(ranges[dim]))
      shared.push_back(dim);
  // Outer loops come first.
  llvm::sort(shared, [&](unsigned a, unsigned b) {
    bool isInnerA = llvm::is_contained(tiling.innerDims, a);
    bool isInnerB = llvm::is_contained(tiling.innerDims, b);
    return std::tie(isInnerA, a) < std::tie(isInnerB, b);
  });
  for (const unsigned *dim = shared.begin(); dim != shared.end(); ++dim) {
    uint64_t numShared = 1;
    for (const unsigned *other = dim + 1; other != shared.end(); ++other)
      numShared = llvm::SaturatingMultiply<uint64_t>(numShared, ranges[*other]);
    if (*dim == tiling.tileDim || numShared < kMinShared)
      break;
    parts.push_back(*dim);
  }
  parts.push_back(tiling.vectorDim);
  return success();
}

std::optional<FusedExtrema> FusedExtrema::find(LinalgOp kernel,
                                               const FusedNeighbour &epilogue,
                                               const RegisterTiling &tiling) {
  LinalgOp epilogueOp = epilogue.op;
  Value results = epilogueOp.getDpsInits().front();
  for (Operation *user : results.getUsers()) {
    auto op = dyn_cast<LinalgOp>(user);
    if (!op || !reducesAll(op, results) ||
        op->getBlock() != epilogueOp->getBlock() ||
        !epilogueOp->isBeforeInBlock(op) ||
        !leaveAsTheyAre(epilogueOp->getNextNode(), op, results))
      continue;
    std::optional<FusedExtrema> extrema = matchExtrema(op);
    if (!extrema)
      continue;
    if (succeeded(chooseParts(*extrema, kernel, mapToKernel(op, epilogue.loops),
                              tiling)))
      return extrema;
  }
  return std::nullopt;
}

SmallVector<unsigned>
FusedExtrema::getOrderedDims(ArrayRef<unsigned> resultLoops) const {
  SmallVector<unsigned> ordered;
  for (unsigned dim : resultLoops)
    if (!llvm::is_contained(partDims, dim))
      ordered.push_back(dim);
  return ordered;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

ExtremaEmitter::ExtremaEmitter(OpBuilder &builder, const FusedExtrema &extrema,
                               const FusedNeighbour &epilogue)
    : builder(builder), loc(LinalgOp(extrema.op).getLoc()), extrema(extrema),
      areColumnsKept(keepsColumns(epilogue)) {
  createPartials(epilogue);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(extrema.op);
  for (unsigned index = 0; index < partials.size(); ++index)
    reducePartials(index, mapToKernel(extrema.op, epilogue.loops));
  if (extrema.finite)
    measureInfinite();
}

bool ExtremaEmitter::keepsColumns(const FusedNeighbour &epilogue) const {
  LinalgOp op = extrema.op;
  SmallVector<unsigned> kernelLoops = mapToKernel(op, epilogue.loops);
  return llvm::any_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
    return llvm::any_of(
        op.getMatchingIndexingMap(&output).getResults(), [&](AffineExpr index) {
          unsigned dim = cast<AffineDimExpr>(index).getPosition();
          return kernelLoops[dim] == extrema.partDims.back();
        });
  });
}

void ExtremaEmitter::createPartials(const FusedNeighbour &epilogue) {
  Value results = LinalgOp(epilogue.op).getDpsInits().front();
  auto type = cast<MemRefType>(results.getType());
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  for (unsigned dim : extrema.partDims) {
    int64_t index = llvm::find(epilogue.loops, dim) - epilogue.loops.begin();
    shape.push_back(type.getDimSize(index));
    if (type.isDynamicDim(index))
      sizes.push_back(memref::DimOp::create(builder, loc, results, index));
  }
  for (TypedAttr start : extrema.starts) {
    Value partial = memref::AllocOp::create(
        builder, loc, MemRefType::get(shape, start.getType()), sizes,
        builder.getI64IntegerAttr(kBufferAlignment));
    Value value = arith::ConstantOp::create(builder, loc, start);
    linalg::FillOp::create(builder, loc, value, partial);
    partials.push_back(partial);
  }
}

void ExtremaEmitter::reducePartials(unsigned index,
                                    ArrayRef<unsigned> kernelLoops) {
  LinalgOp op = extrema.op;
  OpOperand *output = op.getDpsInitOperand(index);
  unsigned numLoops = extrema.partDims.size();
  SmallVector<utils::IteratorType> iterators(numLoops,
                                             utils::IteratorType::reduction);
  SmallVector<AffineExpr> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(output).getResults()) {
    unsigned loop = kernelLoops[cast<AffineDimExpr>(expr).getPosition()];
    unsigned dim =
        llvm::find(extrema.partDims, loop) - extrema.partDims.begin();
    iterators[dim] = utils::IteratorType::parallel;
    indices.push_back(builder.getAffineDimExpr(dim));
  }
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(numLoops),
                              AffineMap::get(numLoops, /*symbolCount=*/0,
                                             indices, builder.getContext())};
  const Combiner &combiner = extrema.combiners[index];
  linalg::GenericOp::create(
      builder, loc, /*resultTensorTypes=*/TypeRange(), partials[index],
      output->get(), maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange arguments) {
        IRMapping mapping;
        mapping.map(combiner.element, arguments[0]);
        mapping.map(combiner.accumulator, arguments[1]);
        for (Operation *inner : combiner.ops)
          body.clone(*inner, mapping);
        linalg::YieldOp::create(
            body, loc, mapping.lookup(combiner.ops.back()->getResult(0)));
      });
}

Value ExtremaEmitter::createIsInfinite() {
  Value isInfinite =
      arith::ConstantOp::create(builder, loc, builder.getBoolAttr(false));
  for (Value output : LinalgOp(extrema.op).getDpsInits())
    isInfinite =
        emitReductionNest(
            builder, loc, memref::getMixedSizes(builder, loc, output),
            isInfinite,
            [&](ValueRange place, ValueRange carried) -> SmallVector<Value> {
              Value extremum =
                  memref::LoadOp::create(builder, loc, output, place);
              Value magnitude = math::AbsFOp::create(builder, loc, extremum);
              auto type = cast<FloatType>(extremum.getType());
              Value infinity = arith::ConstantOp::create(
                  builder, loc,
                  builder.getFloatAttr(
                      type, APFloat::getInf(type.getFloatSemantics())));
              Value isInfinite = arith::CmpFOp::create(
                  builder, loc, arith::CmpFPredicate::OEQ, magnitude, infinity);
              return {arith::OrIOp::create(builder, loc, carried.front(),
                                           isInfinite)};
            })
            .front();
  return isInfinite;
}

void ExtremaEmitter::measureInfinite() {
  auto branch = scf::IfOp::create(builder, loc, createIsInfinite(),
                                  /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  LinalgOp op = extrema.op;
  for (auto [output, start] :
       llvm::zip_equal(op.getDpsInits(), extrema.starts)) {
    Value value = arith::ConstantOp::create(builder, loc, start);
    linalg::FillOp::create(builder, loc, value, output);
  }
  builder.clone(*op);
}

void ExtremaEmitter::include(const TileVector &first, ArrayRef<Value> results) {
  SmallVector<Value> place;
  for (unsigned dim : extrema.partDims)
    place.push_back(
        getValueOrCreateConstantIndexOp(builder, loc, first.positions[dim]));
  // Those of columns are in memory where their columns are.
  ArrayRef<int64_t> order = areColumnsKept ? first.order : ArrayRef<int64_t>();
  Block &body = *LinalgOp(extrema.op).getBlock();
  SmallVector<Value> accumulators;
  for (auto [partial, start] : llvm::zip_equal(partials, extrema.starts)) {
    auto type = VectorType::get({first.width}, start.getType());
    accumulators.push_back(pickElements(
        builder, loc,
        vector::LoadOp::create(builder, loc, type, partial, place), order));
  }
  for (Value result : results) {
    VectorPayload payload(builder, loc, first.width);
    IRMapping mapping;
    mapping.map(body.getArgument(0), result);
    for (auto [combiner, accumulator] :
         llvm::zip_equal(extrema.combiners, accumulators))
      mapping.map(combiner.accumulator, accumulator);
    for (Operation &inner : body.without_terminator()) {
      if (extrema.finite && inner.getResult(0) == extrema.finite)
        mapping.map(extrema.finite, payload.lookup(mapping, extrema.unchecked));
      else
        payload.emit(mapping, inner, /*emitIndex=*/nullptr);
    }
    for (auto [accumulator, yielded] :
         llvm::zip_equal(accumulators, body.getTerminator()->getOperands()))
      accumulator = payload.lookup(mapping, yielded);
  }
  for (auto [partial, accumulator] : llvm::zip_equal(partials, accumulators))
    vector::StoreOp::create(
        builder, loc,
        pickElements(builder, loc, accumulator, invertPermutationVector(order)),
        partial, place);
}
