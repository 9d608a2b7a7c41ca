//===- Transposes.h - Moving transposes through a network *- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_TRANSPOSES_H
#define PTQ_LIB_CODEGEN_TRANSPOSES_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::ptq {

/// `value` with its dimensions permuted: dimension i of the result is dimension
/// `permutation[i]` of `value`. Fills, broadcasts and empty tensors are rebuilt
/// in the new order; anything else gets a linalg.transpose.
Value createTransposed(OpBuilder &builder, Location loc, Value value,
                       ArrayRef<int64_t> permutation);

/// Patterns that move transposes from channels-last to channels-first order
/// towards the results, and transposes in the other direction towards the
/// arguments, through elementwise ops, padding and reductions, until they meet
/// and cancel. Transposes that only move dimensions of one element become
/// reshapes.
void populateTransposePropagationPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_TRANSPOSES_H
