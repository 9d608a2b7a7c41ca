//===- JoinedValues.cpp - Quantize before values come together ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where several values become one (a concatenation, an insertion, a maximum of
// two tensors, the arms of a branch), they share the scale
// and zero point of the one. Its quantize rises through: each value is
// quantized for itself, by those parameters, which gives the same codes, and
// its producer can requantize its accumulators straight to them. A value that
// has codes of its own besides is requantized, or quantized twice from one
// accumulator.
//
//===----------------------------------------------------------------------===//

#include "JoinedValues.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "ptq/Interpreter/IntegerElements.h"

using namespace mlir;
using namespace mlir::ptq;

bool mlir::ptq::hasMovableParameters(QuantizeOp op) {
  return matchStaticParameters(op.getScale(), op.getZeroPoint()) &&
         op.getInput().getType().getShape() ==
             op.getResult().getType().getShape();
}

Value mlir::ptq::copyParameter(OpBuilder &builder, Value parameter) {
  if (!parameter)
    return {};
  return builder.clone(*parameter.getDefiningOp())->getResult(0);
}

Value mlir::ptq::createQuantizeLike(OpBuilder &builder, QuantizeOp op,
                                    Value value) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(value.getType());
  return QuantizeOp::create(
      builder, loc, type.clone(op.getResult().getType().getElementType()),
      value, copyParameter(builder, op.getScale()),
      copyParameter(builder, op.getZeroPoint()),
      /*axis=*/IntegerAttr(), /*block_size=*/DenseI64ArrayAttr(),
      op.getLowAttr(), op.getHighAttr());
}

/// Whether `op` is the only one to read its input and can rise through whatever
/// puts that together.
static LogicalResult checkJoin(QuantizeOp op, ExplainFn explain) {
  if (!op.getInput().hasOneUse())
    return explain("its input is also used in float");
  if (!hasMovableParameters(op))
    return explain("its parameters are no constants of the whole tensor");
  return success();
}

LogicalResult mlir::ptq::explainJoin(QuantizeOp op, ExplainFn explain) {
  if (op.getInput().getDefiningOp<scf::ForOp>())
    return explain("what the loop carries is not quantized alike wherever it "
                   "is read");
  return checkJoin(op, explain);
}

namespace {

/// Whether the input of `op` is a result of some `ProducerT` through which it
/// can rise.
template <typename ProducerT>
FailureOr<ProducerT> matchJoin(QuantizeOp op, PatternRewriter &rewriter) {
  auto producer = op.getInput().getDefiningOp<ProducerT>();
  if (!producer)
    return rewriter.notifyMatchFailure(op, "input comes from another op");
  if (failed(checkJoin(op, explainTo(rewriter, op))))
    return failure();
  return producer;
}

/// quantize(join(a, b)) -> join(quantize(a), quantize(b)), where the op puts
/// elements of tensors together or chooses among them.
template <typename JoinT>
struct RiseThroughJoin : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<JoinT> join = matchJoin<JoinT>(op, rewriter);
    if (failed(join))
      return failure();
    IRMapping onCodes;
    for (Value operand : (*join)->getOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.getType());
          type && isa<FloatType>(type.getElementType()))
        onCodes.map(operand, createQuantizeLike(rewriter, op, operand));
    Operation *codes = rewriter.clone(**join, onCodes);
    codes->getResult(0).setType(op.getType());
    rewriter.replaceOp(op, codes);
    return success();
  }
};

/// quantize(empty) -> empty: nobody has written to it.
struct QuantizeEmpty : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto empty = op.getInput().getDefiningOp<tensor::EmptyOp>();
    if (!empty || op.getInput().getType().getShape() !=
                      op.getResult().getType().getShape())
      return rewriter.notifyMatchFailure(op, "input is not empty");
    rewriter.replaceOpWithNewOp<tensor::EmptyOp>(op, op.getType(),
                                                 empty.getDynamicSizes());
    return success();
  }
};

/// quantize(fill(c)) -> fill(code of c)
struct QuantizeFill : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto fill = op.getInput().getDefiningOp<linalg::FillOp>();
    FloatAttr value;
    if (!fill || !matchPattern(fill.getInputs().front(), m_Constant(&value)))
      return rewriter.notifyMatchFailure(op,
                                         "input is not filled with a constant");
    IntegerAttr code = quantizeConstant(op, value);
    if (!code)
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    ImplicitLocOpBuilder builder(fill.getLoc(), rewriter);
    Value scalar = arith::ConstantOp::create(builder, code);
    Value empty = createEmptyResult(
        builder, cast<linalg::LinalgOp>(fill.getOperation()), code.getType());
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, scalar, empty);
    return success();
  }
};

/// quantize(constant) -> the constant's codes, such as those that a loop starts
/// from. Weights have theirs from calibration.
struct QuantizeConstant : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<StaticParameters> parameters = matchStaticQuantize(op);
    if (!parameters || !holdsActivationCodes(op.getResult()) ||
        !matchPattern(op.getInput(), m_Constant()))
      return rewriter.notifyMatchFailure(op, "input is no constant, or the "
                                             "parameters are none");
    FailureOr<TensorValue> values = evaluateConstant(op.getInput());
    if (failed(values) || !values->getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "the constant is not f32, or its "
                                             "data is missing");
    TensorValue codes = TensorValue::allocateUninitialized(op.getType());
    CodeRange range{op.getLowCode(), op.getHighCode()};
    visitIntegerType(codes.getElementByteSize(), [&](auto element) {
      using Integer = decltype(element);
      for (auto [code, value] : llvm::zip_equal(codes.getMutableData<Integer>(),
                                                values->getData<float>()))
        code = static_cast<Integer>(quantizeValue(
            value, parameters->scale, parameters->zeroPoint, range));
    });
    rewriter.replaceOp(
        op, createTensorConstant(rewriter, op.getLoc(), codes,
                                 getEdgeName(op.getInput()) + "_codes"));
    return success();
  }
};

/// The integer maximum or minimum that corresponds to `op`, of two arguments of
/// the body of a structured op; null for anything else.
static Value createSelection(ImplicitLocOpBuilder &builder, Operation *op,
                             Value lhs, Value rhs) {
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(op))
    return arith::MaxSIOp::create(builder, lhs, rhs);
  if (isa<arith::MinimumFOp, arith::MinNumFOp>(op))
    return arith::MinSIOp::create(builder, lhs, rhs);
  return {};
}

/// quantize(max(a, b)) -> max(quantize(a), quantize(b)), and for the minimum:
/// quantization keeps the order. NaN, which a maximum of floats passes on and
/// which has the code of 0, counts as 0 here.
struct RiseThroughSelection : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<linalg::LinalgOp>();
    if (!producer || !op.getInput().hasOneUse() || !hasMovableParameters(op))
      return rewriter.notifyMatchFailure(
          op, "input is no structured op of its own, or parameters move not");
    Operation *selection = matchSelection(producer);
    if (!selection)
      return rewriter.notifyMatchFailure(
          op, "input is no maximum or minimum of two tensors");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    builder.setInsertionPoint(producer);
    SmallVector<Value> operands =
        llvm::map_to_vector(producer.getDpsInputs(), [&](Value input) {
          return createQuantizeLike(builder, op, input);
        });
    Type storage = op.getResult().getType().getElementType();
    operands.push_back(createEmptyResult(builder, producer, storage));
    builder.setInsertionPoint(op);
    Value codes = rebuildStructuredOp(
        builder, producer, operands,
        [&](ImplicitLocOpBuilder &body, Block &block) {
          return createSelection(body, selection, block.getArgument(0),
                                 block.getArgument(1));
        });
    rewriter.replaceOp(op, codes);
    return success();
  }

private:
  /// The one op of the body, which takes both inputs.
  static Operation *matchSelection(linalg::LinalgOp op) {
    if (op.getNumDpsInputs() != 2 || op->getNumResults() != 1 ||
        op.getNumParallelLoops() != op.getNumLoops() ||
        !llvm::all_of(op.getDpsInputs(), [](Value input) {
          return isa<RankedTensorType>(input.getType()) &&
                 getElementTypeOrSelf(input).isF32();
        }))
      return nullptr;
    Block *body = op.getBlock();
    Operation *root = body->getTerminator()->getOperand(0).getDefiningOp();
    if (!root || root->getBlock() != body || root->getNumOperands() != 2 ||
        !isa<arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp,
             arith::MinNumFOp>(root))
      return nullptr;
    Value first = body->getArgument(0), second = body->getArgument(1);
    Value lhs = root->getOperand(0), rhs = root->getOperand(1);
    bool takesBoth =
        (lhs == first && rhs == second) || (lhs == second && rhs == first);
    return takesBoth ? root : nullptr;
  }
};

/// quantize(if { yield a } else { yield b }) -> both arms yield codes.
struct RiseThroughBranch : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<scf::IfOp> branch = matchJoin<scf::IfOp>(op, rewriter);
    if (failed(branch))
      return failure();
    unsigned number = cast<OpResult>(op.getInput()).getResultNumber();
    SmallVector<Type> types(branch->getResultTypes());
    types[number] = op.getType();
    rewriter.setInsertionPoint(*branch);
    auto onCodes = scf::IfOp::create(rewriter, branch->getLoc(), types,
                                     branch->getCondition(),
                                     /*addThenBlock=*/false,
                                     /*addElseBlock=*/false);
    for (auto [from, to] :
         llvm::zip(branch->getRegions(), onCodes->getRegions()))
      rewriter.inlineRegionBefore(*from, to, to.end());
    for (Region &region : onCodes->getRegions()) {
      Operation *yield = region.front().getTerminator();
      rewriter.setInsertionPoint(yield);
      Value codes = createQuantizeLike(rewriter, op, yield->getOperand(number));
      rewriter.modifyOpInPlace(yield,
                               [&] { yield->setOperand(number, codes); });
    }
    for (auto [index, result] : llvm::enumerate(branch->getResults()))
      if (index != number)
        rewriter.replaceAllUsesWith(result, onCodes->getResult(index));
    rewriter.replaceOp(op, onCodes->getResult(number));
    rewriter.eraseOp(*branch);
    return success();
  }
};

} // namespace

void mlir::ptq::populateJoinedValuePatterns(RewritePatternSet &patterns) {
  patterns
      .add<QuantizeConstant, QuantizeEmpty, QuantizeFill, RiseThroughBranch,
           RiseThroughJoin<arith::SelectOp>, RiseThroughJoin<tensor::ConcatOp>,
           RiseThroughJoin<tensor::InsertSliceOp>, RiseThroughSelection>(
          patterns.getContext());
}
