//===- WeightedOp.h - An op with constant weights and its bias --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_WEIGHTEDOP_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_WEIGHTEDOP_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/Builders.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"

namespace mlir::ptq {

/// A contraction or convolution that multiplies an activation with constant
/// weights whose output channels lie along neighbouring axes of the constant
/// (several for a grouped convolution).
struct WeightedOp {
  linalg::LinalgOp op;
  OpOperand *activation;
  /// From the constant, or what observes or dequantizes it, to the op.
  EdgePath weightPath;
  /// The dimensions of `weightPath.root` that index the output channels.
  SmallVector<int64_t> weightDims;
  /// The dimensions of the op's result that index the output channels.
  SmallVector<int64_t> resultDims;

  /// The number of output channels, which is static. Channels are counted in
  /// row-major order of their dimensions.
  int64_t getNumChannels() const;

  /// The number of weights behind one channel index: the output channel of the
  /// i-th weight is `i / inner % channels`.
  int64_t getNumInnerWeights() const;

  /// The bias of each output channel: the op's initial value, if it is a
  /// constant for each channel or a fill with one. Failure otherwise.
  FailureOr<SmallVector<float>> readBias() const;

  /// Builds an initial value from `bias`, a tensor of rank 1 with one element
  /// for each output channel.
  Value createBiasInit(OpBuilder &builder, Value bias) const;
};

/// `op` as a weighted op, or failure.
FailureOr<WeightedOp> matchWeightedOp(Operation *op);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_WEIGHTEDOP_H
