//===- TensorValueTest.cpp - Sharing, cloning, borrowing ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestUtils.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
class TensorValueTest : public test::InterpreterTest {
protected:
  FailureOr<TensorValue> fromAttribute(TypedAttr attr) {
    return TensorValue::fromAttribute(
        attr, [&] { return emitError(UnknownLoc::get(&context)); });
  }
  RankedTensorType tensor(ArrayRef<int64_t> shape, Type type) {
    return RankedTensorType::get(shape, type);
  }
};

TEST_F(TensorValueTest, AllocatesAlignedZeros) {
  auto value = TensorValue::allocate(tensor({3, 5}, getType<float>()));
  ASSERT_TRUE(value);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(value.getRawData().data()) % 64, 0u);
  EXPECT_EQ(value.getNumElements(), 15);
  for (float element : value.getData<float>())
    EXPECT_EQ(element, 0.0f);
}

TEST_F(TensorValueTest, CopiesShareUntilOneIsWritten) {
  auto first = make<int32_t>({2}, {1, 2});
  TensorValue second = first;
  EXPECT_EQ(first.getRawData().data(), second.getRawData().data());
  EXPECT_FALSE(first.isUnique());
  second.getMutableData<int32_t>()[0] = 7;
  EXPECT_EQ(first.getData<int32_t>()[0], 1);
  EXPECT_EQ(second.getData<int32_t>()[0], 7);
  EXPECT_TRUE(first.isUnique());
}

TEST_F(TensorValueTest, UniqueValuesAreWrittenInPlace) {
  auto value = make<float>({2}, {1, 2});
  const char *before = value.getRawData().data();
  value.getMutableData<float>()[1] = 3;
  EXPECT_EQ(value.getRawData().data(), before);
}

TEST_F(TensorValueTest, RefusesWhatItCannotHold) {
  int64_t huge = int64_t{1} << 40;
  EXPECT_FALSE(TensorValue::allocate(tensor({huge}, getType<float>())));
  EXPECT_FALSE(
      TensorValue::allocate(tensor({huge, huge, huge}, getType<float>())));
  EXPECT_FALSE(TensorValue::allocate(
      tensor({2}, ComplexType::get(Float32Type::get(&context)))));
  EXPECT_FALSE(
      TensorValue::allocate(tensor({2}, IntegerType::get(&context, 65))));
}

TEST_F(TensorValueTest, EmptyTensors) {
  auto value = TensorValue::allocate(tensor({0, 4}, getType<float>()));
  ASSERT_TRUE(value);
  EXPECT_TRUE(value.getData<float>().empty());
  EXPECT_EQ(value.toDenseElements().getNumElements(), 0);
}

TEST_F(TensorValueTest, BorrowsResources) {
  std::vector<float> data = {1.0f, 2.0f, 3.0f};
  auto attr = DenseResourceElementsAttr::get(
      tensor({3}, getType<float>()), "w",
      UnmanagedAsmResourceBlob::allocateInferAlign<float>(data));
  FailureOr<TensorValue> value = fromAttribute(attr);
  ASSERT_TRUE(succeeded(value));
  EXPECT_EQ(value->getRawData().data(),
            reinterpret_cast<const char *>(data.data()));
  value->getMutableData<float>()[0] = 9.0f;
  EXPECT_EQ(data[0], 1.0f);
  EXPECT_EQ(value->getData<float>()[0], 9.0f);
}

TEST_F(TensorValueTest, ReportsResourcesOfTheWrongSize) {
  std::vector<float> data = {1.0f, 2.0f};
  auto attr = DenseResourceElementsAttr::get(
      tensor({3}, getType<float>()), "short",
      UnmanagedAsmResourceBlob::allocateInferAlign<float>(data));
  EXPECT_TRUE(failed(fromAttribute(attr)));
  EXPECT_NE(diagnostics.find("resource 'short' has 8 bytes"), std::string::npos)
      << diagnostics;
}

TEST_F(TensorValueTest, ResourcesShareTheElements) {
  auto value = make<int8_t>({4}, {1, -2, 3, -4});
  const char *before = value.getRawData().data();
  DenseResourceElementsAttr attr = value.toResource("r");
  EXPECT_EQ(attr.getRawHandle().getBlob()->getData().data(), before);
  // The attribute is a reader like any other.
  value.getMutableData<int8_t>()[0] = 100;
  FailureOr<TensorValue> again = fromAttribute(attr);
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(again->getData<int8_t>()[0], 1);
}

TEST_F(TensorValueTest, RoundTripsThroughDenseElements) {
  auto check = [&](StringRef text) {
    auto attr = cast<TypedAttr>(mlir::parseAttribute(text, &context));
    FailureOr<TensorValue> value = fromAttribute(attr);
    ASSERT_TRUE(succeeded(value)) << text.str();
    EXPECT_EQ(value->toDenseElements(), attr) << text.str();
  };
  check("dense<[1, -2, 127]> : tensor<3xi8>");
  check("dense<[1, -8, 7]> : tensor<3xi4>");
  check("dense<[true, false, true]> : tensor<3xi1>");
  check("dense<[[1.5, -2.0]]> : tensor<1x2xf32>");
  check("dense<[1.5, -2.0]> : tensor<2xf16>");
  check("dense<[1.5, -2.0]> : tensor<2xbf16>");
  check("dense<[1.5, -2.0]> : tensor<2xf64>");
  check("dense<[4611686018427387904, -1]> : tensor<2xi64>");
  check("dense<[3, 4]> : tensor<2xindex>");
  check("dense<[-4194304, 5]> : tensor<2xi24>");
}

TEST_F(TensorValueTest, SplatsAreExpanded) {
  auto attr = cast<TypedAttr>(
      mlir::parseAttribute("dense<-3> : tensor<5x7xi16>", &context));
  FailureOr<TensorValue> value = fromAttribute(attr);
  ASSERT_TRUE(succeeded(value));
  for (int16_t element : value->getData<int16_t>())
    EXPECT_EQ(element, -3);
  auto bits = cast<TypedAttr>(
      mlir::parseAttribute("dense<true> : tensor<9xi1>", &context));
  value = fromAttribute(bits);
  ASSERT_TRUE(succeeded(value));
  for (uint8_t element : value->getData<uint8_t>())
    EXPECT_EQ(element, 1);
}
} // namespace
