//===- OptimizeRounding.cpp - Rounding with what samples tell -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rounding/LayerOptimizer.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Support/ProgressBar.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_OPTIMIZEROUNDINGPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// What is alive in the network is kept for so many calls at once, unless more
/// are asked for.
static constexpr size_t kMaxCalls = 256;

namespace {

struct OptimizeRoundingPass
    : public ptq::impl::OptimizeRoundingPassBase<OptimizeRoundingPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(verifyOptions()))
      return signalPassFailure();
    SmallVector<ObserveOp> observers;
    getOperation().walk([&](ObserveOp observer) {
      bool isNearest = observer.getRounding() == Rounding::Nearest;
      bool isConstant = matchPattern(observer.getInput(), m_Constant());
      if (!isNearest || (correctNearest && isConstant))
        observers.push_back(observer);
    });
    if (observers.empty())
      return;
    FailureOr<SampleRunner> runner = SampleRunner::open(
        getOperation(), {data, seed, numSamples, Shard(), threads});
    if (failed(runner))
      return signalPassFailure();
    SmallVector<OptimizableLayer> layers =
        findLayers(observers, runner->getFunction());
    if (!layers.empty() && failed(optimize(layers, *runner)))
      return signalPassFailure();
  }

private:
  LogicalResult verifyOptions();
  SmallVector<OptimizableLayer> findLayers(ArrayRef<ObserveOp> observers,
                                           func::FuncOp function);
  LogicalResult optimize(ArrayRef<OptimizableLayer> layers,
                         const SampleRunner &runner);
  LayerOptimizerOptions getOptimizerOptions() const;
  void report(const OptimizableLayer &layer, const OptimizedLayer &result);
  void leave(ObserveOp observer, StringRef reason);
};

} // namespace

LogicalResult OptimizeRoundingPass::verifyOptions() {
  ModuleOp module = getOperation();
  if (failed(verifySampleOptions(module, numSamples, threads)))
    return failure();
  if (!(damping >= 0 && std::isfinite(damping)))
    return module.emitError("damping must not be negative, got ") << damping;
  if (sweeps < 0 || iterations < 0)
    return module.emitError("the number of ")
           << (sweeps < 0 ? "sweeps" : "iterations") << " must not be negative";
  if (batchRows < 1)
    return module.emitError("a batch must have at least one row");
  if (!(learningRate > 0 && std::isfinite(learningRate)))
    return module.emitError("the learning rate must be positive, got ")
           << learningRate;
  if (!(regularization >= 0 && std::isfinite(regularization)))
    return module.emitError("the regularization must not be negative, got ")
           << regularization;
  if (!(warmStart >= 0 && warmStart < 1))
    return module.emitError("the warm start must be a share in [0, 1), got ")
           << warmStart;
  if (!(betaStart >= 1 && betaEnd >= 1 && std::isfinite(betaStart) &&
        std::isfinite(betaEnd)))
    return module.emitError("beta must be at least 1");
  return success();
}

/// Notes that the weights of `observer` stay to be rounded to nearest.
void OptimizeRoundingPass::leave(ObserveOp observer, StringRef reason) {
  ++numLeft;
  remark::missed(observer.getLoc(), remark::RemarkOpts::name("LeftToNearest")
                                        .category("ptq-optimize-rounding"))
      << remark::reason("the rounding of '{0}' cannot be optimized: {1}",
                        observer.getEdge(), reason);
}

/// The layers whose weights `observers` observe, in the order of the function.
SmallVector<OptimizableLayer>
OptimizeRoundingPass::findLayers(ArrayRef<ObserveOp> observers,
                                 func::FuncOp function) {
  DenseMap<Operation *, SmallVector<WeightedOp>> users;
  getOperation().walk([&](QuantizableOpInterface op) {
    FailureOr<WeightedOp> weighted = matchWeightedOp(op);
    if (succeeded(weighted))
      if (Operation *root = weighted->weightPath.root.getDefiningOp())
        users[root].push_back(std::move(*weighted));
  });
  SmallVector<OptimizableLayer> layers;
  for (ObserveOp observer : observers) {
    SmallVector<WeightedOp> &ops = users[observer];
    if (!matchPattern(observer.getInput(), m_Constant()))
      leave(observer, "it is not a constant");
    else if (ops.size() != 1)
      leave(observer, ops.empty() ? "no sum of products reads it"
                                  : "several ops read it");
    else if (ops.front().op->getBlock() != &function.getBody().front())
      leave(observer, "the op that reads it is not in the body of the entry "
                      "function");
    else
      layers.push_back({ops.front(), observer});
  }
  llvm::sort(layers, [](const OptimizableLayer &a, const OptimizableLayer &b) {
    linalg::LinalgOp first = a.op.op, second = b.op.op;
    return first->isBeforeInBlock(second);
  });
  return layers;
}

LayerOptimizerOptions OptimizeRoundingPass::getOptimizerOptions() const {
  LayerOptimizerOptions options;
  options.target = target;
  options.searchScales = searchScales;
  options.correctBias = correctBias;
  options.seed = seed;
  options.rounding.damping = damping;
  options.rounding.activationOrder = activationOrder;
  options.rounding.numSweeps = sweeps;
  AdaRoundOptions &adaRound = options.rounding.adaRound;
  adaRound.numIterations = iterations;
  adaRound.learningRate = learningRate;
  adaRound.regularization = regularization;
  adaRound.warmStart = warmStart;
  adaRound.betaStart = betaStart;
  adaRound.betaEnd = betaEnd;
  adaRound.batchRows = batchRows;
  return options;
}

/// Some of `calls`, evenly spread.
static SmallVector<int64_t> thinOut(ArrayRef<int64_t> calls, size_t count) {
  SmallVector<int64_t> some;
  for (size_t i = 0; i < std::min(count, calls.size()); ++i)
    some.push_back(calls[i * calls.size() / std::min(count, calls.size())]);
  return some;
}

/// Puts the result of a layer into the IR: weights on the grid are constants
/// that rounding to nearest leaves where they are.
static void apply(OptimizableLayer layer, const OptimizedLayer &result) {
  ObserveOp observer = layer.observer;
  OpBuilder builder(observer);
  Value constant = createTensorConstant(builder, observer.getInput().getLoc(),
                                        result.weights, observer.getEdge());
  observer.getInputMutable().assign(constant);
  observer.setRounding(Rounding::Nearest);
  RangeAttr range = *observer.getRange();
  observer.setRangeAttr(RangeAttr::get(observer.getContext(), result.lows,
                                       result.highs, range.getEstimator(),
                                       range.getSamples(), range.getClipped()));
  if (result.bias.empty())
    return;
  linalg::LinalgOp op = layer.op.op;
  builder.setInsertionPoint(op);
  Value bias = createFloatConstant(
      builder, op.getLoc(), {static_cast<int64_t>(result.bias.size())},
      result.bias, (observer.getEdge() + "_bias").str());
  op.getDpsInitOperand(0)->set(layer.op.createBiasInit(builder, bias));
}

void OptimizeRoundingPass::report(const OptimizableLayer &layer,
                                  const OptimizedLayer &result) {
  ObserveOp observer = layer.observer;
  ++numOptimized;
  numMoved += result.numMoved;
  numCorrectedBiases += result.numCorrectedBiases;
  double share = static_cast<double>(result.numMoved) /
                 static_cast<double>(result.weights.getNumElements());
  remark::analysis(
      observer.getLoc(),
      remark::RemarkOpts::name("Rounding").category("ptq-optimize-rounding"))
      << remark::reason(
             "'{0}' rounded by {1}: error {2:E3}, to nearest {3:E3}; {4:P} of "
             "the weights moved, {5} biases corrected",
             observer.getEdge(), stringifyRounding(observer.getRounding()),
             result.error, result.nearestError, share,
             result.numCorrectedBiases);
}

LogicalResult OptimizeRoundingPass::optimize(ArrayRef<OptimizableLayer> layers,
                                             const SampleRunner &runner) {
  EdgeParameterMap parameters;
  WalkResult walk = getOperation().walk([&](ObserveOp observer) {
    if (observer.getEncoding().isDynamic())
      return WalkResult::advance();
    FailureOr<EdgeParameters> chosen = chooseEdgeParameters(observer);
    if (failed(chosen))
      return WalkResult::interrupt();
    parameters[observer] = std::move(*chosen);
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();

  WorkSharing workSharing(&getContext(), threads);
  std::vector<std::pair<OptimizableLayer, OptimizedLayer>> results;
  {
    PairedCalls calls(getOperation(), std::move(parameters), workSharing);
    if (failed(calls.begin(runner,
                           thinOut(runner.getCalls(),
                                   numSamples > 0 ? numSamples : kMaxCalls))))
      return failure();
    LayerOptimizer optimizer(calls, workSharing, getOptimizerOptions());
    ProgressBar progress("rounding", layers.size());
    for (const OptimizableLayer &layer : layers) {
      std::string why;
      FailureOr<std::optional<OptimizedLayer>> result =
          optimizer.optimize(layer, why);
      if (failed(result))
        return failure();
      if (!*result) {
        leave(layer.observer, why);
        continue;
      }
      progress.setLabel(llvm::formatv("rounding: error {0:E2} -> {1:E2}",
                                      (*result)->nearestError, (*result)->error)
                            .str());
      progress.advance();
      report(layer, **result);
      results.emplace_back(layer, std::move(**result));
    }
  }
  // The interpreter is done with the module: now it may change.
  for (auto &[layer, result] : results)
    apply(layer, result);
  return success();
}
