//===- FixedPointRequantization.cpp - Multipliers as integers -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
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

/// The bits of the largest integer of a constant that a sum begins with, which
/// may be spread over it: 0 for zeros, nothing if it is no constant.
static std::optional<unsigned> getInitBits(Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  else if (auto broadcast = init.getDefiningOp<linalg::BroadcastOp>())
    init = broadcast.getInput();
  FailureOr<TensorValue> constant = evaluateConstant(init);
  if (failed(constant) || !constant->getElementType().isInteger(64))
    return std::nullopt;
  uint64_t largest = 0;
  for (int64_t element : constant->getData<int64_t>())
    largest = std::max(largest, static_cast<uint64_t>(std::abs(element)));
  return llvm::bit_width(largest);
}

/// k where the magnitude of `accumulator` is at most 2^k. An i64 is a sum of
/// products whose number and types are known, or it is taken for large.
static unsigned getMagnitudeBits(Value accumulator) {
  if (getElementTypeOrSelf(accumulator).isInteger(32))
    return 31;
  while (isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
      accumulator.getDefiningOp()))
    accumulator = accumulator.getDefiningOp()->getOperand(0);
  auto product = accumulator.getDefiningOp<linalg::LinalgOp>();
  if (!product || product.getNumDpsInputs() != 2)
    return kMaxMagnitudeBits;
  auto quantizable = dyn_cast<QuantizableOpInterface>(product.getOperation());
  std::optional<int64_t> depth =
      quantizable ? quantizable.getAccumulationDepth() : std::nullopt;
  std::optional<unsigned> initBits =
      getInitBits(product.getDpsInitOperand(0)->get());
  if (!isSumOfProducts(classifyStructuredOp(product)) || !depth || !initBits)
    return kMaxMagnitudeBits;
  unsigned bits = llvm::Log2_64_Ceil(*depth);
  for (OpOperand *input : product.getDpsInputOperands())
    bits += getElementTypeOrSelf(input->get()).getIntOrFloatBitWidth() - 1;
  return *initBits == 0 ? bits : std::max(bits, *initBits) + 1;
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
    unsigned bits = getMantissaBits(getMagnitudeBits(op.getInput()));
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
