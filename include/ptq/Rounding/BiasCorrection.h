//===- BiasCorrection.h - Outputs with the right mean -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_BIASCORRECTION_H
#define PTQ_ROUNDING_BIASCORRECTION_H

#include "ptq/Rounding/LayerMoments.h"

namespace mlir::ptq {

/// What to add to the bias of each channel so that the mean of its output is
/// the one wanted. The rows of `all` that are not in `held` have a mean error;
/// channels whose squared error over `held` it would reduce get the mean error
/// over all rows, the others get 0.
VectorD correctBias(const LayerMoments &all, const LayerMoments &held,
                    const MatrixF &weights);

/// The mean errors of the channels over the rows of `all` that are not in
/// `held`.
VectorD getMeanErrorsOfRest(const LayerMoments &all, const LayerMoments &held,
                            const MatrixF &weights);

/// What adding `shift` to an output whose mean error is `meanError` does to its
/// mean squared error.
inline double getErrorChange(double meanError, double shift) {
  return shift * (shift - 2 * meanError);
}

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_BIASCORRECTION_H
