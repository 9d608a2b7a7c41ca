//===- Program.cpp - Elementwise code as a flat list of steps -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// The size of what kernels compute on for values of `elementType`.
static unsigned getComputeByteSize(Type elementType) {
  return isa<Float16Type, BFloat16Type>(elementType)
             ? 4
             : *getElementByteSize(elementType);
}

ElementwiseProgram::Register
ElementwiseProgram::addRegister(unsigned elementByteSize, bool computed) {
  registers.push_back({elementByteSize, computed});
  return registers.size() - 1;
}

ElementwiseProgram::Register
ElementwiseProgram::addStep(Operation *op, KernelCall call,
                            ArrayRef<Register> operands,
                            unsigned resultByteSize) {
  Register result = addRegister(resultByteSize, /*computed=*/true);
  steps.push_back({op, call, result, llvm::to_vector<3>(operands), Value()});
  return result;
}

std::optional<ElementwiseProgram::Register>
ElementwiseProgram::getRegister(Value value) {
  auto it = registerOf.find(value);
  if (it != registerOf.end()) {
    if (it->second < argumentUsed.size())
      argumentUsed[it->second] = true;
    return it->second;
  }
  // A scalar from outside; what is inside has been seen before.
  std::optional<unsigned> size = value.getType().isIntOrIndexOrFloat()
                                     ? ptq::getElementByteSize(value.getType())
                                     : std::nullopt;
  if (!size)
    return std::nullopt;
  Register reg = addRegister(*size, /*computed=*/false);
  captured.push_back({value, reg});
  registerOf[value] = reg;
  return reg;
}

LogicalResult ElementwiseProgram::addOp(Operation *op) {
  if (op->getNumResults() != 1)
    return failure();
  Type resultType = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<unsigned> resultSize = ptq::getElementByteSize(resultType);
  if (!resultSize)
    return failure();

  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (!isa<IntegerAttr, FloatAttr>(constant.getValue()))
      return failure();
    Register reg = addRegister(*resultSize, /*computed=*/false);
    constants.push_back({constant.getValue(), reg});
    registerOf[constant] = reg;
    return success();
  }
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    Register reg = addRegister(*resultSize, /*computed=*/false);
    indices.push_back({static_cast<int64_t>(index.getDim()), reg});
    registerOf[index] = reg;
    return success();
  }

  bool isExtract = isa<tensor::ExtractOp>(op);
  SmallVector<Register, 3> operands;
  for (Value operand : op->getOperands().drop_front(isExtract)) {
    std::optional<Register> reg = getRegister(operand);
    if (!reg)
      return failure();
    operands.push_back(*reg);
  }
  if (isExtract) {
    Value table = op->getOperand(0);
    if (table.getParentBlock() == op->getBlock())
      return failure();
    Register result = addRegister(*resultSize, /*computed=*/true);
    steps.push_back({op, KernelCall(), result, std::move(operands), table});
    registerOf[op->getResult(0)] = result;
    return success();
  }

  std::optional<KernelCall> call = getKernelCall(op);
  if (!call)
    return failure();
  if (call->inMemoryForm) {
    registerOf[op->getResult(0)] = addStep(op, *call, operands, *resultSize);
    return success();
  }
  for (auto [reg, operand] : llvm::zip_equal(operands, op->getOperands())) {
    Type type = getElementTypeOrSelf(operand.getType());
    KernelCall reading = getReadingKernelCall(type, call->reading);
    if (reading.kernel && !unrounded.contains(operand))
      reg = addStep(op, reading, reg, getComputeByteSize(type));
  }
  Register result =
      addStep(op, *call, operands, getComputeByteSize(resultType));
  KernelCall writing = getWritingKernelCall(resultType);
  if (writing.kernel && !unrounded.contains(op->getResult(0)))
    result = addStep(op, writing, result, *resultSize);
  registerOf[op->getResult(0)] = result;
  return success();
}

std::unique_ptr<ElementwiseProgram>
ElementwiseProgram::compile(Block &body, ArrayRef<Value> unrounded) {
  auto program = std::make_unique<ElementwiseProgram>();
  program->unrounded.insert_range(unrounded);
  program->argumentUsed.resize(body.getNumArguments());
  for (BlockArgument argument : body.getArguments()) {
    std::optional<unsigned> size = ptq::getElementByteSize(argument.getType());
    if (!size)
      return nullptr;
    if (program->unrounded.contains(argument))
      size = getComputeByteSize(argument.getType());
    program->registerOf[argument] =
        program->addRegister(*size, /*computed=*/false);
  }
  for (Operation &op : body.without_terminator())
    if (failed(program->addOp(&op)))
      return nullptr;
  for (Value result : body.getTerminator()->getOperands()) {
    std::optional<Register> reg = program->getRegister(result);
    if (!reg)
      return nullptr;
    program->results.push_back(*reg);
  }
  program->registerOf.clear();
  program->unrounded.clear();
  return program;
}

std::unique_ptr<ElementwiseProgram> ElementwiseProgram::compile(Operation *op) {
  auto program = std::make_unique<ElementwiseProgram>();
  program->argumentUsed.assign(op->getNumOperands(), true);
  for (Value operand : op->getOperands()) {
    std::optional<unsigned> size =
        ptq::getElementByteSize(getElementTypeOrSelf(operand.getType()));
    if (!size)
      return nullptr;
    Register reg = program->addRegister(*size, /*computed=*/false);
    program->registerOf.try_emplace(operand, reg);
  }
  if (failed(program->addOp(op)))
    return nullptr;
  program->results.push_back(program->registerOf[op->getResult(0)]);
  program->registerOf.clear();
  return program;
}

//===----------------------------------------------------------------------===//
// Moving elements
//===----------------------------------------------------------------------===//

template <typename T>
static void copyTyped(char *target, int64_t targetStride, const char *source,
                      int64_t sourceStride, size_t count) {
  auto *to = reinterpret_cast<T *>(target);
  auto *from = reinterpret_cast<const T *>(source);
  if (targetStride == 1 && sourceStride == 0) {
    std::fill_n(to, count, *from);
    return;
  }
  for (size_t i = 0; i < count; ++i)
    to[static_cast<int64_t>(i) * targetStride] =
        from[static_cast<int64_t>(i) * sourceStride];
}

void mlir::ptq::copyElements(char *target, int64_t targetStride,
                             const char *source, int64_t sourceStride,
                             size_t elementByteSize, size_t count) {
  if (targetStride == 1 && sourceStride == 1) {
    std::memcpy(target, source, count * elementByteSize);
    return;
  }
  switch (elementByteSize) {
  case 1:
    return copyTyped<uint8_t>(target, targetStride, source, sourceStride,
                              count);
  case 2:
    return copyTyped<uint16_t>(target, targetStride, source, sourceStride,
                               count);
  case 4:
    return copyTyped<uint32_t>(target, targetStride, source, sourceStride,
                               count);
  default:
    return copyTyped<uint64_t>(target, targetStride, source, sourceStride,
                               count);
  }
}

void mlir::ptq::fillElements(char *target, const char *source,
                             size_t elementByteSize, size_t count) {
  copyElements(target, 1, source, 0, elementByteSize, count);
}

//===----------------------------------------------------------------------===//
// ElementwiseProgramState
//===----------------------------------------------------------------------===//

ElementwiseProgramState::ElementwiseProgramState(
    const ElementwiseProgram &program, size_t capacity)
    : program(program), capacity(capacity) {
  // Every register starts at a multiple of 8 bytes.
  SmallVector<size_t> offsets;
  size_t total = 0;
  for (const auto &reg : program.registers) {
    offsets.push_back(total);
    total += (reg.elementByteSize * capacity + 7) / 8 * 8;
  }
  memory.reset(new char[total + 1]);
  for (size_t offset : offsets)
    own.push_back(memory.get() + offset);
  pointers = own;
}

FailureOr<ElementwiseProgramState>
ElementwiseProgramState::create(const ElementwiseProgram &program,
                                const EvaluationFrame &frame, Operation *op,
                                size_t capacity) {
  ElementwiseProgramState state(program, capacity);
  auto fill = [&](const TensorValue &scalar, ElementwiseProgram::Register reg) {
    fillElements(state.own[reg], scalar.getRawData().data(),
                 scalar.getElementByteSize(), capacity);
  };
  for (auto [attr, reg] : program.constants) {
    FailureOr<TensorValue> scalar =
        TensorValue::fromAttribute(attr, [&] { return op->emitError(); });
    if (failed(scalar))
      return failure();
    fill(*scalar, reg);
  }
  auto find = [&](Value value) -> FailureOr<TensorValue> {
    const TensorValue *found = frame.lookup(value);
    if (!found || !*found)
      return op->emitError("captures a value that has not been computed");
    return *found;
  };
  for (auto [value, reg] : program.captured) {
    FailureOr<TensorValue> scalar = find(value);
    if (failed(scalar))
      return failure();
    fill(*scalar, reg);
  }
  for (const ElementwiseProgram::Step &step : program.steps) {
    if (!step.table)
      continue;
    FailureOr<TensorValue> table = find(step.table);
    if (failed(table))
      return failure();
    state.tables[step.table] = *table;
  }
  return std::move(state);
}

LogicalResult
ElementwiseProgramState::extract(const ElementwiseProgram::Step &step,
                                 size_t count) {
  const TensorValue &table = tables.find(step.table)->second;
  ArrayRef<int64_t> shape = table.getShape();
  size_t size = table.getElementByteSize();
  const char *source = table.getRawData().data();
  char *target = pointers[step.result];
  for (size_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (auto [dim, reg] : llvm::enumerate(step.operands)) {
      int64_t index = reinterpret_cast<const int64_t *>(pointers[reg])[i];
      if (index < 0 || index >= shape[dim])
        return step.op->emitError("index ")
               << index << " is out of bounds for dimension " << dim << " of "
               << table.getType();
      offset = offset * shape[dim] + index;
    }
    std::memcpy(target + i * size, source + offset * size, size);
  }
  return success();
}

LogicalResult ElementwiseProgramState::run(size_t count) {
  for (const ElementwiseProgram::Step &step : program.steps) {
    if (step.table) {
      if (failed(extract(step, count)))
        return failure();
      continue;
    }
    KernelArguments args;
    args.result = pointers[step.result];
    for (auto [index, reg] : llvm::enumerate(step.operands))
      args.operands[index] = pointers[reg];
    args.count = count;
    args.immediate = step.call.immediate;
    if (!step.call.kernel(args))
      return step.op->emitError(step.call.failure);
  }
  return success();
}
