//===- FormRunner.h - Lowers a network and evaluates it ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TEST_UNIT_DIALECT_PTQ_TRANSFORMS_FORMRUNNER_H
#define PTQ_TEST_UNIT_DIALECT_PTQ_TRANSFORMS_FORMRUNNER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "ptq/Interpreter/TensorValue.h"
#include <random>

namespace mlir::ptq::test {

/// A network in text, in one form after the other.
class FormRunner {
public:
  /// Parses `text`, which has a function @forward.
  explicit FormRunner(StringRef text);

  /// Whether everything so far has worked.
  explicit operator bool() const { return static_cast<bool>(module); }

  /// Runs the passes of `pipeline`, as in
  /// `--pass-pipeline=builtin.module(...)`.
  void run(StringRef pipeline);

  /// Evaluates @forward. Empty on failure.
  SmallVector<TensorValue> evaluate(ArrayRef<TensorValue> inputs);

  ModuleOp getModule() { return *module; }
  MLIRContext &getContext() { return *context; }

private:
  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
};

/// The bytes of random codes, extremes included, as a hexadecimal attribute.
std::string makeRandomCodes(std::mt19937 &random, int64_t count, int low,
                            int high);

/// A tensor of random i8 codes.
TensorValue makeRandomTensor(MLIRContext &context, std::mt19937 &random,
                             ArrayRef<int64_t> shape);

/// An f32 tensor of rank 1.
TensorValue makeFloatTensor(MLIRContext &context, ArrayRef<float> values);

} // namespace mlir::ptq::test

#endif // PTQ_TEST_UNIT_DIALECT_PTQ_TRANSFORMS_FORMRUNNER_H
