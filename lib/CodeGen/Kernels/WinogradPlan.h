//===- WinogradPlan.h - Convolutions with fewer products ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_WINOGRADPLAN_H
#define PTQ_LIB_CODEGEN_KERNELS_WINOGRADPLAN_H

#include "CodeContraction.h"
#include "FusedNeighbours.h"
#include "MinimalFilter.h"
#include <array>

namespace mlir::ptq {

/// A convolution of codes with a window of 3 by 3 that is to be computed by
/// WinogradKernel.h. Arrays are of the image's two dimensions.
struct WinogradPlan : CodeContraction {
  explicit WinogradPlan(const CodeContraction &contraction)
      : CodeContraction(contraction) {}

  /// The loop over output channels, and the reduction over those of the input.
  unsigned outputChannels;
  unsigned inputChannels;
  /// The loops over the positions of the output, and over those in the window.
  std::array<unsigned, 2> imageDims;
  std::array<unsigned, 2> windowDims;
  std::array<const MinimalFilter *, 2> filters;
  /// All other parallel loops.
  SmallVector<unsigned> batchDims;
  /// The tiles of two by two results; where a size is odd, the last ones share
  /// some with those before.
  std::array<int64_t, 2> numTiles;
  /// How many tiles are computed at a time, and how often that is. The last
  /// part may share some with the one before.
  std::array<int64_t, 2> partSize;
  std::array<int64_t, 2> numParts;
  /// What is computed on the sums. They begin with something.
  FusedNeighbours neighbours;
};

/// The plan for `contraction`. If there is none, `explain` is told why.
FailureOr<WinogradPlan> planWinograd(const CodeContraction &contraction,
                                     const TargetDescription &target,
                                     ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WINOGRADPLAN_H
