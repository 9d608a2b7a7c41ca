//===- RunCalibration.cpp - Run the samples, give observers their ranges --===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibration/EdgeDiagnosis.h"
#include "Calibration/ModelStructure.h"
#include "Calibration/SampleRunner.h"
#include "Calibration/StatisticsCollector.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ToolOutputFile.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_RUNCALIBRATIONPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

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
    NetworkReport networkReport;
    if (valid.wasInterrupted() || failed(verifyOptions()) ||
        failed(measureConstants(constants, networkReport)) ||
        failed(measureActivations(activations, networkReport)) ||
        failed(writeReport(networkReport)))
      signalPassFailure();
  }

private:
  LogicalResult verifyOptions();
  LogicalResult verifyObserver(ObserveOp observer);
  LogicalResult measureConstants(ArrayRef<ObserveOp> observers,
                                 NetworkReport &networkReport);
  LogicalResult measureActivations(ArrayRef<ObserveOp> observers,
                                   NetworkReport &networkReport);
  FailureOr<int64_t> readTables(const ModelStructure &structure,
                                ArrayRef<ObserveOp> observers,
                                StatisticsCollector &collector);
  LogicalResult writeTable(const ModelStructure &structure,
                           ArrayRef<ObserveOp> observers,
                           const StatisticsCollector &collector,
                           int64_t samples);
  FailureOr<int64_t> runSamples(ArrayRef<ObserveOp> observers,
                                StatisticsCollector &collector);
  LogicalResult assignRanges(ArrayRef<ObserveOp> observers,
                             const StatisticsCollector &collector,
                             int64_t samples, NetworkReport &networkReport);
  LogicalResult writeReport(NetworkReport &networkReport);

  /// Whether more than the estimators need is to be remembered.
  bool keepHistograms() const { return !tableOut.empty() || !report.empty(); }

  Shard parsedShard;
};

} // namespace

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

LogicalResult RunCalibrationPass::verifyOptions() {
  ModuleOp module = getOperation();
  if (numSamples < 0)
    return module.emitError("the number of samples must not be negative");
  if (!(percentile > 0 && percentile <= 100))
    return module.emitError("the percentile must lie in (0, 100], got ")
           << percentile;
  if (threads < 0)
    return module.emitError("the number of threads must not be negative");
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
  if (!type.getElementType().isF32())
    return observer.emitOpError("observes ")
           << type.getElementType() << "; calibration measures f32";
  std::optional<int64_t> axis = observer.getEncoding().getAxis();
  if (axis && type.isDynamicDim(*axis))
    return observer.emitOpError("has channels along dimension ")
           << *axis << ", whose size is not static";
  return success();
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Ranges of constants follow from their values alone.
LogicalResult
RunCalibrationPass::measureConstants(ArrayRef<ObserveOp> observers,
                                     NetworkReport &networkReport) {
  StatisticsCollector collector(observers, keepHistograms());
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
    networkReport.weights.numBytesBefore += elements * sizeof(float);
    networkReport.weights.numBytesAfter += (elements * bits + 7) / 8;
  }
  return assignRanges(observers, collector, /*samples=*/0, networkReport);
}

LogicalResult
RunCalibrationPass::measureActivations(ArrayRef<ObserveOp> observers,
                                       NetworkReport &networkReport) {
  if (observers.empty())
    return success();
  ModelStructure structure;
  if (!tableIn.empty() || !tableOut.empty())
    structure = describeStructure(getOperation(), observers);
  StatisticsCollector collector(observers, keepHistograms());
  FailureOr<int64_t> samples =
      tableIn.empty() ? runSamples(observers, collector)
                      : readTables(structure, observers, collector);
  if (failed(samples))
    return failure();
  networkReport.numSamples = *samples;
  if (!tableOut.empty() &&
      failed(writeTable(structure, observers, collector, *samples)))
    return failure();
  return assignRanges(observers, collector, *samples, networkReport);
}

FailureOr<int64_t>
RunCalibrationPass::runSamples(ArrayRef<ObserveOp> observers,
                               StatisticsCollector &collector) {
  FailureOr<SampleRunner> runner = SampleRunner::open(
      getOperation(), {data, seed, numSamples, parsedShard, threads});
  if (failed(runner))
    return failure();
  // Merging what the threads have collected gives the same bits as one thread.
  ArrayRef<int64_t> calls = runner->getCalls();
  std::vector<StatisticsCollector> collectors(
      runner->getNumThreads(calls.size()),
      StatisticsCollector(observers, keepHistograms()));
  SmallVector<CallListener *> listeners = llvm::map_to_vector(
      collectors,
      [](StatisticsCollector &part) -> CallListener * { return &part; });
  if (failed(runner->run("calibrating", calls, listeners)))
    return failure();
  for (const StatisticsCollector &part : collectors)
    collector.merge(part);
  auto samples = static_cast<int64_t>(calls.size()) * runner->getBatchSize();
  numSamplesRun += samples;
  return samples;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

FailureOr<int64_t>
RunCalibrationPass::readTables(const ModelStructure &structure,
                               ArrayRef<ObserveOp> observers,
                               StatisticsCollector &collector) {
  auto report = [&](llvm::Error error) {
    getOperation().emitError(llvm::toString(std::move(error)));
    return failure();
  };
  std::optional<CalibrationTable> merged;
  for (const std::string &path : tableIn) {
    llvm::Expected<CalibrationTable> table = CalibrationTable::read(path);
    if (!table)
      return report(table.takeError());
    if (llvm::Error error =
            table->checkModel(structure.hash, structure.edges, path))
      return report(std::move(error));
    if (!merged)
      merged = std::move(*table);
    else if (llvm::Error error = merged->merge(*table, path))
      return report(std::move(error));
  }
  for (ObserveOp observer : observers)
    collector.setStatistics(observer,
                            merged->lookup(observer.getEdge())->statistics);
  return merged->numSamples;
}

LogicalResult RunCalibrationPass::writeTable(
    const ModelStructure &structure, ArrayRef<ObserveOp> observers,
    const StatisticsCollector &collector, int64_t samples) {
  CalibrationTable table;
  table.modelHash = structure.hash;
  table.numSamples = samples;
  llvm::StringSet<> written;
  for (auto [observer, edge] : llvm::zip_equal(observers, structure.edges))
    if (written.insert(edge.name).second)
      table.edges.push_back(
          {edge.name, edge.structure, collector.getStatistics(observer)});
  if (llvm::Error error = table.write(tableOut))
    return getOperation().emitError(llvm::toString(std::move(error)));
  return success();
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// Tells what became of an edge, to those who ask for remarks.
static void emitRemark(const EdgeReport &edge, ObserveOp observer) {
  remark::analysis(
      observer.getLoc(),
      remark::RemarkOpts::name("Range").category("ptq-run-calibration"))
      << remark::reason(
             "edge '{0}' gets [{1}, {2}] by {3}: {4:P} clipped, SQNR {5:F1} dB",
             edge.name, edge.getRangeMin(), edge.getRangeMax(), edge.estimator,
             edge.getClippedShare(), edge.sqnrDb);
}

LogicalResult RunCalibrationPass::assignRanges(
    ArrayRef<ObserveOp> observers, const StatisticsCollector &collector,
    int64_t samples, NetworkReport &networkReport) {
  EstimatorOptions options;
  options.percentile = percentile;
  bool diagnoses = !report.empty() || getContext().getRemarkEngine() != nullptr;
  for (ObserveOp observer : observers) {
    SmallVector<double> min, max;
    int64_t numElements = 0, numFinite = 0;
    EncodingAttr encoding = observer.getEncoding();
    EncodingSpec spec = {encoding.getSymmetry(),
                         {encoding.getMinCode(), encoding.getMaxCode()}};
    const TensorStatistics &statistics = collector.getStatistics(observer);
    for (const ChannelStatistics &channel : statistics.getChannels()) {
      RealRange range =
          estimateRange(observer.getEstimator(), channel, spec, options);
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
    if (!diagnoses)
      continue;
    EdgeReport edge = diagnoseEdge(observer, statistics);
    emitRemark(edge, observer);
    networkReport.edges.push_back(std::move(edge));
  }
  return success();
}

LogicalResult RunCalibrationPass::writeReport(NetworkReport &networkReport) {
  if (report.empty())
    return success();
  ModuleOp module = getOperation();
  networkReport.modelName = module.getName().value_or("").str();
  networkReport.dataDescription =
      tableIn.empty() ? data : llvm::join(tableIn, ", ");
  if (!networkReport.edges.empty())
    networkReport.method = networkReport.edges.back().estimator;
  std::error_code code;
  llvm::ToolOutputFile file(report, code, llvm::sys::fs::OF_None);
  if (code)
    return module.emitError("cannot write the report '")
           << report << "': " << code.message();
  if (llvm::Error error = writeCalibrationReport(file.os(), networkReport))
    return module.emitError(llvm::toString(std::move(error)));
  file.keep();
  return success();
}
