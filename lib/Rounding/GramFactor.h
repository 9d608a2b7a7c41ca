//===- GramFactor.h - Triangular factors of Gram matrices -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A Gram matrix with damping H is factored into L L', L a lower triangle. Two
// representations of L serve the same purpose: a dense matrix, and, where a
// layer has seen fewer rows A than it has inputs and H = A'A + dI, vectors g
// with
//
//   L[j][i] = a_j . g_i   for j > i
//
// for the columns a of A, which takes time in proportion to the inputs instead
// of to their cube. With S = I at first, column i gives
//
//   L[i][i]^2 = a_i . S a_i + d,   g_i = S a_i / L[i][i],   S -= g_i g_i'
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_ROUNDING_GRAMFACTOR_H
#define PTQ_LIB_ROUNDING_GRAMFACTOR_H

#include "ptq/Rounding/ReconstructionProblem.h"
#include "ptq/Support/MatmulKernel.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>

namespace mlir::ptq {

/// Something of each of the channels that are rounded together; there may be
/// fewer.
inline constexpr int64_t kChannelsAtOnce = kTileColumns;
using RowOfChannels = Eigen::Matrix<double, 1, kChannelsAtOnce>;

/// The factor L of the damped Gram matrix of a problem.
class GramFactor {
public:
  virtual ~GramFactor();

  /// The factor with inputs in the given order. Null if the matrix is singular.
  static std::unique_ptr<GramFactor>
  create(const ReconstructionProblem &problem, llvm::ArrayRef<int64_t> order,
         ParallelFor parallelFor);

  virtual double getDiagonal(int64_t i) const = 0;

  /// Replaces the columns of `columns` by the solutions of L L' x = column.
  virtual void solve(MatrixD &columns) const = 0;

  /// Sums with the columns of L, from the last one to the first.
  class ColumnSums {
  public:
    virtual ~ColumnSums();
    /// The sum of L[j][i] * x_j over j > i, for each of several x. To be called
    /// for the last i first, after x_j of all j > i have been set.
    virtual RowOfChannels get(int64_t i) = 0;
    virtual void set(int64_t i, const RowOfChannels &x) = 0;
  };
  virtual std::unique_ptr<ColumnSums> makeColumnSums() const = 0;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_ROUNDING_GRAMFACTOR_H
