//===- Interpreter.h - Runs tensor programs as they are ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks the IR one op at a time, on whole tensors: float, QDQ and integer form
// and everything between them, as long as it is on tensors. How an op runs is
// asked of the op, through `EvaluableOpInterface`; see EvaluationFrame.h for
// how to write a model and `registerEvaluationModels` for the ones that exist.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_INTERPRETER_H
#define PTQ_INTERPRETER_INTERPRETER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Interpreter/TensorValue.h"
#include <functional>
#include <memory>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::ptq {
class EvaluationListener;
class ObserveOp;
struct EvaluationCache;

/// Runs the functions of one module. The module must not change as long as the
/// interpreter lives. Several threads may call at once.
class Interpreter {
public:
  /// Calls nested deeper than this are an error.
  static constexpr unsigned kMaxCallDepth = 128;

  explicit Interpreter(ModuleOp module);
  ~Interpreter();
  Interpreter(const Interpreter &) = delete;
  Interpreter &operator=(const Interpreter &) = delete;

  /// Adds a listener, which the caller keeps alive. Not while calls run.
  void addListener(EvaluationListener *listener);

  /// What a `ptq.observe` gives in place of the value that it sees.
  using ObserverModel =
      std::function<FailureOr<TensorValue>(ObserveOp, TensorValue)>;

  /// Lets observers change what passes through them, for instance to what
  /// quantization would make of it. Not while calls run.
  void setObserverModel(ObserverModel model) {
    observerModel = std::move(model);
  }
  const ObserverModel &getObserverModel() const { return observerModel; }

  /// Calls `function` with `arguments`, whose types must fit the function's
  /// (`?` fits every size). Errors are reported at the op that failed.
  FailureOr<SmallVector<TensorValue>>
  call(FunctionOpInterface function, ArrayRef<TensorValue> arguments) const;

  /// Evaluates a single op on `operands`. Of what its regions capture,
  /// constants are known, and `lookup` may give the rest; null for what it does
  /// not know.
  FailureOr<SmallVector<TensorValue>>
  evaluate(Operation *op, ArrayRef<TensorValue> operands,
           function_ref<TensorValue(Value)> lookup = nullptr) const;

  ModuleOp getModule() const { return module; }
  ArrayRef<EvaluationListener *> getListeners() const { return listeners; }
  /// Whether any listener wants notifyEvaluated.
  bool hasOpListeners() const { return opListeners; }

  /// What the interpreter remembers between evaluations of one op. Internal.
  EvaluationCache &getCache() const { return *cache; }

private:
  ModuleOp module;
  SmallVector<EvaluationListener *> listeners;
  bool opListeners = false;
  ObserverModel observerModel;
  std::unique_ptr<EvaluationCache> cache;
};

/// Attaches the models of `EvaluableOpInterface` to the ops of the arith, func,
/// linalg, math, ptq, scf and tensor dialects.
void registerEvaluationModels(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_INTERPRETER_H
