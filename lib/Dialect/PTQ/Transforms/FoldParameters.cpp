//===- FoldParameters.cpp - Observers to constants and QDQ pairs ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Folding/BiasQuantization.h"
#include "Folding/EdgeParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

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
  void replaceDynamicObserver(ObserveOp observer);
};

} // namespace

LogicalResult
FoldParametersPass::replaceObserver(ObserveOp observer,
                                    const EdgeParameterMap &parameters) {
  if (observer.getEncoding().isDynamic()) {
    replaceDynamicObserver(observer);
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
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  FailureOr<SmallVector<float>> values = readFloatConstant(observer.getInput());
  if (failed(values))
    return observer.emitOpError("observes a constant that is not f32 or whose "
                                "data is missing");
  int64_t inner = 1;
  if (std::optional<int64_t> axis = encoding.getAxis())
    for (int64_t size : type.getShape().drop_front(*axis + 1))
      inner *= size;
  int64_t channels = parameters.size();
  CodeRange range{encoding.getMinCode(), encoding.getMaxCode()};
  SmallVector<int32_t> codes;
  codes.reserve(values->size());
  for (auto [index, value] : llvm::enumerate(*values)) {
    const QuantizationParameters &p =
        parameters[static_cast<int64_t>(index) / inner % channels];
    codes.push_back(quantizeValue(value, p.scale, p.zeroPoint, range));
  }

  OpBuilder builder(observer);
  Location loc = observer.getLoc();
  StringRef name = observer.getEdge();
  Value constant =
      createCodes(builder, loc, type.clone(encoding.getStorage()), codes, name);
  Value scale = createScale(builder, loc, parameters, encoding, name);
  auto dequantize = DequantizeOp::create(
      builder, loc, type, constant, scale,
      createZeroPoint(builder, loc, parameters, encoding),
      getAxisAttr(builder, encoding), /*block_size=*/DenseI64ArrayAttr());
  observer.replaceAllUsesWith(dequantize.getResult());
  observer.erase();
  ++numWeights;
  return success();
}

/// Builds quantize and dequantize around the storage type in place of
/// `observer`.
static void replaceByQDQ(OpBuilder &builder, ObserveOp observer, Value scale,
                         Value zeroPoint, IntegerAttr axis,
                         DenseI64ArrayAttr blockSize) {
  EncodingAttr encoding = observer.getEncoding();
  Location loc = observer.getLoc();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  IntegerAttr low;
  if (encoding.getNarrowRange())
    low = builder.getI64IntegerAttr(encoding.getMinCode());
  Value codes = QuantizeOp::create(
      builder, loc, type.clone(encoding.getStorage()), observer.getInput(),
      scale, zeroPoint, axis, blockSize, low, /*high=*/IntegerAttr());
  Value result = DequantizeOp::create(builder, loc, type, codes, scale,
                                      zeroPoint, axis, blockSize);
  observer.replaceAllUsesWith(result);
  observer.erase();
}

void FoldParametersPass::replaceActivationObserver(
    ObserveOp observer, const EdgeParameters &parameters) {
  OpBuilder builder(observer);
  EncodingAttr encoding = observer.getEncoding();
  Location loc = observer.getLoc();
  Value scale =
      createScale(builder, loc, parameters, encoding, observer.getEdge());
  Value zeroPoint = createZeroPoint(builder, loc, parameters, encoding);
  replaceByQDQ(builder, observer, scale, zeroPoint,
               getAxisAttr(builder, encoding), DenseI64ArrayAttr());
  ++numActivations;
}

void FoldParametersPass::replaceDynamicObserver(ObserveOp observer) {
  OpBuilder builder(observer);
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  bool isPerToken = encoding.getGranularity() == Granularity::Token;
  Type scaleType = builder.getF32Type();
  Type zeroPointType = builder.getI8Type();
  if (encoding.getStorage().getWidth() > 8)
    zeroPointType = builder.getI32Type();
  DenseI64ArrayAttr blockSize;
  if (isPerToken) {
    SmallVector<int64_t> shape(type.getShape());
    SmallVector<int64_t> blocks(type.getRank(), 1);
    blocks.back() = shape.back();
    shape.back() = 1;
    scaleType = RankedTensorType::get(shape, scaleType);
    zeroPointType = RankedTensorType::get(shape, zeroPointType);
    blockSize = builder.getDenseI64ArrayAttr(blocks);
  }
  auto chosen = ChooseParametersOp::create(
      builder, observer.getLoc(), scaleType,
      encoding.isSymmetric() ? Type() : zeroPointType, observer.getInput(),
      encoding);
  replaceByQDQ(builder, observer, chosen.getScale(), chosen.getZeroPoint(),
               /*axis=*/IntegerAttr(), blockSize);
  ++numActivations;
}
