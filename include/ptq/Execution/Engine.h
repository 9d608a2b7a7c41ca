//===- Engine.h - Running networks, interpreted or compiled -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_ENGINE_H
#define PTQ_EXECUTION_ENGINE_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"
#include <memory>

namespace mlir::ptq {

/// How a network is run.
enum class EngineKind {
  /// Evaluates forms on tensors as they are.
  Interpreter,
  /// Finishes the lowering in memory and runs machine code.
  JIT
};

/// One call with everything that it needs, to be made any number of times.
class EngineCall {
public:
  virtual ~EngineCall() = default;

  /// Computes the outputs. Errors have been reported where they arose.
  virtual LogicalResult invoke() = 0;

  /// The outputs of the last invocation.
  virtual ArrayRef<TensorValue> getOutputs() const = 0;
};

/// Runs the entry function of one module, in whatever form that is.
class Engine {
public:
  /// An engine for `module`, which must outlive it and not change. The JIT
  /// lowers `module` in place, by the passes of `ptq-lower`. Reports an error
  /// if there is no entry function, or if its form is not for this engine.
  static FailureOr<std::unique_ptr<Engine>> create(EngineKind kind,
                                                   ModuleOp module);

  virtual ~Engine() = default;

  /// Where the entry function is.
  Location getLoc() const { return loc; }

  const Signature &getSignature() const { return signature; }

  /// Prepares a call on `inputs`, which it shares.
  virtual FailureOr<std::unique_ptr<EngineCall>>
  prepareCall(ArrayRef<TensorValue> inputs) const = 0;

protected:
  Engine(Location loc, Signature signature)
      : loc(loc), signature(std::move(signature)) {}

private:
  Location loc;
  Signature signature;
};

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_ENGINE_H
