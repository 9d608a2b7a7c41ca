//===- ActivationMagnitudes.cpp - How large channels become ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ActivationMagnitudes.h"
#include "../Calibration/StatisticsCollector.h"
#include "ScaledConstants.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Observers of what consumers read, in the module as long as this lives.
class ChannelObservers {
public:
  explicit ChannelObservers(ArrayRef<const ChannelSeam *> seams) {
    for (const ChannelSeam *seam : seams)
      for (const SeamConsumer &consumer : seam->consumers)
        observe(consumer.activation);
  }
  ~ChannelObservers() {
    for (auto &[value, observer] : observers)
      observer.erase();
  }

  SmallVector<ObserveOp> getAll() const {
    return llvm::map_to_vector(
        observers, [](auto &entry) -> ObserveOp { return entry.second; });
  }
  ObserveOp get(Value value) const { return observers.lookup(value); }

private:
  void observe(ChannelValue activation) {
    Value value = activation.value;
    ObserveOp &observer = observers[value];
    if (observer)
      return;
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    auto encoding = EncodingAttr::get(
        value.getContext(), builder.getI8Type(), Symmetry::Symmetric,
        Granularity::Axis, activation.dim, /*blockSize=*/std::nullopt,
        /*narrowRange=*/true, /*bits=*/std::nullopt, ParameterSource::Static);
    observer = ObserveOp::create(builder, value.getLoc(), value.getType(),
                                 value, getEdgeName(value), encoding,
                                 RangeEstimatorKind::MinMax, Rounding::Nearest,
                                 /*range=*/RangeAttr());
  }

  llvm::MapVector<Value, ObserveOp> observers;
};

} // namespace

static double getMagnitude(const ChannelStatistics &channel) {
  if (channel.getNumFinite() == 0)
    return 0;
  return std::max(std::abs(channel.min), std::abs(channel.max));
}

FailureOr<std::vector<SmallVector<double>>>
mlir::ptq::measureActivations(ModuleOp module,
                              ArrayRef<const ChannelSeam *> seams,
                              const SampleRunner::Options &options) {
  std::vector<SmallVector<double>> magnitudes;
  if (seams.empty())
    return magnitudes;
  FailureOr<SampleRunner> runner = SampleRunner::open(module, options);
  if (failed(runner))
    return failure();
  ChannelObservers observers(seams);
  SmallVector<ObserveOp> all = observers.getAll();
  StatisticsCollector collector(all, StatisticsCollector::Options());
  if (failed(collectStatistics("measuring channels", *runner, all,
                               StatisticsCollector::Options(), collector)))
    return failure();
  for (const ChannelSeam *seam : seams) {
    SmallVector<double> &own = magnitudes.emplace_back(seam->numChannels);
    for (const SeamConsumer &consumer : seam->consumers)
      joinMagnitudes(
          own,
          llvm::map_to_vector(
              collector.getStatistics(observers.get(consumer.activation.value))
                  .getChannels(),
              getMagnitude));
  }
  return magnitudes;
}
