//===- CoordinateDescent.h - One code after the other -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_COORDINATEDESCENT_H
#define PTQ_ROUNDING_COORDINATEDESCENT_H

#include "ptq/Rounding/ReconstructionProblem.h"
#include "ptq/Rounding/WeightGrid.h"

namespace mlir::ptq {

/// Improves `codes`: each in turn is set to the best one given all others,
/// until nothing changes or `numSweeps` sweeps are done. The damped error of no
/// channel grows.
void descend(const ReconstructionProblem &problem, const WeightGrid &grid,
             int64_t numSweeps, MatrixF &codes, ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_COORDINATEDESCENT_H
