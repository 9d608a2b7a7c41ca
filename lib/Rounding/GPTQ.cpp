//===- GPTQ.cpp - Errors passed on to later weights -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/GPTQ.h"
#include "llvm/Support/MathExtras.h"
#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

using namespace mlir::ptq;

/// Channels that are rounded together: each column of the factor is read once
/// for all of them.
static constexpr int64_t kChannelsAtOnce = 16;

GPTQ::GPTQ(const ReconstructionProblem &problem, bool activationOrder)
    : problem(problem), order(problem.getDepth()), targets(problem.weights) {
  int64_t depth = problem.getDepth();
  std::iota(order.begin(), order.end(), 0);
  // Without activation order the first weight comes first.
  std::reverse(order.begin(), order.end());
  if (activationOrder)
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return problem.gram(a, a) < problem.gram(b, b);
    });
  factor.resize(depth, depth);
  for (int64_t column = 0; column < depth; ++column) {
    for (int64_t row = column; row < depth; ++row)
      factor(row, column) = problem.gram(order[row], order[column]);
    factor(column, column) += problem.damping;
  }
  // In place. Without damping a singular matrix has no factor.
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(factor);
  if (cholesky.info() != Eigen::Success || !factor.diagonal().allFinite() ||
      !(factor.diagonal().array() > 0).all()) {
    factor.resize(0, 0);
    return;
  }

  Eigen::MatrixXd solution(depth, problem.getNumChannels());
  for (int64_t row = 0; row < depth; ++row)
    solution.row(row) =
        (problem.cross.col(order[row]) +
         problem.damping * problem.weights.col(order[row]).cast<double>())
            .transpose();
  cholesky.solveInPlace(solution);
  for (int64_t row = 0; row < depth; ++row)
    targets.col(order[row]) = solution.row(row).transpose().cast<float>();
}

void GPTQ::roundChannels(const WeightGrid &grid, int64_t begin, int64_t end,
                         MatrixF &codes) const {
  int64_t depth = problem.getDepth();
  // What is left of each weight after rounding, in the order of the factor.
  MatrixD rest = MatrixD::Zero(depth, end - begin);
  Eigen::RowVectorXd moves(end - begin);
  for (int64_t i = depth - 1; i >= 0; --i) {
    int64_t k = order[i];
    int64_t numRounded = depth - 1 - i;
    moves.noalias() = factor.col(i).tail(numRounded).transpose() *
                      rest.bottomRows(numRounded);
    moves /= factor(i, i);
    for (int64_t channel = begin; channel < end; ++channel) {
      double target = targets(channel, k);
      auto wanted = static_cast<float>(target + moves(channel - begin));
      float code = grid.getCode(channel, k, wanted);
      codes(channel, k) = code;
      rest(i, channel - begin) =
          target - double{grid.getValue(channel, k, code)};
    }
  }
}

MatrixF GPTQ::round(const WeightGrid &grid, ParallelFor parallelFor) const {
  if (factor.size() == 0)
    return roundToNearest(problem.weights, grid);
  int64_t channels = problem.getNumChannels();
  MatrixF codes(channels, problem.getDepth());
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    roundChannels(grid, begin, std::min(begin + kChannelsAtOnce, channels),
                  codes);
  });
  return codes;
}
