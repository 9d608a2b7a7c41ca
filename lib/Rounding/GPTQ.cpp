//===- GPTQ.cpp - Errors passed on to later weights -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/GPTQ.h"
#include "GramFactor.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace mlir::ptq;

GPTQ::GPTQ(const ReconstructionProblem &problem, bool activationOrder,
           ParallelFor parallelFor)
    : problem(problem), order(problem.getDepth()), targets(problem.weights) {
  int64_t depth = problem.getDepth();
  std::iota(order.begin(), order.end(), 0);
  // Without activation order the first weight comes first.
  std::reverse(order.begin(), order.end());
  if (activationOrder)
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return problem.gram(a, a) < problem.gram(b, b);
    });
  factor = GramFactor::create(problem, order, parallelFor);
  if (!factor)
    return;

  int64_t channels = problem.getNumChannels();
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    int64_t count = std::min(kChannelsAtOnce, channels - begin);
    MatrixD solution(depth, count);
    for (int64_t i = 0; i < depth; ++i)
      solution.row(i) = (problem.cross.col(order[i]).segment(begin, count) +
                         problem.damping * problem.weights.col(order[i])
                                               .segment(begin, count)
                                               .cast<double>())
                            .transpose();
    factor->solve(solution);
    for (int64_t i = 0; i < depth; ++i)
      targets.col(order[i]).segment(begin, count) =
          solution.row(i).transpose().cast<float>();
  });
}

GPTQ::~GPTQ() = default;

void GPTQ::roundChannels(const WeightGrid &grid, int64_t begin, int64_t end,
                         RoundedMatrix &result) const {
  // What rounding leaves of the weights that are done.
  std::unique_ptr<GramFactor::ColumnSums> rest = factor->makeColumnSums();
  RowOfChannels restOfColumn = RowOfChannels::Zero();
  for (int64_t i = problem.getDepth() - 1; i >= 0; --i) {
    int64_t k = order[i];
    double diagonal = factor->getDiagonal(i);
    RowOfChannels moves = rest->get(i) / diagonal;
    for (int64_t channel = begin; channel < end; ++channel) {
      double target = targets(channel, k);
      double wanted = target + moves(channel - begin);
      float code = grid.getCode(channel, k, static_cast<float>(wanted));
      double value = grid.getValue(channel, k, code);
      result.codes(channel, k) = code;
      restOfColumn(channel - begin) = target - value;
      double error = diagonal * (wanted - value);
      result.errors(channel) += error * error;
    }
    rest->set(i, restOfColumn);
  }
}

std::vector<GPTQ::RoundedMatrix>
GPTQ::roundOnEach(llvm::ArrayRef<WeightGrid> grids,
                  ParallelFor parallelFor) const {
  int64_t channels = problem.getNumChannels(), depth = problem.getDepth();
  std::vector<RoundedMatrix> results;
  if (!factor) {
    for (const WeightGrid &grid : grids) {
      MatrixF codes = roundToNearest(problem.weights, grid);
      VectorD errors =
          problem.getDampedErrors(grid.getValues(codes), parallelFor);
      results.push_back({std::move(codes), std::move(errors)});
    }
    return results;
  }
  results.resize(grids.size(),
                 {MatrixF(channels, depth), VectorD::Zero(channels)});
  auto numGrids = static_cast<int64_t>(grids.size());
  int64_t numParts = llvm::divideCeil(channels, kChannelsAtOnce);
  parallelFor(numParts * numGrids, [&](int64_t index) {
    int64_t begin = index / numGrids * kChannelsAtOnce;
    roundChannels(grids[index % numGrids], begin,
                  std::min(begin + kChannelsAtOnce, channels),
                  results[index % numGrids]);
  });
  return results;
}
