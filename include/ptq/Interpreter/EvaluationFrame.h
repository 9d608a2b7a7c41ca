//===- EvaluationFrame.h - The values of one call ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model of `EvaluableOpInterface` works with. A model reads operands,
// computes, and sets results:
//
//   LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
//     const TensorValue &input = frame.get(op->getOperand(0));
//     FailureOr<TensorValue> result = frame.allocate(op, input.getType());
//     if (failed(result))
//       return failure();
//     ...
//     frame.set(op->getResult(0), *result);
//     return success();
//   }
//
// A frame holds the values of one call of a function. Regions inside it are
// evaluated through the same frame, so they see what surrounds them. A value is
// dropped after the last op that uses it, counted within the block that defines
// it: memory is bounded by what is live, also in loops.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_EVALUATIONFRAME_H
#define PTQ_INTERPRETER_EVALUATIONFRAME_H

#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::ptq {
class BlockLiveness;
class Interpreter;
class ObserveOp;

/// The values of one call, and the way to evaluate more.
class EvaluationFrame {
public:
  /// A frame for a call at nesting depth `depth`.
  explicit EvaluationFrame(const Interpreter &interpreter, unsigned depth = 0)
      : interpreter(interpreter), depth(depth) {}

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  /// The value of `value`, which must be an operand of the op being evaluated:
  /// the frame has checked that those exist.
  const TensorValue &get(Value value) const;

  /// As `get`, but null for what has no value here. For values that a region
  /// captures.
  const TensorValue *lookup(Value value) const;

  /// The value of an operand of `op`, moved out of the frame where `op` is the
  /// last user and uses it once: writing to it then clones nothing.
  TensorValue take(Operation *op, Value value);

  /// The only element of an operand that is an integer or index scalar.
  int64_t getInteger(Value value) const;

  /// `fixed`, with the integers of `variable` in place of the dynamic ones.
  SmallVector<int64_t> getIntegers(ArrayRef<int64_t> fixed,
                                   ValueRange variable) const;

  /// Sets a result of the op being evaluated.
  void set(Value result, TensorValue value);

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  /// A new tensor with undefined elements, or an error at `op` if a dimension
  /// is negative or the memory is not there.
  FailureOr<TensorValue> allocate(Operation *op, RankedTensorType type) const;
  FailureOr<TensorValue> allocate(Operation *op, ArrayRef<int64_t> shape,
                                  Type elementType) const;

  /// As `allocate`, but the elements are zero.
  FailureOr<TensorValue> allocateZeros(Operation *op, ArrayRef<int64_t> shape,
                                       Type elementType) const;

  //===--------------------------------------------------------------------===//
  // Control flow
  //===--------------------------------------------------------------------===//

  /// Evaluates a region of one block with `arguments` for its block arguments
  /// and returns the operands of its terminator. The terminator itself is not
  /// evaluated: what it means is known to the op that has the region. Arguments
  /// are moved in, so that a body may write to those that nobody else holds.
  FailureOr<SmallVector<TensorValue>>
  evaluateRegion(Region &region, SmallVector<TensorValue> arguments);

  /// Begins the evaluation of a region of one block with `arguments` for its
  /// block arguments. Its ops are then evaluated one by one.
  LogicalResult enter(Region &region, SmallVector<TensorValue> arguments);

  /// Calls `callee` in a frame of its own. Errors are reported at `callSite`.
  FailureOr<SmallVector<TensorValue>> call(Operation *callSite,
                                           FunctionOpInterface callee,
                                           ArrayRef<TensorValue> arguments);

  /// Evaluates one op and drops what it was the last to use.
  LogicalResult evaluate(Operation *op);

  /// Tells the listeners what a `ptq.observe` saw.
  void notifyObserved(ObserveOp op, const TensorValue &value) const;

  const Interpreter &getInterpreter() const { return interpreter; }

private:
  const Interpreter &interpreter;
  unsigned depth;
  llvm::DenseMap<Value, TensorValue> values;
  /// What dies where in the block being evaluated; null outside of blocks.
  const BlockLiveness *liveness = nullptr;
};

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_EVALUATIONFRAME_H
