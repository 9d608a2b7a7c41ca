//===- LayerMoments.h - What a layer reads and shall give -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A layer is a matrix of weights, one row for each output channel, that is
// multiplied with columns of inputs. With x^ the input that the quantized
// network computes and y the output that is wanted, everything that the
// squared error of the layer depends on is
//
//   sum x^ x^'    sum y x^'    sum x^    sum y    sum y^2
//
// which are summed as the samples stream by.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_LAYERMOMENTS_H
#define PTQ_ROUNDING_LAYERMOMENTS_H

#include "ptq/Rounding/Matrix.h"

namespace mlir::ptq {

/// Sums over rows, each an input of a layer and the output that is wanted.
struct LayerMoments {
  LayerMoments() = default;
  LayerMoments(int64_t channels, int64_t depth);

  /// Adds rows of inputs (rows x depth) and of targets (rows x channels). The
  /// result depends on how rows are divided among calls, and on nothing else.
  void add(const MatrixViewF &newRows, const MatrixViewF &wanted,
           ParallelFor parallelFor);

  int64_t getDepth() const { return inputs.rows(); }
  int64_t getNumChannels() const { return targetInputs.rows(); }

  int64_t numRows = 0;
  /// The rows of inputs themselves (rows x depth), as long as they are fewer
  /// than half the depth.
  MatrixF rows;
  /// Sums of x^ x^' (depth x depth) and of y x^' (channels x depth).
  MatrixD inputs;
  MatrixD targetInputs;
  VectorD inputSums;
  VectorD targetSums;
  VectorD targetSquares;
};

/// The mean over the rows of what is wanted less what `weights` give, for each
/// channel.
VectorD getMeanErrors(const LayerMoments &moments, const MatrixF &weights);

/// The mean over the rows of the square of that, for each channel.
VectorD getSquaredErrors(const LayerMoments &moments, const MatrixF &weights,
                         ParallelFor parallelFor);

/// `w gram w' - 2 w cross' + power` for each channel with weights w.
VectorD getQuadraticErrors(const MatrixD &gram, const MatrixD &cross,
                           const VectorD &power, const MatrixF &weights,
                           ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_LAYERMOMENTS_H
