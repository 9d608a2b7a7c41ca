//===- Evaluation.cpp - Running all samples -------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluation.h"
#include "ptq/Execution/Metrics.h"
#include <chrono>

using namespace mlir;
using namespace mlir::ptq;

/// Makes the arrays that collect the outputs; their sizes along the sample axis
/// grow as results arrive.
static FailureOr<NamedArrays> makeArrays(const Engine &engine) {
  NamedArrays arrays;
  for (const SignatureEntry &entry : engine.getSignature().outputs) {
    std::optional<ElementKind> kind =
        getElementKind(entry.type.getElementType(), entry.isUnsigned);
    if (!kind) {
      engine.getFunction()->emitError("output '")
          << entry.name << "' has element type " << entry.type.getElementType()
          << ", which .npy arrays do not have";
      return failure();
    }
    NumpyArray array;
    array.kind = *kind;
    arrays.push_back({entry.name, std::move(array)});
  }
  return arrays;
}

/// Appends the first `samples` of `result` to `array`, along axis 0.
static void appendSamples(NumpyArray &array, const TensorValue &result,
                          bool hasSampleAxis, int64_t samples) {
  ArrayRef<char> data = result.getRawData();
  ArrayRef<int64_t> shape = result.getShape();
  if (!hasSampleAxis) {
    // Each call gives one result of the whole batch; they are stacked.
    if (array.shape.empty()) {
      array.shape.push_back(0);
      array.shape.append(shape.begin(), shape.end());
    }
    ++array.shape.front();
    array.data.insert(array.data.end(), data.begin(), data.end());
    return;
  }
  if (array.shape.empty()) {
    array.shape.assign(shape.begin(), shape.end());
    array.shape.front() = 0;
  }
  array.shape.front() += samples;
  size_t bytes = data.size() / shape.front() * samples;
  array.data.insert(array.data.end(), data.begin(), data.begin() + bytes);
}

FailureOr<NamedArrays>
mlir::ptq::evaluateSamples(const Engine &engine, const SampleBatches &batches) {
  FailureOr<NamedArrays> arrays = makeArrays(engine);
  if (failed(arrays))
    return failure();
  ArrayRef<SignatureEntry> outputs = engine.getSignature().outputs;
  for (const SignatureEntry &entry : outputs)
    if (entry.sampleAxis.value_or(0) != 0)
      return engine.getFunction()->emitError("output '")
             << entry.name << "' has its samples along axis "
             << *entry.sampleAxis << "; ptq-run needs them along axis 0";
  int64_t batch = batches.getBatchSize();
  for (int64_t first = 0; first < batches.getNumSamples(); first += batch) {
    FailureOr<SmallVector<TensorValue>> inputs = batches.read(first);
    if (failed(inputs))
      return failure();
    FailureOr<SmallVector<TensorValue>> results = engine.call(*inputs);
    if (failed(results))
      return failure();
    int64_t samples = std::min(batch, batches.getNumSamples() - first);
    for (auto [array, result, entry] :
         llvm::zip_equal(*arrays, *results, outputs))
      appendSamples(array.second, result, entry.sampleAxis.has_value(),
                    samples);
  }
  return arrays;
}

FailureOr<Timing> mlir::ptq::timeOneSample(const Engine &engine,
                                           const SampleBatches &batches) {
  using Clock = std::chrono::steady_clock;
  FailureOr<SmallVector<TensorValue>> inputs = batches.read(0);
  if (failed(inputs) || failed(engine.call(*inputs)))
    return failure();
  std::function<void()> run = engine.prepare(*inputs);
  if (!run)
    return failure();
  auto measure = [&] {
    Clock::time_point start = Clock::now();
    run();
    return std::chrono::duration<double, std::micro>(Clock::now() - start)
        .count();
  };
  constexpr double kWarmUp = 1e5, kMeasured = 5e5;
  for (double total = 0; total < kWarmUp;)
    total += measure();
  std::vector<double> times;
  for (double total = 0; total < kMeasured; total += times.back())
    times.push_back(measure() / batches.getBatchSize());
  double minimum = *llvm::min_element(times);
  return Timing{computeMedian(std::move(times)), minimum};
}
