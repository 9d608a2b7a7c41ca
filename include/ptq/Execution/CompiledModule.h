//===- CompiledModule.h - Machine code of a network -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
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
class ExecutionEngine;
} // namespace mlir

namespace mlir::ptq {

/// The entry function of a module in LLVM form, compiled for this machine. It
/// is called by the convention of the LLVM form: inputs, then outputs, as
/// memrefs of identity layout, which `ptq.signature` describes.
class CompiledModule {
public:
  /// Compiles `llvmForm`, which must live on its own: no other thing of it is
  /// needed afterwards. Reports errors: no entry function, no signature, an
  /// element type without a memory layout, processor features that this machine
  /// lacks, and what LLVM says.
  static FailureOr<std::unique_ptr<CompiledModule>> compile(ModuleOp llvmForm);
  ~CompiledModule();

  const Signature &getSignature() const { return signature; }

  /// One call with everything in place: the descriptors point into the tensors.
  class Call {
  public:
    /// Runs the code. May be repeated.
    void invoke();
    ArrayRef<TensorValue> getOutputs() const { return outputs; }

  private:
    friend class CompiledModule;
    void addMemRef(RankedTensorType type, char *data);

    void (*function)(void **) = nullptr;
    SmallVector<TensorValue> inputs;
    SmallVector<TensorValue> outputs;
    /// For each argument a memref descriptor, a pointer to it, and a pointer to
    /// that pointer, as the packed calling convention wants it. Standard vectors,
    /// whose elements stay where they are when the call is moved.
    std::vector<std::vector<int64_t>> descriptors;
    std::vector<void *> pointers;
    std::vector<void *> packed;
  };

  /// Prepares a call on `inputs`, whose types must fit the signature. Outputs
  /// get as many samples as the inputs have. Reports errors at the module.
  FailureOr<Call> prepare(ArrayRef<TensorValue> inputs) const;

  /// Runs the network on `inputs` once.
  FailureOr<SmallVector<TensorValue>> call(ArrayRef<TensorValue> inputs) const;

private:
  explicit CompiledModule(Location loc);

  Location loc;
  Signature signature;
  std::unique_ptr<ExecutionEngine> engine;
  void (*function)(void **) = nullptr;
};

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_COMPILEDMODULE_H
