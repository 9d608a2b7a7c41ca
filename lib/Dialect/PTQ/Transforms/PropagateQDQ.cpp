//===- PropagateQDQ.cpp - Dequantize sinks, quantize rises ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data movement and maxima commute with quantization, which is monotonic and
// works element by element. Moving quantize and dequantize through them leaves
// both next to the ops that compute, where ptq-rewrite-to-integer looks for
// them, and moves a quarter of the bytes.
//
//===----------------------------------------------------------------------===//

#include "JoinedValues.h"
#include "MovedParameters.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include <algorithm>

namespace mlir::ptq {
#define GEN_PASS_DEF_PROPAGATEQDQPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Whether input and result of a quantize or dequantize have the same type but
/// for the elements. Both may be static where the other is not.
template <typename OpTy>
static bool keepsShape(OpTy op) {
  return op.getInput().getType().getShape() ==
         op.getResult().getType().getShape();
}

/// `axis` of quantize or dequantize after it has been mapped by `mapDims`; null
/// where there is none. Failure if it does not stay one dimension.
static FailureOr<IntegerAttr> mapAxis(
    OpBuilder &builder, std::optional<int64_t> axis,
    function_ref<FailureOr<SmallVector<int64_t>>(ArrayRef<int64_t>)> mapDims) {
  if (!axis)
    return IntegerAttr();
  FailureOr<SmallVector<int64_t>> mapped = mapDims(*axis);
  if (failed(mapped) || mapped->size() != 1)
    return failure();
  return builder.getI64IntegerAttr(mapped->front());
}

namespace {

/// op(dequantize(q)) -> dequantize(op(q)). Other users of the dequantize keep
/// it: it is cheaper than the data movement in float.
struct SinkDequantize
    : OpInterfaceRewritePattern<QuantizationTransparentOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizationTransparentOpInterface op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      unsigned number = operand.getOperandNumber();
      auto dequantize = operand.get().getDefiningOp<DequantizeOp>();
      if (dequantize && op.isTransparentFor(number))
        return sinkThrough(op, number, dequantize, rewriter);
    }
    return rewriter.notifyMatchFailure(
        op, "no dequantize that could sink through this op");
  }

private:
  static LogicalResult sinkThrough(QuantizationTransparentOpInterface op,
                                   unsigned number, DequantizeOp dequantize,
                                   PatternRewriter &rewriter) {
    if (!keepsShape(dequantize))
      return rewriter.notifyMatchFailure(op, "the dequantize casts its shape");
    bool hasBlocks = dequantize.getBlockSize().has_value();
    FailureOr<IntegerAttr> axis =
        mapAxis(rewriter, dequantize.getAxis(), [&](ArrayRef<int64_t> dims) {
          return op.mapDimsToResult(number, dims);
        });
    FailureOr<BlockParameters> moved = failure();
    if (hasBlocks || failed(axis)) {
      // Whoever reads a constant finds its scales where they are.
      if (matchPattern(dequantize.getScale(), m_Constant()))
        return rewriter.notifyMatchFailure(op, "constant scales do not move");
      moved = moveParameters(rewriter, op, dequantize);
      if (failed(moved))
        return rewriter.notifyMatchFailure(
            op, "the scales do not follow the elements");
    }
    FailureOr<Value> codes = op.createOnStorage(
        rewriter, number, dequantize.getInput(), dequantize.getZeroPoint());
    if (failed(codes))
      return rewriter.notifyMatchFailure(op, "cannot be built on codes");
    Type type = op->getResult(0).getType();
    if (succeeded(moved))
      rewriter.replaceOpWithNewOp<DequantizeOp>(
          op, type, *codes, moved->scale, moved->zeroPoint,
          /*axis=*/IntegerAttr(),
          rewriter.getDenseI64ArrayAttr(moved->blockSizes));
    else
      rewriter.replaceOpWithNewOp<DequantizeOp>(
          op, type, *codes, dequantize.getScale(), dequantize.getZeroPoint(),
          *axis, /*block_size=*/DenseI64ArrayAttr());
    return success();
  }
};

/// quantize(op(x)) -> op(quantize(x)), where nobody else needs op(x).
struct RiseQuantize : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer =
        op.getInput().getDefiningOp<QuantizationTransparentOpInterface>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "input does not move elements");
    if (!op.getInput().hasOneUse())
      return rewriter.notifyMatchFailure(op, "input is also used in float");
    if (op.getBlockSize())
      return rewriter.notifyMatchFailure(op, "block-wise scales do not move");
    if (!keepsShape(op))
      return rewriter.notifyMatchFailure(op, "the quantize casts its shape");
    for (OpOperand &operand : producer->getOpOperands())
      if (producer.isTransparentFor(operand.getOperandNumber()))
        return riseThrough(op, producer, operand, rewriter);
    return rewriter.notifyMatchFailure(op, "input is no transparent op");
  }

private:
  static LogicalResult riseThrough(QuantizeOp op,
                                   QuantizationTransparentOpInterface producer,
                                   OpOperand &operand,
                                   PatternRewriter &rewriter) {
    unsigned number = operand.getOperandNumber();
    // The code of an inserted 0 is the zero point, unless the bounds forbid it.
    std::optional<int64_t> zeroPoint = matchZeroPoint(op.getZeroPoint());
    bool areBoundsDefault = !op.getLow() && !op.getHigh();
    bool isZeroWithin = zeroPoint && op.getLowCode() <= *zeroPoint &&
                        *zeroPoint <= op.getHighCode();
    if (!areBoundsDefault && !isZeroWithin)
      return rewriter.notifyMatchFailure(op, "0 is outside the bounds");
    FailureOr<IntegerAttr> axis =
        mapAxis(rewriter, op.getAxis(), [&](ArrayRef<int64_t> dims) {
          return producer.mapDimsToOperand(number, dims);
        });
    if (failed(axis))
      return rewriter.notifyMatchFailure(
          op, "the axis of the scales does not stay one dimension");

    OpBuilder::InsertionGuard guard(rewriter);
    auto inputType = cast<RankedTensorType>(operand.get().getType());
    auto type = inputType.clone(op.getResult().getType().getElementType());
    auto quantize = QuantizeOp::create(
        rewriter, op.getLoc(), type, operand.get(), op.getScale(),
        op.getZeroPoint(), *axis, /*block_size=*/DenseI64ArrayAttr(),
        op.getLowAttr(), op.getHighAttr());
    FailureOr<Value> codes = producer.createOnStorage(
        rewriter, number, quantize.getResult(), op.getZeroPoint());
    if (failed(codes)) {
      rewriter.eraseOp(quantize);
      return rewriter.notifyMatchFailure(op, "input cannot be built on codes");
    }
    rewriter.replaceOp(op, *codes);
    return success();
  }
};

/// quantize(pad(x, v)) -> pad(quantize(x), code of v), for any constant v, such
/// as the -inf below a maximum.
struct RiseQuantizeThroughPad : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<tensor::PadOp>();
    if (!pad || !op.getInput().hasOneUse())
      return rewriter.notifyMatchFailure(op, "input is no pad of its own");
    FloatAttr value;
    Value padding = pad.getConstantPaddingValue();
    if (!padding || !matchPattern(padding, m_Constant(&value)))
      return rewriter.notifyMatchFailure(op, "padding is not constant");
    IntegerAttr code = quantizeConstant(op, value);
    if (!code)
      return rewriter.notifyMatchFailure(op, "parameters are not constant");

    RankedTensorType type = op.getResult().getType();
    auto quantize = QuantizeOp::create(
        rewriter, op.getLoc(), pad.getSourceType().clone(code.getType()),
        pad.getSource(), op.getScale(), op.getZeroPoint(),
        /*axis=*/IntegerAttr(), /*block_size=*/DenseI64ArrayAttr(),
        op.getLowAttr(), op.getHighAttr());
    Value paddingCode = arith::ConstantOp::create(rewriter, pad.getLoc(), code);
    rewriter.replaceOp(op, tensor::PadOp::create(rewriter, pad.getLoc(), type,
                                                 quantize, pad.getMixedLowPad(),
                                                 pad.getMixedHighPad(),
                                                 paddingCode, pad.getNofold()));
    return success();
  }
};

/// quantize(min(max(x, a), b)) -> quantize(x) between the codes of a and b.
/// Exact because quantization is monotonic. NaN becomes the zero point on both
/// sides for a ReLU in any spelling; a clamp that turns NaN into another bound
/// than 0 is taken to give the zero point as well.
struct FuseClamp : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<linalg::LinalgOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "input is no structured op");
    std::optional<ClampBounds> bounds = matchClamp(producer);
    if (!bounds)
      return rewriter.notifyMatchFailure(op, "input is no clamp");
    if (op.getScale().getDefiningOp<ChooseParametersOp>())
      return rewriter.notifyMatchFailure(op, "the clamp is measured");
    if (!(bounds->low <= 0.0 && bounds->high >= 0.0))
      return rewriter.notifyMatchFailure(op, "0 is outside the clamp");
    FailureOr<CodeRange> codes = computeCodes(op, *bounds);
    if (failed(codes))
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    Value input = producer.getDpsInputOperand(bounds->input)->get();
    if (input.getType() != op.getInput().getType())
      return rewriter.notifyMatchFailure(op, "the clamp changes the type");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      // Bounds that are those of the storage type are not written.
      if (codes->min != op.getLowCode())
        op.setLow(codes->min);
      if (codes->max != op.getHighCode())
        op.setHigh(codes->max);
    });
    return success();
  }

private:
  /// The bounds of `op` after those of the clamp have been applied.
  static FailureOr<CodeRange> computeCodes(QuantizeOp op, ClampBounds bounds) {
    CodeRange codes{op.getLowCode(), op.getHighCode()};
    std::optional<StaticParameters> parameters =
        matchStaticParameters(op.getScale(), op.getZeroPoint());
    // Codes of more than 16 bits are not what this is for.
    if (op.getResult().getType().getElementTypeBitWidth() > 16)
      return failure();
    auto getCode = [&](double bound) -> FailureOr<int64_t> {
      if (parameters)
        return quantizeValue(static_cast<float>(bound), parameters->scale,
                             parameters->zeroPoint, codes);
      // The code of 0 does not depend on the scale, nor that of an open end.
      if (bound == 0.0 && matchZeroPoint(op.getZeroPoint()) == 0)
        return std::clamp<int64_t>(0, codes.min, codes.max);
      if (std::isinf(bound))
        return bound < 0 ? codes.min : codes.max;
      return failure();
    };
    FailureOr<int64_t> low = getCode(bounds.low);
    FailureOr<int64_t> high = getCode(bounds.high);
    if (failed(low) || failed(high))
      return failure();
    return CodeRange{*low, *high};
  }
};

/// dim(quantize(x)) -> dim(x), and for its relatives: a size must not keep the
/// numbers alive.
template <typename OpTy>
struct ForwardDim : OpRewritePattern<tensor::DimOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::DimOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getSource().template getDefiningOp<OpTy>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "source is another op");
    rewriter.modifyOpInPlace(
        op, [&] { op.getSourceMutable().assign(producer.getInput()); });
    return success();
  }
};

struct PropagateQDQPass : ptq::impl::PropagateQDQPassBase<PropagateQDQPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populatePropagateQDQPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      getOperation().emitWarning("propagation did not come to an end");
    getOperation().walk([&](Operation *op) {
      if (auto dequantize = dyn_cast<DequantizeOp>(op))
        countStopped(dequantize);
    });
  }

private:
  /// Counts the ops that move elements in float although they have codes.
  void countStopped(DequantizeOp op) {
    for (Operation *user : op->getUsers())
      if (isa<QuantizationTransparentOpInterface>(user) &&
          cast<QuantizationTransparentOpInterface>(user).isTransparentFor(0))
        ++numStopped;
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

void mlir::ptq::populateForwardDimPatterns(RewritePatternSet &patterns) {
  patterns.add<ForwardDim<DequantizeOp>, ForwardDim<QuantizeOp>,
               ForwardDim<RequantizeOp>>(patterns.getContext());
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
}

void mlir::ptq::populatePropagateQDQPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseClamp, RiseQuantize, RiseQuantizeThroughPad, SinkDequantize>(
      patterns.getContext());
  populateJoinedValuePatterns(patterns);
  populateSinkThroughGatherPatterns(patterns);
  populateSinkThroughPadPatterns(patterns);
  populateForwardDimPatterns(patterns);
}
