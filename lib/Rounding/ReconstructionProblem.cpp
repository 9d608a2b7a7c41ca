//===- ReconstructionProblem.cpp - The error of a layer -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/ReconstructionProblem.h"
#include "ptq/Rounding/PackedMatrix.h"
#include <cmath>

using namespace mlir::ptq;

double mlir::ptq::scaleDamping(double base, int64_t numRows, int64_t depth) {
  if (numRows == 0)
    return base;
  return base *
         (1 + 4 * static_cast<double>(depth) / static_cast<double>(numRows));
}

ReconstructionProblem::ReconstructionProblem(const MatrixF &weights,
                                             const LayerMoments &moments,
                                             BiasMode bias,
                                             double relativeDamping,
                                             ParallelFor parallelFor)
    : weights(weights) {
  double count = std::max<double>(1, static_cast<double>(moments.numRows));
  bool isCorrected = bias == BiasMode::Corrected;
  VectorD inputMeans = moments.inputSums / count;
  gram.resize(moments.getDepth(), moments.getDepth());
  parallelFor(gram.rows(), [&](int64_t k) {
    gram.row(k) = moments.inputs.row(k) / count;
    if (isCorrected)
      gram.row(k) -= inputMeans(k) * inputMeans.transpose();
  });
  cross = moments.targetInputs / count;
  power = moments.targetSquares / count;
  if (isCorrected) {
    VectorD targetMeans = moments.targetSums / count;
    cross.noalias() -= targetMeans * inputMeans.transpose();
    power -= targetMeans.cwiseAbs2();
  }
  if (moments.rows.rows() == moments.numRows) {
    rows = moments.rows.cast<double>() / std::sqrt(count);
    if (isCorrected)
      rows.rowwise() -= (inputMeans / std::sqrt(count)).transpose();
  }
  // Rounding can leave the variance of a constant input below 0.
  gram.diagonal() = gram.diagonal().cwiseMax(0.0);
  damping = relativeDamping * gram.diagonal().sum() /
            static_cast<double>(std::max<int64_t>(1, getDepth()));
}

VectorD ReconstructionProblem::getErrors(const MatrixF &values,
                                         ParallelFor parallelFor) const {
  return getQuadraticErrors(gram, cross, power, values, parallelFor);
}

VectorD ReconstructionProblem::getDampedErrors(const MatrixF &values,
                                               ParallelFor parallelFor) const {
  return getErrors(values, parallelFor) +
         damping * (values - weights).cast<double>().rowwise().squaredNorm();
}

MatrixD
ReconstructionProblem::getDescentDirections(const MatrixF &values,
                                            ParallelFor parallelFor) const {
  MatrixD w = values.cast<double>();
  return cross - multiply(w, gram, parallelFor) +
         damping * (weights.cast<double>() - w);
}
