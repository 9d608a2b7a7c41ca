//===- DotPlan.h - How a contraction becomes dot products ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H

#include "CodeContraction.h"
#include "FusedNeighbours.h"
#include "PackedWeights.h"
#include "RegisterTiles.h"

namespace mlir::ptq {

/// A contraction that is to become a dot product kernel. Weights that are not
/// constant are packed at run time.
struct DotPlan : CodeContraction {
  explicit DotPlan(const CodeContraction &contraction)
      : CodeContraction(contraction) {}

  RegisterTiling tiling;
  WeightWalk walk;
  /// The parallel loops that change the weights beside the vector loop.
  SmallVector<unsigned> batchDims;
  /// The reduction loops of the run, and those around it, outermost first.
  /// Loops that run once are neither.
  SmallVector<unsigned> runDims;
  SmallVector<unsigned> outerDims;
  /// The border that is not read by the loop of its window, one of the latter.
  std::optional<WindowBorder> border;
  /// What is computed on the accumulators before and behind the sums.
  FusedNeighbours neighbours;
};

/// The plan for `contraction`. If there is none, `explain` is told why.
FailureOr<DotPlan> planDot(const CodeContraction &contraction,
                           const TargetDescription &target, ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H
