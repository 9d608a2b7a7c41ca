//===- LayerMeasurement.h - What a layer reads in the calls -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERMEASUREMENT_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERMEASUREMENT_H

#include "LayerGeometry.h"
#include "PairedCalls.h"
#include "ptq/Rounding/LayerRounding.h"

namespace mlir::ptq {

/// Measures what one op reads, at which all calls have paused.
class LayerMeasurement {
public:
  /// With `isSymmetric` the outputs wanted are those that the float weights
  /// give for the inputs of the quantized network, otherwise those of the float
  /// network.
  LayerMeasurement(const PairedCalls &calls, const LayerGeometry &geometry,
                   Value activation, bool isSymmetric)
      : calls(calls), geometry(geometry), activation(activation),
        isSymmetric(isSymmetric) {}

  /// Fills in the moments of a group whose weights are there.
  void measureMoments(int64_t group, LayerToRound &layer,
                      ParallelFor parallelFor) const;

  /// Rows of a group, at most `maxRows` about, that `seed` draws. The bias is
  /// part of the targets.
  ReconstructionSample drawSample(int64_t group, const MatrixF &weights,
                                  VectorF bias, int64_t maxRows,
                                  uint64_t seed) const;

private:
  void addCalls(int64_t group, const MatrixF &weights, ArrayRef<int64_t> part,
                LayerMoments &moments, ParallelFor parallelFor) const;
  void readCall(int64_t call, int64_t group, const MatrixF &weights,
                Eigen::Ref<MatrixF> inputs, Eigen::Ref<MatrixF> targets) const;

  const PairedCalls &calls;
  const LayerGeometry &geometry;
  Value activation;
  bool isSymmetric;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERMEASUREMENT_H
