//===- FormVerificationTest.cpp - Planted differences ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/FormVerification.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/Interpreter.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// 5 codes of scale 0.5 around zero point 1.
constexpr StringRef kReference = R"(
  func.func @forward(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
    %s = arith.constant 0.5 : f32
    %z = arith.constant 1 : i8
    %q = ptq.quantize %x, %s, %z low -1 high 3
         : tensor<?x16xf32>, f32, i8 -> tensor<?x16xi8>
    %y = arith.sitofp %q : tensor<?x16xi8> to tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  })";

class FormVerificationTest : public ::testing::Test {
protected:
  FormVerificationTest() {
    DialectRegistry registry;
    registry.insert<arith::ArithDialect, func::FuncDialect, math::MathDialect,
                    PTQDialect, tensor::TensorDialect>();
    registerEvaluationModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// The reference against a network that computes the codes, as floats, by
  /// `body` from %x and its constants.
  FormVerification verify(StringRef body) {
    std::string text =
        ("func.func @forward(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {\n"
         "  %c0 = arith.constant 0 : index\n"
         "  %n = tensor.dim %x, %c0 : tensor<?x16xf32>\n" +
         body + "\n  return %y : tensor<?x16xf32>\n}")
            .str();
    OwningOpRef<ModuleOp> first =
        parseSourceString<ModuleOp>(kReference, &context);
    OwningOpRef<ModuleOp> second = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(first && second);
    auto expected = Engine::create(EngineKind::Interpreter, *first);
    auto actual = Engine::create(EngineKind::Interpreter, *second);
    auto inputs = AdversarialInputs::create(
        *findEntryFunction(*first), (*expected)->getSignature(), /*seed=*/1);
    FormVerifier verifier(**expected, **actual);
    EXPECT_TRUE(succeeded(verifier.verifyAdversarial(*inputs, 4)));
    return verifier.getResult();
  }

  template <typename T>
  std::optional<OutputDifference> compare(ArrayRef<T> a, ArrayRef<T> b,
                                          Type type) {
    Signature signature;
    auto tensorType =
        RankedTensorType::get({2, static_cast<int64_t>(a.size()) / 2}, type);
    signature.outputs.push_back(SignatureEntry{"out", tensorType, 0});
    SmallVector<TensorValue> values;
    for (ArrayRef<T> elements : {a, b}) {
      values.push_back(TensorValue::allocate(tensorType));
      llvm::copy(elements, values.back().getMutableData<T>().begin());
    }
    return findDifference(signature, values[0], values[1]);
  }

  MLIRContext context;
};

TEST_F(FormVerificationTest, SameNetworkIsEqual) {
  FormVerification result = verify(R"(
    %s = arith.constant 0.5 : f32
    %z = arith.constant 1 : i8
    %q = ptq.quantize %x, %s, %z low -1 high 3
         : tensor<?x16xf32>, f32, i8 -> tensor<?x16xi8>
    %y = arith.sitofp %q : tensor<?x16xi8> to tensor<?x16xf32>)");
  EXPECT_FALSE(result.difference);
  EXPECT_EQ(result.numCalls, 4 * kNumInputPatterns);
  EXPECT_EQ(result.numElements, 4 * kNumInputPatterns * 3 * 16);
}

/// Halves away from zero: differs at ties and nowhere else.
TEST_F(FormVerificationTest, FindsAnotherRoundingAtTies) {
  FormVerification result = verify(R"(
    %two = arith.constant 2.0 : f32
    %one = arith.constant 1 : i8
    %t = tensor.splat %two[%n] : tensor<?x16xf32>
    %p = arith.mulf %x, %t : tensor<?x16xf32>
    %r = math.round %p : tensor<?x16xf32>
    %s = arith.constant 1.0 : f32
    %q = ptq.quantize %r, %s, %one low -1 high 3
         : tensor<?x16xf32>, f32, i8 -> tensor<?x16xi8>
    %y = arith.sitofp %q : tensor<?x16xi8> to tensor<?x16xf32>)");
  ASSERT_TRUE(result.difference);
  EXPECT_TRUE(result.inputs == "one value" || result.inputs == "ties")
      << result.inputs;
  EXPECT_EQ(result.difference->output, "result0");
  EXPECT_EQ(result.difference->index.size(), 2u);
}

/// One code more than there should be.
TEST_F(FormVerificationTest, FindsAnotherClamp) {
  FormVerification result = verify(R"(
    %s = arith.constant 0.5 : f32
    %z = arith.constant 1 : i8
    %q = ptq.quantize %x, %s, %z low -1 high 4
         : tensor<?x16xf32>, f32, i8 -> tensor<?x16xi8>
    %y = arith.sitofp %q : tensor<?x16xi8> to tensor<?x16xf32>)");
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.inputs, "saturation");
  EXPECT_EQ(result.difference->expected, "3");
  EXPECT_EQ(result.difference->actual, "4");
}

/// NaN that becomes the lowest code instead of the zero point.
TEST_F(FormVerificationTest, FindsAnotherNaN) {
  FormVerification result = verify(R"(
    %s = arith.constant 0.5 : f32
    %z = arith.constant 1 : i8
    %m = arith.constant -100.0 : f32
    %low = tensor.splat %m[%n] : tensor<?x16xf32>
    %c = arith.maxnumf %x, %low : tensor<?x16xf32>
    %q = ptq.quantize %c, %s, %z low -1 high 3
         : tensor<?x16xf32>, f32, i8 -> tensor<?x16xi8>
    %y = arith.sitofp %q : tensor<?x16xi8> to tensor<?x16xf32>)");
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.inputs, "NaN and infinities");
  EXPECT_EQ(result.difference->expected, "1");
  EXPECT_EQ(result.difference->actual, "-1");
}

TEST_F(FormVerificationTest, NamesTheFirstElement) {
  auto difference = compare<int8_t>({1, 2, 3, -4, 5, 6}, {1, 2, 3, 4, 5, 7},
                                    IntegerType::get(&context, 8));
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->output, "out");
  EXPECT_EQ(difference->index, (SmallVector<int64_t>{1, 0}));
  EXPECT_EQ(difference->expected, "-4");
  EXPECT_EQ(difference->actual, "4");
  EXPECT_EQ(difference->numDifferent, 2);
  EXPECT_EQ(difference->numElements, 6);
}

TEST_F(FormVerificationTest, AsksForBitsButOfNaN) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  Type f32 = Float32Type::get(&context);
  EXPECT_FALSE(compare<float>({nan, 1.0f}, {-nan, 1.0f}, f32));
  EXPECT_TRUE(compare<float>({0.0f, 1.0f}, {-0.0f, 1.0f}, f32));
  EXPECT_TRUE(compare<float>({1.0f, 1.0f}, {1.0f, nan}, f32));
  auto neighbour =
      compare<float>({1.0f, 1.0f}, {std::nextafter(1.0f, 2.0f), 1.0f}, f32);
  ASSERT_TRUE(neighbour);
  EXPECT_NE(neighbour->expected, neighbour->actual);
}

} // namespace
