//===- Transposes.h - Moving transposes through a network *- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_TRANSPOSES_H
#define PTQ_LIB_CODEGEN_TRANSPOSES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::ptq {

/// The permutation of N, C, spatial dimensions... to N, spatial dimensions...,
/// C, of `rank` dimensions in all, and its reverse.
SmallVector<int64_t> getChannelsLastOrder(unsigned rank);
SmallVector<int64_t> getChannelsFirstOrder(unsigned rank);

/// Whether `op`, which may be null, brings images of at least two spatial
/// dimensions from channels-last to channels-first order, or the reverse.
bool isToChannelsFirst(linalg::TransposeOp op);
bool isToChannelsLast(linalg::TransposeOp op);

/// `values`, one for each dimension in channels-first order, in channels-last
/// order.
template <typename T>
SmallVector<T> inChannelsLastOrder(SmallVector<T> values) {
  applyPermutationToVector(values, getChannelsLastOrder(values.size()));
  return values;
}

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

/// Those of them that move transposes through reshapes and slices.
void populateTransposedSlicePatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_TRANSPOSES_H
