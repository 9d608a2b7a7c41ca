//===- QuantizationToLinalg.cpp - Values to codes and back, elementwise ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Conversion/PTQToLinalg/PTQToLinalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/ParameterMap.h"

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
    CodeRange codes{op.getLowCode(), op.getHighCode()};
    rewriter.replaceOp(
        op,
        createElementwise(builder, op.getResult().getType(),
                          getOperands(op, op.getScale(), op.getBlockSize()),
                          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
                            return createQuantizedValue(
                                body, elements[0], elements[1],
                                getZeroPointElement(elements), codes,
                                getStorageType(op.getResult()));
                          }));
    return success();
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
    rewriter.replaceOp(
        op,
        createElementwise(builder, op.getResult().getType(),
                          getOperands(op, op.getMultiplier(), std::nullopt),
                          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
                            return createRequantizedValue(
                                body, elements[0], elements[1],
                                getZeroPointElement(elements), codes,
                                getStorageType(op.getResult()));
                          }));
    return success();
  }

private:
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
