//===- SchemeChoiceTest.cpp - Laying choices over each other --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Recipe/SchemeChoice.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::ptq;

TEST(SchemeChoiceTest, Defaults) {
  SchemeChoice choice;
  EXPECT_EQ(choice.getKind(), SchemeKind::Static);
  EXPECT_EQ(choice.getActivationStorage(), ActivationStorage::I8);
  EXPECT_EQ(choice.getActivationSymmetry(), Symmetry::Asymmetric);
  EXPECT_EQ(choice.findContradiction(), "");

  choice.activations.storage = ActivationStorage::I16;
  EXPECT_EQ(choice.getActivationSymmetry(), Symmetry::Symmetric);
  choice.activations.symmetry = ActivationSymmetry::Asymmetric;
  EXPECT_EQ(choice.getActivationSymmetry(), Symmetry::Asymmetric);

  SchemeChoice weightOnly;
  weightOnly.kind = SchemeKind::WeightOnly;
  EXPECT_EQ(weightOnly.getActivationStorage(), ActivationStorage::F32);
  weightOnly.activations.storage = ActivationStorage::Auto;
  EXPECT_EQ(weightOnly.getActivationStorage(), ActivationStorage::F32);
}

TEST(SchemeChoiceTest, LaterFieldsCountOneByOne) {
  SchemeChoice choice;
  choice.weights.storage = WeightStorage::I8;
  choice.weights.block = 64;
  choice.estimator = RangeEstimatorKind::MSE;
  SchemeChoice later;
  later.weights.storage = WeightStorage::I4;
  later.rounding = Rounding::GPTQ;
  choice.overrideWith(later);
  EXPECT_EQ(choice.weights.storage, WeightStorage::I4);
  EXPECT_EQ(choice.weights.block, 64);
  EXPECT_EQ(choice.estimator, RangeEstimatorKind::MSE);
  EXPECT_EQ(choice.rounding, Rounding::GPTQ);
}

// Another kind of scheme cannot have the activations that were asked for.
TEST(SchemeChoiceTest, AnotherKindForgetsActivations) {
  SchemeChoice choice;
  choice.activations.storage = ActivationStorage::I16;
  SchemeChoice same;
  same.kind = SchemeKind::Static;
  choice.overrideWith(same);
  EXPECT_EQ(choice.getActivationStorage(), ActivationStorage::I16);

  SchemeChoice weightOnly;
  weightOnly.kind = SchemeKind::WeightOnly;
  choice.overrideWith(weightOnly);
  EXPECT_EQ(choice.getActivationStorage(), ActivationStorage::F32);
  EXPECT_EQ(choice.findContradiction(), "");
}

TEST(SchemeChoiceTest, BlocksAndOneScalePerTensorReplaceEachOther) {
  SchemeChoice blocks, tensor;
  blocks.weights.block = 32;
  tensor.weights.granularity = WeightGranularity::Tensor;

  SchemeChoice choice = blocks;
  choice.overrideWith(tensor);
  EXPECT_EQ(choice.weights.block, std::nullopt);
  EXPECT_EQ(choice.findContradiction(), "");
  choice.overrideWith(blocks);
  EXPECT_EQ(choice.weights.granularity, std::nullopt);
  EXPECT_EQ(choice.weights.block, 32);
  EXPECT_EQ(choice.findContradiction(), "");

  choice.weights.granularity = WeightGranularity::Tensor;
  EXPECT_NE(choice.findContradiction(), "");
}

// Codes of another storage have all its bits, unless these are said as well.
TEST(SchemeChoiceTest, BitsBelongToTheStorage) {
  SchemeChoice choice;
  choice.weights.bits = 7;
  EXPECT_EQ(choice.findContradiction(), "");
  SchemeChoice storage, both;
  storage.weights.storage = WeightStorage::I4;
  choice.overrideWith(storage);
  EXPECT_EQ(choice.weights.bits, std::nullopt);
  both.weights.storage = WeightStorage::I8;
  both.weights.bits = 6;
  choice.overrideWith(both);
  EXPECT_EQ(choice.weights.bits, 6);

  choice.weights.bits = 9;
  EXPECT_EQ(choice.findContradiction(),
            "codes of 'i8' have 2 to 8 bits, got 9");
  choice.weights.bits = 1;
  EXPECT_NE(choice.findContradiction(), "");
  choice.weights.bits = 0;
  EXPECT_EQ(choice.findContradiction(), "");
}

TEST(SchemeChoiceTest, FloatContradictsNothing) {
  SchemeChoice choice;
  choice.kind = SchemeKind::Float;
  choice.activations.storage = ActivationStorage::BF16;
  choice.activations.granularity = ActivationGranularity::Token;
  EXPECT_EQ(choice.findContradiction(), "");
  choice.kind = SchemeKind::Dynamic;
  EXPECT_NE(choice.findContradiction(), "");
  choice.activations.storage = ActivationStorage::I8;
  EXPECT_EQ(choice.findContradiction(), "");
  choice.kind = SchemeKind::Static;
  EXPECT_NE(choice.findContradiction(), "");
}

TEST(SchemeChoiceTest, ActivationsInBlocksFollowWeights) {
  SchemeChoice choice;
  choice.kind = SchemeKind::Dynamic;
  choice.activations.granularity = ActivationGranularity::Block;
  EXPECT_NE(choice.findContradiction(), "");
  choice.weights.block = 32;
  EXPECT_EQ(choice.findContradiction(), "");
  EXPECT_EQ(choice.getActivationSymmetry(), Symmetry::Symmetric);
  choice.activations.symmetry = ActivationSymmetry::Asymmetric;
  EXPECT_EQ(choice.getActivationSymmetry(), Symmetry::Asymmetric);
  choice.kind = SchemeKind::Static;
  EXPECT_NE(choice.findContradiction(), "");
}

TEST(SchemeChoiceTest, Widths) {
  EXPECT_EQ(getWidth(WeightStorage::I2), 2u);
  EXPECT_EQ(getWidth(WeightStorage::I4), 4u);
  EXPECT_EQ(getWidth(WeightStorage::I8), 8u);
  EXPECT_EQ(getWidth(ActivationStorage::I4), 4u);
  EXPECT_EQ(getWidth(ActivationStorage::I16), 16u);
  EXPECT_EQ(getWidth(ActivationStorage::BF16), 16u);
  EXPECT_TRUE(isInteger(ActivationStorage::I4));
  EXPECT_FALSE(isInteger(ActivationStorage::F16));
}
