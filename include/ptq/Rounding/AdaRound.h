//===- AdaRound.h - Rounding learned by gradients ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// AdaRound (Nagel et al. 2020). A weight is rounded down or up, which a number
// h in [0, 1] says that is learned:
//
//   w~ = s * clip(floor(w / s) + h(v), qmin, qmax)
//   h(v) = clip(sigmoid(v) * (zeta - gamma) + gamma, 0, 1)
//
// Adam minimizes the error of the layer's outputs plus a regularizer, the sum
// of 1 - |2 h - 1|^beta, which pushes every h to 0 or 1 the more, the smaller
// beta becomes.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_ADAROUND_H
#define PTQ_ROUNDING_ADAROUND_H

#include "ptq/Rounding/ReconstructionProblem.h"
#include "ptq/Rounding/ReconstructionSample.h"
#include "ptq/Rounding/WeightGrid.h"

namespace mlir::ptq {

/// How long AdaRound looks, and for what.
struct AdaRoundOptions {
  int64_t numIterations = 10000;
  double learningRate = 1e-3;
  /// The weight of the regularizer beside an error of which rounding to nearest
  /// makes 1.
  double regularization = 0.01;
  /// The share of the iterations without regularizer.
  double warmStart = 0.2;
  /// The exponent of the regularizer, after the warm start and at the end.
  double betaStart = 20;
  double betaEnd = 2;
  /// How many rows of a sample each iteration looks at.
  int64_t batchRows = 256;
};

/// The codes that AdaRound finds for the damped error of `problem`, which is
/// quadratic in the weights.
MatrixF roundByAdaRound(const ReconstructionProblem &problem,
                        const WeightGrid &grid, const AdaRoundOptions &options,
                        ParallelFor parallelFor);

/// The codes that AdaRound finds for the errors of the clamped outputs of
/// `sample`, with the damping of `problem`.
MatrixF roundByAdaRound(const ReconstructionProblem &problem,
                        const ReconstructionSample &sample,
                        const WeightGrid &grid, const AdaRoundOptions &options,
                        ParallelFor parallelFor);

namespace adaround {

/// The ends that a rectified sigmoid is stretched to.
inline constexpr double kZeta = 1.1;
inline constexpr double kGamma = -0.1;

/// h(v).
double getRoundingShare(double v);

/// The v for which h(v) is `fraction`.
double getInitialVariable(double fraction);

/// beta at `progress`, from 0 to 1 over all iterations: half a cosine from
/// `betaStart` at the end of the warm start to `betaEnd`.
double getBeta(const AdaRoundOptions &options, double progress);

/// 1 - |2 h - 1|^beta and its derivative by h.
double getRegularizer(double h, double beta);
double getRegularizerSlope(double h, double beta);

} // namespace adaround

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_ADAROUND_H
