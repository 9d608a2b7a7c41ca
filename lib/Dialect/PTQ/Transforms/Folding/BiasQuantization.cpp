//===- BiasQuantization.cpp - Biases as i32 constants ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BiasQuantization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"
#include <cfloat>
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// Bias codes stay below half of what i32 holds, so that the products that are
/// added to them have the other half.
static constexpr double kMaxBiasCode = 1 << 30;

namespace {
/// A weighted op whose activation and weights are observed with static
/// parameters, and whose bias is a constant.
struct BiasedOp {
  WeightedOp weighted;
  ObserveOp activationObserver;
  ObserveOp weightObserver;
  SmallVector<float> bias;
};
} // namespace

/// Matches `op` as a BiasedOp. A bias that is zero needs no code.
static FailureOr<BiasedOp> matchBiasedOp(Operation *op) {
  FailureOr<WeightedOp> weighted = matchWeightedOp(op);
  if (failed(weighted))
    return failure();
  auto weightObserver = weighted->weightPath.root.getDefiningOp<ObserveOp>();
  auto activationObserver =
      traceToRoot(*weighted->activation).root.getDefiningOp<ObserveOp>();
  if (!weightObserver || !activationObserver)
    return failure();
  // Products of blocks have no scale of their own to add a bias in.
  if (weightObserver.getEncoding().getGranularity() == Granularity::Block)
    return failure();
  FailureOr<SmallVector<float>> bias = weighted->readBias();
  if (failed(bias) || llvm::all_of(*bias, [](float b) { return b == 0; }))
    return failure();
  return BiasedOp{std::move(*weighted), activationObserver, weightObserver,
                  std::move(*bias)};
}

/// The static per-tensor scale of the activation, or failure.
static FailureOr<float> getActivationScale(ObserveOp observer,
                                           const EdgeParameterMap &map) {
  auto it = map.find(observer);
  if (it == map.end() || !observer.getEncoding().isPerTensor())
    return failure();
  return it->second.values.front().scale;
}

int64_t mlir::ptq::enlargeScalesForBias(Operation *op,
                                        EdgeParameterMap &parameters) {
  FailureOr<BiasedOp> match = matchBiasedOp(op);
  if (failed(match))
    return 0;
  // Steps of 16-bit activations are small: weights would lose what activations
  // gain. A bias that does not fit stays in float.
  if (match->activationObserver.getEncoding().getStorage().getWidth() > 8)
    return 0;
  FailureOr<float> activationScale =
      getActivationScale(match->activationObserver, parameters);
  auto weights = parameters.find(match->weightObserver);
  if (failed(activationScale) || weights == parameters.end())
    return 0;
  int64_t numEnlarged = 0;
  MutableArrayRef<QuantizationParameters> channels = weights->second.values;
  for (auto [index, bias] : llvm::enumerate(match->bias)) {
    QuantizationParameters &channel =
        channels[channels.size() == 1 ? 0 : index];
    double biasScale = double{*activationScale} * double{channel.scale};
    double steps = std::fabs(double{bias}) / biasScale;
    if (!(steps > kMaxBiasCode))
      continue;
    // A little more than the ratio, so that rounding the scale to f32 cannot
    // leave the bias above the limit.
    double enlarged = double{channel.scale} * (steps / kMaxBiasCode) * 1.0001;
    if (enlarged > FLT_MAX)
      continue;
    channel.scale = static_cast<float>(enlarged);
    ++numEnlarged;
    remark::analysis(op->getLoc(), remark::RemarkOpts::name("EnlargedScale")
                                       .category("ptq-fold-parameters"))
        << remark::reason("the bias of channel {0} would take {1} steps, more "
                          "than 2^30; its weight scale is enlarged",
                          index, steps);
  }
  return numEnlarged;
}

BiasForm mlir::ptq::quantizeBias(Operation *op,
                                 const EdgeParameterMap &parameters) {
  FailureOr<BiasedOp> match = matchBiasedOp(op);
  if (failed(match))
    return BiasForm::None;
  FailureOr<float> activationScale =
      getActivationScale(match->activationObserver, parameters);
  auto weights = parameters.find(match->weightObserver);
  if (failed(activationScale) || weights == parameters.end())
    return BiasForm::None;
  ArrayRef<QuantizationParameters> channels = weights->second.values;
  bool isPerChannel = channels.size() > 1;
  SmallVector<float> scales;
  SmallVector<int32_t> codes;
  for (auto [index, bias] : llvm::enumerate(match->bias)) {
    float weightScale = channels[isPerChannel ? index : 0].scale;
    float scale =
        static_cast<float>(double{*activationScale} * double{weightScale});
    double code = std::nearbyint(double{bias} / double{scale});
    if (!std::isnormal(scale) || !(std::fabs(code) <= 2 * kMaxBiasCode - 1)) {
      remark::missed(
          op->getLoc(),
          remark::RemarkOpts::name("FloatBias").category("ptq-fold-parameters"))
          << remark::reason("the bias of channel {0} cannot be an i32 of scale "
                            "{1}",
                            index, scale);
      return BiasForm::Float;
    }
    codes.push_back(static_cast<int32_t>(code));
    scales.push_back(scale);
  }

  OpBuilder builder(op);
  Location loc = op->getLoc();
  std::string name = getEdgeName(op->getResult(0)) + "_bias";
  auto count = static_cast<int64_t>(codes.size());
  Value constant = createCodes(
      builder, loc, RankedTensorType::get(count, builder.getI32Type()), codes,
      name);
  Value scale = createScale(
      builder, loc, ArrayRef(scales).take_front(isPerChannel ? count : 1),
      isPerChannel, name);
  auto axis = isPerChannel ? builder.getI64IntegerAttr(0) : IntegerAttr();
  Value bias = DequantizeOp::create(
      builder, loc, RankedTensorType::get(count, builder.getF32Type()),
      constant, scale, /*zero_point=*/Value(), axis,
      /*block_size=*/DenseI64ArrayAttr());
  WeightedOp &weighted = match->weighted;
  weighted.op.getDpsInitOperand(0)->set(weighted.createBiasInit(builder, bias));
  return BiasForm::Codes;
}
