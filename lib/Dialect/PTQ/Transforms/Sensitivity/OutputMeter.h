//===- OutputMeter.h - What becomes of the outputs --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OUTPUTMETER_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OUTPUTMETER_H

#include "../Calibration/SampleRunner.h"
#include "ptq/Metrics/Metrics.h"

namespace mlir::ptq {

/// How good the outputs of a network are, compared with the float network's.
struct OutputQuality {
  /// The signal-to-noise ratio in dB over all samples, of the output where it
  /// is lowest.
  double sqnr = 0;
  /// The share of classes on top of the first output that are the same.
  double agreement = 0;
  /// The share that the labels say, where there are labels.
  std::optional<double> accuracy;

  /// The power of the noise as a multiple of that of the signal.
  double getNoiseRatio() const;
};

/// Compares forms of a network with the float form, on samples.
class OutputMeter {
public:
  /// Runs `network`, the float form, on the samples of `runner` and keeps its
  /// outputs. Reports a network without an output to compare.
  static FailureOr<OutputMeter> create(ModuleOp network,
                                       const SampleRunner &runner);

  /// Takes the array `key` of the samples' file at `path` for the classes that
  /// are right. Reports errors.
  LogicalResult readLabels(Location loc, StringRef path, StringRef key);

  /// Runs `network`, another form, on the samples, under the name `label`.
  FailureOr<OutputQuality> measure(StringRef label, ModuleOp network) const;

  int64_t getNumSamples() const;

private:
  using Outputs = SmallVector<TensorValue>;

  OutputMeter(SampleRunner runner, Signature signature)
      : runner(std::move(runner)), signature(std::move(signature)) {}

  LogicalResult
  run(StringRef label, const SampleRunner &runner,
      function_ref<void(size_t, ArrayRef<TensorValue>)> take) const;
  std::vector<int64_t> getClasses(ArrayRef<TensorValue> outputs) const;

  SampleRunner runner;
  Signature signature;
  /// The outputs of the float network, call by call.
  std::vector<Outputs> references;
  /// The classes that are right, call by call.
  std::vector<std::vector<int64_t>> labels;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OUTPUTMETER_H
