//===- SampleAxis.h - Where the samples of a batch lie ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples of one batch must not influence each other: a range that is measured
// at run time is measured for each sample by itself. This analysis finds the
// dimension of a value that tells the samples apart, from the entry function's
// inputs on.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_SAMPLEAXIS_H
#define PTQ_DIALECT_PTQ_MODELS_SAMPLEAXIS_H

#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace mlir::ptq {

/// The dimension of a value along which samples lie, and how many neighbouring
/// indices of it belong to each: 1, or the size of what has been merged with
/// it.
struct SampleAxis {
  int64_t dim;
  int64_t size = 1;
  /// Whether this only follows from the dimension being dynamic.
  bool isAssumed = false;
};

/// Finds sample axes, each value's once.
class SampleAxisAnalysis {
public:
  /// Where the samples of `value` are: nothing if the whole value belongs to
  /// one, or to none. Failure if samples are mixed up in it, or nobody knows. A
  /// dynamic dimension of which nothing else is known is taken for such an
  /// axis.
  FailureOr<std::optional<SampleAxis>> getSampleAxis(Value value);

private:
  using Axis = FailureOr<std::optional<SampleAxis>>;

  Axis compute(Value value);
  Axis computeArgument(BlockArgument argument);
  Axis computeResult(OpResult result);

  DenseMap<Value, Axis> axes;
};

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_SAMPLEAXIS_H
