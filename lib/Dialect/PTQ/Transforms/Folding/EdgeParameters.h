//===- EdgeParameters.h - Scales and zero points of an edge -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H

#include "mlir/IR/Builders.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/TensorValue.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::ptq {

/// Scales and zero points of an edge: one, or one for each channel or block, in
/// row-major order of the scales.
struct EdgeParameters {
  SmallVector<QuantizationParameters> values;
  /// Whether the scales are numbers of f16, and constants of that type.
  bool hasHalfScales = false;
};

/// The static parameters of observers.
using EdgeParameterMap = llvm::MapVector<Operation *, EdgeParameters>;

/// The parameters that encode the range of `observer`. Blocks get scales of f16
/// where that is exact enough. Reports an error where there is no range, or
/// none that the encoding could use.
FailureOr<EdgeParameters> chooseEdgeParameters(ObserveOp observer);

/// Parameters for the ranges from `lows` to `highs` by `encoding`. With
/// `hasHalfScales` scales are rounded to f16; fails, without a diagnostic, if
/// that would lose too much of any of them.
FailureOr<EdgeParameters> chooseParameters(EncodingAttr encoding,
                                           ArrayRef<double> lows,
                                           ArrayRef<double> highs,
                                           bool hasHalfScales);

/// What `value` becomes by quantizing and dequantizing it; null if there is no
/// memory for it.
TensorValue quantizeAndDequantize(const TensorValue &value,
                                  EncodingAttr encoding,
                                  const EdgeParameters &parameters);

/// The scale, zero point, axis and blocks of a quantize or dequantize.
struct ParameterOperands {
  Value scale;
  /// Null for a symmetric encoding.
  Value zeroPoint;
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;
};

/// The static parameters of `observer` as constants: scalars per tensor, and
/// otherwise tensors.
ParameterOperands createParameterOperands(OpBuilder &builder,
                                          ObserveOp observer,
                                          const EdgeParameters &parameters);

/// Scales as an f32 constant: a scalar, or with `isPerChannel` a tensor.
Value createScale(OpBuilder &builder, Location loc, ArrayRef<float> scales,
                  bool isPerChannel, StringRef name);

/// A constant of integer codes of the element type of `type`.
Value createCodes(OpBuilder &builder, Location loc, RankedTensorType type,
                  ArrayRef<int32_t> codes, StringRef name);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H
