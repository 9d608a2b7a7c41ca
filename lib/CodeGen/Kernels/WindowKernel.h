//===- WindowKernel.h - Sums over windows of single channels ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A depthwise convolution multiplies each channel with weights of its own, so
// that there is nothing to broadcast, and few products for each pixel that is
// loaded. But the windows of neighbouring outputs have pixels in common. So a
// tile has several outputs of a row; each pixel is loaded once for all of them
// that see it, and each weight once for the tile. The taps of a row of the
// window are unrolled for that, and run through in the order of the pixels,
// which for each output is the order of its taps.
//
// The channels are the inner loop, unless that is too much for the cache: then
// pixels are read from the first byte to the last, where a few channels of one
// pixel after the other keep to few sets of the cache.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_WINDOWKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_WINDOWKERNEL_H

#include "PayloadKernel.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// A structured op that is to become a kernel of windows.
struct WindowPlan {
  RegisterTiling tiling;
  /// The inputs that move with the rows of a tile, and that do not.
  unsigned pixels;
  unsigned weights;
  /// The reduction loop along a row of the window, and those around it.
  unsigned tapDim;
  SmallVector<unsigned> outerDims;
  int64_t numTaps;
  /// The distances in pixels' elements of taps and of rows of a tile.
  int64_t tapStride;
  int64_t rowStride;
};

/// The plan for `op`, whose plan as any structured op is `tiling`. If there is
/// none, `explain` is told why.
FailureOr<WindowPlan> planWindow(linalg::LinalgOp op,
                                 const RegisterTiling &tiling,
                                 const TargetDescription &target,
                                 ExplainFn explain);

/// Emits the kernel of `op` and its neighbours at the insertion point. `op`
/// stays.
void emitWindowKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                      const WindowPlan &plan,
                      const FusedNeighbours &neighbours = {});

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WINDOWKERNEL_H
