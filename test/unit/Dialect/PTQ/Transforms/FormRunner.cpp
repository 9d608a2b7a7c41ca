//===- FormRunner.cpp - Lowers a network and evaluates it -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormRunner.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "ptq/InitAllDialects.h"
#include "ptq/InitAllExtensions.h"
#include "ptq/InitAllPasses.h"
#include "ptq/Interpreter/Interpreter.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq;

test::FormRunner::FormRunner(StringRef text) {
  static const bool arePassesRegistered = [] {
    mlir::registerTransformsPasses();
    mlir::ptq::registerAllPasses();
    return true;
  }();
  (void)arePassesRegistered;
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::ptq::registerAllDialects(registry);
  mlir::ptq::registerAllExtensions(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  module = parseSourceString<ModuleOp>(text, context.get());
}

void test::FormRunner::run(StringRef pipeline) {
  if (!module)
    return;
  FailureOr<OpPassManager> parsed = parsePassPipeline(pipeline);
  PassManager manager(context.get());
  if (succeeded(parsed))
    static_cast<OpPassManager &>(manager) = *parsed;
  if (failed(parsed) || failed(manager.run(*module)))
    module = nullptr;
}

SmallVector<TensorValue>
test::FormRunner::evaluate(ArrayRef<TensorValue> inputs) {
  if (!module)
    return {};
  auto function = module->lookupSymbol<func::FuncOp>("forward");
  Interpreter interpreter(*module);
  FailureOr<SmallVector<TensorValue>> results =
      interpreter.call(function, inputs);
  return succeeded(results) ? *results : SmallVector<TensorValue>();
}

std::string test::makeRandomCodes(std::mt19937 &random, int64_t count, int low,
                                  int high) {
  std::uniform_int_distribution<int> codes(low, high);
  std::string bytes;
  for (int64_t i = 0; i < count; ++i)
    bytes.push_back(static_cast<char>(codes(random)));
  return "dense<\"0x" + llvm::toHex(bytes) + "\">";
}

TensorValue test::makeRandomTensor(MLIRContext &context, std::mt19937 &random,
                                   ArrayRef<int64_t> shape) {
  TensorValue tensor = TensorValue::allocate(
      RankedTensorType::get(shape, IntegerType::get(&context, 8)));
  std::uniform_int_distribution<int> codes(-128, 127);
  for (int8_t &code : tensor.getMutableData<int8_t>())
    code = static_cast<int8_t>(codes(random));
  return tensor;
}

TensorValue test::makeFloatTensor(MLIRContext &context,
                                  ArrayRef<float> values) {
  TensorValue tensor = TensorValue::allocate(RankedTensorType::get(
      static_cast<int64_t>(values.size()), Float32Type::get(&context)));
  llvm::copy(values, tensor.getMutableData<float>().begin());
  return tensor;
}
