//===- SampleRun.h - A network on many samples ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_SAMPLERUN_H
#define PTQ_EXECUTION_SAMPLERUN_H

#include "ptq/Calibration/NumpyArray.h"
#include "ptq/Execution/Engine.h"
#include "ptq/Interpreter/SampleBatches.h"

namespace mlir::ptq {

/// One output of a network, or what it is compared with.
using NamedArray = std::pair<std::string, NumpyArray>;

/// Runs `engine` on all samples of `batches`, which were opened for its
/// signature. Results of the samples that fill up a last batch are cut off.
///
/// The outputs hold all samples along their sample axis. An output without one
/// is stacked along a new first dimension, unless there is only one sample.
/// Elements of bf16 become f32, which holds them exactly. Errors are reported.
FailureOr<std::vector<NamedArray>> runSamples(const Engine &engine,
                                              const SampleBatches &batches);

/// The time of one call for one sample, in microseconds.
struct CallTimes {
  double median;
  double min;
};

/// Times calls on the first batch, warmed up, for at least half a second. A
/// call's time is divided by its samples.
FailureOr<CallTimes> measureCalls(const Engine &engine,
                                  const SampleBatches &batches);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_SAMPLERUN_H
