//===- JoinedValues.h - Quantize before values come together ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_JOINEDVALUES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_JOINEDVALUES_H

#include "mlir/IR/PatternMatch.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// Patterns that quantize values before they become one: by concatenation,
/// insertion, a maximum or minimum, a choice or a branch. The codes are the
/// same as before.
void populateJoinedValuePatterns(RewritePatternSet &patterns);

/// The same for what a loop carries from one iteration to the next.
void populateCarriedValuePatterns(RewritePatternSet &patterns);

/// Why `op` does not rise through the op that puts its input together; success
/// if nothing is known to prevent it.
LogicalResult explainJoin(QuantizeOp op, ExplainFn explain);

/// Whether the parameters of `op` are constants of the whole tensor, which are
/// the same wherever they stand and fit any part of it.
bool hasMovableParameters(QuantizeOp op);

/// A constant parameter, written again where it is needed; null stays null.
Value copyParameter(OpBuilder &builder, Value parameter);

/// Quantizes `value` as `op`, whose parameters are movable, does its input.
Value createQuantizeLike(OpBuilder &builder, QuantizeOp op, Value value);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_JOINEDVALUES_H
