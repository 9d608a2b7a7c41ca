//===- Transposes.cpp - Moving transposes through a network -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transposes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// From channels-last to channels-first order of two-dimensional images.
constexpr int64_t kToChannelsFirst[] = {0, 3, 1, 2};
constexpr int64_t kToChannelsLast[] = {0, 2, 3, 1};

bool isTransposeTo(linalg::TransposeOp op, ArrayRef<int64_t> permutation) {
  return op && op.hasPureTensorSemantics() &&
         op.getPermutation() == permutation;
}

/// An empty tensor shaped like `value` with its dimensions permuted.
Value createEmptyTransposed(OpBuilder &builder, Location loc, Value value,
                            ArrayRef<int64_t> permutation) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  applyPermutationToVector(sizes, permutation);
  Type elementType = cast<RankedTensorType>(value.getType()).getElementType();
  return tensor::EmptyOp::create(builder, loc, sizes, elementType);
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// transpose(transpose(x)) -> x or one transpose.
struct ComposeTransposes : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<linalg::TransposeOp>();
    if (!producer || !op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not a transpose of a transpose");
    SmallVector<int64_t> composed(producer.getPermutation());
    applyPermutationToVector(composed, op.getPermutation());
    if (isIdentityPermutation(composed)) {
      if (producer.getInput().getType() != op->getResult(0).getType())
        return rewriter.notifyMatchFailure(op, "static information differs");
      rewriter.replaceOp(op, producer.getInput());
      return success();
    }
    rewriter.replaceOpWithNewOp<linalg::TransposeOp>(op, producer.getInput(),
                                                     op.getInit(), composed);
    return success();
  }
};

/// The transpose of a constant is a constant: a filter is laid out at compile
/// time.
struct FoldTransposedConstant : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<arith::ConstantOp>();
    auto resource =
        constant ? dyn_cast<DenseResourceElementsAttr>(constant.getValue())
                 : DenseResourceElementsAttr();
    if (!resource || !op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not of a resource");
    auto type = cast<RankedTensorType>(resource.getType());
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!type.getElementType().isIntOrFloat() ||
        type.getElementTypeBitWidth() % 8 != 0)
      return rewriter.notifyMatchFailure(op, "elements are not whole bytes");
    size_t width = type.getElementTypeBitWidth() / 8;
    if (!blob || blob->getData().size() != type.getNumElements() * width)
      return rewriter.notifyMatchFailure(op, "the resource is incomplete");

    ArrayRef<int64_t> permutation = op.getPermutation();
    auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> strides = computeStrides(type.getShape());
    applyPermutationToVector(strides, permutation);
    SmallVector<int64_t> resultStrides = computeStrides(resultType.getShape());
    std::vector<char> bytes(blob->getData().size());
    for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
      int64_t from = linearize(delinearize(i, resultStrides), strides);
      std::copy_n(blob->getData().data() + from * width, width,
                  bytes.data() + i * width);
    }
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, DenseResourceElementsAttr::get(
                resultType, resource.getRawHandle().getKey(),
                HeapAsmResourceBlob::allocateAndCopyWithAlign(
                    bytes, blob->getDataAlignment())));
    return success();
  }
};

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

/// Whether `op` computes every element of an image, in the order of the loops.
bool isElementwiseOnImages(linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && op.getNumReductionLoops() == 0 &&
         op.getNumLoops() == 4 && !op.hasIndexSemantics() &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           return op.getMatchingIndexingMap(&init).isIdentity();
         });
}

/// Builds `op`, which is elementwise on images in channels-first order, in
/// channels-last order. What it reads in the order of its loops is transposed.
linalg::GenericOp createInChannelsLastOrder(PatternRewriter &rewriter,
                                            linalg::GenericOp op) {
  // Loop kToChannelsLast[i] of the old nest is loop i of the new one.
  SmallVector<AffineExpr> newLoops(4);
  for (auto [position, dim] : llvm::enumerate(kToChannelsLast))
    newLoops[dim] = getAffineDimExpr(position, rewriter.getContext());

  Location loc = op.getLoc();
  SmallVector<Value> inputs, inits;
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    Value value = operand.get();
    if (map.isIdentity()) {
      value = createTransposed(rewriter, loc, value, kToChannelsLast);
      maps.push_back(rewriter.getMultiDimIdentityMap(4));
    } else {
      maps.push_back(map.replaceDimsAndSymbols(newLoops, {}, 4, 0));
    }
    (op.isDpsInput(&operand) ? inputs : inits).push_back(value);
  }
  auto built = linalg::GenericOp::create(
      rewriter, loc, ValueRange(inits).getTypes(), inputs, inits, maps,
      op.getIteratorTypesArray());
  rewriter.cloneRegionBefore(op.getRegion(), built.getRegion(),
                             built.getRegion().begin());
  return built;
}

/// An elementwise op on a tensor that was transposed to channels-first order
/// works in channels-last order instead, and its results are transposed.
struct SinkThroughElementwise : OpRewritePattern<linalg::GenericOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwiseOnImages(op))
      return rewriter.notifyMatchFailure(op, "not elementwise on images");
    auto isTransposed = [&](OpOperand *input) {
      return op.getMatchingIndexingMap(input).isIdentity() &&
             isTransposeTo(input->get().getDefiningOp<linalg::TransposeOp>(),
                           kToChannelsFirst);
    };
    if (llvm::none_of(op.getDpsInputOperands(), isTransposed))
      return rewriter.notifyMatchFailure(op, "no transposed input");

    linalg::GenericOp sunk = createInChannelsLastOrder(rewriter, op);
    SmallVector<Value> results;
    for (auto [result, init] :
         llvm::zip_equal(sunk.getResults(), op.getDpsInits()))
      results.push_back(linalg::TransposeOp::create(rewriter, op.getLoc(),
                                                    result, init,
                                                    kToChannelsFirst)
                            ->getResult(0));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// A transpose of what is spread over an image, such as the start of an
/// accumulator, becomes another order of spreading it.
struct RaiseThroughElementwise : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<linalg::GenericOp>();
    if (!isTransposeTo(op, kToChannelsLast) || !producer ||
        !producer->hasOneUse() || !isElementwiseOnImages(producer))
      return rewriter.notifyMatchFailure(op, "not a transpose of elements");
    auto isImage = [&](OpOperand *input) {
      return producer.getMatchingIndexingMap(input).isPermutation();
    };
    if (llvm::any_of(producer.getDpsInputOperands(), isImage))
      return rewriter.notifyMatchFailure(op, "an input would be transposed");
    linalg::GenericOp raised = createInChannelsLastOrder(rewriter, producer);
    rewriter.replaceOp(op, raised.getResults());
    return success();
  }
};

/// pad(transpose(x)) -> transpose(pad(x)) and the reverse, depending on the
/// direction in which the transpose moves.
FailureOr<Value> padInOrder(PatternRewriter &rewriter, tensor::PadOp op,
                            Value source, ArrayRef<int64_t> permutation) {
  Value padding = op.getConstantPaddingValue();
  if (!padding)
    return rewriter.notifyMatchFailure(op, "padding is not constant");
  SmallVector<OpFoldResult> low = op.getMixedLowPad();
  SmallVector<OpFoldResult> high = op.getMixedHighPad();
  SmallVector<int64_t> shape(op.getResultType().getShape());
  applyPermutationToVector(low, permutation);
  applyPermutationToVector(high, permutation);
  applyPermutationToVector(shape, permutation);
  auto type = RankedTensorType::get(shape, op.getResultType().getElementType());
  return tensor::PadOp::create(rewriter, op.getLoc(), type, source, low, high,
                               padding)
      .getResult();
}

struct SinkThroughPad : OpRewritePattern<tensor::PadOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSource().getDefiningOp<linalg::TransposeOp>();
    if (!isTransposeTo(transpose, kToChannelsFirst))
      return rewriter.notifyMatchFailure(op, "source is not transposed");
    FailureOr<Value> padded =
        padInOrder(rewriter, op, transpose.getInput(), kToChannelsLast);
    if (failed(padded))
      return failure();
    rewriter.replaceOp(
        op, createTransposed(rewriter, op.getLoc(), *padded, kToChannelsFirst));
    return success();
  }
};

struct RaiseThroughPad : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<tensor::PadOp>();
    if (!isTransposeTo(op, kToChannelsLast) || !pad || !pad->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not a transpose of padding");
    Value source = createTransposed(rewriter, pad.getLoc(), pad.getSource(),
                                    kToChannelsLast);
    FailureOr<Value> padded =
        padInOrder(rewriter, pad, source, kToChannelsLast);
    if (failed(padded))
      return failure();
    rewriter.replaceOp(op, *padded);
    return success();
  }
};

/// transpose(insert x into y) -> insert transpose(x) into transpose(y), which
/// is what padding with a value for each sample is.
struct RaiseThroughInsertSlice : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto insert = op.getInput().getDefiningOp<tensor::InsertSliceOp>();
    if (!isTransposeTo(op, kToChannelsLast) || !insert || !insert->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not a transpose of an insertion");
    if (insert.getSourceType().getRank() != insert.getDestType().getRank())
      return rewriter.notifyMatchFailure(op, "the insertion adds dimensions");
    Location loc = insert.getLoc();
    auto permute = [](SmallVector<OpFoldResult> values) {
      applyPermutationToVector(values, kToChannelsLast);
      return values;
    };
    Value source =
        createTransposed(rewriter, loc, insert.getSource(), kToChannelsLast);
    Value destination =
        createTransposed(rewriter, loc, insert.getDest(), kToChannelsLast);
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, source, destination, permute(insert.getMixedOffsets()),
        permute(insert.getMixedSizes()), permute(insert.getMixedStrides()));
    return success();
  }
};

/// A reduction reads its transposed input in the old order.
struct FoldIntoReduction : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!isa<linalg::ReduceOp, linalg::GenericOp>(op) ||
        !op.hasPureTensorSemantics() || op.getNumReductionLoops() == 0)
      return rewriter.notifyMatchFailure(op, "not a reduction on tensors");
    OpOperand *transposed = nullptr;
    for (OpOperand *input : op.getDpsInputOperands())
      if (isTransposeTo(input->get().getDefiningOp<linalg::TransposeOp>(),
                        kToChannelsFirst))
        transposed = input;
    if (!transposed)
      return rewriter.notifyMatchFailure(op, "no transposed input");

    unsigned number = transposed->getOperandNumber();
    auto generic = dyn_cast<linalg::GenericOp>(*op);
    if (!generic) {
      FailureOr<linalg::GenericOp> generalized =
          linalg::generalizeNamedOp(rewriter, op);
      if (failed(generalized))
        return rewriter.notifyMatchFailure(op, "cannot be a linalg.generic");
      generic = *generalized;
    }
    auto transpose =
        generic->getOperand(number).getDefiningOp<linalg::TransposeOp>();
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    SmallVector<AffineExpr> results(maps[number].getResults());
    applyPermutationToVector(results, kToChannelsLast);
    maps[number] = AffineMap::get(maps[number].getNumDims(), 0, results,
                                  rewriter.getContext());
    rewriter.modifyOpInPlace(generic, [&] {
      generic->setOperand(number, transpose.getInput());
      generic.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    return success();
  }
};

} // namespace

Value mlir::ptq::createTransposed(OpBuilder &builder, Location loc, Value value,
                                  ArrayRef<int64_t> permutation) {
  Value empty = createEmptyTransposed(builder, loc, value, permutation);
  if (value.getDefiningOp<tensor::EmptyOp>())
    return empty;
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(builder, loc, fill.getInputs(), empty)
        .getResult(0);
  if (auto broadcast = value.getDefiningOp<linalg::BroadcastOp>()) {
    // The remaining dimensions keep their order only if it is not changed.
    SmallVector<int64_t> added, kept;
    for (auto [position, dim] : llvm::enumerate(permutation)) {
      bool isAdded = llvm::is_contained(broadcast.getDimensions(), dim);
      (isAdded ? added : kept).push_back(isAdded ? position : dim);
    }
    if (llvm::is_sorted(kept))
      return linalg::BroadcastOp::create(builder, loc, broadcast.getInput(),
                                         empty, added)
          ->getResult(0);
  }
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)
      ->getResult(0);
}

void mlir::ptq::populateTransposePropagationPatterns(
    RewritePatternSet &patterns) {
  patterns
      .add<ComposeTransposes, FoldIntoReduction, FoldTransposedConstant,
           RaiseThroughElementwise, RaiseThroughInsertSlice, RaiseThroughPad,
           SinkThroughElementwise, SinkThroughPad, TransposeToReshape>(
          patterns.getContext());
}
