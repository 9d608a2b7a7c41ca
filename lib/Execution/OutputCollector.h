//===- OutputCollector.h - Results of calls as one array --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_OUTPUTCOLLECTOR_H
#define PTQ_LIB_EXECUTION_OUTPUTCOLLECTOR_H

#include "ptq/Calibration/NumpyArray.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// Joins one output of successive calls along its sample axis. An output
/// without one has one result for each call; several of them lie along a new
/// first axis.
class OutputCollector {
public:
  explicit OutputCollector(const SignatureEntry &entry) : entry(entry) {}

  const std::string &getName() const { return entry.name; }

  /// Adds the first `numUsed` samples of `output`. Reports at `loc` elements
  /// that files cannot hold and results whose shape differs between calls.
  LogicalResult add(Location loc, const TensorValue &output, int64_t numUsed);

  /// Everything added.
  NumpyArray finish();

private:
  const SignatureEntry &entry;
  int64_t numSamples = 0;
  /// Samples one after the other: the sample axis is outermost here.
  std::vector<char> samples;
  /// Of one sample, without the sample axis.
  std::optional<SmallVector<int64_t>> sampleShape;
  ElementKind kind = ElementKind::Float32;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_OUTPUTCOLLECTOR_H
