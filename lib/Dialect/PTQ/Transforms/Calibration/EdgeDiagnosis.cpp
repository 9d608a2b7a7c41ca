//===- EdgeDiagnosis.cpp - What a chosen range does to an edge ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeDiagnosis.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Calibration/Distribution.h"
#include "ptq/Calibration/QuantizationError.h"
#include "ptq/Dialect/PTQ/Models/Gather.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/FormatVariadic.h"
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

static bool isConstant(ObserveOp observer) {
  return matchPattern(observer.getInput(), m_Constant());
}

namespace {
/// What the channels of an edge add up to.
struct EdgeCounts {
  int64_t numElements = 0;
  int64_t numFinite = 0;
  int64_t numNonzero = 0;
  /// Channels whose elements are all zero.
  int64_t numDead = 0;
  float min = INFINITY;
  float max = -INFINITY;

  explicit EdgeCounts(const TensorStatistics &statistics) {
    for (const ChannelStatistics &channel : statistics.getChannels()) {
      numElements += channel.numElements;
      numFinite += channel.getNumFinite();
      numNonzero += channel.getNumFinite() - channel.numZeros;
      numDead +=
          channel.numZeros > 0 && channel.numZeros == channel.getNumFinite();
      min = std::min(min, channel.min);
      max = std::max(max, channel.max);
    }
  }
};
} // namespace

/// The nonzero elements that a divergence wants to see.
static constexpr int64_t kMinElementsForDivergence =
    kMinElementsPerBin * MagnitudeHistogram::kDefaultNumBins;

/// Whether a divergence is to choose the range of an activation with too few
/// elements for it.
static bool hasFewElements(ObserveOp observer, const EdgeCounts &counts) {
  RangeEstimatorKind kind = observer.getEstimator();
  return (kind == RangeEstimatorKind::KL ||
          kind == RangeEstimatorKind::Entropy) &&
         !isConstant(observer) && counts.numFinite > 0 &&
         counts.numNonzero < kMinElementsForDivergence;
}

/// Whether rows are gathered from what `observer` observes. Those that stand
/// for nothing, such as padding, are zero on purpose.
static bool isTable(ObserveOp observer) {
  return llvm::any_of(observer->getUsers(), [](Operation *user) {
    auto element = dyn_cast<tensor::ExtractOp>(user);
    return element && matchGather(element);
  });
}

/// What the user should look into, by what the statistics show: predicates to
/// the edge.
static std::vector<std::string> findConcerns(ObserveOp observer,
                                             const TensorStatistics &statistics,
                                             const EdgeCounts &counts) {
  std::vector<std::string> concerns;
  auto numChannels = static_cast<int64_t>(statistics.getChannels().size());
  if (numChannels > 1 && counts.numDead > 0 && !isTable(observer))
    concerns.push_back(
        llvm::formatv("has {0} of {1} channels that are always zero",
                      counts.numDead, numChannels));
  else if (!isConstant(observer) && counts.numFinite > 1 &&
           counts.min == counts.max)
    concerns.push_back(llvm::formatv("is constant: always {0}", counts.min));
  if (int64_t count = counts.numElements - counts.numFinite)
    concerns.push_back(
        llvm::formatv("has {0} NaN or infinite values, which are left out of "
                      "its range",
                      count));
  return concerns;
}

LogicalResult mlir::ptq::checkStatistics(ObserveOp observer,
                                         const TensorStatistics &statistics) {
  EdgeCounts counts(statistics);
  if (counts.numElements == 0) {
    observer.emitWarning("no sample reached edge '")
        << observer.getEdge() << "'; its range is [0, 0]";
    return success();
  }
  if (counts.numFinite == 0)
    return observer.emitError("edge '")
           << observer.getEdge() << "' has only NaN or infinite values";
  for (const std::string &concern : findConcerns(observer, statistics, counts))
    observer.emitWarning("edge '") << observer.getEdge() << "' " << concern;
  return success();
}

void mlir::ptq::warnOfFewElements(ArrayRef<ObserveOp> observers,
                                  const StatisticsCollector &collector) {
  int64_t numEdges = 0, least = kMinElementsForDivergence;
  ObserveOp worst;
  for (ObserveOp observer : observers) {
    EdgeCounts counts(collector.getStatistics(observer));
    if (!hasFewElements(observer, counts))
      continue;
    ++numEdges;
    if (!worst || counts.numNonzero < least) {
      worst = observer;
      least = counts.numNonzero;
    }
  }
  if (worst)
    worst.emitWarning(
        llvm::formatv("{0} edges have fewer than {1} nonzero elements for each "
                      "bin of the histogram, the least is edge '{2}' with {3} "
                      "in all: '{4}' may clip too much of them; use more "
                      "samples or another method",
                      numEdges, kMinElementsPerBin, worst.getEdge(), least,
                      stringifyRangeEstimatorKind(worst.getEstimator()))
            .str());
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
  report.role =
      isConstant(observer) ? OperandRole::Weight : OperandRole::Activation;
  llvm::raw_string_ostream(report.storage) << encoding.getStorage();
  report.symmetry = encoding.getSymmetry();
  report.granularity = encoding.getGranularity();
  report.estimator =
      range.getByDefinition()
          ? "definition"
          : stringifyRangeEstimatorKind(range.getEstimator()).str();
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
  EdgeCounts counts(statistics);
  for (const std::string &concern : findConcerns(observer, statistics, counts))
    report.warnings.push_back("The edge " + concern + ".");
  if (hasFewElements(observer, counts))
    report.warnings.push_back(llvm::formatv(
        "Too few elements for a divergence: fewer than {0} for each bin; the "
        "range may clip too much.",
        kMinElementsPerBin));
  return report;
}
