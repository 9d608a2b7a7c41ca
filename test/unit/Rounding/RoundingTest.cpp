//===- RoundingTest.cpp - Tests of GPTQ and coordinate descent ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomLayers.h"
#include "ptq/Rounding/BiasCorrection.h"
#include "ptq/Rounding/CoordinateDescent.h"
#include "ptq/Rounding/GPTQ.h"
#include "ptq/Rounding/LayerRounding.h"
#include <Eigen/LU>
#include <gtest/gtest.h>

using namespace mlir::ptq;

namespace {

/// The least error of one channel over all ways to round each weight down or
/// up.
double findLeastError(const ReconstructionProblem &problem,
                      const WeightGrid &grid) {
  int64_t depth = problem.getDepth();
  double least = INFINITY;
  for (int64_t choice = 0; choice < (1 << depth); ++choice) {
    MatrixF codes(1, depth);
    for (int64_t k = 0; k < depth; ++k)
      codes(0, k) =
          std::clamp(std::floor(problem.weights(0, k) / grid.scales(0, k)) +
                         static_cast<float>(choice >> k & 1),
                     static_cast<float>(grid.codes.min),
                     static_cast<float>(grid.codes.max));
    least = std::min(least,
                     problem.getErrors(grid.getValues(codes), runInOrder)(0));
  }
  return least;
}

LayerMoments makeIdentityMoments(const MatrixF &weights) {
  return measure(weights, MatrixF::Identity(weights.cols(), weights.cols()));
}

LayerToRound makeLayer(const MatrixF &weights, const MatrixF &rows) {
  LayerToRound layer;
  layer.weights = weights;
  layer.grids = {makeGrid(weights)};
  layer.all = measure(weights, rows);
  layer.held = LayerMoments(weights.rows(), weights.cols());
  return layer;
}

TEST(NearestRoundingTest, RoundsTiesToEvenAndSaturates) {
  MatrixF weights(1, 4);
  weights << 0.5f, 1.5f, -9.0f, 2.6f;
  WeightGrid grid{MatrixF::Ones(1, 4), MatrixF::Zero(1, 4), {-7, 7}};
  MatrixF expected(1, 4);
  expected << 0, 2, -7, 3;
  EXPECT_EQ(roundToNearest(weights, grid), expected);
}

/// Values on a grid, in f32, are rounded back to the codes that they came from,
/// for scales of any mantissa: what holds codes may as well hold values.
TEST(WeightGridTest, ValuesGoBackToTheirCodes) {
  MatrixF mantissas = makeRandomMatrix(1, 2000, 30);
  for (int64_t i = 0; i < mantissas.size(); ++i) {
    float scale = std::ldexp(1.5f + mantissas(0, i) / 2, int(i % 200) - 120);
    for (int32_t zeroPoint : {0, -77, 127})
      for (int32_t code = -128; code <= 127; ++code) {
        float value = dequantizeValue(code, scale, zeroPoint);
        ASSERT_EQ(quantizeValue(value, scale, zeroPoint, {-128, 127}), code)
            << scale;
      }
  }
}

TEST(GPTQTest, IsNearestWhereInputsDoNotDependOnEachOther) {
  MatrixF weights = makeRandomMatrix(5, 12, 1);
  WeightGrid grid = makeGrid(weights);
  LayerMoments moments = makeIdentityMoments(weights);
  for (bool activationOrder : {false, true}) {
    ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0.01);
    GPTQ gptq(problem, activationOrder, runInOrder);
    EXPECT_EQ(gptq.round(grid, runInOrder).codes,
              roundToNearest(weights, grid));
  }
}

/// With the Gram matrix [[1, r], [r, 1]] the second weight aims at
/// w2 + r * (w1 - q1).
TEST(GPTQTest, PassesTheErrorOnToTheSecondWeight) {
  // Two rows of correlation 0.6.
  MatrixF rows(2, 2);
  rows << 1, 0.6f, 0, 0.8f;
  MatrixF weights(1, 2);
  weights << 0.4f, 0.3f;
  WeightGrid grid{MatrixF::Ones(1, 2), MatrixF::Zero(1, 2), {-7, 7}};
  LayerMoments moments = measure(weights, rows);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  // 0.3 + 0.6 * 0.4 = 0.54.
  MatrixF expected(1, 2);
  expected << 0, 1;
  EXPECT_EQ(GPTQ(problem, false, runInOrder).round(grid, runInOrder).codes,
            expected);
}

/// The published form: the inverse of the Gram matrix is updated after each
/// weight. It is a second implementation to compare with.
MatrixF roundByInverse(const ReconstructionProblem &problem,
                       const WeightGrid &grid) {
  int64_t depth = problem.getDepth();
  MatrixD gram = problem.gram;
  gram.diagonal().array() += problem.damping;
  MatrixD inverse = gram.inverse();
  MatrixD wanted =
      (problem.cross + problem.damping * problem.weights.cast<double>()) *
      inverse;
  MatrixF codes(problem.getNumChannels(), depth);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t channel = 0; channel < codes.rows(); ++channel) {
      float code =
          grid.getCode(channel, k, static_cast<float>(wanted(channel, k)));
      codes(channel, k) = code;
      double error = (wanted(channel, k) - grid.getValue(channel, k, code)) /
                     inverse(k, k);
      wanted.row(channel) -= error * inverse.row(k);
    }
    inverse -= (inverse.col(k) * inverse.row(k) / inverse(k, k)).eval();
  }
  return codes;
}

TEST(GPTQTest, AgreesWithUpdatesOfTheInverse) {
  MatrixF weights = makeRandomMatrix(20, 24, 2);
  WeightGrid grid = makeGrid(weights);
  MatrixF rows = makeCorrelatedRows(200, 24, 3);
  LayerMoments moments = measure(weights, rows);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0.01);
  EXPECT_EQ(GPTQ(problem, false, runInOrder).round(grid, runInOrder).codes,
            roundByInverse(problem, grid));
}

/// Few rows are factored in another way than a dense matrix, and matrices
/// larger than a block block by block.
TEST(GPTQTest, FactorsOfFewRowsAndOfBlocksAgree) {
  MatrixF weights = makeRandomMatrix(20, 300, 20);
  WeightGrid grid = makeGrid(weights);
  LayerMoments moments = measure(weights, makeCorrelatedRows(40, 300, 21));
  for (BiasMode bias : {BiasMode::Fixed, BiasMode::Corrected}) {
    ReconstructionProblem problem(weights, moments, bias, 0.1);
    ASSERT_EQ(problem.rows.rows(), 40);
    GPTQ few(problem, true, runInOrder);
    ReconstructionProblem dense = problem;
    dense.rows.resize(0, 0);
    GPTQ blocks(dense, true, runInOrder);
    EXPECT_LT((few.getTargets() - blocks.getTargets()).norm(),
              1e-4 * weights.norm());
    auto [codes, errors] = few.round(grid, runInOrder);
    EXPECT_TRUE(codes == blocks.round(grid, runInOrder).codes);
    // The errors are those beyond what is left with real weights.
    VectorD least = problem.getDampedErrors(few.getTargets(), runInOrder);
    VectorD total = problem.getDampedErrors(grid.getValues(codes), runInOrder);
    EXPECT_LT((total - least - errors).norm(), 1e-3 * total.norm());
  }
}

TEST(GPTQTest, LeavesDeadColumnsAtNearest) {
  MatrixF weights = makeRandomMatrix(3, 8, 4);
  WeightGrid grid = makeGrid(weights);
  MatrixF rows = makeCorrelatedRows(50, 8, 5);
  rows.col(3).setZero();
  LayerMoments moments = measure(weights, rows);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0.01);
  MatrixF codes = GPTQ(problem, true, runInOrder).round(grid, runInOrder).codes;
  EXPECT_EQ(codes.col(3), roundToNearest(weights, grid).col(3));
}

TEST(GPTQTest, IsNearestWithoutInputs) {
  MatrixF weights = makeRandomMatrix(3, 8, 6);
  WeightGrid grid = makeGrid(weights);
  LayerMoments moments(3, 8);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0.01);
  EXPECT_EQ(GPTQ(problem, true, runInOrder).round(grid, runInOrder).codes,
            roundToNearest(weights, grid));
}

TEST(CoordinateDescentTest, IsNearestWhereInputsDoNotDependOnEachOther) {
  MatrixF weights = makeRandomMatrix(5, 12, 7);
  WeightGrid grid = makeGrid(weights);
  LayerMoments moments = makeIdentityMoments(weights);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0);
  MatrixF codes = MatrixF::Zero(5, 12);
  descend(problem, grid, getGridBounds(grid), 8, codes, runInOrder);
  EXPECT_EQ(codes, roundToNearest(weights, grid));
}

/// No single change of a code to any other improves the result, and no sweep
/// made it worse.
TEST(CoordinateDescentTest, EndsWhereNoSingleCodeHelps) {
  MatrixF weights = makeRandomMatrix(4, 16, 8);
  WeightGrid grid = makeGrid(weights);
  MatrixF rows = makeCorrelatedRows(100, 16, 9);
  LayerMoments moments = measure(weights, rows);
  ReconstructionProblem problem(weights, moments, BiasMode::Fixed, 0.01);
  MatrixF codes = roundToNearest(weights, grid);
  VectorD before = problem.getDampedErrors(grid.getValues(codes), runInOrder);
  for (int64_t sweep = 0; sweep < 100; ++sweep) {
    descend(problem, grid, getGridBounds(grid), 1, codes, runInOrder);
    VectorD after = problem.getDampedErrors(grid.getValues(codes), runInOrder);
    EXPECT_TRUE((after.array() <= before.array() + 1e-9).all());
    before = after;
  }
  for (int64_t channel = 0; channel < 4; ++channel)
    for (int64_t k = 0; k < 16; ++k)
      for (float code = -7; code <= 7; ++code) {
        MatrixF other = codes;
        other(channel, k) = code;
        EXPECT_GE(
            problem.getDampedErrors(grid.getValues(other), runInOrder)(channel),
            before(channel) - 1e-9);
      }
}

/// From 40 layers of 10 weights, at most 30 % above the error of the best of
/// all 1024 roundings on average, and never worse than nearest.
TEST(CoordinateDescentTest, ComesCloseToBruteForce) {
  double total = 0, best = 0, nearest = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    MatrixF weights = makeRandomMatrix(1, 10, 100 + seed);
    MatrixF rows = makeCorrelatedRows(60, 10, 200 + seed);
    LayerToRound layer = makeLayer(weights, rows);
    LayerRoundingOptions options;
    options.damping = 0;
    RoundedLayer rounded = roundLayer(layer, options, runInOrder);
    EXPECT_LE(rounded.error, rounded.nearestError);
    ReconstructionProblem problem(layer.weights, layer.all, BiasMode::Fixed, 0);
    total += rounded.error;
    nearest += rounded.nearestError;
    best += findLeastError(problem, layer.grids[0]);
  }
  EXPECT_LT(total, 1.3 * best);
  EXPECT_LT(total, 0.7 * nearest);
}

TEST(BiasCorrectionTest, IsKeptWhereHeldRowsAgree) {
  MatrixF zero = MatrixF::Zero(2, 1);
  LayerMoments all(2, 1), held(2, 1);
  MatrixF rows = MatrixF::Ones(4, 1), wanted(4, 2);
  wanted << 1, 1, 1, 1, 1, 1, 1, 1;
  all.add(rows, wanted, runInOrder);
  // The second output is off the other way where it was held back.
  wanted << 2, -1, 2, -1, 2, -1, 2, -1;
  held.add(rows, wanted, runInOrder);
  all.add(rows, wanted, runInOrder);
  VectorD shifts = correctBias(all, held, zero);
  EXPECT_EQ(shifts(0), 1.5);
  EXPECT_EQ(shifts(1), 0);
}

TEST(LayerRoundingTest, IsNeverWorseThanNearest) {
  for (Rounding method : {Rounding::Nearest, Rounding::GPTQ, Rounding::Descent,
                          Rounding::AdaRound})
    for (uint64_t seed = 0; seed < 5; ++seed) {
      MatrixF weights = makeRandomMatrix(6, 20, 300 + seed);
      // Fewer rows than inputs.
      LayerToRound layer =
          makeLayer(weights, makeCorrelatedRows(15, 20, 400 + seed));
      LayerRoundingOptions options;
      options.method = method;
      options.adaRound.numIterations = 200;
      RoundedLayer rounded = roundLayer(layer, options, runInOrder);
      EXPECT_LE(rounded.error, rounded.nearestError);
      EXPECT_TRUE((rounded.codes.array() >= -7).all());
      EXPECT_TRUE((rounded.codes.array() <= 7).all());
    }
}

TEST(LayerRoundingTest, TakesTheBetterGrid) {
  // One weight so large that the others vanish beside it, on an input that is
  // hardly ever there.
  MatrixF weights(1, 4);
  weights << 10, 0.4f, -0.3f, 0.2f;
  MatrixF rows = makeRandomMatrix(100, 4, 10);
  rows.col(0) *= 1e-3f;
  LayerToRound layer = makeLayer(weights, rows);
  layer.grids.push_back(makeGrid(weights, 0.05f));
  LayerRoundingOptions options;
  options.damping = 1e-6;
  RoundedLayer rounded = roundLayer(layer, options, runInOrder);
  EXPECT_EQ(rounded.grids[0], 1);
  EXPECT_LT(rounded.error, 0.1 * rounded.nearestError);
}

/// The bias makes up for a mean that no code can.
TEST(LayerRoundingTest, CorrectsTheBias) {
  MatrixF weights(1, 1);
  weights << 7.4f;
  WeightGrid grid{MatrixF::Ones(1, 1), MatrixF::Zero(1, 1), {-7, 7}};
  MatrixF rows = makeRandomMatrix(100, 1, 11) * 0.1f;
  rows.array() += 5;
  LayerToRound layer = makeLayer(weights, rows);
  layer.grids = {grid};
  layer.held = measure(weights, rows.topRows(20));
  layer.canCorrectBias = true;
  RoundedLayer rounded = roundLayer(layer, {}, runInOrder);
  EXPECT_NEAR(rounded.biasShifts(0), 0.4 * rows.mean(), 1e-3);
  EXPECT_LT(rounded.error, 0.01 * rounded.nearestError);
}

} // namespace
