//===- AdaRound.cpp - Rounding learned by gradients -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/AdaRound.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir::ptq;
using namespace mlir::ptq::adaround;

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

double adaround::getRoundingShare(double v) {
  double sigmoid = 1 / (1 + std::exp(-v));
  return std::clamp(sigmoid * (kZeta - kGamma) + kGamma, 0.0, 1.0);
}

double adaround::getInitialVariable(double fraction) {
  return -std::log((kZeta - kGamma) / (fraction - kGamma) - 1);
}

double adaround::getBeta(const AdaRoundOptions &options, double progress) {
  double share = (progress - options.warmStart) / (1 - options.warmStart);
  share = std::clamp(share, 0.0, 1.0);
  return options.betaEnd + (options.betaStart - options.betaEnd) *
                               (1 + std::cos(M_PI * share)) / 2;
}

double adaround::getRegularizer(double h, double beta) {
  return 1 - std::pow(std::fabs(2 * h - 1), beta);
}

double adaround::getRegularizerSlope(double h, double beta) {
  double distance = 2 * h - 1;
  return -2 * beta * std::pow(std::fabs(distance), beta - 1) *
         (distance < 0 ? -1.0 : 1.0);
}

//===----------------------------------------------------------------------===//
// Optimization
//===----------------------------------------------------------------------===//

/// Channels that are optimized together. Channels do not depend on each other.
static constexpr int64_t kChannelsAtOnce = 16;

namespace {

using ArrayF =
    Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The rounding variables of some channels, and the steps of Adam.
class RoundingVariables {
public:
  RoundingVariables(const MatrixF &weights, const WeightGrid &grid,
                    int64_t begin, int64_t end)
      : scales(grid.scales.middleRows(begin, end - begin)),
        zeroPoints(grid.zeroPoints.middleRows(begin, end - begin)),
        low(static_cast<float>(grid.codes.min)),
        high(static_cast<float>(grid.codes.max)) {
    ArrayF quotients = weights.middleRows(begin, end - begin).array() / scales;
    floors = quotients.floor();
    variables = (quotients - floors).unaryExpr([](float fraction) {
      return static_cast<float>(getInitialVariable(fraction));
    });
    floors += zeroPoints;
    momentum = ArrayF::Zero(floors.rows(), floors.cols());
    squares = momentum;
    update();
  }

  /// The weights that the variables stand for.
  const MatrixF &getValues() const { return values; }

  /// One step of Adam. `gradient` is the derivative of the error by the values.
  /// Without a `beta` there is no regularizer.
  void step(const MatrixF &gradient, int64_t iteration, double beta,
            const AdaRoundOptions &options) {
    // Codes that are clipped do not move with h.
    ArrayF slope =
        gradient.array() * scales *
        (floors + shares >= low && floors + shares <= high).cast<float>();
    if (beta > 0) {
      ArrayF distance = 2 * shares - 1;
      auto exponent = static_cast<float>(beta - 1);
      slope -= static_cast<float>(2 * beta * options.regularization) *
               distance.abs().pow(exponent) * distance.sign();
    }
    // At the ends of [0, 1] h does not move with v.
    constexpr auto kStretch = static_cast<float>(kZeta - kGamma);
    slope *= (shares > 0 && shares < 1).cast<float>() * kStretch * sigmoids *
             (1 - sigmoids);

    constexpr float kBeta1 = 0.9f, kBeta2 = 0.999f, kEpsilon = 1e-8f;
    momentum = kBeta1 * momentum + (1 - kBeta1) * slope;
    squares = kBeta2 * squares + (1 - kBeta2) * slope.square();
    auto count = static_cast<double>(iteration + 1);
    auto firstBias = static_cast<float>(1 - std::pow(kBeta1, count));
    auto secondBias = static_cast<float>(1 - std::pow(kBeta2, count));
    variables -= static_cast<float>(options.learningRate) *
                 (momentum / firstBias) /
                 ((squares / secondBias).sqrt() + kEpsilon);
    update();
  }

  /// The codes that h decides for.
  MatrixF getCodes() const {
    return (floors + (shares >= 0.5f).cast<float>()).max(low).min(high);
  }

private:
  void update() {
    sigmoids = 1 / (1 + (-variables).exp());
    constexpr auto kStretch = static_cast<float>(kZeta - kGamma);
    shares = (sigmoids * kStretch + static_cast<float>(kGamma)).max(0).min(1);
    values = ((floors + shares).max(low).min(high) - zeroPoints) * scales;
  }

  ArrayF scales, zeroPoints;
  float low, high;
  ArrayF floors, variables, momentum, squares;
  ArrayF sigmoids, shares;
  MatrixF values;
};

/// The derivative of the error of channels [begin, end) by their weights.
using GradientFn =
    llvm::function_ref<void(int64_t begin, int64_t iteration,
                            const MatrixF &values, MatrixF &gradient)>;

} // namespace

static MatrixF optimize(const MatrixF &weights, const WeightGrid &grid,
                        const AdaRoundOptions &options, GradientFn getGradient,
                        ParallelFor parallelFor) {
  int64_t channels = weights.rows();
  MatrixF codes(channels, weights.cols());
  parallelFor(llvm::divideCeil(channels, kChannelsAtOnce), [&](int64_t part) {
    int64_t begin = part * kChannelsAtOnce;
    int64_t end = std::min(begin + kChannelsAtOnce, channels);
    RoundingVariables variables(weights, grid, begin, end);
    MatrixF gradient(end - begin, weights.cols());
    for (int64_t i = 0; i < options.numIterations; ++i) {
      double progress =
          static_cast<double>(i) / static_cast<double>(options.numIterations);
      double beta =
          progress < options.warmStart ? 0 : getBeta(options, progress);
      getGradient(begin, i, variables.getValues(), gradient);
      variables.step(gradient, i, beta, options);
    }
    codes.middleRows(begin, end - begin) = variables.getCodes();
  });
  return codes;
}

/// The factor that makes the error of nearest rounding 1: the regularizer must
/// not depend on the scale of the outputs. It is a sum over the weights, so
/// that in a layer of few weights it would not push hard enough to decide
/// anything; there the error weighs less.
static float getNormalization(const VectorD &nearestErrors, int64_t depth) {
  constexpr double kFewWeights = 300;
  double total = nearestErrors.sum();
  auto weights = static_cast<double>(nearestErrors.size() * depth);
  return total > 0
             ? static_cast<float>(std::min(1.0, weights / kFewWeights) / total)
             : 0.0f;
}

MatrixF mlir::ptq::roundByAdaRound(const ReconstructionProblem &problem,
                                   const WeightGrid &grid,
                                   const AdaRoundOptions &options,
                                   ParallelFor parallelFor) {
  MatrixF nearest = roundToNearest(problem.weights, grid);
  float factor = 2 * getNormalization(problem.getDampedErrors(
                                          grid.getValues(nearest), parallelFor),
                                      problem.getDepth());
  MatrixD damped = problem.gram;
  damped.diagonal().array() += problem.damping;
  MatrixF gram = (damped * double{factor}).cast<float>();
  MatrixF cross =
      ((problem.cross + problem.damping * problem.weights.cast<double>()) *
       double{factor})
          .cast<float>();
  return optimize(
      problem.weights, grid, options,
      [&](int64_t begin, int64_t, const MatrixF &values, MatrixF &gradient) {
        gradient.noalias() = values * gram;
        gradient -= cross.middleRows(begin, values.rows());
      },
      parallelFor);
}

MatrixF mlir::ptq::roundByAdaRound(const ReconstructionProblem &problem,
                                   const ReconstructionSample &sample,
                                   const WeightGrid &grid,
                                   const AdaRoundOptions &options,
                                   ParallelFor parallelFor) {
  const MatrixF &weights = problem.weights;
  MatrixF nearest = grid.getValues(roundToNearest(weights, grid));
  VectorD noShift = VectorD::Zero(weights.rows());
  VectorD nearestErrors =
      sample.getErrors(nearest, noShift, parallelFor) +
      problem.damping *
          (nearest - weights).cast<double>().rowwise().squaredNorm();
  float factor = getNormalization(nearestErrors, weights.cols());
  auto damping = static_cast<float>(2 * problem.damping);
  int64_t numRows = sample.inputs.rows();
  int64_t batch = std::min(options.batchRows, numRows);
  // Rows are in random order already; batches go round them.
  int64_t numStarts = numRows - batch + 1;
  return optimize(
      weights, grid, options,
      [&](int64_t begin, int64_t iteration, const MatrixF &values,
          MatrixF &gradient) {
        gradient = sample.getGradient(values, begin,
                                      iteration * batch % numStarts, batch);
        gradient +=
            damping * (values - weights.middleRows(begin, values.rows()));
        gradient *= factor;
      },
      parallelFor);
}
