//===- Matrix.h - Dense matrices of the rounding methods --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_MATRIX_H
#define PTQ_ROUNDING_MATRIX_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <Eigen/Core>
#include <cstdint>

namespace mlir::ptq {

/// Matrices whose rows are contiguous, and vectors, of f32 and f64.
using MatrixF =
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixD =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using VectorF = Eigen::VectorXf;
using VectorD = Eigen::VectorXd;
/// A matrix, or a part of one, that somebody else owns.
using MatrixViewF = Eigen::Ref<const MatrixF>;

/// Calls a function for 0 to `count` - 1, in any order and perhaps several at
/// once. What is computed must not depend on it.
using ParallelFor =
    llvm::function_ref<void(int64_t count, llvm::function_ref<void(int64_t)>)>;

/// One after the other.
inline void runInOrder(int64_t count, llvm::function_ref<void(int64_t)> body) {
  for (int64_t i = 0; i < count; ++i)
    body(i);
}

/// Lets products of matrices be summed in an order that does not follow from
/// the caches of the machine, so that results are the same everywhere. To be
/// called before anything is computed.
void fixOrderOfSums();

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_MATRIX_H
