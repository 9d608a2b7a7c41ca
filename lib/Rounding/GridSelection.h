//===- GridSelection.h - The grid with the least output error ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_ROUNDING_GRIDSELECTION_H
#define PTQ_LIB_ROUNDING_GRIDSELECTION_H

#include "ptq/Rounding/GPTQ.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::ptq {

/// A grid for each channel, and codes on it.
struct GridSelection {
  std::vector<int64_t> grids;
  WeightGrid grid;
  MatrixF codes;
};

/// Rounds by `gptq` on each of `grids`, and takes for each channel, or for all
/// of them if they must agree, the one with the least error of the outputs.
GridSelection selectGrids(const GPTQ &gptq, llvm::ArrayRef<WeightGrid> grids,
                          bool sharesGrid, ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_LIB_ROUNDING_GRIDSELECTION_H
