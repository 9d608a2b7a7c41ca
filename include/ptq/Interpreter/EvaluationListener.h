//===- EvaluationListener.h - Seeing every result ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_EVALUATIONLISTENER_H
#define PTQ_INTERPRETER_EVALUATIONLISTENER_H

#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {
class ObserveOp;

/// Sees what the interpreter computes: calibration, tracing and side-by-side
/// comparison are listeners. When several threads call one interpreter, its
/// listeners are notified from all of them at once. Values may be kept: a copy
/// shares the elements, and nobody changes shared elements.
class EvaluationListener {
public:
  virtual ~EvaluationListener();

  /// Called after `op` has been evaluated, for every op outside the bodies of
  /// structured ops, each time it runs.
  virtual void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                               ArrayRef<TensorValue> results) {}

  /// Called for each `ptq.observe` with the value that it saw.
  virtual void notifyObserved(ObserveOp op, const TensorValue &value);

  /// Whether notifyEvaluated is wanted. A listener that only observes returns
  /// false, which lets the interpreter reuse operands for results.
  virtual bool wantsEvaluatedOps() const { return true; }
};

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_EVALUATIONLISTENER_H
