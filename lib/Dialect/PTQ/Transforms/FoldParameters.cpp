//===- FoldParameters.cpp - Observers to constants and QDQ pairs ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DynamicObservers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/MapVector.h"
#include <cfloat>
#include <cmath>

namespace mlir::ptq {
#define GEN_PASS_DEF_FOLDPARAMETERSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Bias codes stay below half of what i32 holds, so that the products that are
/// added to them have the other half.
static constexpr double kMaxBiasCode = 1 << 30;

namespace {

/// Scale and zero point of an edge: one, or one for each channel.
using EdgeParameters = SmallVector<QuantizationParameters>;

struct FoldParametersPass
    : public ptq::impl::FoldParametersPassBase<FoldParametersPass> {
  using Base::Base;

  void runOnOperation() override {
    numMixedSamples += separateSamples(getOperation());
    SmallVector<ObserveOp> observers;
    getOperation().walk([&](ObserveOp op) { observers.push_back(op); });
    llvm::MapVector<Operation *, EdgeParameters> parameters;
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
      enlargeScalesForBias(op, parameters);
    for (Operation *op : ops)
      quantizeBias(op, parameters);

    for (ObserveOp observer : observers) {
      if (failed(replaceObserver(observer, parameters)))
        return signalPassFailure();
    }
  }

private:
  using ParameterMap = llvm::MapVector<Operation *, EdgeParameters>;

  FailureOr<EdgeParameters> chooseEdgeParameters(ObserveOp observer);
  void enlargeScalesForBias(Operation *op, ParameterMap &parameters);
  void quantizeBias(Operation *op, const ParameterMap &parameters);
  LogicalResult replaceObserver(ObserveOp observer,
                                const ParameterMap &parameters);
  LogicalResult replaceWeightObserver(ObserveOp observer,
                                      const EdgeParameters &parameters);
  void replaceActivationObserver(ObserveOp observer,
                                 const EdgeParameters &parameters);
};

} // namespace

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

FailureOr<EdgeParameters>
FoldParametersPass::chooseEdgeParameters(ObserveOp observer) {
  EncodingAttr encoding = observer.getEncoding();
  std::optional<RangeAttr> range = observer.getRange();
  if (!range) {
    observer.emitOpError("has no range; run ptq-run-calibration first");
    return failure();
  }
  if (encoding.getGranularity() != Granularity::Tensor &&
      encoding.getGranularity() != Granularity::Axis) {
    observer.emitOpError("has static parameters per ")
        << stringifyGranularity(encoding.getGranularity())
        << ", but a range per tensor or per axis only";
    return failure();
  }
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  std::optional<int64_t> axis = encoding.getAxis();
  int64_t channels = axis ? type.getDimSize(*axis) : 1;
  if (channels != range->getNumChannels()) {
    observer.emitOpError("has ")
        << range->getNumChannels() << " ranges, but its channels are dynamic";
    return failure();
  }
  EdgeParameters parameters;
  CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
  for (auto [low, high] :
       llvm::zip_equal(range->getMinValues(), range->getMaxValues()))
    parameters.push_back(
        chooseQuantizationParameters(low, high, encoding.getSymmetry(), codes));
  return parameters;
}

/// The scale of edge parameters as an f32 constant: a scalar per tensor, a
/// tensor per channel.
static Value createScale(OpBuilder &builder, Location loc,
                         ArrayRef<float> scales, bool isPerChannel,
                         StringRef name) {
  if (!isPerChannel)
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(scales.front()));
  return createFloatConstant(builder, loc,
                             {static_cast<int64_t>(scales.size())}, scales,
                             (name + "_scale").str());
}

/// A constant of integer codes of the element type of `type`.
static Value createCodes(OpBuilder &builder, Location loc,
                         RankedTensorType type, ArrayRef<int32_t> codes,
                         StringRef name) {
  TensorValue tensor = TensorValue::allocateUninitialized(type);
  auto copyAs = [&](auto element) {
    using T = decltype(element);
    llvm::transform(codes, tensor.getMutableData<T>().begin(),
                    [](int32_t code) { return static_cast<T>(code); });
  };
  switch (tensor.getElementByteSize()) {
  case 1:
    copyAs(int8_t());
    break;
  case 2:
    copyAs(int16_t());
    break;
  default:
    copyAs(int32_t());
    break;
  }
  return createTensorConstant(builder, loc, tensor, name);
}

static SmallVector<float> getScales(const EdgeParameters &parameters) {
  return llvm::map_to_vector(
      parameters, [](const QuantizationParameters &p) { return p.scale; });
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

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
  FailureOr<SmallVector<float>> bias = weighted->readBias();
  if (failed(bias) || llvm::all_of(*bias, [](float b) { return b == 0; }))
    return failure();
  return BiasedOp{std::move(*weighted), activationObserver, weightObserver,
                  std::move(*bias)};
}

/// The static per-tensor scale of the activation, or failure.
static FailureOr<float>
getActivationScale(ObserveOp observer,
                   const llvm::MapVector<Operation *, EdgeParameters> &map) {
  auto it = map.find(observer);
  if (it == map.end() || !observer.getEncoding().isPerTensor())
    return failure();
  return it->second.front().scale;
}

void FoldParametersPass::enlargeScalesForBias(Operation *op,
                                              ParameterMap &parameters) {
  FailureOr<BiasedOp> match = matchBiasedOp(op);
  if (failed(match))
    return;
  FailureOr<float> activationScale =
      getActivationScale(match->activationObserver, parameters);
  auto weights = parameters.find(match->weightObserver);
  if (failed(activationScale) || weights == parameters.end())
    return;
  EdgeParameters &channels = weights->second;
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
    ++numEnlargedScales;
    remark::analysis(op->getLoc(), remark::RemarkOpts::name("EnlargedScale")
                                       .category("ptq-fold-parameters"))
        << remark::reason("the bias of channel {0} would take {1} steps, more "
                          "than 2^30; its weight scale is enlarged",
                          index, steps);
  }
}

void FoldParametersPass::quantizeBias(Operation *op,
                                      const ParameterMap &parameters) {
  FailureOr<BiasedOp> match = matchBiasedOp(op);
  if (failed(match))
    return;
  FailureOr<float> activationScale =
      getActivationScale(match->activationObserver, parameters);
  auto weights = parameters.find(match->weightObserver);
  if (failed(activationScale) || weights == parameters.end())
    return;
  const EdgeParameters &channels = weights->second;
  bool isPerChannel = channels.size() > 1;
  SmallVector<float> scales;
  SmallVector<int32_t> codes;
  for (auto [index, bias] : llvm::enumerate(match->bias)) {
    float weightScale = channels[isPerChannel ? index : 0].scale;
    float scale =
        static_cast<float>(double{*activationScale} * double{weightScale});
    double code = std::nearbyint(double{bias} / double{scale});
    if (!std::isnormal(scale) || !(std::fabs(code) <= 2 * kMaxBiasCode - 1)) {
      ++numFloatBiases;
      remark::missed(
          op->getLoc(),
          remark::RemarkOpts::name("FloatBias").category("ptq-fold-parameters"))
          << remark::reason("the bias of channel {0} cannot be an i32 of scale "
                            "{1}",
                            index, scale);
      return;
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
  ++numBiases;
}

//===----------------------------------------------------------------------===//
// Observers
//===----------------------------------------------------------------------===//

LogicalResult
FoldParametersPass::replaceObserver(ObserveOp observer,
                                    const ParameterMap &parameters) {
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

/// The axis of a per-channel encoding as an attribute of quantize and
/// dequantize; null per tensor.
static IntegerAttr getAxisAttr(OpBuilder &builder, EncodingAttr encoding) {
  std::optional<int64_t> axis = encoding.getAxis();
  return axis ? builder.getI64IntegerAttr(*axis) : IntegerAttr();
}

/// The zero point of edge parameters as a constant shaped like the scale; null
/// for a symmetric encoding.
static Value createZeroPoint(OpBuilder &builder, Location loc,
                             const EdgeParameters &parameters,
                             EncodingAttr encoding) {
  if (encoding.isSymmetric())
    return {};
  // i8 holds the zero points of all storage types up to 8 bits.
  Type type = encoding.getStorage().getWidth() <= 8 ? builder.getI8Type()
                                                    : builder.getI32Type();
  if (encoding.isPerTensor())
    return arith::ConstantOp::create(
        builder, loc,
        builder.getIntegerAttr(type, parameters.front().zeroPoint));
  SmallVector<int32_t> codes = llvm::map_to_vector(
      parameters, [](const QuantizationParameters &p) { return p.zeroPoint; });
  return createCodes(
      builder, loc,
      RankedTensorType::get(static_cast<int64_t>(codes.size()), type), codes,
      "zero_point");
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
  Value scale = createScale(builder, loc, getScales(parameters),
                            !encoding.isPerTensor(), name);
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
  Value scale = createScale(builder, loc, getScales(parameters),
                            !encoding.isPerTensor(), observer.getEdge());
  Value zeroPoint = createZeroPoint(builder, loc, parameters, encoding);
  replaceByQDQ(builder, observer, scale, zeroPoint,
               getAxisAttr(builder, encoding), DenseI64ArrayAttr());
  ++numActivations;
}
