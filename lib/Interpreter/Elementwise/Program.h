//===- Program.h - Elementwise code as a flat list of steps -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a structured op, or a single op of arith or math, compiled once
// to a list of kernel calls on registers. A register holds one value for each
// element of a block of up to 1024 elements, so the cost of walking the list is
// shared by them.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_ELEMENTWISE_PROGRAM_H
#define PTQ_LIB_INTERPRETER_ELEMENTWISE_PROGRAM_H

#include "Kernels.h"
#include "mlir/IR/Block.h"
#include "ptq/Interpreter/TensorValue.h"
#include <memory>

namespace mlir::ptq {
class EvaluationFrame;

class ElementwiseProgram {
public:
  using Register = unsigned;
  static constexpr size_t kBlockSize = 1024;

  /// One step: a kernel, or the look-up of elements in a captured tensor.
  struct Step {
    Operation *op;
    KernelCall call;
    Register result;
    SmallVector<Register, 3> operands;
    /// The tensor that `tensor.extract` reads; then the operands are indices.
    Value table;
  };

  /// Compiles the ops of `body`: its arguments are the program's arguments, the
  /// operands of its terminator the program's results. Null if it contains
  /// anything but scalar arithmetic.
  ///
  /// `unrounded` are values of f16 or bf16 that stay the f32 that kernels
  /// compute: nothing rounds them, and as an argument or result they are f32.
  static std::unique_ptr<ElementwiseProgram>
  compile(Block &body, ArrayRef<Value> unrounded = {});

  /// Compiles one elementwise op: its operands are the program's arguments.
  /// Null if there is no kernel for it.
  static std::unique_ptr<ElementwiseProgram> compile(Operation *op);

  /// The register of argument `index`. It is written from outside.
  Register getArgument(unsigned index) const { return index; }
  bool isArgumentUsed(unsigned index) const { return argumentUsed[index]; }

  /// The registers that hold the results after a run.
  ArrayRef<Register> getResults() const { return results; }

  /// Whether a step writes the register, so that its storage may be replaced.
  bool isComputed(Register reg) const { return registers[reg].computed; }

  unsigned getElementByteSize(Register reg) const {
    return registers[reg].elementByteSize;
  }

  /// Registers that hold the index of a loop, as i64.
  struct IndexRegister {
    int64_t dim;
    Register reg;
  };
  ArrayRef<IndexRegister> getIndexRegisters() const { return indices; }

private:
  friend class ElementwiseProgramState;
  struct RegisterInfo {
    unsigned elementByteSize;
    bool computed = false;
  };

  Register addRegister(unsigned elementByteSize, bool computed);
  Register addStep(Operation *op, KernelCall call, ArrayRef<Register> operands,
                   unsigned resultByteSize);
  std::optional<Register> getRegister(Value value);
  LogicalResult addOp(Operation *op);

  SmallVector<RegisterInfo> registers;
  SmallVector<bool> argumentUsed;
  SmallVector<Step> steps;
  SmallVector<Register> results;
  SmallVector<IndexRegister> indices;
  /// Scalars from outside the body and constants inside it.
  SmallVector<std::pair<Value, Register>> captured;
  SmallVector<std::pair<TypedAttr, Register>> constants;
  /// Only while compiling.
  llvm::DenseMap<Value, Register> registerOf;
  llvm::SmallDenseSet<Value, 4> unrounded;
};

/// The registers of a program while it runs.
class ElementwiseProgramState {
public:
  /// Registers for up to `capacity` elements, with constants and captured
  /// values in place. Fails, with an error at `op`, where one has no value.
  static FailureOr<ElementwiseProgramState>
  create(const ElementwiseProgram &program, const EvaluationFrame &frame,
         Operation *op, size_t capacity);

  /// The storage of a register, which may be exchanged for other memory that
  /// holds as many elements.
  char *&operator[](ElementwiseProgram::Register reg) { return pointers[reg]; }
  /// The register's own storage.
  char *getStorage(ElementwiseProgram::Register reg) { return own[reg]; }

  size_t getCapacity() const { return capacity; }

  /// Runs all steps on `count` elements. Reports values that are not allowed.
  LogicalResult run(size_t count);

private:
  ElementwiseProgramState(const ElementwiseProgram &program, size_t capacity);
  LogicalResult extract(const ElementwiseProgram::Step &step, size_t count);

  const ElementwiseProgram &program;
  size_t capacity;
  std::unique_ptr<char[]> memory;
  SmallVector<char *> own;
  SmallVector<char *> pointers;
  llvm::DenseMap<Value, TensorValue> tables;
};

/// Fills `count` elements at `target` with the element at `source`.
void fillElements(char *target, const char *source, size_t elementByteSize,
                  size_t count);

/// Copies `count` elements between memory with the given strides, in elements.
void copyElements(char *target, int64_t targetStride, const char *source,
                  int64_t sourceStride, size_t elementByteSize, size_t count);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_ELEMENTWISE_PROGRAM_H
