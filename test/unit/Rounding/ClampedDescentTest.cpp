//===- ClampedDescentTest.cpp - Tests of descent between two codes --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomLayers.h"
#include "ptq/Rounding/AdaRound.h"
#include "ptq/Rounding/CoordinateDescent.h"
#include <gtest/gtest.h>

using namespace mlir::ptq;

namespace {

/// A layer with a ReLU that cuts off half of the outputs or more.
struct ClampedLayer {
  ClampedLayer(int64_t channels, int64_t depth, uint64_t seed)
      : weights(makeRandomMatrix(channels, depth, seed)),
        grid(makeGrid(weights)) {
    sample.inputs = makeCorrelatedRows(300, depth, seed + 1);
    sample.bias = VectorF::Constant(channels, -0.5f);
    sample.targets = sample.inputs * weights.transpose();
    sample.targets.rowwise() += sample.bias.transpose();
    sample.low = 0;
    sample.high = INFINITY;
    moments = measure(weights, sample.inputs);
  }

  ReconstructionProblem makeProblem(double damping) const {
    return {weights, moments, BiasMode::Fixed, damping};
  }
  VectorD getErrors(const MatrixF &codes, double damping) const {
    MatrixF values = grid.getValues(codes);
    return sample.getErrors(values, VectorD::Zero(weights.rows()), runInOrder) +
           damping * (values - weights).cast<double>().rowwise().squaredNorm();
  }

  MatrixF weights;
  WeightGrid grid;
  ReconstructionSample sample;
  LayerMoments moments;
};

TEST(WeightGridTest, NeighborsAreTheCodesBelowAndAbove) {
  MatrixF weights(1, 5), low(1, 5), high(1, 5);
  weights << 0.4f, -0.4f, 2, 7.2f, -12;
  low << 3, 2, 5, 7, -7;
  high << 4, 3, 5, 7, -7;
  WeightGrid grid{MatrixF::Ones(1, 5), MatrixF::Constant(1, 5, 3), {-7, 7}};
  CodeBounds bounds = getNeighbors(weights, grid);
  EXPECT_EQ(bounds.low, low);
  EXPECT_EQ(bounds.high, high);
}

/// No single change of a code to the other neighbor improves the result, and no
/// sweep made it worse.
TEST(ClampedDescentTest, EndsWhereNoSingleCodeHelps) {
  ClampedLayer layer(4, 16, 1);
  ReconstructionProblem problem = layer.makeProblem(0.01);
  CodeBounds bounds = getNeighbors(layer.weights, layer.grid);
  MatrixF codes = roundToNearest(layer.weights, layer.grid);
  VectorD before = layer.getErrors(codes, problem.damping);
  VectorD nearest = before;
  for (int64_t sweep = 0; sweep < 20; ++sweep) {
    descend(problem, layer.sample, layer.grid, bounds, 1, codes, runInOrder);
    VectorD after = layer.getErrors(codes, problem.damping);
    EXPECT_TRUE((after.array() <= before.array()).all());
    before = after;
  }
  EXPECT_LT(before.sum(), 0.8 * nearest.sum());
  EXPECT_TRUE((codes.array() >= bounds.low.array()).all());
  EXPECT_TRUE((codes.array() <= bounds.high.array()).all());
  for (int64_t channel = 0; channel < codes.rows(); ++channel)
    for (int64_t k = 0; k < codes.cols(); ++k) {
      MatrixF other = codes;
      other(channel, k) =
          bounds.low(channel, k) + bounds.high(channel, k) - codes(channel, k);
      EXPECT_GE(layer.getErrors(other, problem.damping)(channel),
                before(channel) * (1 - 1e-5));
    }
}

/// Where nothing is cut off, the errors of rows are those of their moments.
TEST(ClampedDescentTest, AgreesWithTheMomentsWithoutAClamp) {
  ClampedLayer layer(6, 12, 3);
  layer.sample.low = -INFINITY;
  ReconstructionProblem problem = layer.makeProblem(0.01);
  CodeBounds bounds = getNeighbors(layer.weights, layer.grid);
  MatrixF byRows = roundToNearest(layer.weights, layer.grid);
  MatrixF byMoments = byRows;
  descend(problem, layer.sample, layer.grid, bounds, 20, byRows, runInOrder);
  descend(problem, layer.grid, bounds, 20, byMoments, runInOrder);
  EXPECT_EQ(byRows, byMoments);
}

/// Layers of 8 weights behind a ReLU: after AdaRound it is never worse, and
/// closer to the best of all 256 roundings.
TEST(ClampedDescentTest, BringsAdaRoundCloserToBruteForce) {
  double learned = 0, total = 0, best = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ClampedLayer layer(1, 8, 100 + 10 * seed);
    ReconstructionProblem problem = layer.makeProblem(0);
    CodeBounds bounds = getNeighbors(layer.weights, layer.grid);
    AdaRoundOptions options;
    options.numIterations = 2000;
    MatrixF codes =
        roundByAdaRound(problem, layer.sample, layer.grid, options, runInOrder);
    double before = layer.getErrors(codes, 0)(0);
    descend(problem, layer.sample, layer.grid, bounds, 8, codes, runInOrder);
    double after = layer.getErrors(codes, 0)(0);
    EXPECT_LE(after, before);
    double least = INFINITY;
    for (int choice = 0; choice < 256; ++choice) {
      MatrixF other = bounds.low;
      for (int k = 0; k < 8; ++k)
        if (choice >> k & 1)
          other(0, k) = bounds.high(0, k);
      least = std::min(least, layer.getErrors(other, 0)(0));
    }
    learned += before;
    total += after;
    best += least;
  }
  EXPECT_LT(total, learned);
  EXPECT_LT(total, 1.2 * best);
}

} // namespace
