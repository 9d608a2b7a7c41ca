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

/// Scales and zero points that are known. Zero points may be missing.
struct ConstantParameters {
  ConstantTensor scales;
  std::optional<ConstantTensor> zeroPoints;
  /// Which elements share a scale; if both are null, all of them do.
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;

  /// The zero points as codes of `type`, unsigned ones less half of their
  /// range.
  SmallVector<int64_t> getSignedZeroPoints(CodeType type) const;
  /// Calls `visit` with the index of each element of a tensor of `shape` and
  /// that of its scale.
  void forEachElement(ArrayRef<int64_t> shape,
                      function_ref<void(int64_t, int64_t)> visit) const;
};

/// The parameters at inputs `scale` and `zeroPoint` of `node`, if they are
/// constants.
std::optional<ConstantParameters>
getConstantParameters(const Node &node, unsigned scale, unsigned zeroPoint);

/// The codes of `values`, of f32, as a tensor of `type`, which may be unsigned.
ConstantTensor quantizeConstant(const ConstantTensor &values,
                                const ConstantParameters &parameters,
                                CodeType type);

/// Codes that are known with all that dequantizes them.
struct ConstantCodes : ConstantParameters {
  ConstantTensor codes;

  ConstantCodes(ConstantTensor codes, ConstantParameters parameters)
      : ConstantParameters(std::move(parameters)), codes(std::move(codes)) {}

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
