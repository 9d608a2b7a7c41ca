//===- WeightKernel.h - Products of dequantized weights ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sum of products whose weights are constant codes that are dequantized, to
// the same floats and in the same order as if the floats lay in memory. For few
// rows every vector of weights is computed where it is multiplied. Where many
// tiles have weights in common, a tile's share of them is computed once, into a
// panel that stays in the cache.
//
// Constant floats are laid out in the same panels, and loaded from there.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_WEIGHTKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_WEIGHTKERNEL_H

#include "FusedWeights.h"
#include "PayloadKernel.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// How a kernel computes its weights.
struct WeightKernelPlan {
  FusedWeights weights;
  /// For many rows.
  RegisterTiling tiling;
  /// For few.
  RegisterTiling rowTiling;
};

/// The plan for the kernel that reads `weights`. If there is none, `explain` is
/// told why.
FailureOr<WeightKernelPlan> planWeightKernel(FusedWeights weights,
                                             const TargetDescription &target,
                                             ExplainFn explain);

/// Emits the kernel with its neighbours at the insertion point, and makes the
/// panels of its constants globals of the module. All ops stay.
void emitWeightKernel(RewriterBase &rewriter, WeightKernelPlan &plan,
                      const FusedNeighbours &neighbours,
                      SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WEIGHTKERNEL_H
