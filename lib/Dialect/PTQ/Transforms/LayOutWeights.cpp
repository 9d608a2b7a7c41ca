//===- LayOutWeights.cpp - Constant codes in the order of their use -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is left of a dequantized constant when nothing computes on its codes is
// an elementwise op from small constants to floats. It has to be part of the
// program, or the constants would be as large as the floats. Whatever moves the
// floats afterwards becomes part of the op's indexing maps, sums of products
// read them in the order of their output, and then the codes are laid out in
// the order of the op's loops, so that they are read one after the other.
//
//===----------------------------------------------------------------------===//

#include "CodeLayout.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_LAYOUTWEIGHTSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Whether `op` computes floats from constants, one of which are codes with as
/// many elements as there are floats.
static bool isWeightDequantization(linalg::GenericOp op) {
  if (!op || op.getNumResults() != 1 || !op.hasPureTensorSemantics() ||
      op.getNumReductionLoops() != 0 || op.hasIndexSemantics())
    return false;
  auto type = cast<RankedTensorType>(op.getResult(0).getType());
  if (!type.hasStaticShape() || !isa<FloatType>(type.getElementType()) ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return false;
  return llvm::any_of(op.getDpsInputOperands(),
                      [&](OpOperand *input) { return isCodes(op, *input); }) &&
         llvm::all_of(op.getInputs(), isConstantExpression);
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

/// The index in the source of `op`, which moves elements, as expressions of the
/// index in its result; empty if `op` does something else.
static SmallVector<AffineExpr> getSourceIndex(Operation *op) {
  MLIRContext *context = op->getContext();
  SmallVector<AffineExpr> index;
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    index.resize(permutation.size());
    for (auto [dim, source] : llvm::enumerate(permutation))
      index[source] = getAffineDimExpr(dim, context);
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    for (const ReassociationIndices &group : expand.getReassociationIndices()) {
      AffineExpr source = getAffineConstantExpr(0, context);
      for (int64_t dim : group)
        source = source * expand.getResultType().getDimSize(dim) +
                 getAffineDimExpr(dim, context);
      index.push_back(source);
    }
  } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    index.resize(collapse.getSrcType().getRank());
    for (auto [dim, group] :
         llvm::enumerate(collapse.getReassociationIndices())) {
      AffineExpr rest = getAffineDimExpr(dim, context);
      for (int64_t source : llvm::reverse(ArrayRef(group))) {
        int64_t size = collapse.getSrcType().getDimSize(source);
        index[source] = source == group.front() ? rest : rest % size;
        rest = rest.floorDiv(size);
      }
    }
    // A tensor of rank 0 has one element.
    for (AffineExpr &expr : index)
      if (!expr)
        expr = getAffineConstantExpr(0, context);
  }
  return index;
}

namespace {

/// move(dequantize(codes)) -> dequantize(codes), read in another order.
struct FoldMovement : RewritePattern {
  explicit FoldMovement(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<linalg::TransposeOp, tensor::ExpandShapeOp,
             tensor::CollapseShapeOp>(op) ||
        op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "moves no elements");
    auto producer = op->getOperand(0).getDefiningOp<linalg::GenericOp>();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (!isWeightDequantization(producer) || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "not of dequantized constants");

    SmallVector<AffineExpr> sourceIndex = getSourceIndex(op);
    SmallVector<AffineMap> maps;
    for (OpOperand *input : producer.getDpsInputOperands())
      maps.push_back(simplifyMap(
          producer.getMatchingIndexingMap(input).replaceDimsAndSymbols(
              sourceIndex, {}, type.getRank(), /*numResultSyms=*/0),
          type.getShape()));
    maps.push_back(rewriter.getMultiDimIdentityMap(type.getRank()));
    Location loc = producer.getLoc();
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                          type.getElementType());
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    auto moved =
        linalg::GenericOp::create(rewriter, loc, TypeRange{type},
                                  producer.getInputs(), empty, maps, iterators);
    rewriter.cloneRegionBefore(producer.getRegion(), moved.getRegion(),
                               moved.getRegion().begin());
    rewriter.replaceOp(op, moved.getResults());
    return success();
  }
};

/// The loop of `op` along which neighbours of the output lie; null if that is
/// no single one.
static AffineExpr getInnermostOutputLoop(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (AffineExpr index : llvm::reverse(map.getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(index);
    if (!loop)
      return {};
    if (ranges[loop.getPosition()] != 1)
      return loop;
  }
  return {};
}

/// Lets a sum of products read its weights in the order of what it writes:
/// the loop along which neighbours of the output lie, which becomes vectors,
/// goes through the innermost dimension.
struct OrderForProducts : OpRewritePattern<linalg::GenericOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isWeightDequantization(op) || !op->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no weights of one reader");
    OpOperand &use = *op->use_begin();
    auto reader = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (!reader || !reader.isDpsInput(&use) || reader.getNumDpsInits() != 1 ||
        reader.getNumReductionLoops() == 0)
      return rewriter.notifyMatchFailure(op, "no sum reads them");
    AffineMap map = reader.getMatchingIndexingMap(&use);
    AffineExpr loop = getInnermostOutputLoop(reader);
    if (!map.isProjectedPermutation() || !loop)
      return rewriter.notifyMatchFailure(op, "they are not read in any order");
    std::optional<unsigned> dimension = map.getResultPosition(loop);
    if (!dimension || *dimension + 1 == map.getNumResults())
      return rewriter.notifyMatchFailure(op, "they are in order");
    auto generic = dyn_cast<linalg::GenericOp>(*reader);
    if (!generic) {
      // This pattern comes back to the op that results.
      rewriter.setInsertionPoint(reader);
      LogicalResult generalized = linalg::generalizeNamedOp(rewriter, reader);
      if (failed(generalized))
        return rewriter.notifyMatchFailure(op, "cannot be a linalg.generic");
      return success();
    }

    SmallVector<int64_t> order =
        llvm::to_vector(llvm::seq<int64_t>(map.getNumResults()));
    order.erase(order.begin() + *dimension);
    order.push_back(*dimension);
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    rewriter.setInsertionPointAfter(op);
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), applyPermutation(type.getShape(), order),
        type.getElementType());
    Value transposed = linalg::TransposeOp::create(
                           rewriter, op.getLoc(), op.getResult(0), empty, order)
                           ->getResult(0);
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    SmallVector<AffineExpr> index(map.getResults());
    maps[use.getOperandNumber()] = AffineMap::get(
        map.getNumDims(), 0, applyPermutation(index, order), op.getContext());
    rewriter.modifyOpInPlace(generic, [&] {
      use.set(transposed);
      generic.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    return success();
  }
};

struct LayOutWeightsPass
    : public ptq::impl::LayOutWeightsPassBase<LayOutWeightsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldMovement, OrderForProducts>(&getContext());
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      getOperation().emitWarning("movement of weights did not come to an end");

    SmallVector<linalg::GenericOp> dequantizations;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isWeightDequantization(op))
        dequantizations.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : dequantizations)
      if (succeeded(layOutCodes(rewriter, op)))
        ++numWeights;
  }
};

} // namespace
