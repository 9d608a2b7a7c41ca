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

#include "Propagation/Clamps.h"
#include "Propagation/JoinedValues.h"
#include "Propagation/MovedParameters.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Support/MatchExplanation.h"

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
    Builder &builder, std::optional<int64_t> axis,
    function_ref<FailureOr<SmallVector<int64_t>>(ArrayRef<int64_t>)> mapDims) {
  if (!axis)
    return IntegerAttr();
  FailureOr<SmallVector<int64_t>> mapped = mapDims(*axis);
  if (failed(mapped) || mapped->size() != 1)
    return failure();
  return builder.getI64IntegerAttr(mapped->front());
}

namespace {

/// A dequantize that can sink through an op as far as types tell.
struct Sink {
  DequantizeOp dequantize;
  /// The operand of the op that it gives.
  unsigned number;
  /// The axis of its scales behind the op; null for one scale.
  IntegerAttr axis;
  /// Whether its scales have to be moved like the elements.
  bool movesParameters;
};

/// A quantize that can rise through an op as far as types tell.
struct Rise {
  QuantizationTransparentOpInterface producer;
  /// The operand of the op that it will quantize.
  unsigned number;
  /// The axis of its scales before the op; null for one scale.
  IntegerAttr axis;
};

} // namespace

/// The first operand of `op` that is dequantized and whose elements it moves or
/// selects; null if there is none.
static OpOperand *findDequantized(QuantizationTransparentOpInterface op) {
  for (OpOperand &operand : op->getOpOperands())
    if (operand.get().getDefiningOp<DequantizeOp>() &&
        op.isTransparentFor(operand.getOperandNumber()))
      return &operand;
  return nullptr;
}

static FailureOr<Sink> matchSink(QuantizationTransparentOpInterface op,
                                 ExplainFn explain) {
  OpOperand *operand = findDequantized(op);
  if (!operand)
    return explain("no dequantize that could sink through this op");
  unsigned number = operand->getOperandNumber();
  auto dequantize = operand->get().getDefiningOp<DequantizeOp>();
  if (!keepsShape(dequantize))
    return explain("the dequantize casts its shape");
  Builder builder(op->getContext());
  FailureOr<IntegerAttr> axis =
      mapAxis(builder, dequantize.getAxis(), [&](ArrayRef<int64_t> dims) {
        return op.mapDimsToResult(number, dims);
      });
  bool movesParameters = dequantize.getBlockSize() || failed(axis);
  // Whoever reads a constant finds its scales where they are.
  if (movesParameters && matchPattern(dequantize.getScale(), m_Constant()))
    return explain("constant scales do not move");
  return Sink{dequantize, number, axis.value_or(IntegerAttr()),
              movesParameters};
}

static FailureOr<Rise> matchRise(QuantizeOp op, ExplainFn explain) {
  auto producer =
      op.getInput().getDefiningOp<QuantizationTransparentOpInterface>();
  OpOperand *operand = nullptr;
  if (producer)
    for (OpOperand &candidate : producer->getOpOperands())
      if (!operand && producer.isTransparentFor(candidate.getOperandNumber()))
        operand = &candidate;
  if (!operand)
    return explain("its input does not move or select elements");
  if (!op.getInput().hasOneUse())
    return explain("its input is also used in float");
  if (op.getBlockSize())
    return explain("scales of blocks do not move");
  if (!keepsShape(op))
    return explain("the quantize casts its shape");
  // The code of an inserted 0 is the zero point, unless the bounds forbid it.
  std::optional<int64_t> zeroPoint = matchZeroPoint(op.getZeroPoint());
  bool areBoundsDefault = !op.getLow() && !op.getHigh();
  bool isZeroWithin = zeroPoint && op.getLowCode() <= *zeroPoint &&
                      *zeroPoint <= op.getHighCode();
  if (!areBoundsDefault && !isZeroWithin)
    return explain("0 is outside the bounds");
  unsigned number = operand->getOperandNumber();
  Builder builder(op.getContext());
  FailureOr<IntegerAttr> axis =
      mapAxis(builder, op.getAxis(), [&](ArrayRef<int64_t> dims) {
        return producer.mapDimsToOperand(number, dims);
      });
  if (failed(axis))
    return explain("the axis of the scales does not stay one dimension");
  return Rise{producer, number, *axis};
}

namespace {

/// op(dequantize(q)) -> dequantize(op(q)). Other users of the dequantize keep
/// it: it is cheaper than the data movement in float.
struct SinkDequantize
    : OpInterfaceRewritePattern<QuantizationTransparentOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(QuantizationTransparentOpInterface op,
                                PatternRewriter &rewriter) const override {
    FailureOr<Sink> sink = matchSink(op, explainTo(rewriter, op));
    if (failed(sink))
      return failure();
    DequantizeOp dequantize = sink->dequantize;
    FailureOr<BlockParameters> moved = failure();
    if (sink->movesParameters) {
      moved = moveParameters(rewriter, op, dequantize);
      if (failed(moved))
        return rewriter.notifyMatchFailure(
            op, "the scales do not follow the elements");
    }
    FailureOr<Value> codes =
        op.createOnStorage(rewriter, sink->number, dequantize.getInput(),
                           dequantize.getZeroPoint());
    if (failed(codes))
      return rewriter.notifyMatchFailure(op, "cannot be built on codes");
    Type type = op->getResult(0).getType();
    if (sink->movesParameters)
      rewriter.replaceOpWithNewOp<DequantizeOp>(
          op, type, *codes, moved->scale, moved->zeroPoint,
          /*axis=*/IntegerAttr(),
          rewriter.getDenseI64ArrayAttr(moved->blockSizes));
    else
      rewriter.replaceOpWithNewOp<DequantizeOp>(
          op, type, *codes, dequantize.getScale(), dequantize.getZeroPoint(),
          sink->axis, /*block_size=*/DenseI64ArrayAttr());
    return success();
  }
};

/// quantize(op(x)) -> op(quantize(x)), where nobody else needs op(x).
struct RiseQuantize : OpRewritePattern<QuantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<Rise> rise = matchRise(op, explainTo(rewriter, op));
    if (failed(rise))
      return failure();
    OpBuilder::InsertionGuard guard(rewriter);
    Value input = rise->producer->getOperand(rise->number);
    auto type = cast<RankedTensorType>(input.getType())
                    .clone(op.getResult().getType().getElementType());
    auto quantize = QuantizeOp::create(
        rewriter, op.getLoc(), type, input, op.getScale(), op.getZeroPoint(),
        rise->axis, /*block_size=*/DenseI64ArrayAttr(), op.getLowAttr(),
        op.getHighAttr());
    FailureOr<Value> codes = rise->producer.createOnStorage(
        rewriter, rise->number, quantize.getResult(), op.getZeroPoint());
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
      if (auto quantize = dyn_cast<QuantizeOp>(op))
        explainStopped(quantize);
      else if (auto mover = dyn_cast<QuantizationTransparentOpInterface>(op))
        explainStopped(mover);
    });
  }

private:
  /// Tells of an op that moves elements in float although they have codes.
  void explainStopped(QuantizationTransparentOpInterface op) {
    if (!findDequantized(op))
      return;
    ++numStopped;
    std::string reason = "it cannot be built on these codes and scales";
    (void)matchSink(op, [&](const Twine &text) {
      reason = text.str();
      return failure();
    });
    remarkStopped(op, Twine(op->getName().getStringRef()) +
                          " moves dequantized elements: " + reason);
  }

  /// Tells of a quantize behind an op that moves elements or puts them together
  /// in float.
  void explainStopped(QuantizeOp op) {
    Operation *producer = op.getInput().getDefiningOp();
    std::string reason;
    auto explain = [&](const Twine &text) {
      reason = text.str();
      return failure();
    };
    bool isMoved = false;
    if (auto mover =
            dyn_cast_if_present<QuantizationTransparentOpInterface>(producer))
      isMoved = llvm::any_of(mover->getOpOperands(), [&](OpOperand &operand) {
        return mover.isTransparentFor(operand.getOperandNumber());
      });
    if (isMoved)
      (void)matchRise(op, explain);
    else if (isa_and_present<tensor::ConcatOp, tensor::InsertSliceOp,
                             arith::SelectOp, scf::IfOp, scf::ForOp>(producer))
      (void)explainJoin(op, explain);
    else
      return;
    ++numStopped;
    if (reason.empty())
      reason = "it cannot be built on codes";
    remarkStopped(op, Twine("what ") + producer->getName().getStringRef() +
                          " gives is quantized behind it: " + reason);
  }

  static void remarkStopped(Operation *op, const Twine &reason) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    remark::missed(op->getLoc(),
                   remark::RemarkOpts::name("StoppedInFloat")
                       .category("ptq-propagate-qdq")
                       .function(function ? function.getName() : StringRef()))
        << remark::reason("{0}", reason.str())
        << remark::suggest("use constant scales of the whole tensor, and read "
                           "the value only quantized");
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
  populateClampPatterns(patterns);
  patterns.add<RiseQuantize, RiseQuantizeThroughPad, SinkDequantize>(
      patterns.getContext());
  populateCarriedValuePatterns(patterns);
  populateJoinedValuePatterns(patterns);
  populateSinkThroughGatherPatterns(patterns);
  populateSinkThroughPadPatterns(patterns);
  populateForwardDimPatterns(patterns);
}
