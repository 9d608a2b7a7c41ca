//===- AssignSchemes.cpp - Say for each op how it shall be quantized ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Recipe/SchemeChoice.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_ASSIGNSCHEMESPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// The encoding of activations for `choice`, which is not weight-only.
static EncodingAttr getActivationEncoding(MLIRContext *context,
                                          const SchemeChoice &choice) {
  Symmetry symmetry = choice.getActivationSymmetry();
  bool isPerToken =
      choice.activations.granularity == ActivationGranularity::Token;
  return EncodingAttr::get(
      context,
      IntegerType::get(context, getWidth(choice.getActivationStorage())),
      symmetry, isPerToken ? Granularity::Token : Granularity::Tensor,
      /*axis=*/std::nullopt, /*blockSize=*/std::nullopt,
      /*narrowRange=*/symmetry == Symmetry::Symmetric,
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
  return EncodingAttr::get(context, IntegerType::get(context, width), symmetry,
                           granularity, /*axis=*/std::nullopt, block,
                           /*narrowRange=*/symmetry == Symmetry::Symmetric,
                           ParameterSource::Static);
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

/// The scheme that `choice` is for `op`; null where the op stays in float.
static SchemeAttr getScheme(QuantizableOpInterface op,
                            const SchemeChoice &choice) {
  MLIRContext *context = op->getContext();
  bool hasWeights = hasOperand(op, OperandRole::Weight);
  // Measuring an activation pays where many products are made of it.
  bool isSumOfProducts = hasWeights || hasOperand(op, OperandRole::Bias);
  EncodingAttr activations;
  FloatType floatType;
  switch (choice.getKind()) {
  case SchemeKind::Float:
    return {};
  case SchemeKind::WeightOnly:
    if (!hasWeights)
      return {};
    floatType = getFloatType(context, choice.getActivationStorage());
    break;
  case SchemeKind::Dynamic:
    if (!isSumOfProducts)
      return {};
    activations = getActivationEncoding(context, choice);
    break;
  case SchemeKind::Static:
    activations = getActivationEncoding(context, choice);
    break;
  }
  return SchemeAttr::get(context, activations,
                         getWeightEncoding(context, choice),
                         /*outputs=*/EncodingAttr(), floatType,
                         choice.estimator.value_or(RangeEstimatorKind::MinMax),
                         choice.rounding.value_or(Rounding::Nearest));
}

/// Pipelines given as plain flags run in the order of the command line;
/// lowering first leaves nothing to calibrate.
static LogicalResult verifyNotLowered(ModuleOp module) {
  for (auto function : module.getOps<FunctionOpInterface>())
    if (function->hasAttr(kEntryAttrName) &&
        llvm::none_of(function.getArgumentTypes(), llvm::IsaPred<TensorType>) &&
        function.getNumArguments() > 0)
      return function.emitError(
          "is already lowered; run ptq-calibrate before ptq-lower");
  return success();
}

namespace {
struct AssignSchemesPass
    : public ptq::impl::AssignSchemesPassBase<AssignSchemesPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifyNotLowered(module)))
      return signalPassFailure();
    SchemeChoice choice = getChoiceOfOptions();
    if (std::string problem = choice.findContradiction(); !problem.empty()) {
      module.emitError(problem);
      return signalPassFailure();
    }
    module.walk([&](QuantizableOpInterface op) {
      if (op.getQuantizableKind().empty())
        return;
      if (op->hasAttr(kSchemeAttrName)) {
        ++numKept;
        return;
      }
      SchemeAttr scheme = getScheme(op, choice);
      if (!scheme) {
        ++numLeft;
        return;
      }
      op->setAttr(kSchemeAttrName, scheme);
      ++numAssigned;
    });
  }

private:
  SchemeChoice getChoiceOfOptions() {
    SchemeChoice choice;
    choice.kind = scheme;
    choice.weights = {weights, weightsPer, block, weightsSymmetry};
    choice.activations = {activations, activationsPer, activationsSymmetry};
    choice.estimator = method;
    choice.rounding = rounding;
    return choice;
  }
};
} // namespace
