//===- FloatWidths.h - Floats of any width, computed with in f32 *- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_FLOATWIDTHS_H
#define PTQ_LIB_INTERPRETER_MODELS_FLOATWIDTHS_H

#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// `value` with its elements in f32. Reports an error at `op` if there is not
/// enough memory.
FailureOr<TensorValue> widenToF32(Operation *op, EvaluationFrame &frame,
                                  const TensorValue &value);

/// The f32 elements of `value` rounded to `elementType`. Reports an error at
/// `op` if there is not enough memory.
FailureOr<TensorValue> narrowFromF32(Operation *op, EvaluationFrame &frame,
                                     TensorValue value, Type elementType);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_FLOATWIDTHS_H
