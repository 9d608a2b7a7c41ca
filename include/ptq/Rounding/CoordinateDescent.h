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
#include "ptq/Rounding/ReconstructionSample.h"
#include "ptq/Rounding/WeightGrid.h"

namespace mlir::ptq {

/// Improves `codes`: each in turn is set to the best one within `bounds` given
/// all others, until nothing changes or `numSweeps` sweeps are done. The damped
/// error of no channel grows.
void descend(const ReconstructionProblem &problem, const WeightGrid &grid,
             const CodeBounds &bounds, int64_t numSweeps, MatrixF &codes,
             ParallelFor parallelFor);

/// As above for the errors of the clamped outputs of `sample`, with the damping
/// of `problem`. Each code may move by one at a time.
void descend(const ReconstructionProblem &problem,
             const ReconstructionSample &sample, const WeightGrid &grid,
             const CodeBounds &bounds, int64_t numSweeps, MatrixF &codes,
             ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_COORDINATEDESCENT_H
