//===- MovedParameters.cpp - Scales that follow moved elements ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MovedParameters.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Reshapes and transposes
//===----------------------------------------------------------------------===//

namespace {

/// Builds the parameters for the result of a movement.
class ParameterMover {
public:
  ParameterMover(PatternRewriter &rewriter, Operation *op,
                 DequantizeOp dequantize)
      : builder(op->getLoc(), rewriter), op(op), dequantize(dequantize),
        dataType(dequantize.getInput().getType()),
        resultType(cast<RankedTensorType>(op->getResult(0).getType())) {}

  FailureOr<BlockParameters> move() {
    if (!findOwnDims() || !findResultDims())
      return failure();
    BlockParameters moved;
    moved.scale = moveTensor(dequantize.getScale());
    if (Value zeroPoint = dequantize.getZeroPoint())
      moved.zeroPoint = moveTensor(zeroPoint);
    for (int64_t dim = 0; dim < resultType.getRank(); ++dim)
      moved.blockSizes.push_back(
          resultDims.test(dim) ? 1 : resultType.getDimSize(dim));
    return moved;
  }

private:
  /// Finds the dimensions of which every index has parameters of its own. Each
  /// other one has one block.
  bool findOwnDims() {
    ownDims.resize(dataType.getRank());
    if (std::optional<int64_t> axis = dequantize.getAxis()) {
      ownDims.set(*axis);
      return true;
    }
    std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize();
    if (!blocks)
      return false;
    for (auto [dim, block] : llvm::enumerate(*blocks)) {
      int64_t size = dataType.getDimSize(dim);
      if (block == 1 && size != 1)
        ownDims.set(dim);
      else if (ShapedType::isDynamic(size) || size > block)
        return false;
    }
    return true;
  }

  /// Finds where the own dimensions are in the result. Says whether this is a
  /// movement that parameters can follow.
  bool findResultDims() {
    resultDims.resize(resultType.getRank());
    if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
      for (auto [dim, source] : llvm::enumerate(transpose.getPermutation()))
        resultDims[dim] = ownDims[source];
    } else if (auto broadcast = dyn_cast<linalg::BroadcastOp>(op)) {
      int64_t source = 0;
      for (int64_t dim = 0; dim < resultType.getRank(); ++dim)
        resultDims[dim] = !llvm::is_contained(broadcast.getDimensions(), dim) &&
                          ownDims.test(source++);
    } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      for (auto [source, group] :
           llvm::enumerate(expand.getReassociationIndices()))
        for (int64_t dim : group)
          resultDims[dim] = ownDims[source];
    } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
      for (auto [dim, group] :
           llvm::enumerate(collapse.getReassociationIndices()))
        resultDims[dim] = llvm::any_of(
            group, [&](int64_t source) { return ownDims.test(source); });
    } else {
      return false;
    }
    for (int64_t dim = 0; dim < resultType.getRank(); ++dim)
      if (!resultDims.test(dim) && resultType.isDynamicDim(dim))
        return false;
    return true;
  }

  Value moveTensor(Value parameters) {
    Value blocks = createBlocks(parameters);
    if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
      return createTransposed(blocks, transpose.getPermutation());
    Type elementType = getElementTypeOrSelf(parameters);
    SmallVector<int64_t> shape;
    for (int64_t dim = 0; dim < resultType.getRank(); ++dim)
      shape.push_back(resultDims.test(dim) ? resultType.getDimSize(dim) : 1);
    auto type = RankedTensorType::get(shape, elementType);
    if (auto broadcast = dyn_cast<linalg::BroadcastOp>(op))
      return createWithUnitDims(blocks, type, broadcast.getDimensions());
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      SmallVector<OpFoldResult> sizes = expand.getMixedOutputShape();
      for (auto [dim, size] : llvm::enumerate(sizes))
        if (!resultDims.test(dim))
          size = builder.getIndexAttr(1);
      return tensor::ExpandShapeOp::create(
          builder, type, blocks, expand.getReassociationIndices(), sizes);
    }
    auto collapse = cast<tensor::CollapseShapeOp>(op);
    return tensor::CollapseShapeOp::create(builder, type,
                                           createRepeated(blocks, collapse),
                                           collapse.getReassociationIndices());
  }

  /// `parameters` with a dimension for each of the data, of whose sizes as much
  /// is known as of the data's.
  Value createBlocks(Value parameters) {
    Type elementType = getElementTypeOrSelf(parameters);
    SmallVector<int64_t> shape;
    for (int64_t dim = 0; dim < dataType.getRank(); ++dim)
      shape.push_back(ownDims.test(dim) ? dataType.getDimSize(dim) : 1);
    auto type = RankedTensorType::get(shape, elementType);
    std::optional<int64_t> axis = dequantize.getAxis();
    if (!axis || dataType.getRank() == 1)
      return createCast(parameters, type);
    ReassociationIndices group(
        llvm::to_vector(llvm::seq<int64_t>(shape.size())));
    return tensor::ExpandShapeOp::create(
        builder, type,
        createCast(parameters,
                   RankedTensorType::get(shape[*axis], elementType)),
        ArrayRef<ReassociationIndices>(group));
  }

  Value createCast(Value value, RankedTensorType type) {
    return value.getType() == type
               ? value
               : tensor::CastOp::create(builder, type, value).getResult();
  }

  /// `blocks` with dimensions of size 1 inserted at `added`.
  Value createWithUnitDims(Value blocks, RankedTensorType type,
                           ArrayRef<int64_t> added) {
    SmallVector<ReassociationIndices> groups(1);
    bool isTaken = false;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool isSource = !llvm::is_contained(added, dim);
      if (isSource && isTaken)
        groups.emplace_back();
      isTaken |= isSource;
      groups.back().push_back(dim);
    }
    return tensor::ExpandShapeOp::create(builder, type, blocks, groups);
  }

  Value createTransposed(Value blocks, ArrayRef<int64_t> permutation) {
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, builder.getLoc(), blocks);
    applyPermutationToVector(sizes, permutation);
    Value empty =
        tensor::EmptyOp::create(builder, sizes, getElementTypeOrSelf(blocks));
    return linalg::TransposeOp::create(builder, blocks, empty, permutation)
        ->getResult(0);
  }

  /// `blocks` repeated along the dimensions that a collapse merges with one
  /// that has parameters of its own.
  Value createRepeated(Value blocks, tensor::CollapseShapeOp collapse) {
    auto type = cast<RankedTensorType>(blocks.getType());
    SmallVector<int64_t> shape(type.getShape());
    for (auto [dim, group] :
         llvm::enumerate(collapse.getReassociationIndices()))
      if (resultDims.test(dim))
        for (int64_t source : group)
          shape[source] = dataType.getDimSize(source);
    if (shape == type.getShape())
      return blocks;
    SmallVector<AffineExpr> exprs;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      exprs.push_back(ownDims.test(dim) ? builder.getAffineDimExpr(dim)
                                        : builder.getAffineConstantExpr(0));
    AffineMap map = AffineMap::get(type.getRank(), /*symbolCount=*/0, exprs,
                                   builder.getContext());
    Value empty = createEmptyTensor(
        builder, RankedTensorType::get(shape, type.getElementType()),
        dequantize.getInput());
    return createElementwise(
        builder, empty, {{blocks, map}},
        [](ImplicitLocOpBuilder &, ValueRange elements) -> Value {
          return elements.front();
        });
  }

  ImplicitLocOpBuilder builder;
  Operation *op;
  DequantizeOp dequantize;
  RankedTensorType dataType, resultType;
  llvm::SmallBitVector ownDims, resultDims;
};

} // namespace

FailureOr<BlockParameters> mlir::ptq::moveParameters(PatternRewriter &rewriter,
                                                     Operation *op,
                                                     DequantizeOp dequantize) {
  return ParameterMover(rewriter, op, dequantize).move();
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

namespace {

/// pad(dequantize(q, s, z), 0) -> dequantize(insert q into z, s, z) where every
/// index of an axis has a zero point of its own: padding has the code of its
/// sample's 0.
struct SinkDequantizeThroughPad : OpRewritePattern<tensor::PadOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    auto dequantize = op.getSource().getDefiningOp<DequantizeOp>();
    if (!dequantize || !dequantize.getAxis() || !dequantize.getZeroPoint())
      return rewriter.notifyMatchFailure(op, "no dequantize with zero points "
                                             "along an axis");
    RankedTensorType type = op.getResultType();
    RankedTensorType sourceType = dequantize.getInput().getType();
    auto storage = cast<IntegerType>(sourceType.getElementType());
    auto zeroPointType =
        cast<RankedTensorType>(dequantize.getZeroPoint().getType());
    Value padding = op.getConstantPaddingValue();
    if (!padding || !matchPattern(padding, m_AnyZeroFloat()))
      return rewriter.notifyMatchFailure(op, "padding is not 0");
    SmallVector<OpFoldResult> low = op.getMixedLowPad();
    SmallVector<OpFoldResult> high = op.getMixedHighPad();
    auto axis = static_cast<int64_t>(*dequantize.getAxis());
    SmallVector<int64_t> otherDims;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool isPadded =
          !isConstantIntValue(low[dim], 0) || !isConstantIntValue(high[dim], 0);
      if (isPadded && (dim == axis || type.isDynamicDim(dim)))
        return rewriter.notifyMatchFailure(op, "a dynamic dimension or that of "
                                               "the zero points is padded");
      if (dim != axis)
        otherDims.push_back(dim);
    }

    Location loc = op.getLoc();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, dequantize.getInput());
    SmallVector<OpFoldResult> paddedSizes = sizes;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (!type.isDynamicDim(dim))
        paddedSizes[dim] = rewriter.getIndexAttr(type.getDimSize(dim));
    Value empty = tensor::EmptyOp::create(rewriter, loc, paddedSizes, storage);
    Value codesOfZero = dequantize.getZeroPoint();
    if (zeroPointType.getElementType() != storage) {
      ImplicitLocOpBuilder builder(loc, rewriter);
      codesOfZero = createElementwise(
          builder, zeroPointType.clone(storage), {{codesOfZero}},
          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
            return createIntegerCast(body, elements.front(), storage);
          });
    }
    // The number of zero points may be known to the codes only.
    auto codesOfZeroType = RankedTensorType::get(
        {cast<RankedTensorType>(empty.getType()).getDimSize(axis)}, storage);
    if (codesOfZero.getType() != codesOfZeroType)
      codesOfZero =
          tensor::CastOp::create(rewriter, loc, codesOfZeroType, codesOfZero);
    Value zeros = linalg::BroadcastOp::create(rewriter, loc, codesOfZero, empty,
                                              otherDims)
                      ->getResult(0);
    SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
    Value codes = tensor::InsertSliceOp::create(
        rewriter, loc, dequantize.getInput(), zeros, low, sizes, strides);
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, type, codes, dequantize.getScale(), dequantize.getZeroPoint(),
        dequantize.getAxisAttr(), /*block_size=*/DenseI64ArrayAttr());
    return success();
  }
};

} // namespace

void mlir::ptq::populateSinkThroughPadPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDequantizeThroughPad>(patterns.getContext());
}
