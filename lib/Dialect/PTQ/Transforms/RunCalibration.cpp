//===- RunCalibration.cpp - Run the samples, give observers their ranges --===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibration/EdgeDiagnosis.h"
#include "Calibration/EstimatorSelection.h"
#include "Calibration/JoinedEdges.h"
#include "Calibration/SampleRunner.h"
#include "Calibration/StatisticsCollector.h"
#include "Calibration/StatisticsTables.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/KnownRange.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Support/OutputFile.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace mlir::ptq {
#define GEN_PASS_DEF_RUNCALIBRATIONPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Counts observers by their first use, so that weights come with the
/// activations that they meet. Constants all stand at the top of a function.
static llvm::DenseMap<Operation *, uint64_t> getPositions(ModuleOp module) {
  llvm::DenseMap<Operation *, uint64_t> positions;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (auto observer = operand.getDefiningOp<ObserveOp>())
        positions.try_emplace(observer, positions.size());
    if (isa<ObserveOp>(op) && op->use_empty())
      positions.try_emplace(op, positions.size());
  });
  return positions;
}

namespace {

struct RunCalibrationPass
    : public ptq::impl::RunCalibrationPassBase<RunCalibrationPass> {
  using Base::Base;

  void runOnOperation() override {
    ObservedEdges edges;
    if (failed(verifyOptions()) || failed(findEdges(edges)))
      return signalPassFailure();
    SmallVector<ObserveOp> measured = edges.constants;
    llvm::append_range(measured, edges.activations);
    StatisticsCollector collector(measured, getCollectorOptions());
    SamplesAccess samples(getOperation(),
                          {data, seed, numSamples, parsedShard, threads});
    NetworkReport networkReport;
    positions = getPositions(getOperation());
    if (failed(measureConstants(edges.constants, collector, networkReport)) ||
        failed(measureActivations(edges.activations, collector, samples,
                                  networkReport)))
      return signalPassFailure();
    numJoinedRanges += joinLoopCarriedStatistics(edges.activations, collector);

    EstimatorSelection selection(getOperation(), wantsHarm());
    if (failed(tryRanges(measured, collector, samples, selection)) ||
        failed(assignRanges(measured, collector, selection, networkReport)))
      return signalPassFailure();
    for (ObserveOp observer : edges.known)
      describe(observer, TensorStatistics(), selection, networkReport);
    if (failed(writeReport(networkReport)))
      return signalPassFailure();
  }

private:
  /// The edges with static parameters.
  struct ObservedEdges {
    SmallVector<ObserveOp> constants;
    SmallVector<ObserveOp> activations;
    /// Activations whose range follows from what computes them.
    SmallVector<ObserveOp> known;
  };

  /// The samples, which are opened when they are first needed.
  class SamplesAccess {
  public:
    SamplesAccess(ModuleOp module, SampleRunner::Options options)
        : module(module), options(std::move(options)) {}

    FailureOr<const SampleRunner *> get() {
      if (!runner) {
        FailureOr<SampleRunner> opened = SampleRunner::open(module, options);
        if (failed(opened))
          return failure();
        runner = std::move(*opened);
      }
      return &*runner;
    }

  private:
    ModuleOp module;
    SampleRunner::Options options;
    std::optional<SampleRunner> runner;
  };

  LogicalResult verifyOptions();
  LogicalResult verifyObserver(ObserveOp observer);
  LogicalResult findEdges(ObservedEdges &edges);
  LogicalResult measureConstants(ArrayRef<ObserveOp> observers,
                                 StatisticsCollector &collector,
                                 NetworkReport &networkReport);
  LogicalResult measureActivations(ArrayRef<ObserveOp> observers,
                                   StatisticsCollector &collector,
                                   SamplesAccess &samples,
                                   NetworkReport &networkReport);
  FailureOr<int64_t> runSamples(const SampleRunner &runner,
                                ArrayRef<ObserveOp> observers,
                                StatisticsCollector &collector);
  LogicalResult tryRanges(ArrayRef<ObserveOp> observers,
                          const StatisticsCollector &collector,
                          SamplesAccess &samples,
                          EstimatorSelection &selection);
  LogicalResult assignRanges(ArrayRef<ObserveOp> observers,
                             const StatisticsCollector &collector,
                             const EstimatorSelection &selection,
                             NetworkReport &networkReport);
  void describe(ObserveOp observer, const TensorStatistics &statistics,
                const EstimatorSelection &selection,
                NetworkReport &networkReport);
  LogicalResult writeReport(NetworkReport &networkReport);

  /// Whether to measure what ranges do to the consumers of edges.
  bool wantsHarm() const { return !report.empty() && !data.empty(); }

  StatisticsCollector::Options getCollectorOptions() const {
    // A table and a report hold more than the estimators may need.
    return {/*keepHistograms=*/!tableOut.empty() || !report.empty(),
            /*recordSamples=*/reduction != ExtremesReduction::Global};
  }

  EstimatorOptions getEstimatorOptions() const {
    EstimatorOptions options;
    options.percentile = percentile;
    options.reduction = reduction;
    options.movingAverageWeight = movingAverageWeight;
    return options;
  }

  Shard parsedShard;
  /// Of observers in a report, see `getPositions`.
  llvm::DenseMap<Operation *, uint64_t> positions;
};

} // namespace

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

LogicalResult RunCalibrationPass::verifyOptions() {
  ModuleOp module = getOperation();
  if (failed(verifySampleOptions(module, numSamples, threads)))
    return failure();
  if (!(percentile > 0 && percentile <= 100))
    return module.emitError("the percentile must lie in (0, 100], got ")
           << percentile;
  if (!(movingAverageWeight > 0 && movingAverageWeight <= 1))
    return module.emitError("the weight of a moving average must lie in (0, "
                            "1], got ")
           << movingAverageWeight;
  if (shard.empty())
    return success();
  auto [index, count] = StringRef(shard).split('/');
  if (index.getAsInteger(10, parsedShard.index) ||
      count.getAsInteger(10, parsedShard.count) || parsedShard.count < 1 ||
      parsedShard.index < 1 || parsedShard.index > parsedShard.count)
    return module.emitError("shard '")
           << shard << "' is not I/N with I from 1 to N";
  --parsedShard.index;
  return success();
}

LogicalResult RunCalibrationPass::verifyObserver(ObserveOp observer) {
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  EncodingAttr encoding = observer.getEncoding();
  std::optional<int64_t> axis = encoding.getAxis();
  if (axis && type.isDynamicDim(*axis))
    return observer.emitOpError("has channels along dimension ")
           << *axis << ", whose size is not static";
  if (encoding.getGranularity() == Granularity::Block && !type.hasStaticShape())
    return observer.emitOpError("has blocks of ")
           << type << ", whose shape is not static";
  return success();
}

LogicalResult RunCalibrationPass::findEdges(ObservedEdges &edges) {
  WalkResult valid = getOperation().walk([&](ObserveOp op) {
    if (op.getEncoding().isDynamic())
      return WalkResult::advance();
    if (failed(verifyObserver(op)))
      return WalkResult::interrupt();
    if (matchPattern(op.getInput(), m_Constant())) {
      edges.constants.push_back(op);
      return WalkResult::advance();
    }
    std::optional<RealRange> known = getKnownRange(op.getInput());
    if (known && op.getEncoding().isPerTensor()) {
      op.setRangeAttr(
          RangeAttr::getByDefinition(&getContext(), known->min, known->max));
      edges.known.push_back(op);
      return WalkResult::advance();
    }
    edges.activations.push_back(op);
    return WalkResult::advance();
  });
  return failure(valid.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Ranges of constants follow from their values alone.
LogicalResult
RunCalibrationPass::measureConstants(ArrayRef<ObserveOp> observers,
                                     StatisticsCollector &collector,
                                     NetworkReport &networkReport) {
  for (ObserveOp observer : observers) {
    TypedAttr attr;
    matchPattern(observer.getInput(), m_Constant(&attr));
    FailureOr<TensorValue> value = TensorValue::fromAttribute(
        attr, [&] { return observer.emitOpError(); });
    if (failed(value))
      return failure();
    collector.notifyObserved(observer, *value);
    int64_t elements = value->getNumElements();
    unsigned bits = observer.getEncoding().getStorage().getWidth();
    ++networkReport.weights.numTensors;
    networkReport.weights.numBytesBefore +=
        elements * value->getElementByteSize();
    networkReport.weights.numBytesAfter += (elements * bits + 7) / 8;
  }
  return success();
}

LogicalResult RunCalibrationPass::measureActivations(
    ArrayRef<ObserveOp> observers, StatisticsCollector &collector,
    SamplesAccess &samples, NetworkReport &networkReport) {
  if (observers.empty())
    return success();
  FailureOr<int64_t> numMeasured;
  if (tableIn.empty()) {
    FailureOr<const SampleRunner *> runner = samples.get();
    if (failed(runner))
      return failure();
    numMeasured = runSamples(**runner, observers, collector);
  } else {
    numMeasured =
        readStatisticsTables(getOperation(), tableIn, observers, collector);
  }
  if (failed(numMeasured))
    return failure();
  networkReport.numSamples = *numMeasured;
  if (tableOut.empty())
    return success();
  return writeStatisticsTable(getOperation(), tableOut, observers, collector,
                              *numMeasured);
}

FailureOr<int64_t>
RunCalibrationPass::runSamples(const SampleRunner &runner,
                               ArrayRef<ObserveOp> observers,
                               StatisticsCollector &collector) {
  if (failed(collectStatistics("calibrating", runner, observers,
                               getCollectorOptions(), collector)))
    return failure();
  auto samples =
      static_cast<int64_t>(runner.getCalls().size()) * runner.getBatchSize();
  numSamplesRun += samples;
  return samples;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// Tries the ranges of all estimators where the estimator is `auto`. For a
/// report, the chosen range of every other edge is tried too, to tell its harm.
LogicalResult RunCalibrationPass::tryRanges(
    ArrayRef<ObserveOp> observers, const StatisticsCollector &collector,
    SamplesAccess &samples, EstimatorSelection &selection) {
  ObserveOp open;
  for (ObserveOp observer : observers) {
    bool isOpen = observer.getEstimator() == RangeEstimatorKind::Auto;
    if (isOpen)
      open = observer;
    if (!isOpen && !wantsHarm())
      continue;
    SmallVector<RangeEstimatorKind> kinds(getRangeEstimatorKinds());
    if (!isOpen)
      kinds = {observer.getEstimator()};
    selection.add(observer, collector.getStatistics(observer), kinds,
                  getEstimatorOptions());
  }
  if (!open && !wantsHarm())
    return success();
  if (open && data.empty())
    return open.emitError("edge '")
           << open.getEdge()
           << "' gets the estimator that harms its consumers least, which is "
              "found by running samples: pass data, also beside table-in";
  FailureOr<const SampleRunner *> runner = samples.get();
  if (failed(runner))
    return failure();
  return selection.run(**runner, seed);
}

/// What quantizing an edge costs, of elements that have been measured.
static std::string describeDamage(const EdgeReport &edge) {
  if (std::isnan(edge.sqnrDb))
    return "not measured";
  return llvm::formatv("{0:P} clipped, ", edge.getClippedShare()).str() +
         (std::isinf(edge.sqnrDb)
              ? "no noise"
              : llvm::formatv("SQNR {0:F1} dB", edge.sqnrDb).str());
}

/// Tells what became of an edge, to those who ask for remarks.
static void emitRemark(const EdgeReport &edge, ObserveOp observer) {
  remark::analysis(
      observer.getLoc(),
      remark::RemarkOpts::name("Range").category("ptq-run-calibration"))
      << remark::reason("edge '{0}' gets [{1}, {2}] by {3}: {4}", edge.name,
                        edge.getRangeMin(), edge.getRangeMax(), edge.estimator,
                        describeDamage(edge));
}

LogicalResult RunCalibrationPass::assignRanges(
    ArrayRef<ObserveOp> observers, const StatisticsCollector &collector,
    const EstimatorSelection &selection, NetworkReport &networkReport) {
  EstimatorOptions options = getEstimatorOptions();
  for (ObserveOp observer : observers) {
    const TensorStatistics &statistics = collector.getStatistics(observer);
    if (failed(checkStatistics(observer, statistics)))
      return failure();
    RangeCandidate chosen =
        selection.contains(observer)
            ? selection.getChoice(observer)
            : makeRangeCandidate(observer.getEstimator(),
                                 observer.getEncoding(), statistics, options);
    bool isConstant = matchPattern(observer.getInput(), m_Constant());
    observer.setRangeAttr(RangeAttr::get(
        &getContext(), chosen.getMinValues(), chosen.getMaxValues(),
        chosen.estimator, isConstant ? 0 : networkReport.numSamples,
        /*clipped=*/FloatAttr()));
    describe(observer, statistics, selection, networkReport);
  }
  warnOfFewElements(observers, collector);
  return success();
}

/// Describes an edge that has its range, in the report and as a remark, to
/// those who ask for either.
void RunCalibrationPass::describe(ObserveOp observer,
                                  const TensorStatistics &statistics,
                                  const EstimatorSelection &selection,
                                  NetworkReport &networkReport) {
  ++(observer.getRange()->getByDefinition() ? numKnownRanges : numRanges);
  if (report.empty() && !getContext().getRemarkEngine())
    return;
  EdgeReport edge = diagnoseEdge(observer, statistics);
  edge.harm = selection.getHarm(observer);
  edge.position = positions.lookup(observer);
  emitRemark(edge, observer);
  std::string method =
      stringifyRangeEstimatorKind(observer.getEstimator()).str();
  if (networkReport.method.empty())
    networkReport.method = method;
  else if (networkReport.method != method)
    networkReport.method = "mixed";
  networkReport.edges.push_back(std::move(edge));
}

LogicalResult RunCalibrationPass::writeReport(NetworkReport &networkReport) {
  if (report.empty())
    return success();
  llvm::sort(networkReport.edges, [](const EdgeReport &a, const EdgeReport &b) {
    return a.position < b.position;
  });
  ModuleOp module = getOperation();
  networkReport.modelName = module.getName().value_or("").str();
  networkReport.dataDescription =
      tableIn.empty() ? data : llvm::join(tableIn, ", ");
  llvm::Error error = writeOutputFile(report, [&](raw_ostream &os) {
    return writeCalibrationReport(os, networkReport);
  });
  if (error)
    return module.emitError(llvm::toString(std::move(error)));
  return success();
}
