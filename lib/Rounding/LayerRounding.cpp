//===- LayerRounding.cpp - The best rounding of one layer -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Rounding/LayerRounding.h"
#include "GridSelection.h"
#include "ptq/Rounding/BiasCorrection.h"
#include "ptq/Rounding/CoordinateDescent.h"
#include "ptq/Rounding/GPTQ.h"

using namespace mlir::ptq;

namespace {
/// A way to round a layer.
struct Candidate {
  MatrixF codes;
  /// The grid of each channel: its index, and the grids put together.
  std::vector<int64_t> grids;
  WeightGrid grid;
  VectorD shifts;

  MatrixF getValues() const { return grid.getValues(codes); }
};

/// Makes candidates for one layer, and compares them.
class LayerRounder {
public:
  LayerRounder(const LayerToRound &layer, const LayerRoundingOptions &options,
               ParallelFor parallelFor)
      : layer(layer), options(options), parallelFor(parallelFor),
        damping(scaleDamping(options.damping, layer.all.numRows,
                             layer.all.getDepth())) {}

  Candidate roundToNearest() const;
  Candidate round() const;

  /// What each channel contributes to the error of the layer.
  VectorD getErrors(const Candidate &candidate) const;

private:
  Candidate roundByMoments(BiasMode bias) const;
  Candidate roundByAdaRound() const;
  void correctBias(Candidate &candidate) const;
  VectorD getHeldErrors(const Candidate &candidate) const;

  const LayerToRound &layer;
  const LayerRoundingOptions &options;
  ParallelFor parallelFor;
  double damping;
};
} // namespace

Candidate LayerRounder::roundToNearest() const {
  return {mlir::ptq::roundToNearest(layer.weights, layer.grids.front()),
          std::vector<int64_t>(layer.weights.rows(), 0), layer.grids.front(),
          VectorD::Zero(layer.weights.rows())};
}

VectorD LayerRounder::getErrors(const Candidate &candidate) const {
  MatrixF values = candidate.getValues();
  if (layer.sample)
    return layer.sample->getErrors(values, candidate.shifts, parallelFor);
  VectorD errors = getSquaredErrors(layer.all, values, parallelFor);
  VectorD meanErrors = getMeanErrors(layer.all, values);
  for (int64_t channel = 0; channel < errors.size(); ++channel)
    errors(channel) +=
        getErrorChange(meanErrors(channel), candidate.shifts(channel));
  return errors.cwiseMax(0);
}

/// The errors over the rows that were held back, with a bias that is corrected
/// by the mean error of the other rows where the candidate corrects it at all.
VectorD LayerRounder::getHeldErrors(const Candidate &candidate) const {
  MatrixF values = candidate.getValues();
  VectorD errors = getSquaredErrors(layer.held, values, parallelFor);
  VectorD meanErrors = getMeanErrors(layer.held, values);
  VectorD shifts = getMeanErrorsOfRest(layer.all, layer.held, values);
  for (int64_t channel = 0; channel < errors.size(); ++channel)
    if (candidate.shifts(channel) != 0)
      errors(channel) += getErrorChange(meanErrors(channel), shifts(channel));
  return errors;
}

/// Takes over the channels of `other` for which `isBetter` is true.
static void merge(Candidate &candidate, const Candidate &other,
                  llvm::function_ref<bool(int64_t)> isBetter) {
  for (int64_t channel = 0; channel < candidate.codes.rows(); ++channel) {
    if (!isBetter(channel))
      continue;
    candidate.codes.row(channel) = other.codes.row(channel);
    candidate.grids[channel] = other.grids[channel];
    candidate.grid.scales.row(channel) = other.grid.scales.row(channel);
    candidate.grid.zeroPoints.row(channel) = other.grid.zeroPoints.row(channel);
    candidate.shifts(channel) = other.shifts(channel);
  }
}

/// GPTQ or coordinate descent on the moments.
Candidate LayerRounder::roundByMoments(BiasMode bias) const {
  ReconstructionProblem problem(layer.weights, layer.all, bias, damping,
                                parallelFor);
  GPTQ gptq(problem, options.activationOrder, parallelFor);
  GridSelection selection =
      selectGrids(gptq, layer.grids, layer.sharesGrid, parallelFor);
  Candidate candidate{std::move(selection.codes), std::move(selection.grids),
                      std::move(selection.grid),
                      VectorD::Zero(layer.weights.rows())};
  if (options.method == Rounding::Descent)
    descend(problem, candidate.grid, getGridBounds(candidate.grid),
            options.numSweeps, candidate.codes, parallelFor);
  if (bias == BiasMode::Corrected)
    candidate.shifts = getMeanErrors(layer.all, candidate.getValues());
  return candidate;
}

Candidate LayerRounder::roundByAdaRound() const {
  ReconstructionProblem problem(layer.weights, layer.all, BiasMode::Fixed,
                                damping, parallelFor);
  GPTQ gptq(problem, options.activationOrder, parallelFor);
  GridSelection selection =
      selectGrids(gptq, layer.grids, layer.sharesGrid, parallelFor);
  Candidate candidate{{},
                      std::move(selection.grids),
                      std::move(selection.grid),
                      VectorD::Zero(layer.weights.rows())};
  candidate.codes =
      layer.sample
          ? mlir::ptq::roundByAdaRound(problem, *layer.sample, candidate.grid,
                                       options.adaRound, parallelFor)
          : mlir::ptq::roundByAdaRound(problem, candidate.grid,
                                       options.adaRound, parallelFor);
  // What was relaxed to be learned is a choice again.
  CodeBounds bounds = getNeighbors(layer.weights, candidate.grid);
  if (layer.sample)
    descend(problem, *layer.sample, candidate.grid, bounds, options.numSweeps,
            candidate.codes, parallelFor);
  else
    descend(problem, candidate.grid, bounds, options.numSweeps, candidate.codes,
            parallelFor);
  correctBias(candidate);
  return candidate;
}

/// Corrects the bias of the channels for which rows held back and the error of
/// the outputs agree that it helps.
void LayerRounder::correctBias(Candidate &candidate) const {
  if (!layer.canCorrectBias)
    return;
  Candidate corrected = candidate;
  corrected.shifts =
      mlir::ptq::correctBias(layer.all, layer.held, candidate.getValues());
  VectorD errors = getErrors(candidate);
  VectorD correctedErrors = getErrors(corrected);
  merge(candidate, corrected, [&](int64_t channel) {
    return correctedErrors(channel) < errors(channel);
  });
}

Candidate LayerRounder::round() const {
  if (options.method == Rounding::Nearest) {
    Candidate candidate = roundToNearest();
    correctBias(candidate);
    return candidate;
  }
  if (options.method == Rounding::AdaRound)
    return roundByAdaRound();
  Candidate candidate = roundByMoments(BiasMode::Fixed);
  if (!layer.canCorrectBias)
    return candidate;
  Candidate corrected = roundByMoments(BiasMode::Corrected);
  VectorD errors = getHeldErrors(candidate);
  VectorD correctedErrors = getHeldErrors(corrected);
  merge(candidate, corrected, [&](int64_t channel) {
    return correctedErrors(channel) < errors(channel);
  });
  return candidate;
}

RoundedLayer mlir::ptq::roundLayer(const LayerToRound &layer,
                                   const LayerRoundingOptions &options,
                                   ParallelFor parallelFor) {
  LayerRounder rounder(layer, options, parallelFor);
  Candidate nearest = rounder.roundToNearest();
  Candidate candidate = rounder.round();
  VectorD nearestErrors = rounder.getErrors(nearest);
  VectorD errors = rounder.getErrors(candidate);
  bool layerIsWorse = !(errors.sum() <= nearestErrors.sum());
  auto isWorse = [&](int64_t channel) {
    return layer.sharesGrid ? layerIsWorse
                            : !(errors(channel) <= nearestErrors(channel));
  };
  merge(candidate, nearest, isWorse);

  RoundedLayer result;
  result.nearestError = nearestErrors.sum();
  for (int64_t channel = 0; channel < errors.size(); ++channel)
    result.error += isWorse(channel) ? nearestErrors(channel) : errors(channel);
  MatrixF nearestCodes =
      mlir::ptq::roundToNearest(layer.weights, candidate.grid);
  result.numMoved = (candidate.codes.array() != nearestCodes.array()).count();
  result.numCorrectedBiases = (candidate.shifts.array() != 0).count();
  result.codes = std::move(candidate.codes);
  result.grids = std::move(candidate.grids);
  result.biasShifts = std::move(candidate.shifts);
  return result;
}
