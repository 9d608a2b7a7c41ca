//===- LowerPadding.cpp - Borders around what is padded ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The padded tensor is made before what it surrounds: its border is filled, and
// the tensor that is padded is inserted. What computes that one can then write
// into the inside, where bufferization finds place for it, and no element is
// moved.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERPADDINGPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// Runs of fewer bytes are not worth being filled one by one.
constexpr int64_t kShortestRun = 16;

/// A tensor around an inside.
struct Border {
  RankedTensorType type;
  /// How many positions there are before and behind the inside, of a dimension.
  SmallVector<int64_t> low, high;
  /// The sizes of the inside, and of all.
  SmallVector<OpFoldResult> inside, sizes;

  /// Whether it consists of long runs of elements.
  bool hasLongRuns() const {
    Type element = type.getElementType();
    int64_t bytes = llvm::divideCeil(
        element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 8, 8);
    for (int64_t dim = type.getRank(); dim-- > 0;) {
      for (int64_t width : {low[dim], high[dim]})
        if (width > 0 && width * bytes < kShortestRun)
          return false;
      if (low[dim] + high[dim] > 0 || type.isDynamicDim(dim))
        return true;
      bytes *= type.getDimSize(dim);
    }
    return true;
  }

  /// Has `fill` fill the border of `padded`: for every dimension a slab on
  /// either side, between those of the dimensions before.
  Value fill(OpBuilder &builder, Location loc, Value padded,
             function_ref<Value(Value slab)> fill) const {
    SmallVector<OpFoldResult> ones(sizes.size(), builder.getIndexAttr(1));
    SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> slab(sizes);
    for (size_t dim = 0; dim < sizes.size(); ++dim) {
      OpFoldResult end = add(builder, loc, inside[dim], low[dim]);
      for (auto [offset, width] :
           {std::make_pair(OpFoldResult(builder.getIndexAttr(0)), low[dim]),
            std::make_pair(end, high[dim])}) {
        if (width == 0)
          continue;
        offsets[dim] = offset;
        slab[dim] = builder.getIndexAttr(width);
        Value part = tensor::ExtractSliceOp::create(builder, loc, padded,
                                                    offsets, slab, ones);
        padded = tensor::InsertSliceOp::create(builder, loc, fill(part), padded,
                                               offsets, slab, ones);
      }
      offsets[dim] = builder.getIndexAttr(low[dim]);
      slab[dim] = inside[dim];
    }
    return padded;
  }

  static OpFoldResult add(OpBuilder &builder, Location loc, OpFoldResult size,
                          int64_t width) {
    if (std::optional<int64_t> constant = getConstantIntValue(size))
      return builder.getIndexAttr(*constant + width);
    if (width == 0)
      return size;
    Value amount = arith::ConstantIndexOp::create(builder, loc, width);
    return arith::AddIOp::create(builder, loc, cast<Value>(size), amount)
        .getResult();
  }
};

/// Replaces a padding by constants of static width.
struct LowerPad : OpRewritePattern<tensor::PadOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    TypedAttr element;
    Value padding = op.getConstantPaddingValue();
    if (!padding || !matchPattern(padding, m_Constant(&element)))
      return rewriter.notifyMatchFailure(op, "not padded by a constant");
    auto isWidth = [](int64_t width) {
      return ShapedType::isStatic(width) && width >= 0;
    };
    if (!llvm::all_of(op.getStaticLow(), isWidth) ||
        !llvm::all_of(op.getStaticHigh(), isWidth))
      return rewriter.notifyMatchFailure(op,
                                         "the border's width is not static");

    Value sized = op.getSource();
    if (linalg::LinalgOp first = findFirstOfChain(op)) {
      rewriter.setInsertionPoint(first);
      sized = first.getDpsInits().front();
    }
    SmallVector<OpFoldResult> inside =
        tensor::getMixedSizes(rewriter, op.getLoc(), sized);
    Value padded = createBordered(rewriter, op, element, inside);

    rewriter.setInsertionPoint(op);
    SmallVector<OpFoldResult> ones(inside.size(), rewriter.getIndexAttr(1));
    padded = tensor::InsertSliceOp::create(rewriter, op.getLoc(),
                                           op.getSource(), padded,
                                           op.getMixedLowPad(), inside, ones);
    if (padded.getType() != op.getType())
      padded =
          tensor::CastOp::create(rewriter, op.getLoc(), op.getType(), padded);
    rewriter.replaceOp(op, padded);
    return success();
  }

private:
  /// The first of the ops that compute, each from the one before, what `pad`
  /// surrounds. They become one kernel, which nothing must be written between.
  static linalg::LinalgOp findFirstOfChain(tensor::PadOp pad) {
    linalg::LinalgOp first;
    Value value = pad.getSource();
    while (value) {
      auto op = value.getDefiningOp<linalg::LinalgOp>();
      if (!op || op->getBlock() != pad->getBlock() || op.getNumDpsInits() != 1)
        break;
      first = op;
      AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
      value = {};
      for (OpOperand &operand : op->getOpOperands())
        if (op.getMatchingIndexingMap(&operand) == map &&
            operand.get().getDefiningOp<linalg::LinalgOp>() &&
            operand.get().hasOneUse())
          value = operand.get();
    }
    return first;
  }

  /// A tensor of the size of `pad`, of which the border, around an inside of
  /// these sizes, is filled with `element`; all of it where that is cheaper.
  static Value createBordered(OpBuilder &builder, tensor::PadOp pad,
                              TypedAttr element,
                              ArrayRef<OpFoldResult> inside) {
    Location loc = pad.getLoc();
    Type elementType = pad.getResultType().getElementType();
    Value constant =
        arith::ConstantOp::create(builder, loc, elementType, element);
    Border border{pad.getResultType(),
                  SmallVector<int64_t>(pad.getStaticLow()),
                  SmallVector<int64_t>(pad.getStaticHigh()),
                  SmallVector<OpFoldResult>(inside),
                  {}};
    for (auto [dim, size] : llvm::enumerate(inside))
      border.sizes.push_back(
          Border::add(builder, loc, size, border.low[dim] + border.high[dim]));
    Value padded =
        tensor::EmptyOp::create(builder, loc, border.sizes, elementType);
    auto fill = [&](Value tensor) {
      return linalg::FillOp::create(builder, loc, constant, tensor)
          .getResult(0);
    };
    return border.hasLongRuns() ? border.fill(builder, loc, padded, fill)
                                : fill(padded);
  }
};

/// Fills the border only of what is inserted into a broadcast: padding with a
/// value for each sample, for one.
struct NarrowBroadcast : OpRewritePattern<tensor::InsertSliceOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::InsertSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto broadcast = op.getDest().getDefiningOp<linalg::BroadcastOp>();
    if (!broadcast || !broadcast->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not into a broadcast");
    auto empty = broadcast.getInit().getDefiningOp<tensor::EmptyOp>();
    if (!empty)
      return rewriter.notifyMatchFailure(op, "not into a tensor of its own");
    std::optional<Border> border = findBorder(op, empty);
    if (!border)
      return rewriter.notifyMatchFailure(op,
                                         "the border's width is not static");
    // The elements that are broadcast go along all of their dimensions.
    for (auto [dim, low, high] : llvm::enumerate(border->low, border->high))
      if (low + high > 0 && !llvm::is_contained(broadcast.getDimensions(), dim))
        return rewriter.notifyMatchFailure(op, "elements differ in the border");
    if (!border->hasLongRuns())
      return rewriter.notifyMatchFailure(op, "runs of the border are short");
    rewriter.setInsertionPoint(broadcast);
    Location loc = broadcast.getLoc();
    Value bordered = border->fill(rewriter, loc, empty, [&](Value slab) {
      return linalg::BroadcastOp::create(rewriter, loc, broadcast.getInput(),
                                         slab, broadcast.getDimensions())
          ->getResult(0);
    });
    rewriter.modifyOpInPlace(op, [&] { op.getDestMutable().assign(bordered); });
    rewriter.eraseOp(broadcast);
    return success();
  }

private:
  /// What `op` leaves of `empty`; nothing if its width is not known.
  static std::optional<Border> findBorder(tensor::InsertSliceOp op,
                                          tensor::EmptyOp empty) {
    RankedTensorType type = op.getDestType();
    if (op.getSourceType().getRank() != type.getRank())
      return std::nullopt;
    Border border{type, {}, {}, op.getMixedSizes(), empty.getMixedSizes()};
    for (auto [offset, size, all, stride] :
         llvm::zip_equal(op.getMixedOffsets(), border.inside, border.sizes,
                         op.getMixedStrides())) {
      std::optional<int64_t> low = getConstantIntValue(offset);
      if (!low || !isConstantIntValue(stride, 1))
        return std::nullopt;
      std::optional<int64_t> width = getConstantIntValue(all);
      std::optional<int64_t> inner = getConstantIntValue(size);
      if (!(width && inner) && !(*low == 0 && all == size))
        return std::nullopt;
      border.low.push_back(*low);
      border.high.push_back(width && inner ? *width - *low - *inner : 0);
    }
    return border;
  }
};

struct LowerPaddingPass : ptq::impl::LowerPaddingPassBase<LowerPaddingPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateLowerPaddingPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace

void mlir::ptq::populateLowerPaddingPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerPad, NarrowBroadcast>(patterns.getContext());
}
