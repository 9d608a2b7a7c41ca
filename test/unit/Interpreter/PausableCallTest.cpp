//===- PausableCallTest.cpp - Calls that pause between ops ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/PausableCall.h"
#include "InterpreterTestUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/Interpreter.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
class PausableCallTest : public test::InterpreterTest {
protected:
  void SetUp() override {
    module = parseSourceString<ModuleOp>(
        R"(func.func @f(%x: tensor<1xf32>) -> tensor<1xf32> {
             %0 = arith.addf %x, %x : tensor<1xf32>
             %1 = ptq.observe %0 name("e") encoding(<i8, symmetric>)
               : tensor<1xf32>
             %2 = arith.mulf %1, %1 : tensor<1xf32>
             %3 = arith.addf %2, %2 : tensor<1xf32>
             return %3 : tensor<1xf32>
           })",
        &context);
    ASSERT_TRUE(module);
    function = module->lookupSymbol<func::FuncOp>("f");
    for (Operation &op : function.getBody().front())
      ops.push_back(&op);
  }

  func::FuncOp function;
  std::vector<Operation *> ops;
};

TEST_F(PausableCallTest, ShowsAndReplacesWhatIsAlive) {
  Interpreter interpreter(*module);
  FailureOr<PausableCall> call =
      PausableCall::begin(interpreter, function, {make<float>({1}, {3})});
  ASSERT_TRUE(succeeded(call));
  ASSERT_TRUE(succeeded(call->advanceTo(ops[2])));
  Value observed = ops[1]->getResult(0), square = ops[2]->getResult(0);
  ASSERT_TRUE(call->lookup(observed));
  EXPECT_EQ(call->lookup(observed)->getData<float>()[0], 6);
  // Used for the last time, or not yet computed.
  EXPECT_FALSE(call->lookup(function.getArgument(0)));
  EXPECT_FALSE(call->lookup(square));
  call->replace(observed, make<float>({1}, {5}));
  ASSERT_TRUE(succeeded(call->advanceTo(ops[2]->getNextNode())));
  EXPECT_EQ(call->lookup(square)->getData<float>()[0], 25);
  ASSERT_TRUE(succeeded(call->advanceTo(ops.back())));
  EXPECT_EQ(call->lookup(ops[3]->getResult(0))->getData<float>()[0], 50);
}

TEST_F(PausableCallTest, TakesArgumentsThatFit) {
  Interpreter interpreter(*module);
  ScopedDiagnosticHandler silence(&context,
                                  [](Diagnostic &) { return success(); });
  EXPECT_TRUE(failed(PausableCall::begin(interpreter, function, {})));
  EXPECT_TRUE(failed(
      PausableCall::begin(interpreter, function, {make<float>({2}, {1, 2})})));
}

TEST_F(PausableCallTest, ObserversChangeWhatTheirModelSays) {
  Interpreter interpreter(*module);
  interpreter.setObserverModel(
      [&](ObserveOp observer, TensorValue value) -> FailureOr<TensorValue> {
        EXPECT_EQ(observer.getEdge(), "e");
        if (value.getData<float>()[0] < 0)
          return failure();
        return make<float>({1}, {value.getData<float>()[0] + 1});
      });
  FailureOr<SmallVector<TensorValue>> results =
      interpreter.call(function, {make<float>({1}, {3})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_EQ(results->front().getData<float>()[0], 98);
  EXPECT_TRUE(failed(interpreter.call(function, {make<float>({1}, {-3})})));
}

} // namespace
