//===- DepthwiseKernel.h - Dot products along the window ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A depthwise convolution sums over its window only, and the channels of a
// pixel are contiguous: what a dot product sums is apart in memory. So pixels
// that are neighbouring taps are interleaved, until the bytes of a channel are
// next to each other.
//
// That is worth more than one result. Where a row of the window does not fill
// its dot products, neighbouring outputs are computed from the same interleaved
// pixels with shifted weights: with three taps and dot products of four, the
// weights (w0, w1, w2, 0) make the first output and (0, w0, w1, w2) the second.
//
// Elements are interleaved within parts of the registers, which changes the
// order of the channels. Where a row of a tile is full, the weights and all
// that is computed before and behind have this order, and the results are
// brought into theirs; a narrower rest is arranged when it is loaded.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEKERNEL_H

#include "DepthwisePlan.h"

namespace mlir::ptq {

/// Emits the kernel of `op` and its neighbours according to `plan` at the
/// insertion point. The packed weights become globals of the module. `op`
/// stays.
void emitDepthwiseKernel(RewriterBase &rewriter, const DepthwisePlan &plan,
                         const TargetDescription &target,
                         SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DEPTHWISEKERNEL_H
