//===- OpSensitivity.cpp - What quantizing each op costs ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpSensitivity.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<OutputQuality>
NetworkTrials::measure(StringRef label, const llvm::BitVector &inFloat) {
  std::vector<unsigned> key(inFloat.set_bits_begin(), inFloat.set_bits_end());
  if (auto it = measured.find(key); it != measured.end())
    return it->second;
  OwningOpRef<ModuleOp> choice = network.build(inFloat);
  FailureOr<OutputQuality> quality = meter.measure(label, *choice);
  if (succeeded(quality))
    measured.try_emplace(std::move(key), *quality);
  return quality;
}

FailureOr<OutputQuality>
NetworkTrials::measureAfresh(StringRef label, const llvm::BitVector &inFloat) {
  FailureOr<OwningOpRef<ModuleOp>> choice = network.buildAfresh(inFloat);
  if (failed(choice))
    return failure();
  ++numAfresh;
  return meter.measure(label, **choice);
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// The indices of `values`, those of the largest first; of equals, the first.
static SmallVector<size_t> sortDescending(ArrayRef<double> values) {
  auto indices = llvm::to_vector(llvm::seq<size_t>(0, values.size()));
  llvm::sort(indices, [&](size_t a, size_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  });
  return indices;
}

FailureOr<std::vector<OpSensitivity>>
mlir::ptq::measureSensitivity(NetworkTrials &trials) {
  size_t numOps = trials.getNumOps();
  FailureOr<OutputQuality> all =
      trials.measure("all quantized", llvm::BitVector(numOps));
  if (failed(all))
    return failure();
  std::vector<OpSensitivity> sensitivities(numOps);
  for (auto [index, op] : llvm::enumerate(sensitivities)) {
    std::string label = llvm::formatv("op {0}/{1}", index + 1, numOps);
    llvm::BitVector others(numOps, true), alone(numOps, false);
    others.reset(index);
    alone.set(index);
    FailureOr<OutputQuality> onlyThis =
        trials.measure(label + " alone", others);
    FailureOr<OutputQuality> allOthers =
        trials.measure(label + " left out", alone);
    if (failed(onlyThis) || failed(allOthers))
      return failure();
    op.alone = *onlyThis;
    op.others = *allOthers;
    double missing = all->getNoiseRatio() - op.others.getNoiseRatio();
    op.noise = (op.alone.getNoiseRatio() + std::max(0.0, missing)) / 2;
  }

  SmallVector<double> noise = llvm::map_to_vector(
      sensitivities, [](const OpSensitivity &op) { return op.noise; });
  for (auto [rank, index] : llvm::enumerate(sortDescending(noise)))
    sensitivities[index].rank = rank + 1;
  return sensitivities;
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

bool QualityTargets::areMetBy(const OutputQuality &quality) const {
  return (sqnr == 0 || quality.sqnr >= sqnr) &&
         (agreement == 0 || quality.agreement >= agreement) &&
         (accuracy == 0 || quality.accuracy.value_or(0) >= accuracy);
}

/// The cost of each op: the sum of its shares of the network's bytes and
/// multiply-accumulates.
static SmallVector<double> getCostShares(const SwitchableNetwork &network) {
  FloatCost total =
      network.getCost(llvm::BitVector(network.getOps().size(), /*t=*/true));
  auto getShare = [](int64_t part, int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                     : 0;
  };
  return llvm::map_to_vector(network.getOps(), [&](const SwitchableOp &op) {
    return getShare(op.cost.bytes, total.bytes) +
           getShare(op.cost.macs, total.macs);
  });
}

FailureOr<FloatSelection>
mlir::ptq::selectFloatOps(NetworkTrials &trials,
                          ArrayRef<OpSensitivity> sensitivities,
                          const QualityTargets &targets) {
  size_t numOps = trials.getNumOps();
  FloatSelection selection;
  auto measure = [&](const llvm::BitVector &inFloat) {
    return trials.measure("choosing what stays in float", inFloat);
  };
  auto select = [&](const llvm::BitVector &inFloat) -> LogicalResult {
    FailureOr<OutputQuality> quality = measure(inFloat);
    if (failed(quality))
      return failure();
    selection = {inFloat, *quality};
    return success();
  };
  if (failed(select(llvm::BitVector(numOps, true))))
    return failure();
  if (!targets.areMetBy(selection.quality))
    return selection;

  SmallVector<double> costs = getCostShares(trials.getNetwork());
  // An op without any cost comes early.
  SmallVector<double> noiseForCost = llvm::map_to_vector(
      llvm::zip_equal(sensitivities, costs), [](auto opAndCost) {
        auto &[op, cost] = opAndCost;
        return op.noise / std::max(cost, 1e-12);
      });
  llvm::BitVector inFloat(numOps);
  if (failed(select(inFloat)))
    return failure();
  SmallVector<size_t> order = sortDescending(noiseForCost);
  for (size_t next : order) {
    if (targets.areMetBy(selection.quality))
      break;
    inFloat.set(next);
    if (failed(select(inFloat)))
      return failure();
  }

  // What came early may have become unnecessary.
  for (size_t op : sortDescending(costs)) {
    if (!inFloat.test(op))
      continue;
    llvm::BitVector fewer = selection.inFloat;
    fewer.reset(op);
    FailureOr<OutputQuality> quality = measure(fewer);
    if (failed(quality))
      return failure();
    if (targets.areMetBy(*quality))
      selection = {std::move(fewer), *quality};
  }

  // What counts is the network that the recipe makes.
  for (const size_t *next = order.begin();; ++next) {
    FailureOr<OutputQuality> quality =
        trials.measureAfresh("the recipe", selection.inFloat);
    if (failed(quality))
      return failure();
    selection.quality = *quality;
    while (next != order.end() && selection.inFloat.test(*next))
      ++next;
    if (targets.areMetBy(*quality) || next == order.end())
      return selection;
    selection.inFloat.set(*next);
  }
}
