//===- FixedPointRequantization.cpp - Multipliers as integers -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Quantization/FixedPoint.h"

using namespace mlir;
using namespace mlir::ptq;

/// `numbers` as a constant shaped like `like`: a scalar or a vector.
static Value createIntegers(OpBuilder &builder, Location loc,
                            ArrayRef<int32_t> numbers, Type like,
                            StringRef name) {
  if (!isa<ShapedType>(like))
    return arith::ConstantOp::create(
        builder, loc, builder.getI32IntegerAttr(numbers.front()));
  TensorValue tensor = TensorValue::allocateUninitialized(RankedTensorType::get(
      {static_cast<int64_t>(numbers.size())}, builder.getI32Type()));
  llvm::copy(numbers, tensor.getMutableData<int32_t>().begin());
  return createTensorConstant(builder, loc, tensor, name);
}

namespace {

struct UseFixedPoint : OpRewritePattern<RequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getShift())
      return rewriter.notifyMatchFailure(op, "is in fixed point already");
    FailureOr<SmallVector<float>> multipliers =
        readFloatConstant(op.getMultiplier());
    if (failed(multipliers))
      return rewriter.notifyMatchFailure(op, "the multiplier is no constant");
    unsigned bits =
        getMantissaBits(op.getInput().getType().getElementTypeBitWidth());
    SmallVector<int32_t> mantissas, shifts;
    for (float multiplier : *multipliers) {
      std::optional<FixedPointMultiplier> fixed =
          chooseFixedPointMultiplier(multiplier, bits);
      if (!fixed)
        return rewriter.notifyMatchFailure(op, "a multiplier is too large");
      mantissas.push_back(fixed->mantissa);
      shifts.push_back(fixed->shift);
    }
    Type like = op.getMultiplier().getType();
    std::string name = getEdgeName(op.getResult());
    Value mantissa = createIntegers(rewriter, op.getLoc(), mantissas, like,
                                    name + "_multiplier");
    Value shift =
        createIntegers(rewriter, op.getLoc(), shifts, like, name + "_shift");
    rewriter.replaceOpWithNewOp<RequantizeOp>(
        op, op.getType(), op.getInput(), mantissa, shift, op.getZeroPoint(),
        op.getAxisAttr(), op.getLowAttr(), op.getHighAttr());
    return success();
  }
};

} // namespace

void mlir::ptq::populateFixedPointRequantizationPatterns(
    RewritePatternSet &patterns) {
  patterns.add<UseFixedPoint>(patterns.getContext());
}
