//===- LayerOptimizer.h - Rounds the weights of one layer -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYEROPTIMIZER_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYEROPTIMIZER_H

#include "LayerGeometry.h"
#include "PairedCalls.h"
#include "WeightCandidates.h"
#include "ptq/Rounding/LayerRounding.h"

namespace mlir::ptq {

/// An op and the observer of its weights, whose rounding is to be optimized.
struct OptimizableLayer {
  WeightedOp op;
  ObserveOp observer;
};

/// What became of a layer.
struct OptimizedLayer {
  /// The weights on their grid, in the shape of the constant.
  TensorValue weights;
  /// Their ranges.
  SmallVector<double> lows, highs;
  /// The bias of each channel; empty where it stays what it was.
  SmallVector<float> bias;
  /// The mean squared error of the outputs with weights rounded to nearest and
  /// with these.
  double nearestError = 0;
  double error = 0;
  int64_t numMoved = 0;
  int64_t numCorrectedBiases = 0;
};

struct LayerOptimizerOptions {
  LayerRoundingOptions rounding;
  /// What the outputs are compared with.
  RoundingTarget target = RoundingTarget::Auto;
  bool searchScales = true;
  bool correctBias = true;
  uint64_t seed = 0;
};

/// Optimizes the layers of a network one after the other. Each of them reads
/// what the layers before it give once they are quantized.
class LayerOptimizer {
public:
  LayerOptimizer(PairedCalls &calls, const WorkSharing &workSharing,
                 LayerOptimizerOptions options)
      : calls(calls), workSharing(workSharing), options(std::move(options)) {
    fixOrderOfSums();
  }

  /// Brings the calls to `layer`, rounds its weights, and lets the quantized
  /// network go on with them. A null result means that the layer cannot be
  /// optimized, for the reason that `why` then holds.
  FailureOr<std::optional<OptimizedLayer>> optimize(OptimizableLayer layer,
                                                    std::string &why);

private:
  PairedCalls &calls;
  const WorkSharing &workSharing;
  LayerOptimizerOptions options;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYEROPTIMIZER_H
