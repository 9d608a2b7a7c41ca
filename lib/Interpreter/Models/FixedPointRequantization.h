//===- FixedPointRequantization.h - Requantize by integers ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_FIXEDPOINTREQUANTIZATION_H
#define PTQ_LIB_INTERPRETER_MODELS_FIXEDPOINTREQUANTIZATION_H

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"

namespace mlir::ptq {

/// Evaluates a requantize that has a shift. Reports parameters that do not fit
/// the data, and shifts out of range.
LogicalResult evaluateFixedPoint(RequantizeOp op, EvaluationFrame &frame);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_FIXEDPOINTREQUANTIZATION_H
