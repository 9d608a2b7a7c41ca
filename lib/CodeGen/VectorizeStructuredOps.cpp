//===- VectorizeStructuredOps.cpp - Loops of vectors ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One scheme for every structured op on buffers: a parallel loop along which
// the results are contiguous becomes vectors, reductions are carried in
// registers, and where an operand is shared by the points of another parallel
// loop, a tile of these is computed at once, so that the shared vectors are
// loaded once. That covers elementwise ops, pooling, depthwise convolution,
// and, with the register tile, dense contractions and convolutions.
//
//===----------------------------------------------------------------------===//

#include "FusedNeighbours.h"
#include "LoopNests.h"
#include "RegisterTiles.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/CodeGen/TargetDescription.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_VECTORIZESTRUCTUREDOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// The parallel loop along which all outputs are contiguous, the longest if
/// there are several (loops of one iteration are contiguous as well).
std::optional<unsigned> findVectorDim(linalg::LinalgOp op) {
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
std::optional<unsigned> findTileDim(linalg::LinalgOp op, unsigned vectorDim) {
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

FailureOr<RegisterTiling> makePlan(linalg::LinalgOp op,
                                   const TargetDescription &target,
                                   function_ref<void(const char *)> explain) {
  auto fail = [&](const char *reason) -> FailureOr<RegisterTiling> {
    explain(reason);
    return failure();
  };
  if (const char *obstacle = findVectorObstacle(op))
    return fail(obstacle);
  std::optional<unsigned> vectorDim = findVectorDim(op);
  if (!vectorDim)
    return fail("no parallel loop along which the outputs are contiguous");
  for (OpOperand *input : op.getDpsInputOperands())
    if (!FlatAccess::isLinearAlong(op, *input, *vectorDim))
      return fail("an input's address is not linear in the vectorized loop");

  RegisterTiling plan;
  plan.vectorDim = *vectorDim;
  plan.lanes = target.getLanes(getWidestElement(op));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1)
    return plan;

  // Three quarters of the registers accumulate, one sixth of these hold shared
  // vectors; the rest is for what is computed on the way.
  int64_t accumulators = target.numVectorRegisters * 3 / 4;
  int64_t maxVectors = accumulators / 6;
  int64_t range = ranges[plan.vectorDim];
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

/// Emits an op with its payload on vectors.
class PayloadEmitter : public RegisterTileEmitter {
public:
  PayloadEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                 const RegisterTiling &tiling,
                 const FusedNeighbours &neighbours = {})
      : RegisterTileEmitter(rewriter, op, tiling,
                            /*touchesOutputs=*/!neighbours.epilogue) {
    if (neighbours.initial)
      initial.emplace(builder, *neighbours.initial);
    if (neighbours.epilogue)
      epilogue.emplace(builder, *neighbours.epilogue);
  }

private:
  /// Loads the accumulators of a tile, runs the reductions, and stores.
  void emitTile(const Tile &tile) override {
    SmallVector<Value> accumulators;
    if (initial)
      initial->beginTile();
    forEachVector(tile, [&](int64_t row, int64_t column) {
      if (initial) {
        accumulators.push_back(initial->emit(
            /*accumulators=*/Value(), getPositions(row, column),
            tile.widths[column], row, column, tiling.tileDim));
        return;
      }
      for (unsigned i = 0; i < numOutputs; ++i)
        accumulators.push_back(loadOperand(numInputs + i, tile, row, column));
    });
    SmallVector<OpFoldResult> reductionRanges;
    for (unsigned dim : reductionDims)
      reductionRanges.push_back(ranges[dim]);
    accumulators = emitReductionNest(
        builder, loc, reductionRanges, accumulators,
        [&](ValueRange reductionPositions, ValueRange carried) {
          for (auto [dim, position] :
               llvm::zip_equal(reductionDims, reductionPositions))
            positions[dim] = position;
          return emitPayload(tile, carried);
        });
    unsigned next = 0;
    if (epilogue)
      epilogue->beginTile();
    forEachVector(tile, [&](int64_t row, int64_t column) {
      if (epilogue) {
        SmallVector<OpFoldResult> here = getPositions(row, column);
        Value results =
            epilogue->emit(accumulators[next++], here, tile.widths[column], row,
                           column, tiling.tileDim);
        epilogue->store(results, here);
        return;
      }
      for (unsigned i = 0; i < numOutputs; ++i) {
        const FlatAccess &access = getOutput(i);
        access.store(builder, loc, accumulators[next++],
                     getAddress(access, row, column));
      }
    });
  }

  /// The payload for every vector of the tile. Operands that do not depend on
  /// the row or the column are loaded once.
  SmallVector<Value> emitPayload(const Tile &tile, ValueRange accumulators) {
    DenseMap<std::tuple<unsigned, int64_t, int64_t>, Value> loaded;
    SmallVector<Value> results;
    forEachVector(tile, [&](int64_t row, int64_t column) {
      IRMapping mapping;
      for (unsigned i = 0; i < numInputs; ++i) {
        BlockArgument argument = op.getBlock()->getArgument(i);
        if (argument.use_empty())
          continue;
        bool perRow = tiling.tileDim && accesses[i].dependsOn(*tiling.tileDim);
        // A broadcast differs between vectors of different width only.
        bool perColumn = accesses[i].dependsOn(tiling.vectorDim);
        int64_t width = tile.widths[column];
        Value &value =
            loaded[{i, perRow ? row : -1, perColumn ? column : -1 - width}];
        if (!value)
          value = loadOperand(i, tile, perRow ? row : 0, column);
        mapping.map(argument, value);
      }
      unsigned first = (row * tile.widths.size() + column) * numOutputs;
      for (unsigned i = 0; i < numOutputs; ++i)
        mapping.map(op.getBlock()->getArgument(numInputs + i),
                    accumulators[first + i]);
      emitBody(tile.widths[column], row, column, mapping, results);
    });
    return results;
  }

  /// The payload on vectors of `width` elements.
  void emitBody(int64_t width, int64_t row, int64_t column, IRMapping &mapping,
                SmallVectorImpl<Value> &results) {
    VectorPayload payload(builder, loc, width);
    for (Operation &inner : op.getBlock()->without_terminator())
      payload.emit(mapping, inner, [&](unsigned dim) {
        return emitIndex(dim, width, row, column);
      });
    for (Value value : op.getBlock()->getTerminator()->getOperands())
      results.push_back(payload.lookup(mapping, value));
  }

  /// The position in loop `dim` of each element.
  Value emitIndex(unsigned dim, int64_t width, int64_t row, int64_t column) {
    auto type = VectorType::get({width}, builder.getIndexType());
    Value position = getValueOrCreateConstantIndexOp(
        builder, loc, getPositions(row, column)[dim]);
    Value splat = vector::BroadcastOp::create(builder, loc, type, position);
    if (dim != tiling.vectorDim)
      return splat;
    Value steps = vector::StepOp::create(builder, loc, type);
    return arith::AddIOp::create(builder, loc, splat, steps);
  }

  Value loadOperand(unsigned index, const Tile &tile, int64_t row,
                    int64_t column) {
    const FlatAccess &access = accesses[index];
    return access.load(builder, loc, getAddress(access, row, column),
                       tiling.vectorDim, tile.widths[column]);
  }

  std::optional<FusedNeighbourEmitter> initial;
  std::optional<FusedNeighbourEmitter> epilogue;
};

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// Copies are elementwise ops.
struct ConvertCopy : OpRewritePattern<memref::CopyOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(memref::CopyOp op,
                                PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getSource().getType()) ||
        !isa<MemRefType>(op.getTarget().getType()))
      return rewriter.notifyMatchFailure(op, "unranked memref");
    rewriter.replaceOpWithNewOp<linalg::CopyOp>(op, op.getSource(),
                                                op.getTarget());
    return success();
  }
};

/// Merges neighbouring static loops of an elementwise op or of a reduction of
/// one input, so that short inner dimensions still fill vectors.
struct CollapseLoops : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    bool isSimple = op.getNumReductionLoops() == 0 || op.getNumDpsInputs() == 1;
    if (!op.hasPureBufferSemantics() || !isSimple || op.hasIndexSemantics())
      return rewriter.notifyMatchFailure(
          op, "not elementwise or a reduction on buffers");
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    if (!llvm::all_of(
            maps, [](AffineMap map) { return map.isProjectedPermutation(); }))
      return rewriter.notifyMatchFailure(op, "maps are not permutations");

    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0, e = op.getNumLoops(); dim < e; ++dim) {
      bool joins = false;
      if (dim > 0 && iterators[dim] == iterators[dim - 1] &&
          ShapedType::isStatic(ranges[dim]) &&
          ShapedType::isStatic(ranges[dim - 1])) {
        ReassociationIndices sequence{dim - 1, dim};
        joins = linalg::areDimSequencesPreserved(maps, {sequence});
      }
      if (joins)
        groups.back().push_back(dim);
      else
        groups.push_back({dim});
    }
    if (groups.size() == op.getNumLoops())
      return rewriter.notifyMatchFailure(op, "no loops to merge");
    auto generic = dyn_cast<linalg::GenericOp>(*op);
    if (!generic) {
      // This pattern comes back to the op that results.
      LogicalResult generalized = linalg::generalizeNamedOp(rewriter, op);
      if (failed(generalized))
        return rewriter.notifyMatchFailure(op, "cannot be a linalg.generic");
      return success();
    }
    FailureOr<linalg::CollapseResult> collapsed =
        linalg::collapseOpIterationDims(generic, groups, rewriter);
    if (failed(collapsed))
      return rewriter.notifyMatchFailure(op, "a buffer is not contiguous");
    rewriter.replaceOp(generic, collapsed->results);
    return success();
  }
};

struct VectorizeStructuredOp : OpInterfaceRewritePattern<linalg::LinalgOp> {
  VectorizeStructuredOp(MLIRContext *context, const TargetDescription &target)
      : OpInterfaceRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RegisterTiling> plan =
        makePlan(op, target, [&](const char *reason) {
          (void)rewriter.notifyMatchFailure(op, reason);
        });
    if (failed(plan))
      return failure();
    PayloadEmitter(rewriter, op, *plan).emitLoops();
    rewriter.eraseOp(op);
    return success();
  }

  const TargetDescription &target;
};

struct VectorizeStructuredOpsPass
    : ptq::impl::VectorizeStructuredOpsPassBase<VectorizeStructuredOpsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<TargetDescription> target =
        TargetDescription::get(module.getLoc(), cpu, features);
    if (failed(target))
      return signalPassFailure();

    vectorizeWithNeighbours(*target);
    RewritePatternSet preparation(&getContext());
    preparation.add<ConvertCopy, CollapseLoops>(&getContext());
    if (failed(applyPatternsGreedily(module, std::move(preparation))))
      return signalPassFailure();

    RewritePatternSet vectorization(&getContext());
    populateReductionVectorizationPatterns(vectorization, *target);
    populateStructuredOpVectorizationPatterns(vectorization, *target);
    walkAndApplyPatterns(module, std::move(vectorization));
    module.walk([&](linalg::LinalgOp op) {
      ++numScalar;
      remarkScalarLoops(op, *target);
    });
  }

private:
  /// Vectorizes sums of products that have neighbours to compute on registers;
  /// before loops are merged, which would tell them apart.
  void vectorizeWithNeighbours(const TargetDescription &target) {
    SmallVector<linalg::LinalgOp> kernels;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() > 0 && op.getNumDpsInputs() == 2 &&
          op.getNumDpsInits() == 1 && op.hasPureBufferSemantics())
        kernels.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : kernels) {
      FailureOr<RegisterTiling> plan =
          makePlan(op, target, [](const char *) {});
      if (failed(plan))
        continue;
      FusedNeighbours neighbours = FusedNeighbours::find(op, plan->vectorDim);
      if (!neighbours.epilogue)
        continue;
      rewriter.setInsertionPoint(neighbours.epilogue->op);
      PayloadEmitter(rewriter, op, *plan, neighbours).emitLoops();
      neighbours.eraseWith(rewriter, op);
      numFused += 2;
    }
  }

  /// Tells of an op whose elements are computed one by one, and why.
  static void remarkScalarLoops(linalg::LinalgOp op,
                                const TargetDescription &target) {
    std::string reason = "its loops cannot be emitted";
    (void)makePlan(op, target, [&](const char *text) { reason = text; });
    remark::missed(op->getLoc(), remark::RemarkOpts::name("ScalarLoops")
                                     .category("ptq-vectorize-structured-ops"))
        << remark::reason("{0} is computed element by element: {1}",
                          op->getName().getStringRef(), reason);
  }
};

} // namespace

void mlir::ptq::populateStructuredOpVectorizationPatterns(
    RewritePatternSet &patterns, const TargetDescription &target) {
  patterns.add<VectorizeStructuredOp>(patterns.getContext(), target);
}
