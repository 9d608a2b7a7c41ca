//===- SampleRunner.h - Calls of a network for the samples ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_SAMPLERUNNER_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_SAMPLERUNNER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include "ptq/Interpreter/SampleBatches.h"

namespace mlir::ptq {

/// Sees the calls of a network one after the other.
class CallListener : public EvaluationListener {
public:
  /// Called before call number `call` is evaluated.
  virtual void notifyCall(int64_t call) {}

  /// Called with the results of that call.
  virtual void notifyReturned(ArrayRef<TensorValue> results) {}
};

/// Reports numbers of samples or threads that are negative; 0 sets no limit.
LogicalResult verifySampleOptions(ModuleOp module, int64_t numSamples,
                                  int64_t numThreads);

/// The calls that a run over the samples consists of: every `count`-th one,
/// from `index` on.
struct Shard {
  int64_t index = 0;
  int64_t count = 1;
};

/// The samples of a network, and the way to evaluate the network on them. A
/// call takes one sample, or as many as a fixed batch holds.
class SampleRunner {
public:
  struct Options {
    /// See openSamples.
    std::string data;
    uint64_t seed = 0;
    int64_t maxSamples = 0;
    Shard shard;
    /// The most calls to evaluate at once; 0 sets no limit of its own.
    int64_t maxThreads = 0;
  };

  /// Opens the samples for the entry function of `module`. Reports what is
  /// wrong with them, and warns of samples that do not fill a batch.
  static FailureOr<SampleRunner> open(ModuleOp module, const Options &options);

  /// The same samples for another network with the same inputs.
  FailureOr<SampleRunner> withNetwork(ModuleOp module) const;

  /// The numbers of this shard's calls, in ascending order.
  ArrayRef<int64_t> getCalls() const { return calls; }
  int64_t getBatchSize() const { return batches.getBatchSize(); }

  /// The entry function, and the arguments of one of its calls.
  func::FuncOp getFunction() const { return function; }
  FailureOr<SmallVector<TensorValue>> readArguments(int64_t call) const {
    return batches.read(call * batches.getBatchSize());
  }

  /// How many listeners a run over `numCalls` calls wants.
  int64_t getNumThreads(int64_t numCalls) const;

  /// Evaluates `calls`, each with one of `listeners`, whose number is that of
  /// the threads. Shows progress under the name `label`.
  LogicalResult run(StringRef label, ArrayRef<int64_t> calls,
                    ArrayRef<CallListener *> listeners) const;

private:
  SampleRunner(func::FuncOp function, SampleBatches batches)
      : function(function), batches(std::move(batches)) {}

  func::FuncOp function;
  SampleBatches batches;
  SmallVector<int64_t> calls;
  int64_t maxThreads = 0;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_SAMPLERUNNER_H
