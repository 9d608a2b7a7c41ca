//===- Engine.h - Ways to run a network -------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQRUN_ENGINE_H
#define PTQ_TOOLS_PTQRUN_ENGINE_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"
#include <functional>
#include <memory>

namespace mlir::ptq {

/// What executes the network.
enum class EngineKind { Interpreter, JIT };

/// A network that is ready to run.
class Engine {
public:
  virtual ~Engine() = default;

  /// The entry function's location, for errors about its inputs.
  virtual FunctionOpInterface getFunction() const = 0;
  virtual const Signature &getSignature() const = 0;

  /// Runs one batch.
  virtual FailureOr<SmallVector<TensorValue>>
  call(ArrayRef<TensorValue> inputs) const = 0;

  /// A function that runs `inputs` once each time it is called, for timing;
  /// null if the inputs do not fit. Failures of later calls are ignored.
  virtual std::function<void()> prepare(ArrayRef<TensorValue> inputs) const = 0;
};

/// Makes an engine for `module`, in any form that the engine can run: the JIT
/// brings what is not in LLVM form down to it first. Reports errors at the
/// module and its ops.
FailureOr<std::unique_ptr<Engine>> createEngine(OwningOpRef<ModuleOp> module,
                                                EngineKind kind);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQRUN_ENGINE_H
