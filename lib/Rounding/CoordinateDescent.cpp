//===- CoordinateDescent.cpp - One code after the other -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/CoordinateDescent.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir::ptq;

/// Channels that one thread takes at once.
static constexpr int64_t kChannelsAtOnce = 16;

/// One pass over all codes of `channel`. `direction` is half the negative
/// gradient of the error, and is kept so. Returns whether any code changed.
static bool sweep(const ReconstructionProblem &problem, const WeightGrid &grid,
                  const CodeBounds &bounds, int64_t channel,
                  Eigen::Ref<Eigen::RowVectorXd> direction, MatrixF &codes) {
  bool anyChange = false;
  for (int64_t k = 0, e = problem.getDepth(); k < e; ++k) {
    double curvature = problem.gram(k, k) + problem.damping;
    if (!(curvature > 0))
      continue;
    double value = grid.getValue(channel, k, codes(channel, k));
    float code = std::clamp(
        grid.getCode(channel, k,
                     static_cast<float>(value + direction(k) / curvature)),
        bounds.low(channel, k), bounds.high(channel, k));
    if (code == codes(channel, k))
      continue;
    double step = double{grid.getValue(channel, k, code)} - value;
    // At a tie between two codes nothing is gained.
    if (!(step * (2 * direction(k) - step * curvature) > 0))
      continue;
    codes(channel, k) = code;
    direction.noalias() -= step * problem.gram.row(k);
    direction(k) -= step * problem.damping;
    anyChange = true;
  }
  return anyChange;
}

void mlir::ptq::descend(const ReconstructionProblem &problem,
                        const WeightGrid &grid, const CodeBounds &bounds,
                        int64_t numSweeps, MatrixF &codes,
                        ParallelFor parallelFor) {
  MatrixD directions =
      problem.getDescentDirections(grid.getValues(codes), parallelFor);
  int64_t channels = problem.getNumChannels();
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    int64_t end = std::min(begin + kChannelsAtOnce, channels);
    for (int64_t channel = begin; channel < end; ++channel)
      for (int64_t i = 0; i < numSweeps; ++i)
        if (!sweep(problem, grid, bounds, channel, directions.row(channel),
                   codes))
          break;
  });
}
