//===- Engine.cpp - Running networks, interpreted or compiled -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/Engine.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Utils/Recursion.h"
#include "ptq/Execution/CompiledModule.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Pipelines/Lower.h"

using namespace mlir;
using namespace mlir::ptq;

/// The entry function of a module in LLVM form; null for other forms.
static LLVM::LLVMFuncOp findLLVMEntry(ModuleOp module) {
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(kEntryAttrName))
      return function;
  return {};
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

namespace {

class InterpreterCall : public EngineCall {
public:
  InterpreterCall(const Interpreter &interpreter, func::FuncOp function,
                  ArrayRef<TensorValue> inputs)
      : interpreter(interpreter), function(function), inputs(inputs) {}

  LogicalResult invoke() override {
    FailureOr<SmallVector<TensorValue>> results =
        interpreter.call(function, inputs);
    if (failed(results))
      return failure();
    outputs = std::move(*results);
    return success();
  }

  ArrayRef<TensorValue> getOutputs() const override { return outputs; }

private:
  const Interpreter &interpreter;
  func::FuncOp function;
  SmallVector<TensorValue> inputs, outputs;
};

class InterpreterEngine : public Engine {
public:
  static FailureOr<std::unique_ptr<Engine>> create(ModuleOp module) {
    if (LLVM::LLVMFuncOp entry = findLLVMEntry(module))
      return entry.emitError("is in LLVM form, which only the JIT runs");
    FailureOr<func::FuncOp> function = findEntryFunction(module);
    if (failed(function) || failed(verifyNoRecursion(module)))
      return failure();
    if (llvm::any_of(function->getArgumentTypes(),
                     llvm::IsaPred<BaseMemRefType>))
      return function->emitError(
          "is on buffers; the interpreter runs forms on tensors, the JIT any");
    FailureOr<Signature> signature = ptq::getSignature(*function);
    if (failed(signature))
      return failure();
    return std::unique_ptr<Engine>(
        new InterpreterEngine(module, *function, std::move(*signature)));
  }

  FailureOr<std::unique_ptr<EngineCall>>
  prepareCall(ArrayRef<TensorValue> inputs) const override {
    return std::unique_ptr<EngineCall>(
        new InterpreterCall(interpreter, function, inputs));
  }

private:
  InterpreterEngine(ModuleOp module, func::FuncOp function, Signature signature)
      : Engine(function.getLoc(), std::move(signature)), interpreter(module),
        function(function) {}

  Interpreter interpreter;
  func::FuncOp function;
};

} // namespace

//===----------------------------------------------------------------------===//
// JIT
//===----------------------------------------------------------------------===//

namespace {

class JITCall : public EngineCall {
public:
  explicit JITCall(std::unique_ptr<CompiledCall> call)
      : call(std::move(call)) {}

  LogicalResult invoke() override { return call->invoke(); }

  ArrayRef<TensorValue> getOutputs() const override {
    return call->getOutputs();
  }

private:
  std::unique_ptr<CompiledCall> call;
};

class JITEngine : public Engine {
public:
  static FailureOr<std::unique_ptr<Engine>> create(ModuleOp module) {
    if (!findLLVMEntry(module) && failed(lower(module)))
      return failure();
    FailureOr<std::unique_ptr<CompiledModule>> compiled =
        CompiledModule::create(module);
    if (failed(compiled))
      return failure();
    return std::unique_ptr<Engine>(new JITEngine(std::move(*compiled)));
  }

  FailureOr<std::unique_ptr<EngineCall>>
  prepareCall(ArrayRef<TensorValue> inputs) const override {
    FailureOr<std::unique_ptr<CompiledCall>> call =
        compiled->prepareCall(inputs);
    if (failed(call))
      return failure();
    return std::unique_ptr<EngineCall>(new JITCall(std::move(*call)));
  }

private:
  explicit JITEngine(std::unique_ptr<CompiledModule> compiled)
      : Engine(compiled->getLoc(), compiled->getSignature()),
        compiled(std::move(compiled)) {}

  /// Brings a module in any other form to LLVM form.
  static LogicalResult lower(ModuleOp module) {
    FailureOr<func::FuncOp> function = findEntryFunction(module);
    if (failed(function))
      return failure();
    // Passes may drop the locations that names come from, so name things now.
    FailureOr<Signature> signature = ptq::getSignature(*function);
    if (failed(signature))
      return failure();
    MLIRContext *context = module.getContext();
    (*function)->setAttr(kEntryAttrName, UnitAttr::get(context));
    if (!(*function)->hasAttr(kSignatureAttrName))
      (*function)->setAttr(kSignatureAttrName, signature->toAttribute(context));
    PassManager pm(module->getName());
    LowerOptions options;
    options.summary = false;
    populateLowerPipeline(pm, options);
    return pm.run(module);
  }

  std::unique_ptr<CompiledModule> compiled;
};

} // namespace

FailureOr<std::unique_ptr<Engine>> Engine::create(EngineKind kind,
                                                  ModuleOp module) {
  switch (kind) {
  case EngineKind::Interpreter:
    return InterpreterEngine::create(module);
  case EngineKind::JIT:
    return JITEngine::create(module);
  }
  return failure();
}
