//===- Interpreter.cpp - Runs tensor programs as they are -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/Interpreter.h"
#include "EvaluationCache.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// BlockLiveness
//===----------------------------------------------------------------------===//

BlockLiveness::BlockLiveness(Block &block) {
  // From the end, the first use met is the last one.
  llvm::DenseSet<Value> seen;
  for (Operation &op : llvm::reverse(block)) {
    SmallVector<Value, 2> last;
    for (Value result : op.getResults())
      if (seen.insert(result).second && result.use_empty())
        last.push_back(result);
    op.walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (operand.getParentBlock() == &block && seen.insert(operand).second)
          last.push_back(operand);
    });
    if (!last.empty())
      dying.try_emplace(&op, std::move(last));
  }
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

Interpreter::Interpreter(ModuleOp module)
    : module(module), cache(std::make_unique<EvaluationCache>()) {}

Interpreter::~Interpreter() = default;

void Interpreter::addListener(EvaluationListener *listener) {
  listeners.push_back(listener);
  opListeners |= listener->wantsEvaluatedOps();
}

FailureOr<SmallVector<TensorValue>>
Interpreter::call(FunctionOpInterface function,
                  ArrayRef<TensorValue> arguments) const {
  EvaluationFrame frame(*this);
  return frame.call(function, function, arguments);
}

FailureOr<SmallVector<TensorValue>>
Interpreter::evaluate(Operation *op, ArrayRef<TensorValue> operands,
                      function_ref<TensorValue(Value)> lookup) const {
  EvaluationFrame frame(*this);
  for (auto [operand, value] : llvm::zip_equal(op->getOperands(), operands))
    frame.set(operand, value);
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured) {
    if (llvm::is_contained(op->getOperands(), value))
      continue;
    if (matchPattern(value, m_Constant())) {
      if (failed(frame.evaluate(value.getDefiningOp())))
        return failure();
    } else if (TensorValue known = lookup ? lookup(value) : TensorValue()) {
      frame.set(value, std::move(known));
    }
  }
  if (failed(frame.evaluate(op)))
    return failure();
  SmallVector<TensorValue> results;
  for (Value result : op->getResults())
    results.push_back(frame.get(result));
  return results;
}
