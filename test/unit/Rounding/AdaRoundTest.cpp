//===- AdaRoundTest.cpp - Tests of AdaRound -------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/AdaRound.h"
#include "RandomLayers.h"
#include <gtest/gtest.h>

using namespace mlir::ptq;
using namespace mlir::ptq::adaround;

namespace {

TEST(AdaRoundTest, StartsFromTheFraction) {
  EXPECT_NEAR(getInitialVariable(0.1), -1.609438, 1e-6);
  EXPECT_NEAR(getInitialVariable(0.25), -0.887303, 1e-6);
  EXPECT_NEAR(getInitialVariable(0.5), 0, 1e-12);
  EXPECT_NEAR(getInitialVariable(0.75), 0.887303, 1e-6);
  EXPECT_NEAR(getInitialVariable(0.999), 2.387035, 1e-6);
  EXPECT_NEAR(getInitialVariable(0), -2.397895, 1e-6);
  for (double fraction : {0.0, 0.1, 0.25, 0.5, 0.75, 0.999})
    EXPECT_NEAR(getRoundingShare(getInitialVariable(fraction)), fraction,
                1e-12);
}

TEST(AdaRoundTest, AnnealsBeta) {
  AdaRoundOptions options;
  EXPECT_NEAR(getBeta(options, 0.2), 20, 1e-4);
  EXPECT_NEAR(getBeta(options, 0.4), 17.3640, 1e-4);
  EXPECT_NEAR(getBeta(options, 0.6), 11, 1e-4);
  EXPECT_NEAR(getBeta(options, 0.8), 4.6360, 1e-4);
  EXPECT_NEAR(getBeta(options, 1), 2, 1e-4);
}

TEST(AdaRoundTest, RegularizesTowardsTheEnds) {
  EXPECT_NEAR(getRegularizer(0.1, 20), 0.988471, 1e-6);
  EXPECT_NEAR(getRegularizer(0.1, 8), 0.832228, 1e-6);
  EXPECT_NEAR(getRegularizer(0.1, 2), 0.36, 1e-6);
  EXPECT_EQ(getRegularizer(0.5, 7), 1);
  EXPECT_EQ(getRegularizer(0, 7), 0);
  EXPECT_EQ(getRegularizer(1, 7), 0);
}

TEST(AdaRoundTest, SlopeOfTheRegularizerIsThatOfFiniteDifferences) {
  for (double beta : {20.0, 8.0, 2.0})
    for (double h : {0.03, 0.2, 0.45, 0.6, 0.97}) {
      double difference =
          (getRegularizer(h + 1e-6, beta) - getRegularizer(h - 1e-6, beta)) /
          2e-6;
      EXPECT_NEAR(getRegularizerSlope(h, beta), difference,
                  1e-5 * std::max(1.0, std::fabs(difference)));
    }
}

TEST(AdaRoundTest, GradientIsThatOfFiniteDifferences) {
  ReconstructionSample sample;
  sample.inputs = makeCorrelatedRows(40, 5, 8);
  sample.bias = makeRandomMatrix(3, 1, 9);
  sample.targets = makeCorrelatedRows(40, 3, 10);
  sample.low = 0;
  sample.high = 3;
  MatrixF values = makeRandomMatrix(2, 5, 11);
  MatrixF gradient = sample.getGradient(values, 1, 0, 40);
  // The errors of channels 1 and 2, in which `values` are the weights.
  auto getErrors = [&](const MatrixF &changed) {
    MatrixF all = MatrixF::Zero(3, 5);
    all.bottomRows(2) = changed;
    return sample.getErrors(all, VectorD::Zero(3), runInOrder);
  };
  for (int64_t channel = 0; channel < 2; ++channel)
    for (int64_t k = 0; k < 5; ++k) {
      MatrixF more = values, less = values;
      more(channel, k) += 1e-3f;
      less(channel, k) -= 1e-3f;
      double difference =
          (getErrors(more)(channel + 1) - getErrors(less)(channel + 1)) /
          (double{more(channel, k)} - double{less(channel, k)});
      EXPECT_NEAR(gradient(channel, k), difference,
                  2e-2 * std::max(1.0, std::fabs(difference)));
    }
}

/// Weights of 0.4 and 0.4 steps that are always added: one up, one down.
TEST(AdaRoundTest, SolvesTheClassicCase) {
  MatrixF weights(1, 2);
  weights << 0.4f, 0.4f;
  WeightGrid grid{MatrixF::Ones(1, 2), MatrixF::Zero(1, 2), {-7, 7}};
  LayerMoments moments = measure(weights, MatrixF::Ones(4, 2));
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  EXPECT_NEAR(problem.getErrors(roundToNearest(weights, grid), runInOrder)(0),
              0.64, 1e-6);
  // Both weights pull alike: only a difference between them breaks the tie.
  weights(0, 0) = 0.41f;
  MatrixF codes = roundByAdaRound(problem, grid, {}, runInOrder);
  EXPECT_EQ(codes.sum(), 1);
}

TEST(AdaRoundTest, IsNearestWhereInputsDoNotDependOnEachOther) {
  MatrixF weights = makeRandomMatrix(3, 8, 1);
  WeightGrid grid = makeGrid(weights);
  LayerMoments moments = measure(weights, MatrixF::Identity(8, 8));
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  EXPECT_EQ(roundByAdaRound(problem, grid, {}, runInOrder),
            roundToNearest(weights, grid));
}

TEST(AdaRoundTest, RoundsDownOrUp) {
  MatrixF weights = makeRandomMatrix(18, 20, 2);
  WeightGrid grid = makeGrid(weights);
  MatrixF rows = makeCorrelatedRows(300, 20, 3);
  LayerMoments moments = measure(weights, rows);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  MatrixF codes = roundByAdaRound(problem, grid, {}, runInOrder);
  MatrixF floors = (weights.array() / grid.scales.array()).floor().matrix();
  MatrixF steps = codes - floors;
  EXPECT_TRUE((steps.array() == 0 || steps.array() == 1).all());
  double error = problem.getErrors(grid.getValues(codes), runInOrder).sum();
  double nearest =
      problem
          .getErrors(grid.getValues(roundToNearest(weights, grid)), runInOrder)
          .sum();
  EXPECT_LT(error, 0.6 * nearest);
}

/// On layers of 8 weights, close to the best of all 256 roundings.
TEST(AdaRoundTest, ComesCloseToBruteForce) {
  double total = 0, best = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    MatrixF weights = makeRandomMatrix(1, 8, 100 + seed);
    WeightGrid grid = makeGrid(weights);
    LayerMoments moments =
        measure(weights, makeCorrelatedRows(60, 8, 200 + seed));
    ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
    MatrixF codes = roundByAdaRound(problem, grid, {}, runInOrder);
    total += problem.getErrors(grid.getValues(codes), runInOrder)(0);
    double least = INFINITY;
    for (int choice = 0; choice < 256; ++choice) {
      MatrixF other(1, 8);
      for (int k = 0; k < 8; ++k)
        other(0, k) =
            std::min(7.0f, std::floor(weights(0, k) / grid.scales(0, k)) +
                               static_cast<float>(choice >> k & 1));
      least = std::min(least,
                       problem.getErrors(grid.getValues(other), runInOrder)(0));
    }
    best += least;
  }
  EXPECT_LT(total, 1.2 * best);
}

/// A layer whose outputs are mostly cut off by a ReLU: what is cut off need
/// not be right.
TEST(AdaRoundTest, LooksThroughTheClamp) {
  MatrixF weights = makeRandomMatrix(4, 16, 5);
  WeightGrid grid = makeGrid(weights, 1, {-1, 1});
  ReconstructionSample sample;
  sample.inputs = makeCorrelatedRows(400, 16, 6);
  sample.bias = VectorF::Constant(4, -3);
  sample.targets = sample.inputs * weights.transpose();
  sample.targets.rowwise() += sample.bias.transpose();
  sample.low = 0;
  sample.high = INFINITY;
  LayerMoments moments(4, 16);
  moments.add(sample.inputs, sample.inputs * weights.transpose(), runInOrder);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  VectorD none = VectorD::Zero(4);
  auto getError = [&](const MatrixF &codes) {
    return sample.getErrors(grid.getValues(codes), none, runInOrder).sum();
  };
  double linear = getError(roundByAdaRound(problem, grid, {}, runInOrder));
  double clamped =
      getError(roundByAdaRound(problem, sample, grid, {}, runInOrder));
  EXPECT_LT(clamped, 0.95 * linear);
  EXPECT_LT(clamped, 0.5 * getError(roundToNearest(weights, grid)));
}

} // namespace
