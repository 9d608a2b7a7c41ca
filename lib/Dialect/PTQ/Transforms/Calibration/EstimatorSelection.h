//===- EstimatorSelection.h - The estimator that harms least ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No estimator is best everywhere, and none can tell from the edge alone: the
// least error of the edge is that of `mse` by definition, yet what counts is
// what the ops make of it that consume the edge. So the ranges of all
// estimators are tried there. On some of the samples, each consumer is
// evaluated on its float operands, and again with this one operand quantized by
// each of the ranges. The range that disturbs the consumers' results least is
// taken; of equals, that of the first estimator, min-max.
//
// Disturbance is the noise-to-signal ratio of a result in decibels, averaged
// over the samples: a sample counts as much as any other, however loud it is.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_ESTIMATORSELECTION_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_ESTIMATORSELECTION_H

#include "SampleRunner.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::ptq {

/// A range that an edge could get, one for each channel.
struct RangeCandidate {
  RangeEstimatorKind estimator;
  SmallVector<RealRange, 1> channels;

  SmallVector<double> getMinValues() const;
  SmallVector<double> getMaxValues() const;
};

/// The range that an estimator chooses for an edge.
RangeCandidate makeRangeCandidate(RangeEstimatorKind estimator,
                                  EncodingAttr encoding,
                                  const TensorStatistics &statistics,
                                  const EstimatorOptions &options);

/// Edges with candidates, and the choice among them.
class EstimatorSelection {
public:
  /// The most calls that candidates are tried on.
  static constexpr size_t kMaxCalls = 128;

  /// With `measuresHarm`, edges with a single candidate are tried as well, only
  /// to find out how much it disturbs.
  EstimatorSelection(ModuleOp module, bool measuresHarm)
      : module(module), measuresHarm(measuresHarm) {}

  /// Adds an edge with the different ones of the ranges that `estimators`
  /// choose. Of those that choose the same, the first is named.
  void add(ObserveOp observer, const TensorStatistics &statistics,
           ArrayRef<RangeEstimatorKind> estimators,
           const EstimatorOptions &options);
  bool contains(ObserveOp observer) const { return edges.count(observer); }

  /// Tries the candidates on calls of `runner` that `seed` draws.
  LogicalResult run(const SampleRunner &runner, uint64_t seed);

  /// The best candidate of an edge, after `run`.
  const RangeCandidate &getChoice(ObserveOp observer) const;

  /// How much the chosen range disturbs the consumers of an edge: the ratio of
  /// the power of noise to that of the signal in their results. Absent where
  /// it was not tried.
  std::optional<double> getHarm(ObserveOp observer) const;

  /// An edge, and all ways from it to operands of quantizable ops.
  struct Edge {
    ObserveOp observer;
    SmallVector<RangeCandidate> candidates;
    SmallVector<EdgePath> uses;
    size_t choice = 0;
    std::optional<double> harm;
  };

private:
  void findUses();

  ModuleOp module;
  bool measuresHarm;
  llvm::MapVector<Operation *, Edge> edges;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_ESTIMATORSELECTION_H
