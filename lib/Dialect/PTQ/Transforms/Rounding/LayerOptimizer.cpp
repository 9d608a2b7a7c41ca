//===- LayerOptimizer.cpp - Rounds the weights of one layer ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerOptimizer.h"
#include "LayerMeasurement.h"
#include "WeightElements.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"

using namespace mlir;
using namespace mlir::ptq;

/// The most rows that AdaRound keeps of what a layer reads.
static constexpr int64_t kMaxSampleRows = 8192;

namespace {

/// One layer while it is optimized.
class LayerTask {
public:
  LayerTask(OptimizableLayer layer, PairedCalls &calls,
            const WorkSharing &workSharing,
            const LayerOptimizerOptions &options)
      : layer(std::move(layer)), calls(calls), workSharing(workSharing),
        options(options) {}

  /// Finds out how the layer is made. Empty, or why it cannot be optimized.
  FailureOr<std::string> analyze();

  OptimizedLayer run();

  LogicalResult continueCalls(const OptimizedLayer &result, Operation *next);

private:
  LayerToRound prepareGroup(int64_t group, ParallelFor parallelFor) const;
  WeightGrid makeGrid(const WeightCandidate &candidate, int64_t group) const;
  bool wantsSymmetricTarget() const;
  bool needsSample() const;
  VectorF getBias(int64_t group) const;
  int64_t getRootElement(int64_t group, int64_t channel, int64_t k) const {
    return elements[geometry->getWeightElement(group, channel, k)];
  }
  /// The number of a channel among those of the bias.
  int64_t getBiasNumber(int64_t group, int64_t channel) const {
    return getRootElement(group, channel, 0) / layer.op.getNumInnerWeights() %
           layer.op.getNumChannels();
  }
  bool sharesParametersBetweenChannels() const;
  void forEachGroup(
      function_ref<void(int64_t group, ParallelFor parallelFor)> body) const;

  OptimizableLayer layer;
  PairedCalls &calls;
  const WorkSharing &workSharing;
  const LayerOptimizerOptions &options;

  std::optional<LayerGeometry> geometry;
  ClampBounds clamp{};
  /// For each element of the weight operand, the one of the constant.
  SmallVector<int64_t> elements;
  /// For each element of the constant, its scale.
  SmallVector<int64_t> parameterNumbers;
  bool sharesParameters = false;
  SmallVector<float> weights;
  SmallVector<WeightCandidate> candidates;
  /// Absent where the initial values are not a bias.
  std::optional<SmallVector<float>> bias;
  std::vector<RoundedLayer> groups;
};

} // namespace

//===----------------------------------------------------------------------===//
// Analysis
//===----------------------------------------------------------------------===//

FailureOr<std::string> LayerTask::analyze() {
  linalg::LinalgOp op = layer.op.op;
  const TensorValue &input = calls.getFloat(0, layer.op.activation->get());
  const TensorValue &init = calls.getFloat(0, op.getDpsInitOperand(0)->get());
  if (!input.getElementType().isF32() || !init.getElementType().isF32() ||
      !getElementTypeOrSelf(layer.observer.getInput()).isF32())
    return std::string("it does not compute in f32");
  FailureOr<LayerGeometry> found =
      LayerGeometry::get(layer.op, input.getShape(), init.getShape());
  if (failed(found))
    return std::string("it is not a product of matrices");
  geometry = std::move(*found);
  FailureOr<SmallVector<int64_t>> traced = traceElements(layer.op.weightPath);
  if (failed(traced))
    return std::string("its weights are not those of the constant one by one");
  elements = std::move(*traced);

  FailureOr<SmallVector<float>> values =
      readFloatConstant(layer.observer.getInput());
  if (failed(values))
    return layer.observer.emitOpError(
        "observes a constant whose data is missing");
  weights = std::move(*values);
  if (!llvm::all_of(weights,
                    [](float weight) { return std::isfinite(weight); }))
    return std::string("some of its weights are not finite");
  parameterNumbers = getParameterNumbers(layer.observer);
  sharesParameters = sharesParametersBetweenChannels();
  // Groups are rounded one by one and cannot agree on a grid.
  bool search = options.searchScales &&
                !(sharesParameters && geometry->getNumGroups() > 1);
  FailureOr<SmallVector<WeightCandidate>> ranges =
      getWeightCandidates(layer.observer, weights, search, workSharing);
  if (failed(ranges))
    return failure();
  candidates = std::move(*ranges);
  if (FailureOr<SmallVector<float>> read = layer.op.readBias(); succeeded(read))
    bias = std::move(*read);
  clamp = getFollowingClamp(op);
  return std::string();
}

bool LayerTask::sharesParametersBetweenChannels() const {
  // The channel that was the first to have each parameter.
  SmallVector<int64_t> owners(parameterNumbers.size(), -1);
  for (int64_t group = 0; group < geometry->getNumGroups(); ++group)
    for (int64_t channel = 0; channel < geometry->getNumChannels(); ++channel)
      for (int64_t k = 0; k < geometry->getDepth(); ++k) {
        int64_t &owner =
            owners[parameterNumbers[getRootElement(group, channel, k)]];
        int64_t number = group * geometry->getNumChannels() + channel;
        if (owner >= 0 && owner != number)
          return true;
        owner = number;
      }
  return false;
}

/// What is clipped cannot be made up for by weights: they would be bent to try.
/// So the float weights are the model wherever the range of the activation does
/// not hold all that was seen.
bool LayerTask::wantsSymmetricTarget() const {
  if (options.target != RoundingTarget::Auto)
    return options.target == RoundingTarget::Symmetric;
  auto observer =
      traceToRoot(*layer.op.activation).root.getDefiningOp<ObserveOp>();
  if (!observer || !observer.getRange())
    return false;
  RangeAttr range = *observer.getRange();
  return !range.getByDefinition() &&
         range.getEstimator() != RangeEstimatorKind::MinMax;
}

/// AdaRound looks at rows where a clamp follows, and where there are so few of
/// them that they are less work than their moments.
bool LayerTask::needsSample() const {
  if (options.rounding.method != Rounding::AdaRound)
    return false;
  return clamp.low > -INFINITY || clamp.high < INFINITY ||
         calls.getNumCalls() * geometry->getNumRows() < geometry->getDepth();
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

/// Several groups are worked on at once, or else one by several threads.
void LayerTask::forEachGroup(
    function_ref<void(int64_t group, ParallelFor parallelFor)> body) const {
  auto share = [&](int64_t count, function_ref<void(int64_t)> iteration) {
    workSharing.forEach(count, iteration);
  };
  if (geometry->getNumGroups() == 1)
    return body(0, share);
  workSharing.forEach(geometry->getNumGroups(),
                      [&](int64_t group) { body(group, runInOrder); });
}

VectorF LayerTask::getBias(int64_t group) const {
  VectorF result = VectorF::Zero(geometry->getNumChannels());
  if (bias)
    for (int64_t channel = 0; channel < result.size(); ++channel)
      result(channel) = (*bias)[getBiasNumber(group, channel)];
  return result;
}

WeightGrid LayerTask::makeGrid(const WeightCandidate &candidate,
                               int64_t group) const {
  ObserveOp observer = layer.observer;
  EncodingAttr encoding = observer.getEncoding();
  int64_t channels = geometry->getNumChannels(), depth = geometry->getDepth();
  WeightGrid grid{MatrixF(channels, depth),
                  MatrixF(channels, depth),
                  {encoding.getMinCode(), encoding.getMaxCode()}};
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t k = 0; k < depth; ++k) {
      int64_t number = parameterNumbers[getRootElement(group, channel, k)];
      const QuantizationParameters &p = candidate.parameters.values[number];
      grid.scales(channel, k) = p.scale;
      grid.zeroPoints(channel, k) = static_cast<float>(p.zeroPoint);
    }
  return grid;
}

LayerToRound LayerTask::prepareGroup(int64_t group,
                                     ParallelFor parallelFor) const {
  LayerToRound result;
  result.weights.resize(geometry->getNumChannels(), geometry->getDepth());
  for (int64_t channel = 0; channel < geometry->getNumChannels(); ++channel)
    for (int64_t k = 0; k < geometry->getDepth(); ++k)
      result.weights(channel, k) = weights[getRootElement(group, channel, k)];
  for (const WeightCandidate &candidate : candidates)
    result.grids.push_back(makeGrid(candidate, group));
  result.sharesGrid = sharesParameters;
  result.canCorrectBias = options.correctBias && bias.has_value();

  LayerMeasurement measurement(calls, *geometry, layer.op.activation->get(),
                               wantsSymmetricTarget());
  measurement.measureMoments(group, result, parallelFor);
  if (needsSample()) {
    result.sample = measurement.drawSample(
        group, result.weights, getBias(group), kMaxSampleRows, options.seed);
    result.sample->low = static_cast<float>(clamp.low);
    result.sample->high = static_cast<float>(clamp.high);
  }
  return result;
}

OptimizedLayer LayerTask::run() {
  groups.resize(geometry->getNumGroups());
  forEachGroup([&](int64_t group, ParallelFor parallelFor) {
    groups[group] = roundLayer(prepareGroup(group, parallelFor),
                               options.rounding, parallelFor);
  });

  OptimizedLayer result;
  auto type = cast<RankedTensorType>(layer.observer.getInput().getType());
  result.weights = TensorValue::allocate(type);
  MutableArrayRef<float> values = result.weights.getMutableData<float>();
  llvm::copy(weights, values.begin());
  result.lows = candidates.front().lows;
  result.highs = candidates.front().highs;
  SmallVector<float> newBias = bias.value_or(SmallVector<float>());
  for (auto [group, rounded] : llvm::enumerate(groups)) {
    result.nearestError += rounded.nearestError;
    result.error += rounded.error;
    result.numMoved += rounded.numMoved;
    result.numCorrectedBiases += rounded.numCorrectedBiases;
    for (int64_t channel = 0; channel < geometry->getNumChannels(); ++channel) {
      const WeightCandidate &chosen = candidates[rounded.grids[channel]];
      for (int64_t k = 0; k < geometry->getDepth(); ++k) {
        int64_t element = getRootElement(group, channel, k);
        int64_t number = parameterNumbers[element];
        const QuantizationParameters &p = chosen.parameters.values[number];
        values[element] =
            dequantizeValue(static_cast<int64_t>(rounded.codes(channel, k)),
                            p.scale, p.zeroPoint);
        result.lows[number] = chosen.lows[number];
        result.highs[number] = chosen.highs[number];
      }
      if (rounded.biasShifts(channel) != 0) {
        float &own = newBias[getBiasNumber(group, channel)];
        own = static_cast<float>(own + rounded.biasShifts(channel));
      }
    }
  }
  if (result.numCorrectedBiases > 0)
    result.bias = std::move(newBias);
  return result;
}

//===----------------------------------------------------------------------===//
// Going on
//===----------------------------------------------------------------------===//

/// Lets the quantized network go on to `next` with what has been found.
LogicalResult LayerTask::continueCalls(const OptimizedLayer &result,
                                       Operation *next) {
  Value operand = layer.op.weightPath.operands.back()->get();
  TensorValue tensor = TensorValue::allocateUninitialized(
      cast<RankedTensorType>(operand.getType()));
  MutableArrayRef<float> target = tensor.getMutableData<float>();
  ArrayRef<float> source = result.weights.getData<float>();
  for (auto [index, element] : llvm::enumerate(elements))
    target[index] = source[element];
  calls.replaceQuantized(operand, tensor);
  if (failed(calls.advanceTo(next)))
    return failure();
  if (result.bias.empty())
    return success();
  Value output = layer.op.op->getResult(0);
  workSharing.forEach(calls.getNumCalls(), [&](int64_t call) {
    const TensorValue *current = calls.lookupQuantized(call, output);
    if (!current)
      return;
    TensorValue shifted = *current;
    MutableArrayRef<float> values = shifted.getMutableData<float>();
    for (auto [group, rounded] : llvm::enumerate(groups))
      geometry->shiftResults(values, group, rounded.biasShifts);
    calls.replaceQuantized(call, output, std::move(shifted));
  });
  return success();
}

FailureOr<std::optional<OptimizedLayer>>
LayerOptimizer::optimize(OptimizableLayer layer, std::string &why) {
  Operation *op = layer.op.op;
  options.rounding.method = layer.observer.getRounding();
  if (failed(calls.advanceTo(op)))
    return failure();
  LayerTask task(std::move(layer), calls, workSharing, options);
  FailureOr<std::string> reason = task.analyze();
  if (failed(reason))
    return failure();
  why = std::move(*reason);
  if (!why.empty())
    return std::optional<OptimizedLayer>();
  OptimizedLayer result = task.run();
  if (failed(task.continueCalls(result, op->getNextNode())))
    return failure();
  return std::optional<OptimizedLayer>(std::move(result));
}
