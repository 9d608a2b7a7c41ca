//===- ContractionPlan.cpp - What the loops of a contraction do -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionPlan.h"

using namespace mlir;
using namespace mlir::ptq;

SmallVector<int64_t, 0> mlir::ptq::getOffsets(const IterationSpace &space,
                                              ArrayRef<unsigned> loops,
                                              unsigned operand) {
  SmallVector<int64_t, 0> offsets = {0};
  for (unsigned loop : loops) {
    int64_t stride = space.accesses[operand].strides[loop];
    SmallVector<int64_t, 0> extended;
    extended.reserve(offsets.size() * space.sizes[loop]);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < space.sizes[loop]; ++i)
        extended.push_back(offset + i * stride);
    offsets = std::move(extended);
  }
  return offsets;
}

int64_t mlir::ptq::getCount(const IterationSpace &space,
                            ArrayRef<unsigned> loops) {
  int64_t count = 1;
  for (unsigned loop : loops)
    count *= space.sizes[loop];
  return count;
}

/// Finds the runs of `columns` in rhs; the last of them is the contiguous one.
static void findRuns(const IterationSpace &space, ContractionPlan &plan) {
  const Access &rhs = space.accesses[plan.swapped ? kLhs : kRhs];
  ArrayRef<unsigned> rest = plan.columns;
  if (rhs.strides[rest.back()] != 1)
    return;
  int64_t length = 1;
  while (!rest.empty() && rhs.strides[rest.back()] == length) {
    length *= space.sizes[rest.back()];
    rest = rest.drop_back();
  }
  plan.runLength = length;
  plan.runPitch = length;
  if (rest.empty()) {
    plan.readsInPlace = true;
    return;
  }
  // Two levels, as an image has whose rows are padded. Gaps may cost as much
  // as they save.
  int64_t pitch = rhs.strides[rest.back()];
  if (rest.size() != 1 || pitch < length || pitch > 2 * length)
    return;
  plan.runPitch = pitch;
  plan.readsInPlace = true;
}

std::optional<ContractionPlan>
mlir::ptq::makeContractionPlan(const IterationSpace &space) {
  ContractionPlan plan;
  std::optional<unsigned> contiguous;
  auto stride = [&](unsigned operand, unsigned loop) {
    return space.accesses[operand].strides[loop];
  };
  for (unsigned loop = 0; loop < space.getNumLoops(); ++loop) {
    if (space.isReduction[loop] != (stride(kOut, loop) == 0))
      return std::nullopt;
    if (stride(kOut, loop) == 1)
      contiguous = loop;
  }
  if (!contiguous)
    return std::nullopt;
  bool movesLhs = stride(kLhs, *contiguous) != 0;
  bool movesRhs = stride(kRhs, *contiguous) != 0;
  if (movesLhs == movesRhs) {
    if (stride(kLhs, *contiguous) != 1 || stride(kRhs, *contiguous) != 1)
      return std::nullopt;
    plan.lanes = contiguous;
  }
  plan.swapped = movesLhs && !movesRhs;
  unsigned lhs = plan.swapped ? kRhs : kLhs;
  unsigned rhs = plan.swapped ? kLhs : kRhs;

  // Columns: what continues the contiguous loop in the result.
  llvm::SmallDenseSet<unsigned> isColumn;
  if (!plan.lanes) {
    int64_t length = 1;
    std::optional<unsigned> next = contiguous;
    while (next) {
      plan.columns.insert(plan.columns.begin(), *next);
      isColumn.insert(*next);
      length *= space.sizes[*next];
      next.reset();
      for (unsigned loop = 0; loop < space.getNumLoops(); ++loop)
        if (!isColumn.contains(loop) && stride(kOut, loop) == length &&
            stride(rhs, loop) != 0 && stride(lhs, loop) == 0)
          next = loop;
    }
    findRuns(space, plan);
  }
  for (unsigned loop = 0; loop < space.getNumLoops(); ++loop) {
    if (isColumn.contains(loop) || plan.lanes == loop)
      continue;
    if (space.isReduction[loop])
      plan.sums.push_back(loop);
    else if (stride(rhs, loop) == 0 && !plan.lanes)
      plan.rows.push_back(loop);
    else
      plan.batches.push_back(loop);
  }
  return plan;
}
