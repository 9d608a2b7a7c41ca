//===- SampleRunner.cpp - Calls of a network for the samples --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SampleRunner.h"
#include "mlir/IR/Threading.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Support/ProgressBar.h"
#include "ptq/Support/ThreadCount.h"

using namespace mlir;
using namespace mlir::ptq;

LogicalResult mlir::ptq::verifySampleOptions(ModuleOp module,
                                             int64_t numSamples,
                                             int64_t numThreads) {
  if (numSamples < 0)
    return module.emitError("the number of samples must not be negative");
  if (numThreads < 0)
    return module.emitError("the number of threads must not be negative");
  return success();
}

FailureOr<SampleRunner> SampleRunner::open(ModuleOp module,
                                           const Options &options) {
  FailureOr<func::FuncOp> function = findEntryFunction(module);
  if (failed(function))
    return failure();
  if (options.data.empty()) {
    function->emitError(
        "calibration needs samples: pass data=FILE.npz, a .npy file, a "
        "directory of .npy files, or data=random");
    return failure();
  }
  FailureOr<Signature> signature = getTensorSignature(*function);
  if (failed(signature))
    return failure();
  SampleOptions sampleOptions;
  sampleOptions.seed = options.seed;
  sampleOptions.maxSamples = options.maxSamples;
  FailureOr<SampleBatches> batches = SampleBatches::open(
      function->getLoc(), *signature, options.data, sampleOptions);
  if (failed(batches))
    return failure();
  int64_t batch = batches->getBatchSize();
  int64_t numSamples = batches->getNumSamples();
  int64_t numCalls = numSamples / batch;
  if (numCalls == 0) {
    function->emitError("needs at least ")
        << batch << " samples for its fixed batch, got " << numSamples;
    return failure();
  }
  if (int64_t left = numSamples % batch)
    function->emitWarning("the last ")
        << left << " of " << numSamples << " samples do not fill a batch of "
        << batch << " and are left out";

  SampleRunner runner(*function, std::move(*batches));
  runner.maxThreads = options.maxThreads;
  for (int64_t call = options.shard.index; call < numCalls;
       call += options.shard.count)
    runner.calls.push_back(call);
  return runner;
}

FailureOr<SampleRunner> SampleRunner::withNetwork(ModuleOp module) const {
  FailureOr<func::FuncOp> entry = findEntryFunction(module);
  if (failed(entry))
    return failure();
  SampleRunner other = *this;
  other.function = *entry;
  return other;
}

int64_t SampleRunner::getNumThreads(int64_t numCalls) const {
  MLIRContext *context = func::FuncOp(function)->getContext();
  return std::clamp<int64_t>(numCalls, 1, getThreadCount(context, maxThreads));
}

LogicalResult SampleRunner::run(StringRef label, ArrayRef<int64_t> calls,
                                ArrayRef<CallListener *> listeners) const {
  func::FuncOp callee = function;
  auto module = callee->getParentOfType<ModuleOp>();
  auto numCalls = static_cast<int64_t>(calls.size());
  std::atomic<int64_t> next{0};
  ProgressBar progress(label, numCalls);
  // Calls go to whichever thread is free.
  auto work = [&](size_t thread) -> LogicalResult {
    Interpreter interpreter(module);
    CallListener *listener = listeners[thread];
    interpreter.addListener(listener);
    for (int64_t i; (i = next++) < numCalls; progress.advance()) {
      FailureOr<SmallVector<TensorValue>> arguments = readArguments(calls[i]);
      if (failed(arguments))
        return failure();
      listener->notifyCall(calls[i]);
      FailureOr<SmallVector<TensorValue>> results =
          interpreter.call(callee, *arguments);
      if (failed(results))
        return failure();
      listener->notifyReturned(*results);
    }
    return success();
  };
  if (listeners.size() == 1)
    return work(0);
  return failableParallelForEachN(callee->getContext(), 0, listeners.size(),
                                  work);
}
