//===- ReconstructionSample.h - Rows that a layer reads ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_RECONSTRUCTIONSAMPLE_H
#define PTQ_ROUNDING_RECONSTRUCTIONSAMPLE_H

#include "ptq/Rounding/Matrix.h"

namespace mlir::ptq {

/// Rows of a layer's inputs and wanted outputs, in an order that is as good as
/// random, and what follows the layer: outputs are clamped to [low, high].
struct ReconstructionSample {
  /// rows x depth.
  MatrixF inputs;
  /// rows x channels, before the clamp. The bias is part of them.
  MatrixF targets;
  VectorF bias;
  float low;
  float high;

  /// The mean squared errors of the clamped outputs of the channels if the
  /// layer has weights `values` and `shifts` is added to its bias.
  VectorD getErrors(const MatrixF &values, const VectorD &shifts,
                    ParallelFor parallelFor) const;

  /// The derivative, by the weights, of the mean squared errors over the rows
  /// [firstRow, firstRow + numRows). `values` are the weights of the channels
  /// from `firstChannel` on.
  MatrixF getGradient(const MatrixF &values, int64_t firstChannel,
                      int64_t firstRow, int64_t numRows) const;
};

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_RECONSTRUCTIONSAMPLE_H
