//===- InterpreterTest.cpp - Frames, calls, listeners ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include <atomic>
#include <thread>

using namespace mlir;
using namespace mlir::ptq;

namespace {
class Interpret : public test::InterpreterTest {
protected:
  bool reported(StringRef text) {
    return StringRef(diagnostics).contains(text);
  }
  func::FuncOp lookup(StringRef name) {
    return module->lookupSymbol<func::FuncOp>(name);
  }
};

TEST_F(Interpret, CallsAndReturns) {
  auto results = run("func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> {\n"
                     "  %0 = call @g(%a, %a) : (tensor<2xf32>, tensor<2xf32>) "
                     "-> tensor<2xf32>\n"
                     "  return %0 : tensor<2xf32>\n}\n"
                     "func.func @g(%a: tensor<2xf32>, %b: tensor<2xf32>) "
                     "-> tensor<2xf32> {\n"
                     "  %0 = arith.mulf %a, %b : tensor<2xf32>\n"
                     "  return %0 : tensor<2xf32>\n}",
                     {make<float>({2}, {3, -4})});
  ASSERT_EQ(results.size(), 1u) << diagnostics;
  EXPECT_EQ(results[0].getData<float>()[0], 9.0f);
  EXPECT_EQ(results[0].getData<float>()[1], 16.0f);
}

TEST_F(Interpret, EndlessRecursionIsAnError) {
  EXPECT_TRUE(run("func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> {\n"
                  "  %0 = call @f(%a) : (tensor<2xf32>) -> tensor<2xf32>\n"
                  "  return %0 : tensor<2xf32>\n}",
                  {make<float>({2}, {0, 0})})
                  .empty());
  EXPECT_TRUE(reported("endless recursion")) << diagnostics;
}

TEST_F(Interpret, OpsWithoutAModelAreNamed) {
  context.allowUnregisteredDialects();
  EXPECT_TRUE(run("func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> {\n"
                  "  %0 = \"my.op\"(%a) : (tensor<2xf32>) -> tensor<2xf32>\n"
                  "  return %0 : tensor<2xf32>\n}",
                  {make<float>({2}, {0, 0})})
                  .empty());
  EXPECT_TRUE(reported("cannot run 'my.op'")) << diagnostics;
  EXPECT_TRUE(reported("EvaluableOpInterface")) << diagnostics;
}

TEST_F(Interpret, ArgumentsAreChecked) {
  StringRef text = "func.func @f(%a: tensor<?x2xf32>) -> tensor<?x2xf32> {\n"
                   "  return %a : tensor<?x2xf32>\n}";
  EXPECT_EQ(run(text, {make<float>({1, 2}, {0, 0})}).size(), 1u);
  EXPECT_TRUE(run(text, {}).empty());
  EXPECT_TRUE(reported("takes 1 arguments, got 0")) << diagnostics;
  EXPECT_TRUE(run(text, {make<float>({2, 1}, {0, 0})}).empty());
  EXPECT_TRUE(reported("does not fit")) << diagnostics;
  EXPECT_TRUE(run(text, {make<int32_t>({1, 2}, {0, 0})}).empty());
  EXPECT_TRUE(run(text, {TensorValue()}).empty());
}

TEST_F(Interpret, ResultsOfTheDeclaredShapeOnly) {
  EXPECT_TRUE(run("func.func @f(%a: tensor<?xf32>) -> tensor<3xf32> {\n"
                  "  %0 = tensor.cast %a : tensor<?xf32> to tensor<3xf32>\n"
                  "  return %0 : tensor<3xf32>\n}",
                  {make<float>({2}, {0, 0})})
                  .empty());
  EXPECT_TRUE(reported("does not fit")) << diagnostics;
}

/// Notes what it sees.
struct Recorder : EvaluationListener {
  void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                       ArrayRef<TensorValue> results) override {
    ops.push_back(op->getName().getStringRef().str());
  }
  void notifyObserved(ObserveOp op, const TensorValue &value) override {
    ++observed;
    sum = sum + value.getData<float>()[0];
  }
  std::vector<std::string> ops;
  std::atomic<int> observed{0};
  std::atomic<float> sum{0.0f};
};

constexpr StringRef kLoop = R"mlir(
  func.func @f(%a: tensor<1xf32>) -> tensor<1xf32> {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %ten = arith.constant 10 : index
    %r = scf.for %i = %zero to %ten step %one iter_args(%x = %a)
        -> tensor<1xf32> {
      %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
      %s = arith.addf %o, %a : tensor<1xf32>
      scf.yield %s : tensor<1xf32>
    }
    return %r : tensor<1xf32>
  })mlir";

TEST_F(Interpret, ObserversCountEveryTrip) {
  ASSERT_TRUE(parse(kLoop));
  Recorder recorder;
  Interpreter interpreter(*module);
  interpreter.addListener(&recorder);
  auto results = interpreter.call(lookup("f"), make<float>({1}, {1}));
  ASSERT_TRUE(succeeded(results)) << diagnostics;
  EXPECT_EQ(results->front().getData<float>()[0], 11.0f);
  EXPECT_EQ(recorder.observed, 10);
  EXPECT_EQ(recorder.sum, 55.0f);
  ASSERT_GE(recorder.ops.size(), 4u);
  EXPECT_EQ(recorder.ops[3], "ptq.observe");
  EXPECT_EQ(recorder.ops.back(), "scf.for");
}

TEST_F(Interpret, ThreadsShareAnInterpreter) {
  ASSERT_TRUE(parse(kLoop));
  Recorder recorder;
  struct Observer : EvaluationListener {
    void notifyObserved(ObserveOp, const TensorValue &) override { ++count; }
    bool wantsEvaluatedOps() const override { return false; }
    std::atomic<int> count{0};
  } observer;
  Interpreter interpreter(*module);
  interpreter.addListener(&observer);
  std::atomic<int> wrong{0};
  std::vector<TensorValue> inputs;
  for (int i = 0; i < 4; ++i)
    inputs.push_back(make<float>({1}, {static_cast<float>(i)}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int repeat = 0; repeat < 50; ++repeat) {
        auto results = interpreter.call(lookup("f"), inputs[i]);
        if (failed(results) ||
            results->front().getData<float>()[0] != 11.0f * i)
          ++wrong;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(observer.count, 4 * 50 * 10);
}

/// Keeps what an op made, to see whether others still hold it.
TEST_F(Interpret, ArgumentsAreNotOverwritten) {
  auto input = make<float>({4}, {1, 2, 3, 4});
  auto results = run(R"mlir(
    func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> {
      %c = arith.constant 9.0 : f32
      %r = linalg.fill ins(%c : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
      return %r : tensor<4xf32>
    })mlir",
                     input);
  ASSERT_EQ(results.size(), 1u) << diagnostics;
  EXPECT_EQ(results[0].getData<float>()[0], 9.0f);
  EXPECT_EQ(input.getData<float>()[0], 1.0f);
}

TEST_F(Interpret, LastUsesAreReused) {
  // Sixteen steps on one tensor of 64 KiB: every fill writes where the last
  // one did, so the result is unique and nothing else is alive.
  auto results = run(R"mlir(
    func.func @f(%a: tensor<16384xf32>) -> (tensor<16384xf32>, f32) {
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %n = arith.constant 16 : index
      %c = arith.constant 1.0 : f32
      %e = tensor.empty() : tensor<16384xf32>
      %r = scf.for %i = %zero to %n step %one iter_args(%x = %e)
          -> tensor<16384xf32> {
        %v = tensor.extract %x[%i] : tensor<16384xf32>
        %w = arith.addf %v, %c : f32
        %y = tensor.insert %w into %x[%zero] : tensor<16384xf32>
        scf.yield %y : tensor<16384xf32>
      }
      return %r, %c : tensor<16384xf32>, f32
    })mlir",
                     TensorValue(makeRandom<float>({16384})));
  ASSERT_EQ(results.size(), 2u) << diagnostics;
  EXPECT_TRUE(results[0].isUnique());
  EXPECT_EQ(results[0].getData<float>()[0], 1.0f);
}

TEST_F(Interpret, RowsOfEveryLength) {
  // Short rows are copied in pieces that overlap.
  for (int64_t length = 1; length <= 80; ++length) {
    SCOPED_TRACE(length);
    std::string inner = std::to_string(length);
    std::string outer = std::to_string(length + 3);
    TensorValue rows = makeRandom<int8_t>({2, 3, length});
    auto results =
        run("func.func @f(%a: tensor<2x3x" + inner + "xi8>) -> (tensor<2x5x" +
                outer + "xi8>, tensor<2x3x" + inner +
                "xi8>) {\n%z = arith.constant 7 : i8\n"
                "%p = tensor.pad %a low[0, 1, 1] high[0, 1, 2] {\n"
                "^bb0(%i: index, %j: index, %k: index):\n"
                "tensor.yield %z : i8\n} : tensor<2x3x" +
                inner + "xi8> to tensor<2x5x" + outer +
                "xi8>\n%s = tensor.extract_slice %p[0, 1, 1] [2, 3, " + inner +
                "] [1, 1, 1] : tensor<2x5x" + outer + "xi8> to tensor<2x3x" +
                inner + "xi8>\nreturn %p, %s : tensor<2x5x" + outer +
                "xi8>, tensor<2x3x" + inner + "xi8>\n}",
            rows);
    ASSERT_EQ(results.size(), 2u) << diagnostics;
    EXPECT_EQ(results[1].getData<int8_t>(), rows.getData<int8_t>());
    ArrayRef<int8_t> padded = results[0].getData<int8_t>();
    for (int64_t i = 0; i < 2; ++i)
      for (int64_t j = 0; j < 5; ++j)
        for (int64_t k = 0; k < length + 3; ++k) {
          bool isInside = j >= 1 && j < 4 && k >= 1 && k <= length;
          int8_t expected = 7;
          if (isInside)
            expected = rows.getData<int8_t>()[(i * 3 + j - 1) * length + k - 1];
          ASSERT_EQ(padded[(i * 5 + j) * (length + 3) + k], expected);
        }
  }
}

TEST_F(Interpret, UnwrittenElementsAreZero) {
  // A large tensor with other contents is freed first, for its memory to be
  // used again. An initial value that is read, or only written in part, is 0.
  auto results = run(R"mlir(
    func.func @f(%a: tensor<64x64xf32>)
        -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<2x64x64xf32>) {
      %one = arith.addf %a, %a : tensor<64x64xf32>
      %two = arith.addf %one, %a : tensor<64x64xf32>
      %three = arith.subf %two, %two : tensor<64x64xf32>
      %e = tensor.empty() : tensor<64x64xf32>
      %sum = linalg.matmul
          ins(%three, %three : tensor<64x64xf32>, tensor<64x64xf32>)
          outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
      %f = tensor.empty() : tensor<64x64xf32>
      %diagonal = linalg.generic {
          indexing_maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> (i, i)>],
          iterator_types = ["parallel"]}
          ins(%a : tensor<64x64xf32>) outs(%f : tensor<64x64xf32>) {
      ^bb0(%x: f32, %o: f32):
        linalg.yield %x : f32
      } -> tensor<64x64xf32>
      %g = tensor.empty() : tensor<2x64x64xf32>
      %part = tensor.insert_slice %a into %g[1, 0, 0] [1, 64, 64] [1, 1, 1]
          : tensor<64x64xf32> into tensor<2x64x64xf32>
      return %sum, %diagonal, %part
          : tensor<64x64xf32>, tensor<64x64xf32>, tensor<2x64x64xf32>
    })mlir",
                     makeRandom<float>({64, 64}));
  ASSERT_EQ(results.size(), 3u) << diagnostics;
  EXPECT_TRUE(llvm::all_of(results[0].getData<float>(),
                           [](float x) { return x == 0; }));
  for (int64_t i = 0; i < 64; ++i)
    for (int64_t j = 0; j < 64; ++j)
      if (i != j)
        ASSERT_EQ(results[1].getData<float>()[i * 64 + j], 0);
  EXPECT_TRUE(llvm::all_of(results[2].getData<float>().take_front(64 * 64),
                           [](float x) { return x == 0; }));
}

TEST_F(Interpret, StructuredBodiesThatCannotBeCompiled) {
  auto results = run(R"mlir(
    func.func @f(%a: tensor<2x3xi32>) -> tensor<3x2xi32> {
      %e = tensor.empty() : tensor<3x2xi32>
      %r = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i, j)>,
                           affine_map<(i, j) -> (j, i)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%a : tensor<2x3xi32>) outs(%e : tensor<3x2xi32>) {
      ^bb0(%x: i32, %o: i32):
        %i = linalg.index 0 : index
        %c = arith.index_cast %i : index to i32
        %p = arith.trunci %c : i32 to i1
        %s = scf.if %p -> i32 {
          %n = arith.addi %x, %x : i32
          scf.yield %n : i32
        } else {
          scf.yield %x : i32
        }
        linalg.yield %s : i32
      } -> tensor<3x2xi32>
      return %r : tensor<3x2xi32>
    })mlir",
                     make<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
  ASSERT_EQ(results.size(), 1u) << diagnostics;
  EXPECT_EQ(results[0].getData<int32_t>(),
            ArrayRef<int32_t>({1, 8, 2, 10, 3, 12}));
}

TEST_F(Interpret, EntryFunctions) {
  ASSERT_TRUE(parse("func.func private @h() { return }\n"
                    "func.func @main() { return }"));
  EXPECT_EQ(findEntryFunction(*module)->getName(), "main");
  ASSERT_TRUE(parse("func.func @forward() { return }\n"
                    "func.func @main() { return }"));
  EXPECT_EQ(findEntryFunction(*module)->getName(), "forward");
  ASSERT_TRUE(parse("func.func @forward() { return }\n"
                    "func.func @main() attributes {ptq.entry} { return }"));
  EXPECT_EQ(findEntryFunction(*module)->getName(), "main");
  ASSERT_TRUE(parse("func.func @a() { return }\n"
                    "func.func @b() { return }"));
  EXPECT_TRUE(failed(findEntryFunction(*module)));
  EXPECT_TRUE(reported("the entry is ambiguous")) << diagnostics;
  ASSERT_TRUE(parse(""));
  EXPECT_TRUE(failed(findEntryFunction(*module)));
  EXPECT_TRUE(reported("there is no entry function")) << diagnostics;
  ASSERT_TRUE(parse("func.func private @x() attributes {ptq.entry}"));
  EXPECT_TRUE(failed(findEntryFunction(*module)));
  EXPECT_TRUE(reported("has no body")) << diagnostics;
}
} // namespace
