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

using namespace mlir;
using namespace mlir::ptq;

/// The number of elements behind one index of the channel axis.
static int64_t getInnerSize(ObserveOp observer, const TensorValue &value) {
  std::optional<int64_t> axis = observer.getEncoding().getAxis();
  return ShapedType::getNumElements(
      value.getShape().drop_front(axis ? *axis + 1 : 0));
}

static TensorStatistics makeStatistics(ObserveOp observer,
                                       bool keepHistograms) {
  StatisticsDetail detail =
      createRangeEstimator(observer.getEstimator())->getRequiredDetail();
  if (keepHistograms && detail == StatisticsDetail::Extremes)
    detail = StatisticsDetail::Histogram;
  // Constants are there to be looked at as they are.
  if (detail == StatisticsDetail::Histogram &&
      matchPattern(observer.getInput(), m_Constant()))
    detail = StatisticsDetail::Values;
  std::optional<int64_t> axis = observer.getEncoding().getAxis();
  if (!axis)
    return TensorStatistics(detail);
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  return TensorStatistics(type.getDimSize(*axis), detail);
}

StatisticsCollector::StatisticsCollector(ArrayRef<ObserveOp> observers,
                                         bool keepHistograms) {
  for (ObserveOp observer : observers)
    edges.try_emplace(observer, makeStatistics(observer, keepHistograms));
}

void StatisticsCollector::notifyObserved(ObserveOp observer,
                                         const TensorValue &value) {
  auto it = edges.find(observer);
  if (it == edges.end() || !value.getElementType().isF32())
    return;
  it->second.add(value.getData<float>(), getInnerSize(observer, value));
}

void StatisticsCollector::merge(const StatisticsCollector &other) {
  for (auto &[observer, statistics] : edges)
    statistics.merge(other.edges.find(observer)->second);
}

const TensorStatistics &
StatisticsCollector::getStatistics(ObserveOp observer) const {
  return edges.find(observer)->second;
}

void StatisticsCollector::setStatistics(ObserveOp observer,
                                        TensorStatistics statistics) {
  edges.find(observer)->second = std::move(statistics);
}
