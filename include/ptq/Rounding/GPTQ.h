//===- GPTQ.h - Errors passed on to later weights ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_GPTQ_H
#define PTQ_ROUNDING_GPTQ_H

#include "ptq/Rounding/ReconstructionProblem.h"
#include "ptq/Rounding/WeightGrid.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>
#include <vector>

namespace mlir::ptq {
class GramFactor;

/// GPTQ (Frantar et al. 2022): weights are rounded one after the other, and
/// those to come are moved so that they make up for the error.
///
/// With the Gram matrix factored into L L', the error of weights d away from
/// the best real ones is |L' d|^2. Row k of L' sees weight k and those after
/// it, so that going from the last weight to the first, each is rounded to what
/// is best given the ones already rounded. This is the same as updating the
/// inverse of the Gram matrix, and needs only one factorization.
class GPTQ {
public:
  /// With `activationOrder`, weights of inputs with large squares come first.
  GPTQ(const ReconstructionProblem &problem, bool activationOrder,
       ParallelFor parallelFor);
  ~GPTQ();

  /// The real weights that minimize the damped error.
  const MatrixF &getTargets() const { return targets; }

  /// Codes, and by how much the damped error of each channel is larger than the
  /// least that real weights can have (or than 0 where that is not known).
  struct RoundedMatrix {
    MatrixF codes;
    VectorD errors;
  };

  /// Codes on `grid`, or on each of several. Weights whose inputs were always 0
  /// go to the nearest.
  RoundedMatrix round(const WeightGrid &grid, ParallelFor parallelFor) const {
    return std::move(roundOnEach(grid, parallelFor).front());
  }
  std::vector<RoundedMatrix> roundOnEach(llvm::ArrayRef<WeightGrid> grids,
                                         ParallelFor parallelFor) const;

private:
  void roundChannels(const WeightGrid &grid, int64_t begin, int64_t end,
                     RoundedMatrix &result) const;

  const ReconstructionProblem &problem;
  /// The inputs, the one to be rounded last first.
  std::vector<int64_t> order;
  /// Of the Gram matrix in that order; null if it is singular.
  std::unique_ptr<GramFactor> factor;
  MatrixF targets;
};

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_GPTQ_H
