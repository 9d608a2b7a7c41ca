//===- ContractionPlan.h - What the loops of a contraction do ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every loop of a contraction moves rows of the result, columns, both (a
// batch) or neither (a sum). Sorting the loops brings any convolution or matrix
// product to one form.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONPLAN_H
#define PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONPLAN_H

#include "IterationSpace.h"

namespace mlir::ptq {

enum ContractionOperand : unsigned { kLhs, kRhs, kOut };

/// How the loops of a contraction are distributed, after the operands have been
/// named such that the contiguous loop of the result moves rhs.
struct ContractionPlan {
  SmallVector<unsigned, 6> rows, columns, sums, batches;
  /// Whether lhs and rhs have changed places.
  bool swapped = false;
  /// The contiguous loop moves all three operands: only batches remain.
  std::optional<unsigned> lanes;

  /// Columns of rhs lie next to each other in runs of this many, and runs are
  /// `runPitch` apart. Where they are one run, or the gaps are small, rhs is
  /// read where it lies; columns that fall into gaps are computed and dropped.
  int64_t runLength = 0;
  int64_t runPitch = 0;
  bool readsInPlace = false;

  bool hasGaps() const { return readsInPlace && runLength != runPitch; }
};

/// The plan for a simplified space of three operands; nullopt if the kernels
/// cannot run it.
std::optional<ContractionPlan> makeContractionPlan(const IterationSpace &space);

/// The offsets of all iterations of `loops` in one operand.
SmallVector<int64_t, 0> getOffsets(const IterationSpace &space,
                                   ArrayRef<unsigned> loops, unsigned operand);

/// The number of iterations of `loops`.
int64_t getCount(const IterationSpace &space, ArrayRef<unsigned> loops);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONPLAN_H
