//===- ValueFacts.h - What a type does not say ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_VALUEFACTS_H
#define PTQ_LIB_TARGET_ONNX_VALUEFACTS_H

#include "ConstantTensor.h"
#include "mlir/IR/Value.h"
#include <functional>
#include <memory>

namespace mlir::ptq::importer {
struct ConstantCodes;

/// What is known of a value beside what its type says.
struct ValueFacts {
  /// The tensor is unsigned. The value, which is signed, has its elements less
  /// half of their range.
  bool isShifted = false;
  /// The same numbers as floats, if it was computed from such; or null.
  Value floats;
  /// Computes the elements, if they are known although the value is no constant
  /// of the graph. May be null.
  std::function<ConstantTensor()> getElements;
  /// The codes that are dequantized, if they and their parameters are known; or
  /// null.
  std::shared_ptr<const ConstantCodes> codes;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_VALUEFACTS_H
