//===- ConstantCodes.h - Constants that are dequantized ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_CONSTANTCODES_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_CONSTANTCODES_H

#include "CodeParameters.h"

namespace mlir::ptq::importer {

/// Codes, scales and zero points that are all known. Zero points may be
/// missing.
struct ConstantCodes {
  ConstantTensor codes, scales;
  std::optional<ConstantTensor> zeroPoints;
  /// Which elements share a scale; if both are null, all of them do.
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;

  /// Whether there are scales that are negative or 0, as some quantizers
  /// choose them.
  bool hasUnusualScales() const;
  /// The values, of the element type of the scales.
  ConstantTensor dequantize() const;
  /// As ops. ptq has positive scales only: what has a negative one gets the
  /// complements of codes and zero point, what has a scale of 0 codes of zero.
  FailureOr<Value> createValues(Node &node) const;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_CONSTANTCODES_H
