//===- SumRoundingTest.cpp - Sums in another order, and wrong ones --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/SumRounding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Execution/FormVerification.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Sums of 16 products, from the first to the last.
constexpr StringRef kForwards = R"(
  %y = linalg.matmul ins(%x, %w : tensor<?x16xf32>, tensor<16x8xf32>)
                     outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>)";

/// The same sums, the second half first.
constexpr StringRef kSecondHalfFirst = R"(
  %x0 = tensor.extract_slice %x[0, 0] [%n, 8] [1, 1]
      : tensor<?x16xf32> to tensor<?x8xf32>
  %x1 = tensor.extract_slice %x[0, 8] [%n, 8] [1, 1]
      : tensor<?x16xf32> to tensor<?x8xf32>
  %w0 = tensor.extract_slice %w[0, 0] [8, 8] [1, 1]
      : tensor<16x8xf32> to tensor<8x8xf32>
  %w1 = tensor.extract_slice %w[8, 0] [8, 8] [1, 1]
      : tensor<16x8xf32> to tensor<8x8xf32>
  %half = linalg.matmul ins(%x1, %w1 : tensor<?x8xf32>, tensor<8x8xf32>)
                        outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul ins(%x0, %w0 : tensor<?x8xf32>, tensor<8x8xf32>)
                     outs(%half : tensor<?x8xf32>) -> tensor<?x8xf32>)";

/// The sums themselves; codes of steps that are no power of two; their sum with
/// what no sum comes before.
constexpr StringRef kResults = R"(
  %s = arith.constant 0.01 : f32
  %q = ptq.quantize %y, %s : tensor<?x8xf32>, f32 -> tensor<?x8xi8>
  return %y, %q, %c : tensor<?x8xf32>, tensor<?x8xi8>, tensor<?x16xi8>)";

class SumRoundingTest : public ::testing::Test {
protected:
  SumRoundingTest() {
    DialectRegistry registry;
    registry
        .insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                math::MathDialect, PTQDialect, tensor::TensorDialect>();
    registerEvaluationModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// A network of `sums`. `factor` belongs to one weight, `step` to the codes
  /// of the input.
  OwningOpRef<ModuleOp> parse(StringRef sums, double factor = 1.0,
                              StringRef step = "0.25") {
    std::string weights;
    for (int k = 0; k < 16; ++k) {
      weights += k == 0 ? "[" : ", [";
      for (int n = 0; n < 8; ++n) {
        double weight = std::sin(1.0 + 5.0 * k + 3.0 * n);
        if (k == 2 && n == 0)
          weight *= factor;
        weights += (n == 0 ? "" : ", ") + std::to_string(weight);
      }
      weights += "]";
    }
    std::string text = "func.func @forward(%x: tensor<?x16xf32>) -> "
                       "(tensor<?x8xf32>, tensor<?x8xi8>, tensor<?x16xi8>) {\n"
                       "  %c0 = arith.constant 0 : index\n"
                       "  %n = tensor.dim %x, %c0 : tensor<?x16xf32>\n"
                       "  %zero = arith.constant 0.0 : f32\n"
                       "  %e = tensor.empty(%n) : tensor<?x8xf32>\n"
                       "  %zeros = linalg.fill ins(%zero : f32) outs(%e : "
                       "tensor<?x8xf32>) -> tensor<?x8xf32>\n"
                       "  %w = arith.constant dense<[" +
                       weights +
                       "]> : tensor<16x8xf32>\n"
                       "  %t = arith.constant " +
                       step.str() +
                       " : f32\n"
                       "  %c = ptq.quantize %x, %t : tensor<?x16xf32>, f32 -> "
                       "tensor<?x16xi8>\n" +
                       sums.str() + kResults.str() + "}";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return module;
  }

  FormVerification verify(ModuleOp first, ModuleOp second) {
    auto expected = Engine::create(EngineKind::Interpreter, first);
    auto actual = Engine::create(EngineKind::Interpreter, second);
    auto inputs = AdversarialInputs::create(*findEntryFunction(first),
                                            (*expected)->getSignature(),
                                            /*seed=*/1);
    auto rounding = SumRounding::create(first, /*seed=*/1);
    EXPECT_TRUE(succeeded(rounding));
    FormVerifier verifier(**expected, **actual, rounding->get());
    EXPECT_TRUE(succeeded(verifier.verifyAdversarial(*inputs, 4)));
    return verifier.getResult();
  }

  MLIRContext context;
};

TEST_F(SumRoundingTest, AllowsAnotherOrder) {
  OwningOpRef<ModuleOp> first = parse(kForwards);
  EXPECT_EQ(verify(*first, *parse(kForwards)).numRounded, 0);
  FormVerification result = verify(*first, *parse(kSecondHalfFirst));
  EXPECT_FALSE(result.difference)
      << result.difference->output << ": " << result.difference->actual
      << " instead of " << result.difference->expected << ", " << result.inputs;
  EXPECT_GT(result.numRounded, 0);
}

TEST_F(SumRoundingTest, FindsAWrongFactor) {
  for (double factor : {1.001, 0.999, 0.0, -1.0}) {
    FormVerification result =
        verify(*parse(kForwards), *parse(kSecondHalfFirst, factor));
    ASSERT_TRUE(result.difference) << factor;
    EXPECT_EQ(result.difference->output, "result0");
    EXPECT_EQ(result.difference->index.back(), 0);
  }
}

/// Where no sum comes before, all bits count.
TEST_F(SumRoundingTest, FindsAWrongCode) {
  FormVerification result =
      verify(*parse(kForwards), *parse(kSecondHalfFirst, 1.0, "0.25000003"));
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.difference->output, "result2");
}

TEST_F(SumRoundingTest, MeasuresWhatSumsAreWrongBy) {
  OwningOpRef<ModuleOp> module = parse(kForwards);
  auto rounding = SumRounding::create(*module, /*seed=*/1);
  ASSERT_TRUE(succeeded(rounding));
  Interpreter interpreter(*module);
  auto entry =
      cast<FunctionOpInterface>(findEntryFunction(*module)->getOperation());
  auto measure = [&](float input) {
    TensorValue x = TensorValue::allocate(
        RankedTensorType::get({1, 16}, Float32Type::get(&context)));
    llvm::fill(x.getMutableData<float>(), input);
    SmallVector<OutputTolerance> tolerances = (*rounding)->getTolerances();
    SmallVector<TensorValue> outputs = *interpreter.call(entry, {x});
    for (int trial = 0; trial < 8; ++trial)
      EXPECT_TRUE(succeeded((*rounding)->measure({x}, outputs, tolerances)));
    return tolerances;
  };

  SmallVector<OutputTolerance> tolerances = measure(1.0f);
  ASSERT_EQ(tolerances.size(), 3u);
  // The terms amount to 16 at most, and to more than 4 somewhere.
  EXPECT_FALSE(tolerances[0].isExact);
  EXPECT_FALSE(tolerances[0].mayOverflow);
  EXPECT_GT(tolerances[0].largestMove, std::ldexp(1.0, -20));
  EXPECT_LT(tolerances[0].largestMove, 32 * std::ldexp(1.0, -20));
  EXPECT_FALSE(tolerances[1].isExact);
  EXPECT_LE(tolerances[1].largestMove, 1.0);
  EXPECT_TRUE(tolerances[2].isExact);
  EXPECT_EQ(tolerances[2].largestMove, 0.0);

  EXPECT_TRUE(measure(1e38f)[0].mayOverflow);
  EXPECT_EQ(measure(0.0f)[0].largestMove, 0.0);
}

TEST_F(SumRoundingTest, AllowsWhatItHasMeasured) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  OutputTolerance exact;
  EXPECT_FALSE(exact.allows(0.0, -0.0));
  OutputTolerance rounded{/*isExact=*/false, /*mayOverflow=*/false, 0.5};
  EXPECT_TRUE(rounded.allows(10.0, 12.0));
  EXPECT_FALSE(rounded.allows(10.0, 12.1));
  EXPECT_FALSE(rounded.allows(10.0, infinity));
  EXPECT_FALSE(rounded.allows(infinity, -infinity));
  EXPECT_FALSE(rounded.allows(std::nan(""), 1.0));
  OutputTolerance overflow{/*isExact=*/false, /*mayOverflow=*/true, 0.0};
  EXPECT_TRUE(overflow.allows(10.0, infinity));
}

} // namespace
