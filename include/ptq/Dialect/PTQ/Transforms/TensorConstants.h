//===- TensorConstants.h - Constants of tensors, however stored -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_TENSORCONSTANTS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_TENSORCONSTANTS_H

#include "mlir/IR/Builders.h"
#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// The values of an f32 constant in row-major order: a scalar, a dense
/// attribute, or a dense resource. Failure, without a diagnostic, if `value` is
/// anything else or its resource has no data of the right size.
FailureOr<SmallVector<float>> readFloatConstant(Value value);

/// The elements of a constant of any type, or of data movement and elementwise
/// ops on constants. Failure, without a diagnostic, if `value` is anything else
/// or cannot be evaluated.
FailureOr<TensorValue> evaluateConstant(Value value);

/// Whether `value` is what `evaluateConstant` evaluates, as far as can be told
/// without doing so.
bool isConstantExpression(Value value);

/// An `arith.constant` of `tensor`: a dense attribute where there are at most
/// 16 elements, so that small IR can be read, and otherwise a dense resource
/// called `name`.
Value createTensorConstant(OpBuilder &builder, Location loc,
                           const TensorValue &tensor, StringRef name);

/// The constant of codes `codes`. Those of less than a byte are packed bytes
/// under a `ptq.unpack`.
Value createCodeConstant(OpBuilder &builder, Location loc,
                         const TensorValue &codes, StringRef name);

/// An `arith.constant` of f32 values of the static shape `shape`.
Value createFloatConstant(OpBuilder &builder, Location loc,
                          ArrayRef<int64_t> shape, ArrayRef<float> values,
                          StringRef name);

/// An `arith.constant` of `values` as integers of `type`, i32 or i64, of the
/// static shape `shape`.
Value createIntegerConstant(OpBuilder &builder, Location loc, IntegerType type,
                            ArrayRef<int64_t> shape, ArrayRef<int64_t> values,
                            StringRef name);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_TENSORCONSTANTS_H
