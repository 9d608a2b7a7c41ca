//===- CompiledModule.h - Machine code in memory ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs modules in LLVM form by their calling convention. The entry function
// takes memrefs of identity layout: inputs, then outputs, then a workspace if
// `ptq.signature` gives its size as `workspace_bytes`; an EntryPoint says all
// that a caller needs to know.
//
// The code is trusted to be what its signature says: a module that writes
// beyond its outputs cannot be told from one that does not.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_COMPILEDMODULE_H
#define PTQ_EXECUTION_COMPILEDMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"
#include <memory>
#include <vector>

namespace mlir {
class DialectRegistry;
class ExecutionEngine;
} // namespace mlir

namespace mlir::ptq {

/// One call of compiled code, with the memory that it needs, to be invoked any
/// number of times. Lives at most as long as the CompiledModule.
class CompiledCall {
public:
  /// Computes the outputs from the inputs. Reports an error at the entry
  /// function if the code finds that something does not hold that it relies
  /// on, such as that an output has the size of its buffer.
  LogicalResult invoke();

  /// The outputs, which each invocation overwrites.
  ArrayRef<TensorValue> getOutputs() const { return outputs; }

private:
  friend class CompiledModule;
  using PackedFunction = void (*)(void **);

  CompiledCall(Location loc, PackedFunction function)
      : loc(loc), function(function) {}

  /// Adds an argument for `value`, whose elements the code sees.
  void addArgument(ArrayRef<int64_t> shape, const void *data);

  Location loc;
  PackedFunction function;
  SmallVector<TensorValue> inputs, outputs;
  TensorValue workspace;
  /// One memref descriptor for each argument, and the pointers to them that
  /// the packed calling convention passes.
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<void *> descriptorPointers;
  std::vector<void *> packed;
};

/// A module in LLVM form, compiled for this machine. Several threads may make
/// calls at once.
class CompiledModule {
public:
  /// Compiles `module`. Reports a located error for a module that has no entry
  /// function or does not follow the calling convention, that needs
  /// instructions which this machine lacks, or that calls functions which this
  /// process does not have. Code with threads gets the OpenMP runtime loaded,
  /// and an error where there is none. The context needs the translations of
  /// `registerExecutionDialects`.
  static FailureOr<std::unique_ptr<CompiledModule>> create(ModuleOp module);

  ~CompiledModule();
  CompiledModule(const CompiledModule &) = delete;
  CompiledModule &operator=(const CompiledModule &) = delete;

  /// Where the entry function is.
  Location getLoc() const { return loc; }

  const Signature &getSignature() const { return signature; }

  /// Prepares a call on `inputs`, which the call shares. Reports an error at
  /// the entry function if they do not fit the signature; those that have the
  /// sample axis `?` must agree in the number of samples.
  FailureOr<std::unique_ptr<CompiledCall>>
  prepareCall(ArrayRef<TensorValue> inputs) const;

  /// Makes one call and returns the outputs.
  FailureOr<SmallVector<TensorValue>> run(ArrayRef<TensorValue> inputs) const;

private:
  CompiledModule(Location loc, Signature signature);

  FailureOr<int64_t> getNumSamples(ArrayRef<TensorValue> inputs) const;

  Location loc;
  Signature signature;
  int64_t workspaceBytes = 0;
  std::unique_ptr<ExecutionEngine> engine;
  CompiledCall::PackedFunction function = nullptr;
};

/// Registers what modules in LLVM form are made of, and how it becomes LLVM IR.
void registerExecutionDialects(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_COMPILEDMODULE_H
