//===- LayerRounding.h - The best rounding of one layer ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_ROUNDING_LAYERROUNDING_H
#define PTQ_ROUNDING_LAYERROUNDING_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include "ptq/Rounding/AdaRound.h"
#include <optional>
#include <vector>

namespace mlir::ptq {

/// How the weights of layers are rounded.
struct LayerRoundingOptions {
  Rounding method = Rounding::Descent;
  /// See scaleDamping.
  double damping = 0.05;
  /// GPTQ rounds weights of inputs with large squares first.
  bool activationOrder = true;
  /// The most sweeps of coordinate descent, after GPTQ or after AdaRound.
  int64_t numSweeps = 8;
  AdaRoundOptions adaRound;
};

/// A layer, and what has been learned of it from samples.
struct LayerToRound {
  /// channels x depth.
  MatrixF weights;
  /// The grids to choose from; the first is the one of calibration.
  std::vector<WeightGrid> grids;
  /// Whether all channels have to take the same grid.
  bool sharesGrid = false;
  /// Whether the layer has a bias that may change.
  bool canCorrectBias = false;
  LayerMoments all;
  /// Some of the rows of `all`. They decide whether the bias is corrected.
  LayerMoments held;
  /// Where AdaRound shall look through the clamp that follows the layer.
  std::optional<ReconstructionSample> sample;
};

/// What rounding has made of a layer.
struct RoundedLayer {
  MatrixF codes;
  /// The index of the grid of each channel.
  std::vector<int64_t> grids;
  /// What to add to the bias of each channel.
  VectorD biasShifts;
  /// The mean squared error of the outputs, summed over the channels, with
  /// weights rounded to nearest and with these.
  double nearestError = 0;
  double error = 0;
  /// The weights that have not gone to the nearest code.
  int64_t numMoved = 0;
  int64_t numCorrectedBiases = 0;
};

/// Rounds the weights of a layer by a method. Each channel that came out worse
/// than by rounding to nearest is rounded to nearest.
RoundedLayer roundLayer(const LayerToRound &layer,
                        const LayerRoundingOptions &options,
                        ParallelFor parallelFor);

} // namespace mlir::ptq

#endif // PTQ_ROUNDING_LAYERROUNDING_H
