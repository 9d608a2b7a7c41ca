//===- RunCalibration.cpp - Run the samples, give observers their ranges --===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Interpreter/SampleBatches.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_RUNCALIBRATIONPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Collects the statistics of every observer as the interpreter passes it.
class StatisticsCollector : public EvaluationListener {
public:
  explicit StatisticsCollector(ArrayRef<ObserveOp> observers) {
    for (ObserveOp observer : observers)
      edges.try_emplace(observer, makeEdge(observer));
  }

  void notifyObserved(ObserveOp observer, const TensorValue &value) override {
    auto it = edges.find(observer);
    if (it == edges.end() || !value.getElementType().isF32())
      return;
    it->second.statistics.add(value.getData<float>(),
                              getInnerSize(observer, value));
  }

  bool wantsEvaluatedOps() const override { return false; }

  const TensorStatistics &getStatistics(ObserveOp observer) const {
    return edges.find(observer)->second.statistics;
  }

private:
  struct Edge {
    TensorStatistics statistics;
  };

  static Edge makeEdge(ObserveOp observer) {
    StatisticsDetail detail =
        createRangeEstimator(observer.getEstimator())->getRequiredDetail();
    // Constants are there to be looked at as they are.
    if (detail == StatisticsDetail::Histogram &&
        matchPattern(observer.getInput(), m_Constant()))
      detail = StatisticsDetail::Values;
    std::optional<int64_t> axis = observer.getEncoding().getAxis();
    if (!axis)
      return Edge{TensorStatistics(detail)};
    auto type = cast<RankedTensorType>(observer.getInput().getType());
    return Edge{TensorStatistics(type.getDimSize(*axis), detail)};
  }

  /// The number of elements behind one index of the channel axis.
  static int64_t getInnerSize(ObserveOp observer, const TensorValue &value) {
    std::optional<int64_t> axis = observer.getEncoding().getAxis();
    int64_t inner = 1;
    for (int64_t size : value.getShape().drop_front(axis ? *axis + 1 : 0))
      inner *= size;
    return inner;
  }

  DenseMap<Operation *, Edge> edges;
};

struct RunCalibrationPass
    : public ptq::impl::RunCalibrationPassBase<RunCalibrationPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ObserveOp> activations, constants;
    WalkResult valid = getOperation().walk([&](ObserveOp op) {
      if (op.getEncoding().isDynamic())
        return WalkResult::advance();
      if (failed(verifyObserver(op)))
        return WalkResult::interrupt();
      bool isConstant = matchPattern(op.getInput(), m_Constant());
      (isConstant ? constants : activations).push_back(op);
      return WalkResult::advance();
    });
    if (valid.wasInterrupted() || failed(measureConstants(constants)) ||
        failed(measureActivations(activations)))
      signalPassFailure();
  }

private:
  LogicalResult verifyObserver(ObserveOp observer) {
    auto type = cast<RankedTensorType>(observer.getInput().getType());
    if (!type.getElementType().isF32())
      return observer.emitOpError("observes ")
             << type.getElementType() << "; calibration measures f32";
    std::optional<int64_t> axis = observer.getEncoding().getAxis();
    if (axis && type.isDynamicDim(*axis))
      return observer.emitOpError("has channels along dimension ")
             << *axis << ", whose size is not static";
    return success();
  }

  /// Ranges of constants follow from their values alone.
  LogicalResult measureConstants(ArrayRef<ObserveOp> observers) {
    StatisticsCollector collector(observers);
    for (ObserveOp observer : observers) {
      TypedAttr attr;
      matchPattern(observer.getInput(), m_Constant(&attr));
      FailureOr<TensorValue> value = TensorValue::fromAttribute(
          attr, [&] { return observer.emitOpError(); });
      if (failed(value))
        return failure();
      collector.notifyObserved(observer, *value);
    }
    return assignRanges(observers, collector, /*samples=*/0);
  }

  LogicalResult measureActivations(ArrayRef<ObserveOp> observers) {
    if (observers.empty())
      return success();
    ModuleOp module = getOperation();
    FailureOr<func::FuncOp> function = findEntryFunction(module);
    if (failed(function))
      return failure();
    if (data.empty())
      return function->emitError(
          "calibration needs samples: pass data=FILE.npz, a .npy file, a "
          "directory of .npy files, or data=random");
    FailureOr<Signature> signature = getSignature(*function);
    if (failed(signature))
      return failure();

    StatisticsCollector collector(observers);
    Interpreter interpreter(module);
    interpreter.addListener(&collector);
    FailureOr<int64_t> count = runSamples(*function, *signature, interpreter);
    if (failed(count))
      return failure();
    numSamplesRun += *count;
    return assignRanges(observers, collector, *count);
  }

  FailureOr<int64_t> runSamples(func::FuncOp function,
                                const Signature &signature,
                                const Interpreter &interpreter) {
    if (numSamples < 0) {
      function.emitError("the number of samples must not be negative");
      return failure();
    }
    SampleOptions options;
    options.seed = seed;
    options.maxSamples = numSamples;
    FailureOr<SampleBatches> batches =
        SampleBatches::open(function.getLoc(), signature, data, options);
    if (failed(batches))
      return failure();
    int64_t batch = batches->getBatchSize();
    int64_t count = batches->getNumSamples();
    if (count < batch) {
      function.emitError("needs at least ")
          << batch << " samples for its fixed batch, got " << count;
      return failure();
    }
    if (int64_t left = count % batch) {
      function.emitWarning("the last ")
          << left << " of " << count << " samples do not fill a batch of "
          << batch << " and are left out";
      count -= left;
    }
    for (int64_t first = 0; first < count; first += batch) {
      FailureOr<SmallVector<TensorValue>> arguments = batches->read(first);
      if (failed(arguments) || failed(interpreter.call(function, *arguments)))
        return failure();
    }
    return count;
  }

  LogicalResult assignRanges(ArrayRef<ObserveOp> observers,
                             const StatisticsCollector &collector,
                             int64_t samples) {
    for (ObserveOp observer : observers) {
      SmallVector<double> min, max;
      int64_t numElements = 0, numFinite = 0;
      EncodingAttr encoding = observer.getEncoding();
      EncodingSpec spec = {encoding.getSymmetry(),
                           {encoding.getMinCode(), encoding.getMaxCode()}};
      for (const ChannelStatistics &channel :
           collector.getStatistics(observer).getChannels()) {
        RealRange range = estimateRange(observer.getEstimator(), channel, spec);
        min.push_back(range.min);
        max.push_back(range.max);
        numElements += channel.numElements;
        numFinite += channel.getNumFinite();
      }
      if (numElements == 0) {
        observer.emitWarning("no sample reached edge '")
            << observer.getEdge() << "'; its range is [0, 0]";
      } else if (numFinite == 0) {
        return observer.emitError("edge '")
               << observer.getEdge() << "' has only NaN or infinite values";
      } else if (numFinite < numElements) {
        observer.emitWarning("edge '")
            << observer.getEdge() << "' has " << numElements - numFinite
            << " NaN or infinite values, which are left out of its range";
      }
      observer.setRangeAttr(RangeAttr::get(&getContext(), min, max,
                                           observer.getEstimator(), samples,
                                           /*clipped=*/FloatAttr()));
      ++numRanges;
    }
    return success();
  }
};

} // namespace
