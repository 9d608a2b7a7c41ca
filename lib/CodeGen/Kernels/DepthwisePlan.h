//===- DepthwisePlan.h - Depthwise convolutions as dot products -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEPLAN_H
#define PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEPLAN_H

#include "CodeContraction.h"
#include "FusedNeighbours.h"
#include "PackedWeights.h"
#include "RegisterTiles.h"

namespace mlir::ptq {

/// A depthwise convolution that is to become a kernel of dot products. These
/// run along the taps of one dimension of the window.
struct DepthwisePlan : CodeContraction {
  explicit DepthwisePlan(const CodeContraction &contraction)
      : CodeContraction(contraction) {}

  RegisterTiling tiling;
  /// Columns are the channels, the run is the taps of a row of the window.
  WeightWalk walk;
  /// The reduction loop of the run.
  unsigned tapDim;
  /// The reduction loops around it, outermost first.
  SmallVector<unsigned> outerDims;
  /// The distances in elements, in the activations, of neighbouring taps and of
  /// neighbouring rows of the tile.
  int64_t tapStride;
  int64_t rowStride;
  /// As many rows of the tile as there are shifts read the same activations:
  /// the taps of the i-th begin `shifts[i]` taps behind those of the first.
  SmallVector<int64_t> shifts;
  /// What is computed on the accumulators before and behind the sums.
  FusedNeighbours neighbours;
};

/// The plan for `contraction`, a depthwise one. If there is none, `explain` is
/// told why.
FailureOr<DepthwisePlan> planDepthwise(const CodeContraction &contraction,
                                       const TargetDescription &target,
                                       ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEPLAN_H
