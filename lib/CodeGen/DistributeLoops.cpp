//===- DistributeLoops.cpp - Parallel loops on threads --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads share the iterations of a loop in equal parts, so that a loop takes
// as long as the thread with the most iterations, and longer by what it takes
// to start threads and to wait for all of them. Both are estimated in
// operations of vectors; of the loops in each other those are divided that make
// the sum least. Where one loop has too few iterations for equal parts, the
// iterations of a perfect nest are numbered through.
//
// A loop whose body has buffers of its own is cut into as many pieces as there
// are threads, so that there need not be more of these buffers.
//
//===----------------------------------------------------------------------===//

#include "LoopCosts.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "ptq/CodeGen/Passes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_DISTRIBUTELOOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// More are a mistake.
static constexpr int64_t kMaxThreads = 1024;

/// Loops are divided as for so many threads where the number is known at run
/// time only: most numbers below divide as well.
static constexpr int64_t kUnknownThreads = 8;

/// Finding out where an iteration of several loops is, for each but one: in
/// operations of vectors.
static constexpr double kDivisionCost = 40;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Whether an iteration of `loop` has buffers of its own.
static bool hasBuffers(scf::ParallelOp loop) {
  return loop.getBody()
      ->walk([](memref::AllocOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// `loop` and loops of which each is all that the one before does, and whose
/// bounds do not depend on it.
static SmallVector<scf::ParallelOp> getPerfectNest(scf::ParallelOp loop) {
  SmallVector<scf::ParallelOp> nest{loop};
  while (llvm::hasNItems(*nest.back().getBody(), 2)) {
    auto inner = dyn_cast<scf::ParallelOp>(nest.back().getBody()->front());
    if (!inner || inner.getNumResults() > 0 ||
        !llvm::all_of(inner->getOperands(), [&](Value bound) {
          return loop.isDefinedOutsideOfLoop(bound);
        }))
      break;
    nest.push_back(inner);
  }
  return nest;
}

/// Moves what does not depend on any of the loops around `loop` out of all of
/// them. Between two of them it would be in the way.
static void moveOutOfNest(scf::ParallelOp loop) {
  scf::ParallelOp outermost = loop;
  while (auto outer = dyn_cast<scf::ParallelOp>(outermost->getParentOp()))
    outermost = outer;
  moveLoopInvariantCode(
      loop.getLoopRegions(),
      [&](Value value, Region *) {
        return outermost.isDefinedOutsideOfLoop(value);
      },
      [](Operation *op, Region *) {
        return isMemoryEffectFree(op) && isSpeculatable(op);
      },
      [&](Operation *op, Region *) { op->moveBefore(outermost); });
}

namespace {

/// Finds the loops that are divided among threads.
class DistributionPlanner {
public:
  DistributionPlanner(int64_t numThreads, double threadCost)
      : numThreads(numThreads), threadCost(threadCost) {}

  /// Plans the loops in `op`. Returns its cost.
  double plan(Operation *op) {
    double cost =
        sumCosts(op, [this](Operation *inner) { return plan(inner); });
    auto loop = dyn_cast<scf::ParallelOp>(op);
    return loop ? planLoop(loop, cost) : cost;
  }

  /// How many loops of the perfect nest of `loop` are divided together; 0 where
  /// it is left to one thread.
  unsigned getDepth(scf::ParallelOp loop) const { return depths.lookup(loop); }

private:
  /// Divides `loop` if that costs less than `cost`.
  double planLoop(scf::ParallelOp loop, double cost) {
    SmallVector<scf::ParallelOp> nest = getPerfectNest(loop);
    if (hasBuffers(loop))
      nest.truncate(loop.getNumLoops() == 1 &&
                            getConstantIntValue(loop.getStep().front())
                        ? 1
                        : 0);
    double total = getCost(loop);
    double iterations = 1;
    double dims = 0;
    for (auto [outer, part] : llvm::enumerate(nest)) {
      iterations *= getNumIterations(part);
      dims += part.getNumLoops();
      if (iterations == 0)
        break;
      double each = total / iterations + (dims - 1) * kDivisionCost;
      double divided = threadCost + std::ceil(iterations / numThreads) * each;
      if (divided < cost) {
        cost = divided;
        depths[loop] = outer + 1;
      }
    }
    return cost;
  }

  int64_t numThreads;
  double threadCost;
  llvm::DenseMap<Operation *, unsigned> depths;
};

} // namespace

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// Makes the outer `depth` loops of a perfect nest one loop over parts.
static void distribute(RewriterBase &rewriter, scf::ParallelOp loop,
                       unsigned depth) {
  SmallVector<scf::ParallelOp> nest = getPerfectNest(loop);
  nest.truncate(depth);
  SmallVector<OpFoldResult> lower, upper, steps;
  for (scf::ParallelOp part : nest) {
    llvm::append_range(lower, getAsOpFoldResult(part.getLowerBound()));
    llvm::append_range(upper, getAsOpFoldResult(part.getUpperBound()));
    llvm::append_range(steps, getAsOpFoldResult(part.getStep()));
  }
  rewriter.setInsertionPoint(loop);
  auto divided = scf::ForallOp::create(rewriter, loop.getLoc(), lower, upper,
                                       steps, /*outputs=*/ValueRange(),
                                       /*mapping=*/std::nullopt);
  SmallVector<Value> positions = divided.getInductionVars();
  ArrayRef<Value> left = positions;
  for (scf::ParallelOp part : nest) {
    unsigned size = part.getNumLoops();
    rewriter.replaceAllUsesWith(part.getInductionVars(), left.take_front(size));
    left = left.drop_front(size);
  }
  Block *body = nest.back().getBody();
  rewriter.eraseOp(body->getTerminator());
  rewriter.inlineBlockBefore(
      body, divided.getBody()->getTerminator(),
      ArrayRef(positions).take_back(nest.back().getNumLoops()));
  rewriter.eraseOp(loop);
}

/// Makes `loop` one over `numPieces` pieces of it.
static void distributePieces(RewriterBase &rewriter, scf::ParallelOp loop,
                             int64_t numPieces) {
  rewriter.setInsertionPoint(loop);
  Location loc = loop.getLoc();
  auto divided = scf::ForallOp::create(
      rewriter, loc, ArrayRef<OpFoldResult>(rewriter.getIndexAttr(numPieces)),
      /*outputs=*/ValueRange(), /*mapping=*/std::nullopt);
  rewriter.setInsertionPointToStart(divided.getBody());
  // Of s0, s0 + step, ... below s1, what comes before piece d0.
  int64_t step = *getConstantIntValue(loop.getStep().front());
  AffineExpr d0 = rewriter.getAffineDimExpr(0);
  AffineExpr s0 = rewriter.getAffineSymbolExpr(0);
  AffineExpr s1 = rewriter.getAffineSymbolExpr(1);
  auto getBegin = [&](AffineExpr piece) {
    AffineExpr before =
        (piece * (s1 - s0).ceilDiv(step)).floorDiv(numPieces) * step;
    return getValueOrCreateConstantIndexOp(
        rewriter, loc,
        affine::makeComposedFoldedAffineApply(
            rewriter, loc, AffineMap::get(1, 2, s0 + before),
            {divided.getInductionVars().front(),
             getAsOpFoldResult(loop.getLowerBound().front()),
             getAsOpFoldResult(loop.getUpperBound().front())}));
  };
  Value begin = getBegin(d0);
  Value end = getBegin(d0 + 1);
  auto piece =
      scf::ForOp::create(rewriter, loc, begin, end, loop.getStep().front());
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), piece.getBody()->getTerminator(),
                             piece.getInductionVar());
  rewriter.eraseOp(loop);
}

namespace {

struct DistributeLoopsPass
    : ptq::impl::DistributeLoopsPassBase<DistributeLoopsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (threads < 0 || threads > kMaxThreads) {
      getOperation().emitError("the number of threads must be from 0 to ")
          << kMaxThreads << ", got " << threads.getValue();
      return signalPassFailure();
    }
    // Neither negative nor NaN.
    if (!(threadCost >= 0)) {
      getOperation().emitError("the cost of threads must not be negative, got ")
          << threadCost.getValue();
      return signalPassFailure();
    }
    if (threads != 1 && failed(useThreads()))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](scf::ParallelOp loop) {
      if (loop.getNumResults() == 0)
        (void)scf::parallelForToNestedFors(rewriter, loop);
    });
  }

private:
  /// Divides the loops of the module that are long enough.
  LogicalResult useThreads() {
    ModuleOp module = getOperation();
    WalkResult order = module.walk([](scf::ParallelOp loop) {
      if (loop.getNumResults() == 0)
        return WalkResult::advance();
      loop.emitError("is a reduction, whose order threads would not keep: only "
                     "threads=1 takes it");
      return WalkResult::interrupt();
    });
    if (order.wasInterrupted())
      return failure();
    module.walk(moveOutOfNest);
    int64_t numThreads = threads == 0 ? kUnknownThreads : threads.getValue();
    DistributionPlanner planner(numThreads, threadCost);
    planner.plan(module);
    IRRewriter rewriter(&getContext());
    module.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
      unsigned depth = planner.getDepth(loop);
      if (depth == 0) {
        remarkOneThread(loop);
        return WalkResult::advance();
      }
      ++numDistributed;
      if (hasBuffers(loop))
        distributePieces(rewriter, loop, numThreads);
      else
        distribute(rewriter, loop, depth);
      return WalkResult::skip();
    });
    return success();
  }

  /// Tells of a loop that one thread runs as a whole.
  static void remarkOneThread(scf::ParallelOp loop) {
    if (loop->getParentOfType<scf::ParallelOp>())
      return;
    remark::missed(
        loop.getLoc(),
        remark::RemarkOpts::name("OneThread").category("ptq-distribute-loops"))
        << remark::reason("a loop of about {0} operations is too short to be "
                          "divided among threads",
                          static_cast<int64_t>(getCost(loop)));
  }
};

} // namespace
