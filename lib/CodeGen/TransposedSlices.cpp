//===- TransposedSlices.cpp - Moving transposes through slices ------------===//
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

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// A transpose that keeps the order of all dimensions that have more than one
/// element is a reshape.
struct TransposeToReshape : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> kept;
    for (int64_t dim : op.getPermutation())
      if (inputType.getDimSize(dim) != 1)
        kept.push_back(dim);
    if (!llvm::is_sorted(kept))
      return rewriter.notifyMatchFailure(op, "elements change their order");

    Location loc = op.getLoc();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getInput());
    applyPermutationToVector(sizes, op.getPermutation());
    Value merged = tensor::CollapseShapeOp::create(rewriter, loc, op.getInput(),
                                                   groupUnitDims(inputType));
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, resultType, merged, groupUnitDims(resultType), sizes);
    return success();
  }

private:
  /// Groups of dimensions with one that has more than one element in each (a
  /// single group if there is none).
  static SmallVector<ReassociationIndices>
  groupUnitDims(RankedTensorType type) {
    SmallVector<ReassociationIndices> groups(1);
    bool isTaken = false;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool isUnit = type.getDimSize(dim) == 1;
      if (!isUnit && isTaken)
        groups.emplace_back();
      isTaken |= !isUnit;
      groups.back().push_back(dim);
    }
    return groups;
  }
};

/// transpose(insert x into y) -> insert transpose(x) into transpose(y), which
/// is what padding with a value for each sample is.
struct RaiseThroughInsertSlice : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto insert = op.getInput().getDefiningOp<tensor::InsertSliceOp>();
    if (!isToChannelsLast(op) || !insert || !insert->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not a transpose of an insertion");
    if (insert.getSourceType().getRank() != insert.getDestType().getRank())
      return rewriter.notifyMatchFailure(op, "the insertion adds dimensions");
    Location loc = insert.getLoc();
    Value source = createTransposed(rewriter, loc, insert.getSource(),
                                    op.getPermutation());
    Value destination =
        createTransposed(rewriter, loc, insert.getDest(), op.getPermutation());
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, source, destination, inChannelsLastOrder(insert.getMixedOffsets()),
        inChannelsLastOrder(insert.getMixedSizes()),
        inChannelsLastOrder(insert.getMixedStrides()));
    return success();
  }
};

/// The groups of `op` in the order in which `permutation` puts the dimensions
/// that they are groups of: how a reshape is written around a transpose.
/// `moved` becomes the permutation of the dimensions that are grouped.
SmallVector<ReassociationIndices>
permuteGroups(ArrayRef<ReassociationIndices> groups,
              ArrayRef<int64_t> permutation, SmallVectorImpl<int64_t> &moved) {
  SmallVector<ReassociationIndices> permuted;
  for (int64_t dim : permutation) {
    ReassociationIndices &group = permuted.emplace_back();
    for (int64_t grouped : groups[dim]) {
      group.push_back(moved.size());
      moved.push_back(grouped);
    }
  }
  return permuted;
}

/// expand(transpose(x)) -> transpose(expand(x)), where another transpose
/// follows: blocks of channels that become pixels.
struct SinkThroughExpand : OpRewritePattern<tensor::ExpandShapeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::ExpandShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSrc().getDefiningOp<linalg::TransposeOp>();
    if (!isToChannelsFirst(transpose))
      return rewriter.notifyMatchFailure(op, "source is not transposed");
    if (!op->hasOneUse() || !isa<linalg::TransposeOp>(*op->user_begin()))
      return rewriter.notifyMatchFailure(op, "no transpose follows");
    SmallVector<int64_t> permutation;
    SmallVector<ReassociationIndices> groups = permuteGroups(
        op.getReassociationIndices(),
        getChannelsLastOrder(op.getSrcType().getRank()), permutation);
    SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
    SmallVector<int64_t> shape(op.getResultType().getShape());
    applyPermutationToVector(sizes, permutation);
    applyPermutationToVector(shape, permutation);
    Value expanded = tensor::ExpandShapeOp::create(
        rewriter, op.getLoc(), op.getResultType().clone(shape),
        transpose.getInput(), groups, sizes);
    rewriter.replaceOp(op,
                       createTransposed(rewriter, op.getLoc(), expanded,
                                        invertPermutationVector(permutation)));
    return success();
  }
};

/// collapse(transpose(x)) -> transpose(collapse(x)), where the dimensions that
/// are merged follow each other in x, too, and its channels are last: those of
/// groups that become all channels.
struct SinkThroughCollapse : OpRewritePattern<tensor::CollapseShapeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSrc().getDefiningOp<linalg::TransposeOp>();
    if (!transpose || !transpose.hasPureTensorSemantics() ||
        !transpose->hasOneUse())
      return rewriter.notifyMatchFailure(op, "source is not transposed");
    // What becomes of each group, by its first dimension in x.
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    SmallVector<ReassociationIndices> groups;
    SmallVector<int64_t> order;
    for (const ReassociationIndices &group : op.getReassociationIndices()) {
      ReassociationIndices &moved = groups.emplace_back();
      for (int64_t dim : group)
        moved.push_back(permutation[dim]);
      for (int64_t i = 1, e = moved.size(); i < e; ++i)
        if (moved[i] != moved[i - 1] + 1)
          return rewriter.notifyMatchFailure(op, "merges what lies apart");
    }
    for (const ReassociationIndices &group : groups)
      order.push_back(llvm::count_if(groups, [&](const auto &other) {
        return other.front() < group.front();
      }));
    if (ArrayRef(order) != ArrayRef(getChannelsFirstOrder(order.size())))
      return rewriter.notifyMatchFailure(op, "channels do not come first");
    llvm::sort(groups, [](const auto &a, const auto &b) {
      return a.front() < b.front();
    });
    SmallVector<int64_t> shape(op.getResultType().getShape());
    applyPermutationToVector(shape, invertPermutationVector(order));
    Value collapsed = tensor::CollapseShapeOp::create(
        rewriter, op.getLoc(), op.getResultType().clone(shape),
        transpose.getInput(), groups);
    rewriter.replaceOp(
        op, createTransposed(rewriter, op.getLoc(), collapsed, order));
    return success();
  }
};

/// transpose(collapse(x)) -> collapse(transpose(x)), where x is transposed
/// already, or repeats elements of what is less to transpose.
struct RaiseThroughCollapse : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto collapse = op.getInput().getDefiningOp<tensor::CollapseShapeOp>();
    if (!isToChannelsLast(op) || !collapse || !collapse->hasOneUse() ||
        !isa_and_present<linalg::BroadcastOp, linalg::TransposeOp>(
            collapse.getSrc().getDefiningOp()))
      return rewriter.notifyMatchFailure(op, "not of a collapsed transpose");
    SmallVector<int64_t> permutation;
    SmallVector<ReassociationIndices> groups = permuteGroups(
        collapse.getReassociationIndices(), op.getPermutation(), permutation);
    Value transposed = createTransposed(rewriter, collapse.getLoc(),
                                        collapse.getSrc(), permutation);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op->getResult(0).getType(), transposed, groups);
    return success();
  }
};

/// A size of what is collapsed or padded, along a dimension that stays as it
/// was, is that of where it comes from: asking for it must not count as a use.
struct SizeOfKeptDim : OpRewritePattern<tensor::DimOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::DimOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<int64_t> dim = op.getConstantIndex();
    auto type = dyn_cast<RankedTensorType>(op.getSource().getType());
    if (!type || !dim || *dim < 0 || *dim >= type.getRank())
      return rewriter.notifyMatchFailure(op, "not of a known dimension");
    Value source;
    if (auto collapse =
            op.getSource().getDefiningOp<tensor::CollapseShapeOp>()) {
      ReassociationIndices group = collapse.getReassociationIndices()[*dim];
      if (group.size() != 1)
        return rewriter.notifyMatchFailure(op, "the dimension is collapsed");
      source = collapse.getSrc();
      dim = group.front();
    } else if (auto pad = op.getSource().getDefiningOp<tensor::PadOp>()) {
      if (!isConstantIntValue(pad.getMixedLowPad()[*dim], 0) ||
          !isConstantIntValue(pad.getMixedHighPad()[*dim], 0))
        return rewriter.notifyMatchFailure(op, "the dimension is padded");
      source = pad.getSource();
    } else {
      return rewriter.notifyMatchFailure(op, "neither collapsed nor padded");
    }
    rewriter.replaceOpWithNewOp<tensor::DimOp>(op, source, *dim);
    return success();
  }
};

/// transpose(slice of x) -> slice of transpose(x).
struct RaiseThroughSlice : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto slice = op.getInput().getDefiningOp<tensor::ExtractSliceOp>();
    if (!isToChannelsLast(op) || !slice || !slice->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not a transpose of a slice");
    if (slice.getSourceType().getRank() != slice.getType().getRank())
      return rewriter.notifyMatchFailure(op, "the slice drops dimensions");
    Value source = createTransposed(rewriter, slice.getLoc(), slice.getSource(),
                                    op.getPermutation());
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
        op, cast<RankedTensorType>(op->getResult(0).getType()), source,
        inChannelsLastOrder(slice.getMixedOffsets()),
        inChannelsLastOrder(slice.getMixedSizes()),
        inChannelsLastOrder(slice.getMixedStrides()));
    return success();
  }
};

} // namespace

void mlir::ptq::populateTransposedSlicePatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseThroughCollapse, RaiseThroughInsertSlice, RaiseThroughSlice,
               SinkThroughCollapse, SinkThroughExpand, SizeOfKeptDim,
               TransposeToReshape>(patterns.getContext());
}
