//===- EdgeTracing.h - From an operand to its value -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between the value that a compute op consumes and the value that carries the
// information there may be ops that only move elements: reshapes, transposes,
// pads. An edge is observed and named at its root, before them.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_EDGETRACING_H
#define PTQ_DIALECT_PTQ_MODELS_EDGETRACING_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include <optional>
#include <string>

namespace mlir::ptq {

/// The way from a root to the operand that consumes it.
struct EdgePath {
  /// The value before all data movement.
  Value root;
  /// The operands through which the root reaches its consumer, from the root
  /// downwards; the last one is the consumer's own operand.
  SmallVector<OpOperand *> operands;
};

/// Follows `operand` upwards through ops that preserve its range.
EdgePath traceToRoot(OpOperand &operand);

/// Whether the root of `operand` is a constant, possibly already observed or
/// dequantized.
bool hasConstantRoot(OpOperand &operand);

/// Whether `value` is the scale or zero point of dequantized codes, and nothing
/// else.
bool isOnlyParameter(Value value);

/// Carries dimensions of the consumer's operand back to the root of `path`.
FailureOr<SmallVector<int64_t>> mapDimsToRoot(const EdgePath &path,
                                              ArrayRef<int64_t> dims);

/// Carries dimensions of the root down to the consumer's operand.
FailureOr<SmallVector<int64_t>> mapDimsFromRoot(const EdgePath &path,
                                                ArrayRef<int64_t> dims);

/// The first name in `loc`, or an empty string.
StringRef getLocatedName(Location loc);

/// The name of the edge that starts at `value`: what its producer's location
/// names (the tensor of the imported network; `#i` is appended for later
/// results), the argument's name for a function argument, and otherwise
/// "function/kind.ordinal". The caller makes names unique.
std::string getEdgeName(Value value);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_EDGETRACING_H
