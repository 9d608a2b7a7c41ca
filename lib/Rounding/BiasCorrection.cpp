//===- BiasCorrection.cpp - Outputs with the right mean -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/BiasCorrection.h"

using namespace mlir::ptq;

VectorD mlir::ptq::getMeanErrorsOfRest(const LayerMoments &all,
                                       const LayerMoments &held,
                                       const MatrixF &weights) {
  int64_t numRows = all.numRows - held.numRows;
  if (numRows == 0)
    return VectorD::Zero(weights.rows());
  return (all.targetSums - held.targetSums -
          weights.cast<double>() * (all.inputSums - held.inputSums)) /
         static_cast<double>(numRows);
}

VectorD mlir::ptq::correctBias(const LayerMoments &all,
                               const LayerMoments &held,
                               const MatrixF &weights) {
  VectorD shifts = getMeanErrors(all, weights);
  VectorD restErrors = getMeanErrorsOfRest(all, held, weights);
  VectorD heldErrors = getMeanErrors(held, weights);
  for (int64_t channel = 0; channel < shifts.size(); ++channel)
    if (!(getErrorChange(heldErrors(channel), restErrors(channel)) < 0))
      shifts(channel) = 0;
  return shifts;
}
