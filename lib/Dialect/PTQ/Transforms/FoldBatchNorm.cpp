//===- FoldBatchNorm.cpp - Fold affine ops into weights and bias ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Affine bodies
//===----------------------------------------------------------------------===//

namespace {

/// `factor * x + offset`, where x is the tensor that is transformed.
struct AffineForm {
  double factor;
  double offset;

  bool isConstant() const { return factor == 0; }
};

/// The affine form of an elementwise op for each channel.
struct ChannelwiseAffine {
  SmallVector<AffineForm> channels;
};

/// Evaluates the body of an elementwise op for one channel symbolically.
class AffineBodyEvaluator {
public:
  /// `arguments` holds the forms of the block arguments; those missing are not
  /// known.
  explicit AffineBodyEvaluator(ArrayRef<std::optional<AffineForm>> arguments)
      : arguments(arguments) {}

  std::optional<AffineForm> evaluate(Value value) const {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return argument.getArgNumber() < arguments.size()
                 ? arguments[argument.getArgNumber()]
                 : std::nullopt;
    FloatAttr constant;
    if (matchPattern(value, m_Constant(&constant)))
      return AffineForm{0, constant.getValueAsDouble()};
    Operation *op = value.getDefiningOp();
    SmallVector<AffineForm> operands;
    for (Value operand : op->getOperands()) {
      std::optional<AffineForm> form = evaluate(operand);
      if (!form)
        return std::nullopt;
      operands.push_back(*form);
    }
    return combine(op, operands);
  }

private:
  static std::optional<AffineForm> combine(Operation *op,
                                           ArrayRef<AffineForm> x) {
    if (isa<arith::AddFOp>(op))
      return AffineForm{x[0].factor + x[1].factor, x[0].offset + x[1].offset};
    if (isa<arith::SubFOp>(op))
      return AffineForm{x[0].factor - x[1].factor, x[0].offset - x[1].offset};
    if (isa<arith::NegFOp>(op))
      return AffineForm{-x[0].factor, -x[0].offset};
    if (isa<arith::MulFOp>(op)) {
      if (!x[0].isConstant() && !x[1].isConstant())
        return std::nullopt;
      const AffineForm &constant = x[0].isConstant() ? x[0] : x[1];
      const AffineForm &other = x[0].isConstant() ? x[1] : x[0];
      return AffineForm{other.factor * constant.offset,
                        other.offset * constant.offset};
    }
    if (isa<arith::DivFOp>(op) && x[1].isConstant() && x[1].offset != 0)
      return AffineForm{x[0].factor / x[1].offset, x[0].offset / x[1].offset};
    return std::nullopt;
  }

  ArrayRef<std::optional<AffineForm>> arguments;
};

} // namespace

/// The dimension of `operand` that `loop` indexes when all its other dimensions
/// have size 1; -1 if all have size 1.
static FailureOr<int64_t> getChannelDim(LinalgOp op, OpOperand &operand,
                                        unsigned loop) {
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  if (!type) // A scalar operand is the same for every channel.
    return -1;
  int64_t channelDim = -1;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    auto dimExpr = dyn_cast<AffineDimExpr>(expr);
    if (dimExpr && dimExpr.getPosition() == loop)
      channelDim = dim;
    else if (type.getDimSize(dim) != 1)
      return failure();
  }
  return channelDim;
}

/// Reads `op` as an affine function of input `input` for each of the `channels`
/// indices of loop `loop`.
static FailureOr<ChannelwiseAffine>
matchAffine(LinalgOp op, OpOperand &input, unsigned loop, int64_t channels,
            function_ref<void(const Twine &)> explain) {
  // Constants are read once; what is indexed by the channel keeps its values.
  SmallVector<SmallVector<float>> values(op->getNumOperands());
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (operand == &input)
      continue;
    FailureOr<int64_t> dim = getChannelDim(op, *operand, loop);
    FailureOr<SmallVector<float>> constants = readFloatConstant(operand->get());
    if (failed(dim) || failed(constants)) {
      explain("operand " + Twine(operand->getOperandNumber()) +
              " is not a constant per channel");
      return failure();
    }
    if (constants->size() == 1)
      constants->resize(channels, constants->front());
    if (static_cast<int64_t>(constants->size()) != channels) {
      explain("a constant does not have one value for each channel");
      return failure();
    }
    values[operand->getOperandNumber()] = std::move(*constants);
  }

  ChannelwiseAffine affine;
  Value yielded = op.getBlock()->getTerminator()->getOperand(0);
  for (int64_t channel = 0; channel < channels; ++channel) {
    SmallVector<std::optional<AffineForm>> arguments(op->getNumOperands());
    for (OpOperand *operand : op.getDpsInputOperands()) {
      unsigned number = operand->getOperandNumber();
      arguments[number] = operand == &input
                              ? AffineForm{1, 0}
                              : AffineForm{0, values[number][channel]};
    }
    std::optional<AffineForm> form =
        AffineBodyEvaluator(arguments).evaluate(yielded);
    if (!form) {
      explain("the body is not affine");
      return failure();
    }
    affine.channels.push_back(*form);
  }
  return affine;
}

//===----------------------------------------------------------------------===//
// Weighted producers
//===----------------------------------------------------------------------===//

namespace {
/// A weighted op whose only consumer, possibly behind reshapes, is the affine
/// op.
struct WeightedProducer {
  WeightedOp weighted;
  /// From the op's result to the affine op's operand.
  EdgePath resultPath;
  /// The dimension of the affine op's operand that indexes the channels.
  int64_t affineDim;
};
} // namespace

static FailureOr<WeightedProducer> findWeightedProducer(OpOperand &input) {
  EdgePath resultPath = traceToRoot(input);
  Operation *producer = resultPath.root.getDefiningOp();
  if (!producer)
    return failure();
  // Everything on the way must serve the affine op alone.
  for (OpOperand *operand : resultPath.operands)
    if (!operand->get().hasOneUse())
      return failure();
  FailureOr<WeightedOp> weighted = matchWeightedOp(producer);
  if (failed(weighted))
    return failure();
  FailureOr<SmallVector<int64_t>> dims =
      mapDimsFromRoot(resultPath, weighted->resultDims);
  if (failed(dims) || dims->size() != 1)
    return failure();
  return WeightedProducer{std::move(*weighted), std::move(resultPath),
                          dims->front()};
}

//===----------------------------------------------------------------------===//
// Pattern
//===----------------------------------------------------------------------===//

namespace {

/// Folds an elementwise affine op into the weighted op that produces its input.
struct FoldAffineIntoWeights : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.hasPureBufferSemantics() || op->getNumResults() != 1 ||
        op.getNumParallelLoops() != op.getNumLoops() ||
        op.getNumDpsInputs() == 0)
      return rewriter.notifyMatchFailure(op, "not elementwise on tensors");
    for (OpOperand *input : op.getDpsInputOperands()) {
      FailureOr<WeightedProducer> producer = findWeightedProducer(*input);
      if (succeeded(producer))
        return fold(op, *input, *producer, rewriter);
    }
    return rewriter.notifyMatchFailure(
        op, "no input comes from an op with constant weights alone");
  }

private:
  static LogicalResult fold(LinalgOp op, OpOperand &input,
                            const WeightedProducer &producer,
                            PatternRewriter &rewriter) {
    AffineMap inputMap = op.getMatchingIndexingMap(&input);
    auto inputType = cast<RankedTensorType>(input.get().getType());
    if (!inputMap.isIdentity() ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
        op->getResult(0).getType() != inputType ||
        !inputType.getElementType().isF32())
      return rewriter.notifyMatchFailure(
          op, "the input is not read in order into a result of the same type");
    int64_t channels = inputType.getDimSize(producer.affineDim);
    if (ShapedType::isDynamic(channels))
      return rewriter.notifyMatchFailure(op, "the channels are dynamic");
    FailureOr<ChannelwiseAffine> affine = matchAffine(
        op, input, producer.affineDim, channels, [&](const Twine &reason) {
          (void)rewriter.notifyMatchFailure(op, reason);
        });
    if (failed(affine))
      return failure();

    const WeightedOp &weighted = producer.weighted;
    auto weightType =
        cast<RankedTensorType>(weighted.weightPath.root.getType());
    FailureOr<SmallVector<float>> weights =
        readFloatConstant(weighted.weightPath.root);
    FailureOr<SmallVector<float>> bias = weighted.readBias();
    if (failed(weights) || failed(bias) ||
        weighted.getNumChannels() != channels)
      return rewriter.notifyMatchFailure(op,
                                         "weights or bias are not constants");
    scale(*weights, *bias, weighted.getNumInnerWeights(), *affine);
    if (!llvm::all_of(*weights, [](float x) { return std::isfinite(x); }) ||
        !llvm::all_of(*bias, [](float x) { return std::isfinite(x); }))
      return rewriter.notifyMatchFailure(
          op, "the folded weights or bias would not be finite");

    rewrite(op, producer, weightType.getShape(), *weights, *bias, rewriter);
    return success();
  }

  /// Applies the affine forms, in f64 with one rounding at the end.
  static void scale(MutableArrayRef<float> weights, MutableArrayRef<float> bias,
                    int64_t inner, const ChannelwiseAffine &affine) {
    int64_t channels = affine.channels.size();
    for (auto [index, weight] : llvm::enumerate(weights)) {
      int64_t channel = static_cast<int64_t>(index) / inner % channels;
      weight = static_cast<float>(weight * affine.channels[channel].factor);
    }
    for (auto [channel, value] : llvm::enumerate(bias))
      value = static_cast<float>(value * affine.channels[channel].factor +
                                 affine.channels[channel].offset);
  }

  /// Builds the weighted op again on the new constants, after the affine op's
  /// name, and the data movement that stood between them.
  static void rewrite(LinalgOp op, const WeightedProducer &producer,
                      ArrayRef<int64_t> weightShape, ArrayRef<float> weights,
                      ArrayRef<float> bias, PatternRewriter &rewriter) {
    const WeightedOp &weighted = producer.weighted;
    LinalgOp oldOp = weighted.op;
    rewriter.setInsertionPoint(op);
    Location loc = op.getLoc();
    Value oldWeight = weighted.weightPath.root;
    Value newWeight =
        createFloatConstant(rewriter, oldWeight.getLoc(), weightShape, weights,
                            getEdgeName(oldWeight));
    newWeight = cloneMovement(rewriter, weighted.weightPath, newWeight);
    Value newBias =
        createFloatConstant(rewriter, loc, static_cast<int64_t>(bias.size()),
                            bias, getEdgeName(oldOp->getResult(0)) + "_bias");

    IRMapping mapping;
    mapping.map(weighted.weightPath.operands.back()->get(), newWeight);
    mapping.map(oldOp.getDpsInitOperand(0)->get(),
                weighted.createBiasInit(rewriter, newBias));
    Operation *newOp = rewriter.clone(*oldOp, mapping);
    newOp->setLoc(loc);
    Value result =
        cloneMovement(rewriter, producer.resultPath, newOp->getResult(0));
    rewriter.replaceOp(op, result);
  }

  /// Builds the data movement of `path` again, from `root`.
  static Value cloneMovement(OpBuilder &builder, const EdgePath &path,
                             Value root) {
    for (OpOperand *operand : ArrayRef(path.operands).drop_back()) {
      IRMapping mapping;
      mapping.map(operand->get(), root);
      root = builder.clone(*operand->getOwner(), mapping)->getResult(0);
    }
    return root;
  }
};

struct FoldBatchNormPass
    : public ptq::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  using Base::Base;

  void runOnOperation() override {
    unsigned before = countAffineCandidates();
    RewritePatternSet patterns(&getContext());
    populateFoldBatchNormPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    unsigned after = countAffineCandidates();
    numFolded += before - after;
    numLeft += after;
  }

private:
  /// Elementwise ops with at least one constant operand right after an op with
  /// constant weights.
  unsigned countAffineCandidates() {
    unsigned count = 0;
    getOperation().walk([&](LinalgOp op) {
      if (op.hasPureBufferSemantics() || op->getNumResults() != 1 ||
          op.getNumParallelLoops() != op.getNumLoops() ||
          op.getNumDpsInputs() < 2)
        return;
      count += llvm::any_of(op.getDpsInputOperands(), [](OpOperand *input) {
        return succeeded(findWeightedProducer(*input));
      });
    });
    return count;
  }
};

} // namespace

void mlir::ptq::populateFoldBatchNormPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldAffineIntoWeights>(patterns.getContext());
  // A size that is asked of the result must not count as another user.
  populateForwardDimPatterns(patterns);
}
