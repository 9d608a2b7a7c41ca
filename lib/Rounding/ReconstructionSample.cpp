//===- ReconstructionSample.cpp - Errors behind a clamp -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/ReconstructionSample.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::ptq;

/// Channels whose errors one thread computes at once.
static constexpr int64_t kChannelsAtOnce = 16;

VectorD ReconstructionSample::getErrors(const MatrixF &values,
                                        const VectorD &shifts,
                                        ParallelFor parallelFor) const {
  int64_t channels = values.rows();
  VectorD errors(channels);
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    int64_t count = std::min(kChannelsAtOnce, channels - begin);
    Eigen::RowVectorXf shifted =
        (bias + shifts.cast<float>()).segment(begin, count).transpose();
    MatrixF outputs = inputs * values.middleRows(begin, count).transpose();
    outputs.rowwise() += shifted;
    errors.segment(begin, count) =
        (outputs.array().max(low).min(high) -
         targets.middleCols(begin, count).array().max(low).min(high))
            .cast<double>()
            .square()
            .colwise()
            .mean()
            .matrix()
            .transpose();
  });
  return errors;
}

MatrixF ReconstructionSample::getGradient(const MatrixF &values,
                                          int64_t firstChannel,
                                          int64_t firstRow,
                                          int64_t numRows) const {
  auto rows = inputs.middleRows(firstRow, numRows);
  MatrixF outputs = rows * values.transpose();
  outputs.rowwise() += bias.segment(firstChannel, values.rows()).transpose();
  auto wanted = targets.block(firstRow, firstChannel, numRows, values.rows());
  // What is cut off does not move.
  MatrixF errors =
      (outputs.array().max(low).min(high) - wanted.array().max(low).min(high)) *
      (outputs.array() > low && outputs.array() < high).cast<float>();
  return errors.transpose() * rows * (2 / static_cast<float>(numRows));
}
