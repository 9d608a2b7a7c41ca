//===- SampleBatches.h - From samples to call arguments ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_SAMPLEBATCHES_H
#define PTQ_INTERPRETER_SAMPLEBATCHES_H

#include "ptq/Calibration/SampleSource.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// The kind of .npy elements that hold `type`; nullopt if there is none.
std::optional<ElementKind> getElementKind(Type type, bool isUnsigned);

/// Samples as arguments of the entry function. Where the batch is dynamic a
/// call takes as many samples as it is asked to, where it is fixed a call takes
/// that many.
class SampleBatches {
public:
  /// Opens the samples named by `spec` (see openSamples) for the inputs of
  /// `signature`. `callSize` is the number of samples in one call where the
  /// batch is dynamic. Reports errors at `loc`: an input with a dynamic
  /// dimension besides the sample axis, an element type that .npy lacks, inputs
  /// of different fixed batches, and what openSamples refuses.
  static FailureOr<SampleBatches> open(Location loc, const Signature &signature,
                                       StringRef spec,
                                       const SampleOptions &options,
                                       int64_t callSize = 1);

  int64_t getNumSamples() const { return source->getNumSamples(); }

  /// The number of samples in one call.
  int64_t getBatchSize() const { return batch; }

  /// The arguments for samples [first, first + batch). Beyond the last sample
  /// the last one is repeated.
  FailureOr<SmallVector<TensorValue>> read(int64_t first) const;

private:
  struct Input {
    SampleInput sample;
    /// The static type of the argument of one call.
    RankedTensorType callType;
  };

  FailureOr<TensorValue> readInput(size_t index, int64_t first) const;

  explicit SampleBatches(Location loc) : loc(loc) {}

  Location loc;
  SmallVector<Input> inputs;
  int64_t batch = 1;
  std::shared_ptr<SampleSource> source;
};

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_SAMPLEBATCHES_H
