//===- Engine.cpp - Ways to run a network ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Engine.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Execution/CompiledModule.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Pipelines/Lower.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Evaluates the ops one by one.
class InterpreterEngine : public Engine {
public:
  static FailureOr<std::unique_ptr<Engine>>
  create(OwningOpRef<ModuleOp> module) {
    FailureOr<func::FuncOp> function = findEntryFunction(*module);
    if (failed(function))
      return failure();
    FailureOr<Signature> signature = ptq::getSignature(*function);
    if (failed(signature))
      return failure();
    return std::unique_ptr<Engine>(new InterpreterEngine(
        std::move(module), *function, std::move(*signature)));
  }

  FunctionOpInterface getFunction() const override { return function; }
  const Signature &getSignature() const override { return signature; }

  FailureOr<SmallVector<TensorValue>>
  call(ArrayRef<TensorValue> inputs) const override {
    return interpreter.call(function, inputs);
  }

  std::function<void()> prepare(ArrayRef<TensorValue> inputs) const override {
    SmallVector<TensorValue> kept(inputs);
    return [this, kept] { (void)interpreter.call(function, kept); };
  }

private:
  InterpreterEngine(OwningOpRef<ModuleOp> module, func::FuncOp function,
                    Signature signature)
      : module(std::move(module)), function(function),
        signature(std::move(signature)), interpreter(*this->module) {}

  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  Signature signature;
  Interpreter interpreter;
};

/// Calls machine code.
class JITEngine : public Engine {
public:
  static FailureOr<std::unique_ptr<Engine>>
  create(OwningOpRef<ModuleOp> module) {
    if (!isLLVMForm(*module) && failed(lower(*module)))
      return failure();
    FailureOr<std::unique_ptr<CompiledModule>> compiled =
        CompiledModule::compile(*module);
    if (failed(compiled))
      return failure();
    return std::unique_ptr<Engine>(
        new JITEngine(std::move(module), std::move(*compiled)));
  }

  FunctionOpInterface getFunction() const override { return function; }
  const Signature &getSignature() const override {
    return compiled->getSignature();
  }

  FailureOr<SmallVector<TensorValue>>
  call(ArrayRef<TensorValue> inputs) const override {
    return compiled->call(inputs);
  }

  std::function<void()> prepare(ArrayRef<TensorValue> inputs) const override {
    FailureOr<CompiledModule::Call> call = compiled->prepare(inputs);
    if (failed(call))
      return nullptr;
    auto shared = std::make_shared<CompiledModule::Call>(std::move(*call));
    return [shared] { shared->invoke(); };
  }

private:
  JITEngine(OwningOpRef<ModuleOp> module,
            std::unique_ptr<CompiledModule> compiled)
      : module(std::move(module)), compiled(std::move(compiled)) {
    for (auto candidate : this->module->getOps<LLVM::LLVMFuncOp>())
      if (candidate->hasAttr(kEntryAttrName))
        function = candidate;
  }

  static bool isLLVMForm(ModuleOp module) {
    return !module.getOps<LLVM::LLVMFuncOp>().empty();
  }

  static LogicalResult lower(ModuleOp module) {
    if (failed(findEntryFunction(module)))
      return failure();
    PassManager pm(module.getContext());
    LowerOptions options;
    options.summary = false;
    populateLowerPipeline(pm, options);
    return pm.run(module);
  }

  OwningOpRef<ModuleOp> module;
  LLVM::LLVMFuncOp function;
  std::unique_ptr<CompiledModule> compiled;
};

} // namespace

FailureOr<std::unique_ptr<Engine>>
mlir::ptq::createEngine(OwningOpRef<ModuleOp> module, EngineKind kind) {
  if (kind == EngineKind::Interpreter)
    return InterpreterEngine::create(std::move(module));
  return JITEngine::create(std::move(module));
}
