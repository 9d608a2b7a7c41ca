//===- BiasQuantization.h - Biases as i32 constants -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_BIASQUANTIZATION_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_BIASQUANTIZATION_H

#include "EdgeParameters.h"

namespace mlir::ptq {

/// Enlarges the scales of the weight channels of `op` whose bias would take
/// more steps than an i32 accumulator has room for. Returns how many there are.
int64_t enlargeScalesForBias(Operation *op, EdgeParameterMap &parameters);

/// What became of the bias of an op.
enum class BiasForm {
  /// There is none, or the op's operands are not quantized.
  None,
  /// Codes of scale `activation scale * weight scale`.
  Codes,
  /// Float, since it has no such codes.
  Float
};

/// Turns the constant bias of an op whose activation and weights are quantized
/// with static parameters into codes.
BiasForm quantizeBias(Operation *op, const EdgeParameterMap &parameters);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_BIASQUANTIZATION_H
