//===- Network.h - A network from a file, and its results -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQ_RUN_NETWORK_H
#define PTQ_TOOLS_PTQ_RUN_NETWORK_H

#include "mlir/IR/OwningOpRef.h"
#include "ptq/Execution/Engine.h"
#include "ptq/Execution/SampleRun.h"
#include "ptq/Interpreter/SampleBatches.h"
#include "ptq/Metrics/Metrics.h"

namespace mlir::ptq {

/// What the command line asks for, of the network and of its reference alike.
struct RunOptions {
  EngineKind engine = EngineKind::JIT;
  std::string input;
  /// Samples in one call, where asked for.
  std::optional<int64_t> batch;
  /// Of which samples, how many, and whether there may be NaN.
  SampleOptions samples;
};

/// A network from a file, and its results on the samples.
struct Network {
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<Engine> engine;
  std::vector<NamedArray> outputs;
  int64_t numSamples;

  /// Output number `index` as numbers, which codes are turned into.
  SampleResults getResults(size_t index) const;
};

/// Turns codes into the numbers that `quantization` says they stand for, if it
/// says so.
void dequantize(const std::optional<InterfaceQuantization> &quantization,
                SampleResults &results);

/// Opens the samples for `engine`. Reports an error if the network takes
/// another number of them in one call than `options` ask for.
FailureOr<SampleBatches> openBatches(const Engine &engine,
                                     const RunOptions &options);

/// Reads the module at `path`, text or bytecode. Errors are reported, among
/// them constants without their data.
FailureOr<OwningOpRef<ModuleOp>> readModule(MLIRContext &context,
                                            StringRef path);

/// Reads the module at `path`, text or bytecode, and runs it on the samples.
/// Errors are reported, among them constants without their data.
FailureOr<Network> runNetwork(MLIRContext &context, StringRef path,
                              const RunOptions &options);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQ_RUN_NETWORK_H
