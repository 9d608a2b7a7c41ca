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
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

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

/// Whether `op` computes every element of an image, in the order of the loops.
bool isElementwiseOnImages(linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && op.getNumReductionLoops() == 0 &&
         op.getNumLoops() >= 4 && !op.hasIndexSemantics() &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           return op.getMatchingIndexingMap(&init).isIdentity();
         });
}

/// Builds `op`, which is elementwise on images in channels-first order, in
/// channels-last order. What it reads in the order of its loops is transposed.
linalg::GenericOp createInChannelsLastOrder(PatternRewriter &rewriter,
                                            linalg::GenericOp op) {
  unsigned numLoops = op.getNumLoops();
  SmallVector<int64_t> order = getChannelsLastOrder(numLoops);
  // Loop order[i] of the old nest is loop i of the new one.
  SmallVector<AffineExpr> newLoops(numLoops);
  for (auto [position, dim] : llvm::enumerate(order))
    newLoops[dim] = getAffineDimExpr(position, rewriter.getContext());

  Location loc = op.getLoc();
  SmallVector<Value> inputs, inits;
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    Value value = operand.get();
    if (map.isIdentity()) {
      value = createTransposed(rewriter, loc, value, order);
      maps.push_back(rewriter.getMultiDimIdentityMap(numLoops));
    } else {
      maps.push_back(map.replaceDimsAndSymbols(newLoops, {}, numLoops, 0));
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
             isToChannelsFirst(
                 input->get().getDefiningOp<linalg::TransposeOp>());
    };
    if (llvm::none_of(op.getDpsInputOperands(), isTransposed))
      return rewriter.notifyMatchFailure(op, "no transposed input");

    linalg::GenericOp sunk = createInChannelsLastOrder(rewriter, op);
    SmallVector<Value> results;
    for (auto [result, init] :
         llvm::zip_equal(sunk.getResults(), op.getDpsInits()))
      results.push_back(
          linalg::TransposeOp::create(rewriter, op.getLoc(), result, init,
                                      getChannelsFirstOrder(sunk.getNumLoops()))
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
    if (!isToChannelsLast(op) || !producer || !producer->hasOneUse() ||
        !isElementwiseOnImages(producer))
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

/// `op`, which pads images in channels-first order, as an op that pads
/// `source`, the same images in channels-last order.
FailureOr<Value> padInChannelsLastOrder(PatternRewriter &rewriter,
                                        tensor::PadOp op, Value source) {
  Value padding = op.getConstantPaddingValue();
  if (!padding)
    return rewriter.notifyMatchFailure(op, "padding is not constant");
  auto type = op.getResultType().clone(
      inChannelsLastOrder(SmallVector<int64_t>(op.getResultType().getShape())));
  return tensor::PadOp::create(rewriter, op.getLoc(), type, source,
                               inChannelsLastOrder(op.getMixedLowPad()),
                               inChannelsLastOrder(op.getMixedHighPad()),
                               padding)
      .getResult();
}

struct SinkThroughPad : OpRewritePattern<tensor::PadOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSource().getDefiningOp<linalg::TransposeOp>();
    if (!isToChannelsFirst(transpose))
      return rewriter.notifyMatchFailure(op, "source is not transposed");
    FailureOr<Value> padded =
        padInChannelsLastOrder(rewriter, op, transpose.getInput());
    if (failed(padded))
      return failure();
    rewriter.replaceOp(op, createTransposed(rewriter, op.getLoc(), *padded,
                                            getChannelsFirstOrder(
                                                op.getResultType().getRank())));
    return success();
  }
};

struct RaiseThroughPad : OpRewritePattern<linalg::TransposeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<tensor::PadOp>();
    if (!isToChannelsLast(op) || !pad || !pad->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not a transpose of padding");
    Value source = createTransposed(rewriter, pad.getLoc(), pad.getSource(),
                                    op.getPermutation());
    FailureOr<Value> padded = padInChannelsLastOrder(rewriter, pad, source);
    if (failed(padded))
      return failure();
    rewriter.replaceOp(op, *padded);
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
      if (isToChannelsFirst(input->get().getDefiningOp<linalg::TransposeOp>()))
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
    SmallVector<AffineExpr> results =
        inChannelsLastOrder(SmallVector<AffineExpr>(maps[number].getResults()));
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

SmallVector<int64_t> mlir::ptq::getChannelsLastOrder(unsigned rank) {
  SmallVector<int64_t> order = {0};
  llvm::append_range(order, llvm::seq<int64_t>(2, rank));
  order.push_back(1);
  return order;
}

SmallVector<int64_t> mlir::ptq::getChannelsFirstOrder(unsigned rank) {
  return invertPermutationVector(getChannelsLastOrder(rank));
}

static bool isOfImages(linalg::TransposeOp op) {
  return op && op.hasPureTensorSemantics() && op.getPermutation().size() >= 4;
}

bool mlir::ptq::isToChannelsFirst(linalg::TransposeOp op) {
  return isOfImages(op) &&
         op.getPermutation() ==
             ArrayRef(getChannelsFirstOrder(op.getPermutation().size()));
}

bool mlir::ptq::isToChannelsLast(linalg::TransposeOp op) {
  return isOfImages(op) &&
         op.getPermutation() ==
             ArrayRef(getChannelsLastOrder(op.getPermutation().size()));
}

Value mlir::ptq::createTransposed(OpBuilder &builder, Location loc, Value value,
                                  ArrayRef<int64_t> permutation) {
  Value empty = createEmptyTransposed(builder, loc, value, permutation);
  if (value.getDefiningOp<tensor::EmptyOp>())
    return empty;
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(builder, loc, fill.getInputs(), empty)
        .getResult(0);
  if (auto broadcast = value.getDefiningOp<linalg::BroadcastOp>()) {
    // What is repeated is less to move than the repetitions.
    SmallVector<int64_t> added, kept;
    for (auto [position, dim] : llvm::enumerate(permutation)) {
      bool isAdded = llvm::is_contained(broadcast.getDimensions(), dim);
      (isAdded ? added : kept).push_back(isAdded ? position : dim);
    }
    Value source = broadcast.getInput();
    if (!llvm::is_sorted(kept)) {
      SmallVector<int64_t> order = kept;
      for (int64_t &dim : order)
        dim -= llvm::count_if(broadcast.getDimensions(),
                              [&](int64_t added) { return added < dim; });
      source = createTransposed(builder, loc, source, order);
    }
    return linalg::BroadcastOp::create(builder, loc, source, empty, added)
        ->getResult(0);
  }
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)
      ->getResult(0);
}

void mlir::ptq::populateTransposePropagationPatterns(
    RewritePatternSet &patterns) {
  patterns.add<ComposeTransposes, FoldIntoReduction, FoldTransposedConstant,
               RaiseThroughElementwise, RaiseThroughPad, SinkThroughElementwise,
               SinkThroughPad>(patterns.getContext());
  populateTransposedSlicePatterns(patterns);
}
