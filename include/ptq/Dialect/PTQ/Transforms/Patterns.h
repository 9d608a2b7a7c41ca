//===- Patterns.h - Rewrite patterns for other pipelines --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_PATTERNS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_PATTERNS_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::ptq {

/// The patterns of ptq-fold-batch-norm: affine ops after a contraction or
/// convolution with constant weights become part of weights and bias.
void populateFoldBatchNormPatterns(RewritePatternSet &patterns);

/// The patterns of ptq-widen-codes: quantizing to less than a byte gives bytes
/// between bounds.
void populateWidenCodesPatterns(RewritePatternSet &patterns);

/// The patterns of ptq-propagate-qdq: dequantize sinks and quantize rises
/// through ops that implement QuantizationTransparentOpInterface, and a clamp
/// before a quantize becomes its bounds.
void populatePropagateQDQPatterns(RewritePatternSet &patterns);

/// The patterns of ptq-rewrite-to-integer: ops between dequantize and quantize
/// with constant parameters compute on codes. With fixed-point requantization
/// no float is needed between codes.
void populateRewriteToIntegerPatterns(
    RewritePatternSet &patterns,
    Requantization requantization = Requantization::Float);

/// Patterns that give requantizes with a constant multiplier a fixed-point one.
/// Part of the former.
void populateFixedPointRequantizationPatterns(RewritePatternSet &patterns);

/// Patterns that ask the input of a ptq op for its sizes instead of the result,
/// and an op's operands instead of its result. Part of the others: a
/// `tensor.dim` would keep float values alive otherwise.
void populateForwardDimPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PATTERNS_H
