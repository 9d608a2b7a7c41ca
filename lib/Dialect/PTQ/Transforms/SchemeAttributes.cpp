//===- SchemeAttributes.cpp - Choices as attributes -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchemeAttributes.h"

using namespace mlir;
using namespace mlir::ptq;

/// What shares a scale of the activations of an op for `choice`. Blocks are
/// those of weights: where there are none, a token is the nearest to a block.
static Granularity getActivationGranularity(const SchemeChoice &choice,
                                            bool hasWeights) {
  switch (
      choice.activations.granularity.value_or(ActivationGranularity::Tensor)) {
  case ActivationGranularity::Block:
    return hasWeights ? Granularity::Block : Granularity::Token;
  case ActivationGranularity::Token:
    return Granularity::Token;
  case ActivationGranularity::Tensor:
    break;
  }
  return Granularity::Tensor;
}

/// The encoding of activations for `choice`, which is not weight-only.
static EncodingAttr getActivationEncoding(MLIRContext *context,
                                          const SchemeChoice &choice,
                                          bool hasWeights) {
  Symmetry symmetry = choice.getActivationSymmetry();
  Granularity granularity = getActivationGranularity(choice, hasWeights);
  std::optional<int64_t> block;
  if (granularity == Granularity::Block)
    block = choice.weights.block;
  return EncodingAttr::get(
      context,
      IntegerType::get(context, getWidth(choice.getActivationStorage())),
      symmetry, granularity, /*axis=*/std::nullopt, block,
      /*narrowRange=*/symmetry == Symmetry::Symmetric, /*bits=*/std::nullopt,
      choice.getKind() == SchemeKind::Dynamic ? ParameterSource::Dynamic
                                              : ParameterSource::Static);
}

/// The encoding of weights for `choice`, along axes that each op knows itself.
static EncodingAttr getWeightEncoding(MLIRContext *context,
                                      const SchemeChoice &choice) {
  const WeightChoice &weights = choice.weights;
  Symmetry symmetry = weights.symmetry.value_or(Symmetry::Symmetric);
  auto granularity = Granularity::Axis;
  std::optional<int64_t> block;
  if (weights.granularity == WeightGranularity::Tensor) {
    granularity = Granularity::Tensor;
  } else if (weights.block.value_or(0) > 0) {
    granularity = Granularity::Block;
    block = weights.block;
  }
  unsigned width = getWidth(weights.storage.value_or(WeightStorage::I8));
  std::optional<int64_t> bits = weights.bits;
  if (bits == 0)
    bits.reset();
  return EncodingAttr::get(context, IntegerType::get(context, width), symmetry,
                           granularity, /*axis=*/std::nullopt, block,
                           /*narrowRange=*/symmetry == Symmetry::Symmetric,
                           bits, ParameterSource::Static);
}

/// The type to which activations that stay in float are rounded; null for f32.
static FloatType getFloatType(MLIRContext *context, ActivationStorage storage) {
  if (storage == ActivationStorage::F16)
    return Float16Type::get(context);
  if (storage == ActivationStorage::BF16)
    return BFloat16Type::get(context);
  return {};
}

/// Whether `op` has an operand that plays `role`.
static bool hasOperand(QuantizableOpInterface op, OperandRole role) {
  return llvm::any_of(llvm::seq(op->getNumOperands()), [&](unsigned operand) {
    return op.getOperandRole(operand) == role;
  });
}

SchemeAttr mlir::ptq::buildScheme(QuantizableOpInterface op,
                                  const SchemeChoice &choice,
                                  ArrayRef<Attribute> operands) {
  MLIRContext *context = op->getContext();
  bool hasWeights = hasOperand(op, OperandRole::Weight);
  // Measuring an activation pays where many products are made of it.
  bool isSumOfProducts = hasWeights || hasOperand(op, OperandRole::Bias);
  EncodingAttr activations, weights;
  FloatType floatType;
  SchemeKind kind = choice.getKind();
  bool isQuantized = kind == SchemeKind::Static ||
                     (kind == SchemeKind::Dynamic && isSumOfProducts) ||
                     (kind == SchemeKind::WeightOnly && hasWeights);
  if (!isQuantized && operands.empty())
    return {};
  if (isQuantized) {
    weights = getWeightEncoding(context, choice);
    if (kind == SchemeKind::WeightOnly)
      floatType = getFloatType(context, choice.getActivationStorage());
    else
      activations = getActivationEncoding(context, choice, hasWeights);
  }
  return SchemeAttr::get(
      context, activations, weights, /*outputs=*/EncodingAttr(), floatType,
      choice.estimator.value_or(RangeEstimatorKind::MinMax),
      choice.rounding.value_or(Rounding::Nearest),
      choice.equalization.value_or(Equalization::None),
      operands.empty() ? ArrayAttr() : ArrayAttr::get(context, operands));
}

OperandSchemeAttr mlir::ptq::buildOperandScheme(QuantizableOpInterface op,
                                                unsigned number,
                                                const SchemeChoice &choice) {
  if (SchemeAttr scheme = buildScheme(op, choice))
    return scheme.getOperand(number, op.getOperandRole(number));
  return OperandSchemeAttr::get(op->getContext(), number, EncodingAttr(),
                                FloatType(), RangeEstimatorKind::MinMax,
                                Rounding::Nearest);
}
