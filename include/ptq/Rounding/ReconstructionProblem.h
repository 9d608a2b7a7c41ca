//===- ReconstructionProblem.h - The error of a layer -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_RECONSTRUCTIONPROBLEM_H
#define PTQ_ROUNDING_RECONSTRUCTIONPROBLEM_H

#include "ptq/Rounding/LayerMoments.h"

namespace mlir::ptq {

/// Whether the bias of a layer stays as it is, or follows the weights so that
/// the mean of each output is right.
enum class BiasMode { Fixed, Corrected };

/// The mean squared error of a layer's outputs as a function of its weights w,
/// for each channel
///
///   w H w' - 2 w p' + c
///
/// With a bias that is corrected H, p and c are the moments about the means.
/// The methods add `damping * |w - w0|^2`, where w0 are the float weights, to
/// what they minimize: calibration has seen some directions rarely or never.
struct ReconstructionProblem {
  ReconstructionProblem(const MatrixF &weights, const LayerMoments &moments,
                        BiasMode bias, double relativeDamping,
                        ParallelFor parallelFor = runInOrder);

  int64_t getDepth() const { return gram.rows(); }
  int64_t getNumChannels() const { return weights.rows(); }

  /// The errors of the channels with weights `values`, without damping and with
  /// it.
  VectorD getErrors(const MatrixF &values, ParallelFor parallelFor) const;
  VectorD getDampedErrors(const MatrixF &values, ParallelFor parallelFor) const;

  /// Half the negative gradient of the damped errors.
  MatrixD getDescentDirections(const MatrixF &values,
                               ParallelFor parallelFor) const;

  /// The float weights w0.
  const MatrixF &weights;
  MatrixD gram;
  MatrixD cross;
  VectorD power;
  /// Where there were few, rows whose Gram matrix is `gram`.
  MatrixD rows;
  double damping;
};

/// The damping as a share of the mean diagonal of the Gram matrix: `base`, and
/// more the fewer rows there are for each input.
double scaleDamping(double base, int64_t numRows, int64_t depth);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_RECONSTRUCTIONPROBLEM_H
