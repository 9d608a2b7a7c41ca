//===- ReductionKernel.h - Rows to one element ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sum of integers or an extremum over a contiguous dimension, such as the
// range of a row: no loop leads along the outputs, so the reduction itself
// becomes vectors. Sums of floats stay loops: added in another order they are
// other numbers than the interpreter's. Several vectors accumulate side by
// side, to hide the latency of the combining op, and are combined with each
// other at the end, and then half by half.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_REDUCTIONKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_REDUCTIONKERNEL_H

#include "Combiner.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// A reduction of contiguous elements that is to become vectors.
struct ReductionPlan {
  /// The reduction loop that becomes vectors, and the elements of one vector.
  unsigned vectorDim = 0;
  int64_t lanes = 1;
  /// One for each output.
  SmallVector<Combiner> combiners;
};

/// The plan for `op`. If there is none, `explain` is told why.
FailureOr<ReductionPlan> planReduction(linalg::LinalgOp op,
                                       const TargetDescription &target,
                                       ExplainFn explain);

/// Emits the kernel of `op` at the insertion point. `op` stays.
void emitReductionKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                         const ReductionPlan &plan);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_REDUCTIONKERNEL_H
