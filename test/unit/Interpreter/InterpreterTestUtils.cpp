//===- InterpreterTestUtils.cpp - Running text ----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::test;

InterpreterTest::InterpreterTest() {
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                  math::MathDialect, PTQDialect, scf::SCFDialect,
                  tensor::TensorDialect>();
  registerEvaluationModels(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    diagnostics += diagnostic.str() + "\n";
    return success();
  });
}

ModuleOp InterpreterTest::parse(StringRef text) {
  module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module) << diagnostics;
  return module ? *module : ModuleOp();
}

SmallVector<TensorValue> InterpreterTest::run(StringRef text,
                                              ArrayRef<TensorValue> arguments) {
  if (!parse(text))
    return {};
  auto function = *module->getOps<func::FuncOp>().begin();
  FailureOr<SmallVector<TensorValue>> results =
      Interpreter(*module).call(function, arguments);
  if (failed(results))
    return {};
  return *results;
}
