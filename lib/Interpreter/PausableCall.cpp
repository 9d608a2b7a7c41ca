//===- PausableCall.cpp - A call that is evaluated bit by bit -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/PausableCall.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<PausableCall> PausableCall::begin(const Interpreter &interpreter,
                                            FunctionOpInterface function,
                                            ArrayRef<TensorValue> arguments) {
  if (function.isExternal() || function.getFunctionBody().empty())
    return function.emitError("has no body to evaluate");
  Region &body = function.getFunctionBody();
  PausableCall call(interpreter, &body.front().front());
  if (failed(call.frame->enter(body, SmallVector<TensorValue>(arguments))))
    return failure();
  return call;
}

LogicalResult PausableCall::advanceTo(Operation *op) {
  assert(op->getBlock() == next->getBlock() && !op->isBeforeInBlock(next) &&
         "not ahead of what has been evaluated");
  for (; next != op; next = next->getNextNode())
    if (failed(frame->evaluate(next)))
      return failure();
  return success();
}
