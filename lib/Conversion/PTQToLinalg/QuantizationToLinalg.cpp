//===- QuantizationToLinalg.cpp - Values to codes and back, elementwise ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Conversion/PTQToLinalg/PTQToLinalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/BlockReshapes.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/ParameterMap.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

static IntegerType getStorageType(Value value) {
  return cast<IntegerType>(getElementTypeOrSelf(value));
}

/// The operands of the elementwise op that replaces `op`: the data, the scale,
/// and the zero point if there is one.
template <typename OpTy>
static SmallVector<ElementwiseOperand>
getOperands(OpTy op, Value scale, std::optional<ArrayRef<int64_t>> blockSizes) {
  AffineMap map =
      getParameterMap(op.getInput().getType(), op.getAxis(), blockSizes);
  SmallVector<ElementwiseOperand> operands{{op.getInput()}, {scale, map}};
  if (Value zeroPoint = op.getZeroPoint())
    operands.push_back({zeroPoint, map});
  return operands;
}

/// The dimension of what `op` quantizes that is cut into blocks, if there is
/// one; blocks of one element and those of a whole dimension cut nothing.
static std::optional<int64_t> findCutDim(QuantizeOp op) {
  std::optional<ArrayRef<int64_t>> blocks = op.getBlockSize();
  if (!blocks)
    return std::nullopt;
  std::optional<int64_t> cut;
  for (auto [dim, block] : llvm::enumerate(*blocks)) {
    int64_t size = op.getInput().getType().getDimSize(dim);
    if (block == 1 || (ShapedType::isStatic(size) && size <= block))
      continue;
    if (cut || ShapedType::isDynamic(size))
      return std::nullopt;
    cut = dim;
  }
  return cut;
}

/// The zero point among the elements of `getOperands`, null if there is none.
static Value getZeroPointElement(ValueRange elements) {
  return elements.size() > 2 ? elements[2] : Value();
}

namespace {

struct ConvertQuantize : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    if (std::optional<int64_t> dim = findCutDim(op)) {
      rewriter.replaceOp(op, createInBlocks(builder, op, *dim));
      return success();
    }
    rewriter.replaceOp(
        op, createCodes(builder, op, op.getResult().getType(),
                        getOperands(op, op.getScale(), op.getBlockSize())));
    return success();
  }

private:
  /// Quantizes `operands`: values, scales, and zero points if there are any.
  static Value createCodes(ImplicitLocOpBuilder &builder, QuantizeOp op,
                           RankedTensorType type,
                           ArrayRef<ElementwiseOperand> operands) {
    CodeRange codes{op.getLowCode(), op.getHighCode()};
    return createElementwise(
        builder, type, operands,
        [&](ImplicitLocOpBuilder &body, ValueRange elements) {
          return createQuantizedValue(body, elements[0], elements[1],
                                      getZeroPointElement(elements), codes,
                                      getStorageType(op.getResult()));
        });
  }

  /// Quantizes with dimension `dim` split into the blocks that share a scale.
  static Value createInBlocks(ImplicitLocOpBuilder &builder, QuantizeOp op,
                              int64_t dim) {
    RankedTensorType type = op.getInput().getType();
    int64_t blockSize = (*op.getBlockSize())[dim];
    Value split = createSplitIntoBlocks(builder, op.getInput(), dim, blockSize);
    auto splitType = cast<RankedTensorType>(split.getType());
    // The loops of all dimensions and, behind `dim`, of the elements of a
    // block.
    SmallVector<AffineExpr> loops;
    for (int64_t loop = 0; loop < type.getRank(); ++loop)
      loops.push_back(builder.getAffineDimExpr(loop > dim ? loop + 1 : loop));
    SmallVector<int64_t> blocks(*op.getBlockSize());
    blocks[dim] = 1;
    AffineMap map =
        getParameterMap(type, /*axis=*/std::nullopt, ArrayRef(blocks))
            .replaceDimsAndSymbols(loops, {}, splitType.getRank(), 0);
    SmallVector<ElementwiseOperand> operands =
        getOperands(op, op.getScale(), op.getBlockSize());
    operands[0] = {split};
    for (ElementwiseOperand &parameter : MutableArrayRef(operands).drop_front())
      parameter.map = map;
    Type storage = getStorageType(op.getResult());
    Value codes = createJoinedBlocks(
        builder, createCodes(builder, op, splitType.clone(storage), operands),
        dim);
    if (type.getDimSize(dim) % blockSize == 0)
      return codes;
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, builder.getLoc(), op.getInput());
    return tensor::ExtractSliceOp::create(builder, op.getResult().getType(),
                                          codes, offsets, sizes, strides);
  }
};

struct ConvertDequantize : OpRewritePattern<DequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    auto type = cast<FloatType>(op.getResult().getType().getElementType());
    rewriter.replaceOp(
        op,
        createElementwise(builder, op.getResult().getType(),
                          getOperands(op, op.getScale(), op.getBlockSize()),
                          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
                            return createDequantizedValue(
                                body, elements[0], elements[1],
                                getZeroPointElement(elements), type);
                          }));
    return success();
  }
};

struct ConvertRequantize : OpRewritePattern<RequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    CodeRange codes{op.getLowCode(), op.getHighCode()};
    if (op.getShift()) {
      rewriter.replaceOp(op, createFixedPoint(builder, op, codes));
      return success();
    }
    RoundedRange range = getProductRange(op);
    rewriter.replaceOp(
        op,
        createElementwise(builder, op.getResult().getType(),
                          getOperands(op, op.getMultiplier(), std::nullopt),
                          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
                            return createRequantizedValue(
                                body, elements[0], elements[1],
                                getZeroPointElement(elements), codes,
                                getStorageType(op.getResult()), range);
                          }));
    return success();
  }

private:
  /// What constant multipliers say about the products with accumulators.
  static RoundedRange getProductRange(RequantizeOp op) {
    FailureOr<SmallVector<float>> multipliers =
        readFloatConstant(op.getMultiplier());
    bool areSmall =
        succeeded(multipliers) && llvm::all_of(*multipliers, [](float value) {
          return std::abs(value) <= kLargestBoundedMultiplier;
        });
    return areSmall ? RoundedRange::FitsI32 : RoundedRange::Any;
  }

  static Value createFixedPoint(ImplicitLocOpBuilder &builder, RequantizeOp op,
                                CodeRange codes) {
    AffineMap map = getParameterMap(op.getInput().getType(), op.getAxis(),
                                    /*blockSizes=*/std::nullopt);
    SmallVector<ElementwiseOperand> operands{
        {op.getInput()}, {op.getMultiplier(), map}, {op.getShift(), map}};
    if (Value zeroPoint = op.getZeroPoint())
      operands.push_back({zeroPoint, map});
    return createElementwise(
        builder, op.getResult().getType(), operands,
        [&](ImplicitLocOpBuilder &body, ValueRange elements) {
          Value zeroPoint = elements.size() > 3 ? elements[3] : Value();
          return createFixedPointCode(body, elements[0], elements[1],
                                      elements[2], zeroPoint, codes,
                                      getStorageType(op.getResult()));
        });
  }
};

} // namespace

void mlir::ptq::populateQuantizationToLinalgPatterns(
    RewritePatternSet &patterns) {
  patterns.add<ConvertDequantize, ConvertQuantize, ConvertRequantize>(
      patterns.getContext());
}
