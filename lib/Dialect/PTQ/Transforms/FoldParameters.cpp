//===- FoldParameters.cpp - Observers to constants and QDQ pairs ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DynamicObservers.h"
#include "Folding/BiasQuantization.h"
#include "Folding/EdgeParameters.h"
#include "Folding/WeightConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_FOLDPARAMETERSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

struct FoldParametersPass
    : public ptq::impl::FoldParametersPassBase<FoldParametersPass> {
  using Base::Base;

  void runOnOperation() override {
    numMixedSamples += separateSamples(getOperation());
    SmallVector<ObserveOp> observers;
    getOperation().walk([&](ObserveOp op) { observers.push_back(op); });
    EdgeParameterMap parameters;
    for (ObserveOp observer : observers) {
      if (observer.getEncoding().isDynamic())
        continue;
      FailureOr<EdgeParameters> chosen = chooseEdgeParameters(observer);
      if (failed(chosen))
        return signalPassFailure();
      parameters[observer] = std::move(*chosen);
    }

    // Biases come first: they may enlarge the scale of a weight channel.
    SmallVector<Operation *> ops;
    getOperation().walk([&](QuantizableOpInterface op) { ops.push_back(op); });
    for (Operation *op : ops)
      numEnlargedScales += enlargeScalesForBias(op, parameters);
    for (Operation *op : ops) {
      BiasForm form = quantizeBias(op, parameters);
      numBiases += form == BiasForm::Codes;
      numFloatBiases += form == BiasForm::Float;
    }

    for (ObserveOp observer : observers) {
      if (failed(replaceObserver(observer, parameters)))
        return signalPassFailure();
    }
  }

private:
  LogicalResult replaceObserver(ObserveOp observer,
                                const EdgeParameterMap &parameters);
  LogicalResult replaceWeightObserver(ObserveOp observer,
                                      const EdgeParameters &parameters);
  void replaceActivationObserver(ObserveOp observer,
                                 const EdgeParameters &parameters);
};

} // namespace

LogicalResult
FoldParametersPass::replaceObserver(ObserveOp observer,
                                    const EdgeParameterMap &parameters) {
  if (observer.getEncoding().isDynamic()) {
    replaceDynamicObserver(observer);
    ++numActivations;
    return success();
  }
  const EdgeParameters &chosen = parameters.find(observer)->second;
  if (matchPattern(observer.getInput(), m_Constant()))
    return replaceWeightObserver(observer, chosen);
  replaceActivationObserver(observer, chosen);
  return success();
}

LogicalResult
FoldParametersPass::replaceWeightObserver(ObserveOp observer,
                                          const EdgeParameters &parameters) {
  if (observer.getRounding() != Rounding::Nearest)
    observer.emitWarning("edge '")
        << observer.getEdge() << "' asks for rounding by '"
        << stringifyRounding(observer.getRounding())
        << "', which no pass has applied; it is rounded to nearest";
  OpBuilder builder(observer);
  FailureOr<Value> codes = createWeightCodes(builder, observer, parameters);
  if (failed(codes))
    return failure();
  ParameterOperands operands =
      createParameterOperands(builder, observer, parameters);
  auto dequantize = DequantizeOp::create(
      builder, observer.getLoc(), observer.getInput().getType(), *codes,
      operands.scale, operands.zeroPoint, operands.axis, operands.blockSize);
  observer.replaceAllUsesWith(dequantize.getResult());
  observer.erase();
  ++numWeights;
  return success();
}

void FoldParametersPass::replaceActivationObserver(
    ObserveOp observer, const EdgeParameters &parameters) {
  OpBuilder builder(observer);
  Location loc = observer.getLoc();
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  ParameterOperands operands =
      createParameterOperands(builder, observer, parameters);
  Value codes = QuantizeOp::create(
      builder, loc, type.clone(encoding.getStorage()), observer.getInput(),
      operands.scale, operands.zeroPoint, operands.axis, operands.blockSize,
      encoding.getLowBound(), encoding.getHighBound());
  auto dequantize = DequantizeOp::create(builder, loc, type, codes,
                                         operands.scale, operands.zeroPoint,
                                         operands.axis, operands.blockSize);
  observer.replaceAllUsesWith(dequantize.getResult());
  observer.erase();
  ++numActivations;
}
