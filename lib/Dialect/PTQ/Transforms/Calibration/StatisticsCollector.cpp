//===- StatisticsCollector.cpp - Statistics of observers while they run ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StatisticsCollector.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Interpreter/FloatElements.h"

using namespace mlir;
using namespace mlir::ptq;

static TensorStatistics
makeStatistics(ObserveOp observer,
               const StatisticsCollector::Options &options) {
  StatisticsDetail detail =
      createRangeEstimator(observer.getEstimator())->getRequiredDetail();
  if (options.keepHistograms && detail == StatisticsDetail::Extremes)
    detail = StatisticsDetail::Histogram;
  // Constants are there to be looked at as they are.
  if (detail == StatisticsDetail::Histogram &&
      matchPattern(observer.getInput(), m_Constant()))
    detail = StatisticsDetail::Values;
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  ParameterLayout layout =
      observer.getEncoding().getParameterLayout(type.getShape());
  return TensorStatistics(layout.getNumParameters(), detail);
}

StatisticsCollector::StatisticsCollector(ArrayRef<ObserveOp> observers,
                                         const Options &options)
    : recordSamples(options.recordSamples) {
  for (ObserveOp observer : observers)
    edges.try_emplace(observer, makeStatistics(observer, options));
}

void StatisticsCollector::notifyObserved(ObserveOp observer,
                                         const TensorValue &value) {
  auto it = edges.find(observer);
  if (it == edges.end())
    return;
  FloatElements elements(value);
  it->second.add(elements.get(),
                 observer.getEncoding().getParameterLayout(value.getShape()),
                 recordSamples ? current : std::nullopt);
}

void StatisticsCollector::merge(const StatisticsCollector &other) {
  for (const auto &[observer, statistics] : other.edges)
    edges.find(observer)->second.merge(statistics);
}

const TensorStatistics &
StatisticsCollector::getStatistics(ObserveOp observer) const {
  return edges.find(observer)->second;
}

void StatisticsCollector::setStatistics(ObserveOp observer,
                                        TensorStatistics statistics) {
  edges.find(observer)->second = std::move(statistics);
}

LogicalResult
mlir::ptq::collectStatistics(StringRef label, const SampleRunner &runner,
                             ArrayRef<ObserveOp> observers,
                             const StatisticsCollector::Options &options,
                             StatisticsCollector &collector) {
  // Merging what the threads have collected gives the same bits as one thread.
  ArrayRef<int64_t> calls = runner.getCalls();
  std::vector<StatisticsCollector> parts(
      runner.getNumThreads(calls.size()),
      StatisticsCollector(observers, options));
  SmallVector<CallListener *> listeners = llvm::map_to_vector(
      parts, [](StatisticsCollector &part) -> CallListener * { return &part; });
  if (failed(runner.run(label, calls, listeners)))
    return failure();
  for (const StatisticsCollector &part : parts)
    collector.merge(part);
  return success();
}
