//===- StatisticsCollector.h - Statistics of observers ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSCOLLECTOR_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSCOLLECTOR_H

#include "SampleRunner.h"
#include "ptq/Calibration/TensorStatistics.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::ptq {

/// Collects the statistics of observers as an interpreter passes them. One
/// thread uses one collector; what several have collected is merged, which
/// gives the same bits in any order.
class StatisticsCollector : public CallListener {
public:
  /// What is remembered beyond the needs of an observer's estimator.
  struct Options {
    /// A histogram of each activation.
    bool keepHistograms = false;
    /// The extremes of each activation in each call.
    bool recordSamples = false;
  };

  /// Remembers of each observer what its estimator needs, and `options` more.
  /// Of constants the values are kept instead of a histogram.
  StatisticsCollector(ArrayRef<ObserveOp> observers, const Options &options);

  void notifyCall(int64_t call) override { current = call; }

  void notifyObserved(ObserveOp observer, const TensorValue &value) override;
  bool wantsEvaluatedOps() const override { return false; }

  /// Adds what `other` has seen of some of the same observers.
  void merge(const StatisticsCollector &other);

  const TensorStatistics &getStatistics(ObserveOp observer) const;
  void setStatistics(ObserveOp observer, TensorStatistics statistics);

private:
  DenseMap<Operation *, TensorStatistics> edges;
  bool recordSamples;
  /// The call that is being evaluated; none while constants are measured.
  std::optional<int64_t> current;
};

/// Runs the samples of `runner`, under the name `label`, and adds what
/// `observers` see to `collector`, which knows them. Any number of threads
/// gives the same bits.
LogicalResult collectStatistics(StringRef label, const SampleRunner &runner,
                                ArrayRef<ObserveOp> observers,
                                const StatisticsCollector::Options &options,
                                StatisticsCollector &collector);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSCOLLECTOR_H
