//===- PausableCall.h - A call that is evaluated bit by bit -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_PAUSABLECALL_H
#define PTQ_INTERPRETER_PAUSABLECALL_H

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/Interpreter.h"

namespace mlir::ptq {

/// A call of a function whose body is evaluated a few ops at a time. Between
/// them the values that are alive can be looked at and replaced, so that many
/// calls can be kept abreast and what one stage finds out can be used in the
/// next.
class PausableCall {
public:
  /// Begins a call before the first op. The interpreter must outlive it.
  static FailureOr<PausableCall> begin(const Interpreter &interpreter,
                                       FunctionOpInterface function,
                                       ArrayRef<TensorValue> arguments);

  /// Evaluates the ops before `op`, which is one of the function's body and not
  /// before what has been evaluated.
  LogicalResult advanceTo(Operation *op);

  /// The value of `value`, or null where it is not alive.
  const TensorValue *lookup(Value value) const { return frame->lookup(value); }

  /// Replaces a value that is alive.
  void replace(Value value, TensorValue tensor) {
    frame->set(value, std::move(tensor));
  }

private:
  PausableCall(const Interpreter &interpreter, Operation *next)
      : frame(std::make_unique<EvaluationFrame>(interpreter)), next(next) {}

  std::unique_ptr<EvaluationFrame> frame;
  Operation *next;
};

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_PAUSABLECALL_H
