//===- ConvertToChannelsLast.cpp - Channels innermost -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transposes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_CONVERTTOCHANNELSLASTPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// Rewrites `SourceOp`, whose image and result have the dimensions N, C, H, W
/// or N, C, D, H, W, to `TargetOp` with the channels last; the dimensions of
/// the filter are permuted by `filterPermutation` (empty if it has no
/// channels). Channels in groups are two dimensions, G and C.
template <typename SourceOp, typename TargetOp>
struct MoveChannelsLast : OpRewritePattern<SourceOp> {
  MoveChannelsLast(MLIRContext *context, ArrayRef<int64_t> filterPermutation,
                   bool hasGroups = false)
      : OpRewritePattern<SourceOp>(context),
        filterPermutation(filterPermutation), hasGroups(hasGroups) {}

  LogicalResult matchAndRewrite(SourceOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    unsigned rank =
        cast<RankedTensorType>(op->getResult(0).getType()).getRank();
    SmallVector<int64_t> toChannelsLast = getChannelsLastOrder(rank);
    if (hasGroups)
      toChannelsLast = {0, 3, 4, 1, 2};
    Location loc = op.getLoc();
    Value image =
        createTransposed(rewriter, loc, op.getDpsInputs()[0], toChannelsLast);
    Value filter = op.getDpsInputs()[1];
    if (!filterPermutation.empty())
      filter = createTransposed(rewriter, loc, filter, filterPermutation);
    Value init =
        createTransposed(rewriter, loc, op.getDpsInits()[0], toChannelsLast);
    auto moved = TargetOp::create(rewriter, loc, TypeRange{init.getType()},
                                  ValueRange{image, filter}, ValueRange{init},
                                  op.getStrides(), op.getDilations());
    rewriter.replaceOpWithNewOp<linalg::TransposeOp>(
        op, moved->getResult(0), op.getDpsInits()[0],
        invertPermutationVector(toChannelsLast));
    return success();
  }

  SmallVector<int64_t> filterPermutation;
  bool hasGroups;
};

/// Rewrites a convolution whose groups have one input channel each, but several
/// output channels, to a depthwise one on channels that are repeated as often.
struct RepeatChannels : OpRewritePattern<linalg::Conv2DNgchwGfchwOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::Conv2DNgchwGfchwOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    auto filterType = cast<RankedTensorType>(op.getDpsInputs()[1].getType());
    if (filterType.getDimSize(2) != 1 || !filterType.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "groups have several channels");
    Location loc = op.getLoc();
    const int64_t toChannelsLast[] = {0, 3, 4, 1, 2};
    SmallVector<ReassociationIndices> merged = {{0}, {1}, {2}, {3, 4}};
    auto merge = [&](Value value) -> Value {
      return tensor::CollapseShapeOp::create(rewriter, loc, value, merged);
    };
    Value channels = merge(
        createTransposed(rewriter, loc, op.getDpsInputs()[0], toChannelsLast));
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, channels);
    sizes.push_back(rewriter.getIndexAttr(filterType.getDimSize(1)));
    Value repeated = tensor::EmptyOp::create(rewriter, loc, sizes,
                                             getElementTypeOrSelf(channels));
    repeated = linalg::BroadcastOp::create(rewriter, loc, channels, repeated,
                                           /*dimensions=*/ArrayRef<int64_t>{4})
                   ->getResult(0);
    Value filter = tensor::CollapseShapeOp::create(
        rewriter, loc,
        createTransposed(rewriter, loc, op.getDpsInputs()[1], {3, 4, 0, 1, 2}),
        SmallVector<ReassociationIndices>{{0}, {1}, {2, 3, 4}});
    Value init =
        createTransposed(rewriter, loc, op.getDpsInits()[0], toChannelsLast);
    Value mergedInit = merge(init);
    auto depthwise = linalg::DepthwiseConv2DNhwcHwcOp::create(
        rewriter, loc, TypeRange{mergedInit.getType()},
        ValueRange{merge(repeated), filter}, ValueRange{mergedInit},
        op.getStrides(), op.getDilations());
    Value sums = tensor::ExpandShapeOp::create(
        rewriter, loc, init.getType(), depthwise->getResult(0), merged,
        tensor::getMixedSizes(rewriter, loc, init));
    rewriter.replaceOpWithNewOp<linalg::TransposeOp>(
        op, sums, op.getDpsInits()[0], invertPermutationVector(toChannelsLast));
    return success();
  }
};

struct ConvertToChannelsLastPass
    : ptq::impl::ConvertToChannelsLastPassBase<ConvertToChannelsLastPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateChannelsLastPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation().walk([&](linalg::TransposeOp) { ++numTransposes; });
  }
};

} // namespace

void mlir::ptq::populateChannelsLastPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  using namespace linalg;
  patterns.add<MoveChannelsLast<Conv2DNchwFchwOp, Conv2DNhwcHwcfOp>>(
      context, ArrayRef<int64_t>{2, 3, 1, 0});
  patterns.add<MoveChannelsLast<Conv2DNgchwGfchwOp, Conv2DNhwgcGfhwcOp>>(
      context, ArrayRef<int64_t>{0, 1, 3, 4, 2}, /*hasGroups=*/true);
  patterns.add<RepeatChannels>(context, /*benefit=*/2);
  patterns.add<
      MoveChannelsLast<DepthwiseConv2DNchwChwOp, DepthwiseConv2DNhwcHwcOp>>(
      context, ArrayRef<int64_t>{1, 2, 0});
  patterns.add<MoveChannelsLast<Conv3DNcdhwFcdhwOp, Conv3DNdhwcDhwcfOp>>(
      context, ArrayRef<int64_t>{2, 3, 4, 1, 0});
  patterns.add<
      MoveChannelsLast<DepthwiseConv3DNcdhwCdhwOp, DepthwiseConv3DNdhwcDhwcOp>>(
      context, ArrayRef<int64_t>{1, 2, 3, 0});
  patterns.add<MoveChannelsLast<PoolingNchwMaxOp, PoolingNhwcMaxOp>,
               MoveChannelsLast<PoolingNchwSumOp, PoolingNhwcSumOp>>(
      context, ArrayRef<int64_t>{});
  populateTransposePropagationPatterns(patterns);
  // Asking for a size must not count as a use.
  tensor::DimOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
}
