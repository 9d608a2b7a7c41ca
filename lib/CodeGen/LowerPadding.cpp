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
    SmallVector<OpFoldResult> sizes;
    for (auto [dim, size] : llvm::enumerate(inside))
      sizes.push_back(add(builder, loc, size,
                          pad.getStaticLow()[dim] + pad.getStaticHigh()[dim]));
    Value padded = tensor::EmptyOp::create(builder, loc, sizes, elementType);
    if (!hasLongRuns(pad))
      return fill(builder, loc, padded, constant);
    return fillBorder(builder, pad, padded, constant, inside, sizes);
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

  static Value fill(OpBuilder &builder, Location loc, Value tensor,
                    Value constant) {
    return linalg::FillOp::create(builder, loc, constant, tensor).getResult(0);
  }

  /// Whether the border consists of long runs of elements.
  static bool hasLongRuns(tensor::PadOp op) {
    RankedTensorType type = op.getResultType();
    int64_t bytes = llvm::divideCeil(type.getElementType().isIntOrFloat()
                                         ? type.getElementTypeBitWidth()
                                         : 8,
                                     8);
    for (int64_t dim = type.getRank(); dim-- > 0;) {
      int64_t low = op.getStaticLow()[dim], high = op.getStaticHigh()[dim];
      for (int64_t width : {low, high})
        if (width > 0 && width * bytes < kShortestRun)
          return false;
      if (low + high > 0 || type.isDynamicDim(dim))
        return true;
      bytes *= type.getDimSize(dim);
    }
    return true;
  }

  /// Fills the border of `padded`: for every dimension a slab on either side,
  /// between those of the dimensions before.
  static Value fillBorder(OpBuilder &builder, tensor::PadOp op, Value padded,
                          Value constant, ArrayRef<OpFoldResult> inside,
                          ArrayRef<OpFoldResult> sizes) {
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> ones(sizes.size(), builder.getIndexAttr(1));
    SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> slab(sizes);
    for (auto [dim, low] : llvm::enumerate(op.getStaticLow())) {
      int64_t high = op.getStaticHigh()[dim];
      for (auto [offset, width] :
           {std::make_pair(OpFoldResult(builder.getIndexAttr(0)), low),
            std::make_pair(add(builder, loc, inside[dim], low), high)}) {
        if (width == 0)
          continue;
        offsets[dim] = offset;
        slab[dim] = builder.getIndexAttr(width);
        Value part = tensor::ExtractSliceOp::create(builder, loc, padded,
                                                    offsets, slab, ones);
        part = fill(builder, loc, part, constant);
        padded = tensor::InsertSliceOp::create(builder, loc, part, padded,
                                               offsets, slab, ones);
      }
      offsets[dim] = builder.getIndexAttr(low);
      slab[dim] = inside[dim];
    }
    return padded;
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
  patterns.add<LowerPad>(patterns.getContext());
}
