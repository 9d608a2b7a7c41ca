//===- BatchMultiple.h - How a dynamic size follows the batch ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_BATCHMULTIPLE_H
#define PTQ_LIB_TARGET_ONNX_BATCHMULTIPLE_H

#include "mlir/IR/Value.h"
#include <cstdint>

namespace mlir::ptq::importer {

/// A multiple of the batch, in lowest terms: reshapes that fold other
/// dimensions into the batch, or split it, change how many rows there are for
/// each sample.
struct BatchMultiple {
  uint64_t numerator = 1, denominator = 1;

  bool operator==(const BatchMultiple &other) const {
    return numerator == other.numerator && denominator == other.denominator;
  }
  bool operator!=(const BatchMultiple &other) const {
    return !(*this == other);
  }
};

/// What multiple of the batch the one dynamic dimension of `tensor` is. The
/// tensor is an argument of the entry function or was built by a
/// `TensorBuilder`.
BatchMultiple getBatchMultiple(Value tensor);

/// Whether the dynamic dimensions of those of `tensors` that have one are equal
/// for every batch.
bool haveSameBatch(ValueRange tensors);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_BATCHMULTIPLE_H
