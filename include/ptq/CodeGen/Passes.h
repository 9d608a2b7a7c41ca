//===- Passes.h - From linalg to vectorized LLVM ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_PASSES_H
#define PTQ_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir::ptq {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ptq/CodeGen/Passes.h.inc"

struct TargetDescription;

/// Populates --ptq-widen-accumulators: structured ops that add up f16 or bf16
/// add up f32 and round once.
void populateWidenAccumulatorsPatterns(RewritePatternSet &patterns);

/// Populates --ptq-convert-to-channels-last.
void populateChannelsLastPatterns(RewritePatternSet &patterns);

/// Populates --ptq-lower-padding: a constant padding of static width becomes a
/// filled border and an insertion of what it surrounds.
void populateLowerPaddingPatterns(RewritePatternSet &patterns);

/// Populates --ptq-expand-math: exp, exp2, expm1, log, log1p, tanh, erf and
/// rsqrt of scalars and vectors become arithmetic, whose bits are those that
/// the interpreter computes. `ptq/Support/ElementaryFunctions.h` states the
/// errors.
void populateExpandMathPatterns(RewritePatternSet &patterns);

/// Populates --ptq-vectorize-structured-ops. `target` must outlive the
/// patterns.
void populateStructuredOpVectorizationPatterns(RewritePatternSet &patterns,
                                               const TargetDescription &target);

/// The part of --ptq-vectorize-structured-ops that reduces contiguous elements
/// to one. `target` must outlive the patterns.
void populateReductionVectorizationPatterns(RewritePatternSet &patterns,
                                            const TargetDescription &target);

} // namespace mlir::ptq

#endif // PTQ_CODEGEN_PASSES_H
