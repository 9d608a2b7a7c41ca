//===- InterleaveKernel.h - Planes that become pixels -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks often get images as planes, one for each of the three colours, and
// convolutions want them as pixels. The colours of a pixel are too few for a
// vector, and lie far apart in the planes. So a vector is computed along the
// row of each plane, and these are interleaved before they are stored.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_INTERLEAVEKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_INTERLEAVEKERNEL_H

#include "RegisterTiles.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// The most planes that are interleaved.
inline constexpr int64_t kMaxPlanes = 4;

/// How `op`, on buffers, makes pixels of planes: vectors are along the row, and
/// the rows of a tile are the planes. If it does not, `explain` is told why.
FailureOr<RegisterTiling> planInterleaving(linalg::LinalgOp op,
                                           const TargetDescription &target,
                                           ExplainFn explain);

/// Emits the kernel of `op` at the insertion point. `op` stays.
void emitInterleaveKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                          const RegisterTiling &plan);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_INTERLEAVEKERNEL_H
