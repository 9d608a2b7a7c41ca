//===- ClampedDescent.cpp - Coordinate descent behind a clamp -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/CoordinateDescent.h"

using namespace mlir::ptq;

/// The share of the error that a change has to gain: sums are in f32, so that
/// less may be no gain at all.
static constexpr double kLeastGain = 1e-6;

namespace {
/// One channel, whose codes change one at a time.
class ClampedChannel {
public:
  /// `inputs` are those of the sample, column by column.
  ClampedChannel(const ReconstructionProblem &problem,
                 const ReconstructionSample &sample,
                 const Eigen::MatrixXf &inputs, const WeightGrid &grid,
                 int64_t channel, MatrixF &codes)
      : problem(problem), sample(sample), inputs(inputs), grid(grid),
        channel(channel), codes(codes) {
    VectorF values(problem.getDepth());
    for (int64_t k = 0; k < values.size(); ++k)
      values(k) = grid.getValue(channel, k, codes(channel, k));
    outputs = sample.inputs * values;
    outputs.array() += sample.bias(channel);
    wanted =
        sample.targets.col(channel).array().max(sample.low).min(sample.high);
    error = getError(0, 0);
  }

  /// One pass over all codes. Returns whether any changed.
  bool sweep(const CodeBounds &bounds) {
    bool anyChange = false;
    for (int64_t k = 0, e = problem.getDepth(); k < e; ++k)
      for (float step : {-1.0f, 1.0f}) {
        float code = codes(channel, k) + step;
        if (code >= bounds.low(channel, k) && code <= bounds.high(channel, k))
          anyChange |= tryCode(k, code);
      }
    return anyChange;
  }

private:
  bool tryCode(int64_t k, float code);
  double getError(int64_t k, float move) const;

  const ReconstructionProblem &problem;
  const ReconstructionSample &sample;
  const Eigen::MatrixXf &inputs;
  const WeightGrid &grid;
  int64_t channel;
  MatrixF &codes;
  /// Without the clamp, and with it.
  Eigen::ArrayXf outputs, wanted;
  /// The mean squared error, without damping.
  double error;
};
} // namespace

/// The error if weight `k` were larger by `move`.
double ClampedChannel::getError(int64_t k, float move) const {
  constexpr int64_t kRowsAtOnce = 512;
  int64_t numRows = outputs.size();
  double sum = 0;
  for (int64_t row = 0; row < numRows; row += kRowsAtOnce) {
    int64_t count = std::min(kRowsAtOnce, numRows - row);
    auto moved = outputs.segment(row, count) +
                 move * inputs.col(k).segment(row, count).array();
    sum += (moved.max(sample.low).min(sample.high) - wanted.segment(row, count))
               .square()
               .sum();
  }
  return sum / static_cast<double>(std::max<int64_t>(1, numRows));
}

/// Sets a code if that reduces the damped error.
bool ClampedChannel::tryCode(int64_t k, float code) {
  float value = grid.getValue(channel, k, codes(channel, k));
  float other = grid.getValue(channel, k, code);
  double distance = double{value} - double{problem.weights(channel, k)};
  double otherDistance = double{other} - double{problem.weights(channel, k)};
  double otherError = getError(k, other - value);
  double gain =
      error - otherError +
      problem.damping * (distance * distance - otherDistance * otherDistance);
  if (!(gain > kLeastGain * error))
    return false;
  outputs += (other - value) * inputs.col(k).array();
  codes(channel, k) = code;
  error = otherError;
  return true;
}

void mlir::ptq::descend(const ReconstructionProblem &problem,
                        const ReconstructionSample &sample,
                        const WeightGrid &grid, const CodeBounds &bounds,
                        int64_t numSweeps, MatrixF &codes,
                        ParallelFor parallelFor) {
  Eigen::MatrixXf inputs = sample.inputs;
  parallelFor(problem.getNumChannels(), [&](int64_t index) {
    ClampedChannel channel(problem, sample, inputs, grid, index, codes);
    for (int64_t i = 0; i < numSweeps; ++i)
      if (!channel.sweep(bounds))
        break;
  });
}
