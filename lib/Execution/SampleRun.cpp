//===- SampleRun.cpp - A network on many samples --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/SampleRun.h"
#include "OutputCollector.h"
#include "ptq/Metrics/Metrics.h"
#include "llvm/ADT/STLExtras.h"
#include <chrono>

using namespace mlir;
using namespace mlir::ptq;

FailureOr<std::vector<NamedArray>>
mlir::ptq::runSamples(const Engine &engine, const SampleBatches &batches) {
  int64_t batch = batches.getBatchSize();
  int64_t numSamples = batches.getNumSamples();
  SmallVector<OutputCollector> collectors;
  for (const SignatureEntry &entry : engine.getSignature().outputs)
    collectors.emplace_back(entry);
  for (int64_t first = 0; first < numSamples; first += batch) {
    FailureOr<SmallVector<TensorValue>> arguments = batches.read(first);
    if (failed(arguments))
      return failure();
    FailureOr<std::unique_ptr<EngineCall>> call =
        engine.prepareCall(*arguments);
    if (failed(call) || failed((*call)->invoke()))
      return failure();
    int64_t used = std::min(batch, numSamples - first);
    for (auto [collector, output] :
         llvm::zip_equal(collectors, (*call)->getOutputs()))
      if (failed(collector.add(engine.getLoc(), output, used)))
        return failure();
  }

  std::vector<NamedArray> outputs;
  for (OutputCollector &collector : collectors)
    outputs.emplace_back(collector.getName(), collector.finish());
  return outputs;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

/// Invokes `call` until `duration` has passed and at least `minCalls` times.
static FailureOr<std::vector<double>>
timeCalls(EngineCall &call, Clock::duration duration, size_t minCalls) {
  std::vector<double> times;
  Clock::time_point end = Clock::now() + duration;
  Clock::time_point start = Clock::now();
  while (start < end || times.size() < minCalls) {
    if (failed(call.invoke()))
      return failure();
    Clock::time_point stop = Clock::now();
    times.push_back(Microseconds(stop - start).count());
    // What happens between two calls is not part of either.
    start = Clock::now();
  }
  return times;
}

FailureOr<CallTimes> mlir::ptq::measureCalls(const Engine &engine,
                                             const SampleBatches &batches) {
  FailureOr<SmallVector<TensorValue>> arguments = batches.read(/*first=*/0);
  if (failed(arguments))
    return failure();
  FailureOr<std::unique_ptr<EngineCall>> call = engine.prepareCall(*arguments);
  if (failed(call))
    return failure();
  constexpr std::chrono::milliseconds kWarmUp(100), kMeasure(500);
  if (failed(timeCalls(**call, kWarmUp, /*minCalls=*/1)))
    return failure();
  FailureOr<std::vector<double>> times =
      timeCalls(**call, kMeasure, /*minCalls=*/3);
  if (failed(times))
    return failure();
  int64_t batch = batches.getBatchSize();
  double min = *llvm::min_element(*times);
  return CallTimes{getMedian(std::move(*times)) / batch, min / batch};
}
