//===- NarrowSums.h - Structured ops that add up f16 or bf16 ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of f16 or bf16 are made in f32 and rounded once, interpreted and
// compiled. Rounded after every term they would stop growing: 256 + 1 is 256 in
// bf16.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_NARROWSUMS_H
#define PTQ_DIALECT_PTQ_UTILS_NARROWSUMS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// What the body of a structured op adds to its output.
struct NarrowSum {
  /// The addition, one of whose operands is the output.
  arith::AddFOp addition;
  /// The number of the other operand, the term.
  unsigned termNumber;
  /// The product that the term is, if it is one and used nowhere else. Its
  /// factors are widened in its place, so that it is exact.
  arith::MulFOp product;
};

/// How `op` adds up f16 or bf16 along its reduction loops; `explain` is told
/// why it does not.
FailureOr<NarrowSum> findNarrowSum(linalg::LinalgOp op, ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_NARROWSUMS_H
