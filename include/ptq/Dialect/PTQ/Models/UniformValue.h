//===- UniformValue.h - Tensors of one number -------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_UNIFORMVALUE_H
#define PTQ_DIALECT_PTQ_MODELS_UNIFORMVALUE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Value.h"
#include <optional>

namespace mlir::ptq {

/// What all elements of `value` are, if it is known: of a constant scalar, of a
/// dense constant whose elements are equal, or of what is filled with a
/// constant. Null otherwise.
TypedAttr matchUniformValue(Value value);

/// As `matchUniformValue`, of floats, as a number.
std::optional<double> matchUniformNumber(Value value);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_UNIFORMVALUE_H
