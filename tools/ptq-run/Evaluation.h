//===- Evaluation.h - Running all samples -----------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQRUN_EVALUATION_H
#define PTQ_TOOLS_PTQRUN_EVALUATION_H

#include "Engine.h"
#include "ptq/Calibration/NumpyArray.h"
#include "ptq/Interpreter/SampleBatches.h"

namespace mlir::ptq {

/// The outputs of a network, by name, for all samples.
using NamedArrays = std::vector<std::pair<std::string, NumpyArray>>;

/// Runs all samples. With a fixed batch the last chunk is filled up with copies
/// of the last sample, whose results are cut off.
FailureOr<NamedArrays> evaluateSamples(const Engine &engine,
                                       const SampleBatches &batches);

/// Times in microseconds of single runs on the first sample.
struct Timing {
  double median;
  double minimum;
};

/// Runs the first sample for at least half a second after warming up. With a
/// fixed batch the time of a call is divided by its samples.
FailureOr<Timing> timeOneSample(const Engine &engine,
                                const SampleBatches &batches);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQRUN_EVALUATION_H
