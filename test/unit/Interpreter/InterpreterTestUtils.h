//===- InterpreterTestUtils.h - Running text --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TEST_UNIT_INTERPRETER_INTERPRETERTESTUTILS_H
#define PTQ_TEST_UNIT_INTERPRETER_INTERPRETERTESTUTILS_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "ptq/Interpreter/Interpreter.h"
#include "gtest/gtest.h"
#include <random>

namespace mlir::ptq::test {

/// A module from text, and what it says when something is wrong.
class InterpreterTest : public ::testing::Test {
protected:
  InterpreterTest();

  /// Parses `text`, which must be valid.
  ModuleOp parse(StringRef text);

  /// Calls the only function of `text`. Empty after an error, which is then in
  /// `diagnostics`.
  SmallVector<TensorValue> run(StringRef text, ArrayRef<TensorValue> arguments);

  /// A tensor of f32, i8, i16, i32 or i64, by T.
  template <typename T>
  TensorValue make(ArrayRef<int64_t> shape, ArrayRef<T> values) {
    TensorValue result =
        TensorValue::allocate(RankedTensorType::get(shape, getType<T>()));
    llvm::copy(values, result.getMutableData<T>().begin());
    return result;
  }

  /// Repeatable small numbers; halves for floats, so that sums are exact
  /// neither always nor never.
  template <typename T>
  TensorValue makeRandom(ArrayRef<int64_t> shape) {
    TensorValue result =
        TensorValue::allocate(RankedTensorType::get(shape, getType<T>()));
    for (T &element : result.getMutableData<T>())
      element = std::is_integral_v<T>
                    ? static_cast<T>(static_cast<int>(random() % 256) - 128)
                    : static_cast<T>(normal(random));
    return result;
  }

  template <typename T>
  Type getType() {
    if constexpr (std::is_same_v<T, float>)
      return Float32Type::get(&context);
    else if constexpr (std::is_same_v<T, double>)
      return Float64Type::get(&context);
    else
      return IntegerType::get(&context, 8 * sizeof(T));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string diagnostics;
  std::mt19937 random{42};
  std::normal_distribution<double> normal;
};

} // namespace mlir::ptq::test

#endif // PTQ_TEST_UNIT_INTERPRETER_INTERPRETERTESTUTILS_H
