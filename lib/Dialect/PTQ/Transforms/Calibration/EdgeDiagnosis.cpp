//===- EdgeDiagnosis.cpp - What a chosen range does to an edge ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeDiagnosis.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Calibration/Distribution.h"
#include "ptq/Calibration/QuantizationError.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// Elements per histogram bin below which a divergence is noise (the text on
/// few samples in the documentation of the KL estimator).
static constexpr int64_t kMinElementsPerBin = 10;

namespace {
/// Sums over the channels of an edge.
struct EdgeTotals {
  double signal = 0;
  double noise = 0;
  double below = 0;
  double above = 0;
  double count = 0;
};
} // namespace

/// Adds one channel; `range` is what its parameters represent.
static void addChannel(const ChannelStatistics &channel, const RealRange &range,
                       const EncodingSpec &spec, EdgeTotals &totals) {
  if (channel.getNumFinite() == 0)
    return;
  Distribution distribution = Distribution::get(channel);
  const Moments &moments = distribution.getMoments();
  totals.count += moments.count;
  totals.signal += moments.sumOfSquares;
  totals.noise +=
      moments.count * computeMeanSquaredError(distribution, range, spec);
  totals.below += distribution.getMomentsBelow(range.min).count;
  double limit = std::nextafter(range.max, INFINITY);
  totals.above += moments.count - distribution.getMomentsBelow(limit).count;
}

/// What the user should look into, by what the statistics show.
static void addWarnings(ObserveOp observer, const TensorStatistics &statistics,
                        EdgeReport &report) {
  int64_t dead = 0;
  for (const ChannelStatistics &channel : statistics.getChannels())
    dead += channel.getNumFinite() > 0 && channel.min == 0 && channel.max == 0;
  size_t channels = statistics.getChannels().size();
  if (dead > 0 && channels > 1)
    report.warnings.push_back(std::to_string(dead) + " of " +
                              std::to_string(channels) +
                              " channels are always zero.");
  else if (report.numElements > 1 && report.dataMin == report.dataMax)
    report.warnings.push_back("The edge is constant.");
  if (report.numNaNs + report.numInfinities > 0)
    report.warnings.push_back(
        std::to_string(report.numNaNs + report.numInfinities) +
        " values are NaN or infinite and left out.");
  RangeEstimatorKind kind = observer.getEstimator();
  bool isDivergence =
      kind == RangeEstimatorKind::KL || kind == RangeEstimatorKind::Entropy;
  uint64_t needed = kMinElementsPerBin * MagnitudeHistogram::kDefaultNumBins;
  if (isDivergence && report.role == OperandRole::Activation &&
      report.numElements - report.numZeros < needed)
    report.warnings.push_back("Too few elements for a divergence: fewer than " +
                              std::to_string(kMinElementsPerBin) +
                              " for each bin; the range may clip too much.");
}

EdgeReport mlir::ptq::diagnoseEdge(ObserveOp observer,
                                   const TensorStatistics &statistics) {
  EdgeReport report;
  EncodingAttr encoding = observer.getEncoding();
  RangeAttr range = *observer.getRange();
  Value input = observer.getInput();
  report.name = observer.getEdge().str();
  llvm::raw_string_ostream(report.location) << observer.getLoc();
  Operation *producer = input.getDefiningOp();
  report.opKind =
      producer ? producer->getName().getStringRef().str() : "argument";
  report.role = matchPattern(input, m_Constant()) ? OperandRole::Weight
                                                  : OperandRole::Activation;
  llvm::raw_string_ostream(report.storage) << encoding.getStorage();
  report.symmetry = encoding.getSymmetry();
  report.granularity = encoding.getGranularity();
  report.estimator = stringifyRangeEstimatorKind(range.getEstimator()).str();
  report.numSamples = range.getSamples();
  describeStatistics(statistics, report);

  EncodingSpec spec = {encoding.getSymmetry(),
                       {encoding.getMinCode(), encoding.getMaxCode()}};
  EdgeTotals totals;
  for (auto [channel, low, high] :
       llvm::zip_equal(statistics.getChannels(), range.getMinValues(),
                       range.getMaxValues())) {
    QuantizationParameters p =
        chooseQuantizationParameters(low, high, spec.symmetry, spec.codes);
    report.parameters.push_back({low, high, p.scale, p.zeroPoint});
    addChannel(channel, {low, high}, spec, totals);
  }
  report.sqnrDb = totals.count == 0 ? std::nan("")
                  : totals.noise == 0
                      ? INFINITY
                      : 10 * std::log10(totals.signal / totals.noise);
  if (totals.count > 0) {
    report.clippedLow = totals.below / totals.count;
    report.clippedHigh = totals.above / totals.count;
  }
  addWarnings(observer, statistics, report);
  return report;
}
