//===- EstimatorSelection.cpp - The estimator that harms least ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EstimatorSelection.h"
#include "../Folding/EdgeParameters.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Interpreter/FloatElements.h"
#include "ptq/Interpreter/Interpreter.h"
#include <cmath>
#include <map>
#include <random>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

static bool haveEqualRanges(const RangeCandidate &a, const RangeCandidate &b) {
  return llvm::equal(a.channels, b.channels,
                     [](const RealRange &x, const RealRange &y) {
                       return x.min == y.min && x.max == y.max;
                     });
}

SmallVector<double> RangeCandidate::getMinValues() const {
  return llvm::map_to_vector(channels,
                             [](const RealRange &range) { return range.min; });
}

SmallVector<double> RangeCandidate::getMaxValues() const {
  return llvm::map_to_vector(channels,
                             [](const RealRange &range) { return range.max; });
}

RangeCandidate mlir::ptq::makeRangeCandidate(RangeEstimatorKind estimator,
                                             EncodingAttr encoding,
                                             const TensorStatistics &statistics,
                                             const EstimatorOptions &options) {
  EncodingSpec spec = {encoding.getSymmetry(),
                       {encoding.getMinCode(), encoding.getMaxCode()}};
  RangeCandidate candidate = {estimator, {}};
  for (const ChannelStatistics &channel : statistics.getChannels())
    candidate.channels.push_back(
        estimateRange(estimator, channel, spec, options));
  return candidate;
}

//===----------------------------------------------------------------------===//
// Trials
//===----------------------------------------------------------------------===//

/// The ratio of the noise in `result` to the signal, in decibels, after
/// `clamp`. Noise below -120 dB is as good as none.
static double getNoiseRatio(ArrayRef<float> reference, ArrayRef<float> result,
                            const ClampBounds &clamp) {
  double signal = 0, noise = 0;
  for (auto [x, y] : llvm::zip_equal(reference, result)) {
    double expected = std::clamp<double>(x, clamp.low, clamp.high);
    double difference = expected - std::clamp<double>(y, clamp.low, clamp.high);
    signal += expected * expected;
    noise += difference * difference;
  }
  constexpr double kFloor = 1e-12;
  return signal > 0 ? 10 * std::log10(noise / signal + kFloor) : 0;
}

namespace {

/// Tries candidates while calls run, on one thread.
class CandidateTrial : public CallListener {
public:
  /// The disturbance by each candidate of each edge, summed over the edge's
  /// uses in one call.
  using Scores = std::vector<SmallVector<double, 6>>;

  CandidateTrial(ModuleOp module, ArrayRef<EstimatorSelection::Edge *> edges,
                 std::map<int64_t, Scores> &scores)
      : interpreter(module), edges(edges), scores(scores) {
    for (auto [index, edge] : llvm::enumerate(edges))
      for (const EdgePath &path : edge->uses) {
        consumers[path.operands.back()->getOwner()].push_back({index, &path});
        for (OpOperand *operand : ArrayRef(path.operands).drop_back())
          movements.try_emplace(operand->getOwner());
      }
  }

  void notifyCall(int64_t call) override {
    // Every call has an entry already: threads do not add any.
    current = &scores.find(call)->second;
    observed.clear();
  }

  void notifyObserved(ObserveOp observer, const TensorValue &value) override {
    observed[observer] = value;
  }

  void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                       ArrayRef<TensorValue> results) override {
    if (auto it = movements.find(op); it != movements.end())
      it->second.assign(operands.begin(), operands.end());
    if (auto it = consumers.find(op); it != consumers.end())
      for (const Use &use : it->second)
        tryCandidates(use, operands, results.front());
  }

private:
  struct Use {
    size_t edge;
    const EdgePath *path;
  };

  void tryCandidates(const Use &use, ArrayRef<TensorValue> operands,
                     const TensorValue &reference) {
    EstimatorSelection::Edge &edge = *edges[use.edge];
    auto value = observed.find(edge.observer);
    if (value == observed.end() || !isAtMostF32(reference.getElementType()))
      return;
    FloatElements expected(reference);
    ClampBounds clamp =
        getFollowingClamp(use.path->operands.back()->getOwner());
    for (size_t i = 0, e = edge.candidates.size(); i < e; ++i) {
      FailureOr<TensorValue> result =
          evaluateWith(*use.path, value->second, edge.observer.getEncoding(),
                       edge.candidates[i], operands);
      // Without memory for the trial the candidates remain equal.
      if (failed(result))
        return;
      (*current)[use.edge][i] +=
          getNoiseRatio(expected.get(), FloatElements(*result).get(), clamp);
    }
  }

  /// The result of the consumer at the end of `path` if the value at its root
  /// is quantized. `operands` are what the consumer has read.
  FailureOr<TensorValue> evaluateWith(const EdgePath &path,
                                      const TensorValue &root,
                                      EncodingAttr encoding,
                                      const RangeCandidate &candidate,
                                      ArrayRef<TensorValue> operands) const {
    OpOperand *last = path.operands.back();
    // Moving elements and adding zeros commutes with one scale for all.
    FailureOr<EdgeParameters> parameters = chooseParameters(
        encoding, candidate.getMinValues(), candidate.getMaxValues(),
        /*hasHalfScales=*/false);
    TensorValue value = quantizeAndDequantize(
        encoding.isPerTensor() ? operands[last->getOperandNumber()] : root,
        encoding, *parameters);
    for (OpOperand *operand : path.operands) {
      if (operand != last && encoding.isPerTensor())
        continue;
      if (!value)
        return failure();
      Operation *op = operand->getOwner();
      SmallVector<TensorValue> replaced(
          operand == last ? operands : ArrayRef(movements.find(op)->second));
      replaced[operand->getOperandNumber()] = std::move(value);
      FailureOr<SmallVector<TensorValue>> results =
          interpreter.evaluate(op, replaced);
      if (failed(results))
        return failure();
      value = std::move(results->front());
    }
    return value;
  }

  Interpreter interpreter;
  ArrayRef<EstimatorSelection::Edge *> edges;
  std::map<int64_t, Scores> &scores;
  Scores *current = nullptr;
  DenseMap<Operation *, SmallVector<Use>> consumers;
  /// What ops that only move elements have read in this call.
  DenseMap<Operation *, SmallVector<TensorValue>> movements;
  DenseMap<Operation *, TensorValue> observed;
};

} // namespace

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

void EstimatorSelection::add(ObserveOp observer,
                             const TensorStatistics &statistics,
                             ArrayRef<RangeEstimatorKind> estimators,
                             const EstimatorOptions &options) {
  Edge edge;
  edge.observer = observer;
  for (RangeEstimatorKind estimator : estimators) {
    RangeCandidate candidate = makeRangeCandidate(
        estimator, observer.getEncoding(), statistics, options);
    if (llvm::none_of(edge.candidates, [&](const RangeCandidate &other) {
          return haveEqualRanges(candidate, other);
        }))
      edge.candidates.push_back(std::move(candidate));
  }
  edges[observer] = std::move(edge);
}

const RangeCandidate &EstimatorSelection::getChoice(ObserveOp observer) const {
  const Edge &edge = edges.find(observer)->second;
  return edge.candidates[edge.choice];
}

std::optional<double> EstimatorSelection::getHarm(ObserveOp observer) const {
  auto it = edges.find(observer);
  return it == edges.end() ? std::nullopt : it->second.harm;
}

/// Whether the ops on the way can be evaluated apart from what surrounds them.
static bool capturesNothing(const EdgePath &path) {
  return llvm::none_of(
      ArrayRef(path.operands).drop_back(), [](OpOperand *operand) {
        llvm::SetVector<Value> captured;
        getUsedValuesDefinedAbove(operand->getOwner()->getRegions(), captured);
        return !captured.empty();
      });
}

void EstimatorSelection::findUses() {
  module.walk([&](QuantizableOpInterface op) {
    if (op.getQuantizableKind().empty() || op->getNumResults() != 1)
      return;
    for (OpOperand &operand : op->getOpOperands()) {
      OperandRole role = op.getOperandRole(operand.getOperandNumber());
      if (role != OperandRole::Activation && role != OperandRole::Weight)
        continue;
      EdgePath path = traceToRoot(operand);
      auto edge = edges.find(path.root.getDefiningOp());
      if (edge == edges.end())
        continue;
      bool isPerTensor = edge->second.observer.getEncoding().isPerTensor();
      if (isPerTensor || capturesNothing(path))
        edge->second.uses.push_back(std::move(path));
    }
  });
}

/// At most `count` of `calls`, drawn by `seed`, in ascending order.
static SmallVector<int64_t> drawCalls(ArrayRef<int64_t> calls, size_t count,
                                      uint64_t seed) {
  SmallVector<int64_t> drawn(calls);
  std::mt19937_64 generator(seed);
  // The engine's numbers are those of the standard; distributions' are not.
  for (size_t i = 0; i < std::min(count, drawn.size()); ++i)
    std::swap(drawn[i], drawn[i + generator() % (drawn.size() - i)]);
  drawn.truncate(std::min(count, drawn.size()));
  llvm::sort(drawn);
  return drawn;
}

/// Chooses for an edge by the scores under `index`, which are added up in the
/// order of the calls, whichever thread ran them.
///
/// Another estimator than the first has to be better by more than twice the
/// standard error of its advantage: what may be chance is a tie, and where
/// nothing is gained nothing shall be clipped.
static void choose(EstimatorSelection::Edge &edge,
                   const std::map<int64_t, CandidateTrial::Scores> &scores,
                   size_t index) {
  auto numCalls = static_cast<double>(scores.size());
  auto getMean = [&](auto getScore) {
    double sum = 0;
    for (auto &[call, score] : scores)
      sum += getScore(score[index]);
    return sum / numCalls;
  };
  SmallVector<double> means;
  for (size_t i = 0, e = edge.candidates.size(); i < e; ++i)
    means.push_back(getMean([&](ArrayRef<double> score) { return score[i]; }));
  size_t best = llvm::min_element(means) - means.begin();
  double advantage = means.front() - means[best];
  double variance = getMean([&](ArrayRef<double> score) {
    double deviation = score.front() - score[best] - advantage;
    return deviation * deviation;
  });
  edge.choice = advantage > 2 * std::sqrt(variance / numCalls) ? best : 0;
  edge.harm = std::pow(10, means[edge.choice] /
                               static_cast<double>(edge.uses.size()) / 10);
}

LogicalResult EstimatorSelection::run(const SampleRunner &runner,
                                      uint64_t seed) {
  findUses();
  SmallVector<Edge *> open;
  for (auto &[op, edge] : edges)
    if (!edge.uses.empty() && (measuresHarm || edge.candidates.size() > 1))
      open.push_back(&edge);
  if (open.empty())
    return success();

  CandidateTrial::Scores zeros;
  for (Edge *edge : open)
    zeros.emplace_back(edge->candidates.size(), 0.0);
  SmallVector<int64_t> calls = drawCalls(runner.getCalls(), kMaxCalls, seed);
  std::map<int64_t, CandidateTrial::Scores> scores;
  for (int64_t call : calls)
    scores[call] = zeros;

  std::vector<std::unique_ptr<CandidateTrial>> trials;
  SmallVector<CallListener *> listeners;
  for (int64_t i = 0, e = runner.getNumThreads(calls.size()); i < e; ++i) {
    trials.push_back(std::make_unique<CandidateTrial>(module, open, scores));
    listeners.push_back(trials.back().get());
  }
  if (failed(runner.run("choosing estimators", calls, listeners)))
    return failure();

  for (auto [index, edge] : llvm::enumerate(open))
    choose(*edge, scores, index);
  return success();
}
