//===- ElementwiseModel.cpp - arith and math on tensors and scalars -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementwiseModel.h"
#include "../Elementwise/Program.h"
#include "../EvaluationCache.h"
#include "ptq/Interpreter/Interpreter.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct ElementwisePlan : OpPlan {
  explicit ElementwisePlan(std::unique_ptr<ElementwiseProgram> program)
      : program(std::move(program)) {}
  std::unique_ptr<ElementwiseProgram> program;
};
} // namespace

/// The shape that the operands share, not counting scalars.
static FailureOr<ArrayRef<int64_t>>
getCommonShape(Operation *op, ArrayRef<TensorValue> operands) {
  ArrayRef<int64_t> shape;
  for (const TensorValue &operand : operands) {
    if (operand.getRank() == 0)
      continue;
    if (!shape.empty() && shape != operand.getShape())
      return op->emitError("operands differ in shape: ")
             << operand.getType() << " and "
             << RankedTensorType::get(shape, operand.getElementType());
    shape = operand.getShape();
  }
  return shape;
}

LogicalResult mlir::ptq::evaluateElementwise(Operation *op,
                                             EvaluationFrame &frame) {
  const OpPlan *plan = frame.getInterpreter().getCache().plans.getOrCreate(
      op, [&]() -> std::unique_ptr<OpPlan> {
        std::unique_ptr<ElementwiseProgram> program =
            ElementwiseProgram::compile(op);
        if (!program)
          return nullptr;
        return std::make_unique<ElementwisePlan>(std::move(program));
      });
  if (!plan)
    return op->emitError("the interpreter cannot run '")
           << op->getName() << "' on operands of type "
           << op->getOperandTypes();
  const ElementwiseProgram &program =
      *static_cast<const ElementwisePlan *>(plan)->program;

  SmallVector<TensorValue, 3> operands;
  for (Value operand : op->getOperands())
    operands.push_back(frame.get(operand));
  FailureOr<ArrayRef<int64_t>> shape = getCommonShape(op, operands);
  if (failed(shape))
    return failure();
  FailureOr<TensorValue> result = frame.allocate(
      op, *shape, getElementTypeOrSelf(op->getResult(0).getType()));
  if (failed(result))
    return failure();
  auto total = static_cast<size_t>(result->getNumElements());

  FailureOr<ElementwiseProgramState> state = ElementwiseProgramState::create(
      program, frame, op, std::min(total, ElementwiseProgram::kBlockSize));
  if (failed(state))
    return failure();
  // Scalars are repeated once; whole operands are read where they lie.
  for (auto [index, operand] : llvm::enumerate(operands))
    if (operand.getRank() == 0)
      fillElements((*state)[index], operand.getRawData().data(),
                   operand.getElementByteSize(), state->getCapacity());
  char *target = result->getMutableRawData().data();
  ElementwiseProgram::Register yielded = program.getResults().front();
  for (size_t begin = 0; begin < total;
       begin += ElementwiseProgram::kBlockSize) {
    for (auto [index, operand] : llvm::enumerate(operands))
      if (operand.getRank() != 0)
        // Programs only write to registers that they compute.
        (*state)[index] = const_cast<char *>(
            operand.getRawData().data() + begin * operand.getElementByteSize());
    (*state)[yielded] = target + begin * result->getElementByteSize();
    size_t count = std::min(total - begin, ElementwiseProgram::kBlockSize);
    if (failed(state->run(count)))
      return failure();
  }
  frame.set(op->getResult(0), std::move(*result));
  return success();
}
