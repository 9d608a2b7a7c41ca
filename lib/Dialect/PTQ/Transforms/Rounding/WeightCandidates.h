//===- WeightCandidates.h - Ranges that weights could have ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTCANDIDATES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTCANDIDATES_H

#include "../Folding/EdgeParameters.h"
#include "WorkSharing.h"

namespace mlir::ptq {

/// Ranges of a weight, one for each channel or block, and their parameters.
struct WeightCandidate {
  SmallVector<double> lows, highs;
  EdgeParameters parameters;
};

/// The range that `observer` has, and, if `search`, narrower ones: for each
/// channel or block the one with the least squared error of the weights, and
/// certain shares of the calibrated range. Reports an error where there is no
/// range. `weights` are the elements of the constant.
FailureOr<SmallVector<WeightCandidate>>
getWeightCandidates(ObserveOp observer, ArrayRef<float> weights, bool search,
                    const WorkSharing &workSharing);

/// The parameter that each element of the constant of `observer` has.
SmallVector<int64_t> getParameterNumbers(ObserveOp observer);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTCANDIDATES_H
