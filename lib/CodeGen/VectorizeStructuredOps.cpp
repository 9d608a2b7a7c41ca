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

#include "Kernels/InterleaveKernel.h"
#include "Kernels/PayloadKernel.h"
#include "Kernels/WeightKernel.h"
#include "Kernels/WindowKernel.h"
#include "TargetPass.h"
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

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_VECTORIZESTRUCTUREDOPSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

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

/// Emits `op`, which has the plan `tiling`, and its neighbours: as a kernel of
/// windows where it is one.
void emitStructuredOp(RewriterBase &rewriter, linalg::LinalgOp op,
                      const RegisterTiling &tiling,
                      const TargetDescription &target,
                      const FusedNeighbours &neighbours = {}) {
  FailureOr<WindowPlan> window = planWindow(op, tiling, target, ignoreReason);
  if (succeeded(window))
    emitWindowKernel(rewriter, op, *window, neighbours);
  else
    PayloadEmitter(rewriter, op, tiling, neighbours).emitLoops();
}

struct VectorizeInterleaving : OpInterfaceRewritePattern<linalg::LinalgOp> {
  VectorizeInterleaving(MLIRContext *context, const TargetDescription &target)
      : OpInterfaceRewritePattern(context, /*benefit=*/2), target(target) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RegisterTiling> plan =
        planInterleaving(op, target, explainTo(rewriter, op));
    if (failed(plan))
      return failure();
    emitInterleaveKernel(rewriter, op, *plan);
    rewriter.eraseOp(op);
    return success();
  }

  const TargetDescription &target;
};

struct VectorizeStructuredOp : OpInterfaceRewritePattern<linalg::LinalgOp> {
  VectorizeStructuredOp(MLIRContext *context, const TargetDescription &target)
      : OpInterfaceRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RegisterTiling> plan =
        planPayload(op, target, explainTo(rewriter, op));
    if (failed(plan))
      return failure();
    emitStructuredOp(rewriter, op, *plan, target);
    rewriter.eraseOp(op);
    return success();
  }

  const TargetDescription &target;
};

struct VectorizeStructuredOpsPass
    : TargetPass<ptq::impl::VectorizeStructuredOpsPassBase,
                 VectorizeStructuredOpsPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    ModuleOp module = getOperation();
    vectorizeWithWeights(target);
    vectorizeWithNeighbours(target);
    RewritePatternSet preparation(&getContext());
    preparation.add<ConvertCopy, CollapseLoops>(&getContext());
    if (failed(applyPatternsGreedily(module, std::move(preparation))))
      return signalPassFailure();

    RewritePatternSet vectorization(&getContext());
    populateReductionVectorizationPatterns(vectorization, target);
    populateStructuredOpVectorizationPatterns(vectorization, target);
    walkAndApplyPatterns(module, std::move(vectorization));
    module.walk([&](linalg::LinalgOp op) {
      ++numScalar;
      remarkScalarLoops(op, target);
    });
  }

private:
  /// Vectorizes sums of products whose weights are dequantized or constant;
  /// before anything else makes loops of the dequantizations.
  void vectorizeWithWeights(const TargetDescription &target) {
    SmallVector<linalg::LinalgOp> dequantizations;
    SmallVector<OpOperand *> constants;
    SymbolTableCollection symbols;
    SymbolUserMap users(symbols, getOperation());
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isWeightDequantization(op))
        dequantizations.push_back(op);
      else if (OpOperand *weights = findConstantWeights(op, symbols, users))
        constants.push_back(weights);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : dequantizations) {
      auto explain = [&](const Twine &reason) {
        remarkMaterializedWeights(op, reason);
        return failure();
      };
      FailureOr<FusedWeights> weights = FusedWeights::find(op, explain);
      if (failed(weights))
        continue;
      FailureOr<WeightKernelPlan> plan =
          planWeightKernel(std::move(*weights), target, explain);
      if (failed(plan))
        continue;
      replaceByWeightKernel(rewriter, *plan, symbols);
      ++numFusedWeights;
    }
    for (OpOperand *weights : constants) {
      FailureOr<WeightKernelPlan> plan = planWeightKernel(
          FusedWeights::getConstant(*weights), target, ignoreReason);
      if (succeeded(plan))
        replaceByWeightKernel(rewriter, *plan, symbols);
    }
  }

  /// The constant float weights of `op`, a sum of products, that nobody else
  /// reads; null if there are none.
  static OpOperand *findConstantWeights(linalg::LinalgOp op,
                                        SymbolTableCollection &symbols,
                                        SymbolUserMap &users) {
    if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 2 ||
        op.getNumDpsInits() != 1 || !op.hasPureBufferSemantics())
      return nullptr;
    for (OpOperand *input : op.getDpsInputOperands()) {
      auto reference = input->get().getDefiningOp<memref::GetGlobalOp>();
      if (!reference || !reference->hasOneUse() ||
          !isa<FloatType>(reference.getType().getElementType()) ||
          op.getMatchingIndexingMap(input).getNumSymbols() != 0)
        continue;
      Operation *global =
          symbols.lookupNearestSymbolFrom(reference, reference.getNameAttr());
      if (global && users.getUsers(global).size() == 1)
        return input;
    }
    return nullptr;
  }

  /// Emits the kernel of `plan` with what is computed on its registers in the
  /// place of these ops.
  void replaceByWeightKernel(RewriterBase &rewriter, WeightKernelPlan &plan,
                             SymbolTableCollection &symbols) {
    linalg::LinalgOp kernel = plan.weights.kernel;
    auto neighbours = FusedNeighbours::find(kernel, plan.tiling.vectorDim);
    rewriter.setInsertionPoint(neighbours.epilogue ? neighbours.epilogue->op
                                                   : kernel);
    emitWeightKernel(rewriter, plan, neighbours, symbols);
    neighbours.eraseWith(rewriter, kernel);
    plan.weights.erase(rewriter);
    numFused += neighbours.getNumOps();
  }

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
      FailureOr<RegisterTiling> plan = planPayload(op, target, ignoreReason);
      if (failed(plan))
        continue;
      FusedNeighbours neighbours = FusedNeighbours::find(op, plan->vectorDim);
      if (!neighbours.initial)
        continue;
      neighbours.findExtrema(op, *plan);
      rewriter.setInsertionPoint(neighbours.epilogue ? neighbours.epilogue->op
                                                     : op);
      emitStructuredOp(rewriter, op, *plan, target, neighbours);
      neighbours.eraseWith(rewriter, op);
      numFused += neighbours.getNumOps();
    }
  }

  /// Tells of weights that take the memory of floats in each call, and why.
  static void remarkMaterializedWeights(linalg::LinalgOp op,
                                        const Twine &reason) {
    remark::missed(op->getLoc(), remark::RemarkOpts::name("MaterializedWeights")
                                     .category("ptq-vectorize-structured-ops"))
        << remark::reason("weights are dequantized to memory: {0}",
                          reason.str());
  }

  /// Tells of an op whose elements are computed one by one, and why.
  static void remarkScalarLoops(linalg::LinalgOp op,
                                const TargetDescription &target) {
    std::string reason = "its loops cannot be emitted";
    (void)planPayload(op, target, [&](const Twine &text) {
      reason = text.str();
      return failure();
    });
    remark::missed(op->getLoc(), remark::RemarkOpts::name("ScalarLoops")
                                     .category("ptq-vectorize-structured-ops"))
        << remark::reason("{0} is computed element by element: {1}",
                          op->getName().getStringRef(), reason);
  }
};

} // namespace

void mlir::ptq::populateStructuredOpVectorizationPatterns(
    RewritePatternSet &patterns, const TargetDescription &target) {
  patterns.add<VectorizeInterleaving, VectorizeStructuredOp>(
      patterns.getContext(), target);
}
