//===- WeightCandidates.cpp - Ranges that weights could have --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightCandidates.h"
#include "ptq/Quantization/ParameterLayout.h"

using namespace mlir;
using namespace mlir::ptq;

/// Shares of the calibrated range that all channels can have.
static constexpr double kShares[] = {0.95, 0.9,  0.85, 0.8,  0.75,
                                     0.7,  0.65, 0.6,  0.55, 0.5};

/// The search for the least squared error goes down to this share in steps of
/// a hundredth.
static constexpr int kLeastPercent = 40;

SmallVector<int64_t> mlir::ptq::getParameterNumbers(ObserveOp observer) {
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  SmallVector<int64_t> numbers(type.getNumElements());
  observer.getEncoding()
      .getParameterLayout(type.getShape())
      .forEachRun([&](const ElementRun &run) {
        for (int64_t i = 0; i < run.count; ++i)
          numbers[run.begin + i] = run.parameter + i * run.stride;
      });
  return numbers;
}

/// `candidate` with each range cut to a share of it; failure where f16 scales
/// could not be had any more.
static FailureOr<WeightCandidate> shrink(const WeightCandidate &candidate,
                                         EncodingAttr encoding,
                                         ArrayRef<double> shares) {
  WeightCandidate result;
  for (auto [low, high, share] :
       llvm::zip_equal(candidate.lows, candidate.highs, shares)) {
    result.lows.push_back(low * share);
    result.highs.push_back(high * share);
  }
  FailureOr<EdgeParameters> parameters = chooseParameters(
      encoding, result.lows, result.highs, candidate.parameters.hasHalfScales);
  if (failed(parameters))
    return failure();
  result.parameters = std::move(*parameters);
  return result;
}

/// The squared errors of the weights, summed for each range of `candidate`.
static SmallVector<double> sumErrors(const WeightCandidate &candidate,
                                     EncodingAttr encoding,
                                     ArrayRef<float> weights,
                                     ArrayRef<int64_t> numbers) {
  CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
  SmallVector<double> errors(candidate.lows.size(), 0.0);
  for (auto [weight, number] : llvm::zip_equal(weights, numbers)) {
    QuantizationParameters p = candidate.parameters.values[number];
    int32_t code = quantizeValue(weight, p.scale, p.zeroPoint, codes);
    double error =
        double{weight} - double{dequantizeValue(code, p.scale, p.zeroPoint)};
    errors[number] += error * error;
  }
  return errors;
}

/// For each range of `base`, the share of it that gives the least squared error
/// of the weights.
static SmallVector<double> findBestShares(const WeightCandidate &base,
                                          EncodingAttr encoding,
                                          ArrayRef<float> weights,
                                          ArrayRef<int64_t> numbers,
                                          const WorkSharing &workSharing) {
  size_t count = base.lows.size();
  SmallVector<SmallVector<double>> errors(101 - kLeastPercent);
  auto getShare = [](int64_t index) {
    return static_cast<double>(100 - index) / 100;
  };
  workSharing.forEach(errors.size(), [&](int64_t index) {
    FailureOr<WeightCandidate> candidate =
        shrink(base, encoding, SmallVector<double>(count, getShare(index)));
    errors[index] = failed(candidate)
                        ? SmallVector<double>(count, INFINITY)
                        : sumErrors(*candidate, encoding, weights, numbers);
  });
  SmallVector<double> best(count, 1.0), bestErrors(count, INFINITY);
  for (auto [index, errorsOfShare] : llvm::enumerate(errors))
    for (size_t i = 0; i < count; ++i)
      if (errorsOfShare[i] < bestErrors[i]) {
        bestErrors[i] = errorsOfShare[i];
        best[i] = getShare(index);
      }
  return best;
}

FailureOr<SmallVector<WeightCandidate>>
mlir::ptq::getWeightCandidates(ObserveOp observer, ArrayRef<float> weights,
                               bool search, const WorkSharing &workSharing) {
  FailureOr<EdgeParameters> parameters = chooseEdgeParameters(observer);
  if (failed(parameters))
    return failure();
  RangeAttr range = *observer.getRange();
  SmallVector<WeightCandidate> candidates;
  candidates.push_back(
      {range.getMinValues(), range.getMaxValues(), std::move(*parameters)});
  // Scales that are too wide for f16 stay the ones of calibration: narrower
  // ranges could bring them back to f16 and change the codes once more.
  EncodingAttr encoding = observer.getEncoding();
  bool isPerBlock = encoding.getGranularity() == Granularity::Block;
  if (!search || (isPerBlock && !candidates.front().parameters.hasHalfScales))
    return candidates;
  size_t count = candidates.front().lows.size();
  auto add = [&](ArrayRef<double> shares) {
    FailureOr<WeightCandidate> candidate =
        shrink(candidates.front(), encoding, shares);
    if (succeeded(candidate))
      candidates.push_back(std::move(*candidate));
  };
  add(findBestShares(candidates.front(), encoding, weights,
                     getParameterNumbers(observer), workSharing));
  for (double share : kShares)
    add(SmallVector<double>(count, share));
  return candidates;
}
