//===- EdgeParameters.h - Scales and zero points of an edge -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H

#include "mlir/IR/Builders.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::ptq {

/// Scale and zero point of an edge: one, or one for each channel.
using EdgeParameters = SmallVector<QuantizationParameters>;

/// The static parameters of observers.
using EdgeParameterMap = llvm::MapVector<Operation *, EdgeParameters>;

/// The parameters that encode the range of `observer`. Reports an error where
/// there is no range, or none that its encoding could use.
FailureOr<EdgeParameters> chooseEdgeParameters(ObserveOp observer);

/// The scales of edge parameters as an f32 constant: a scalar per tensor, a
/// tensor per channel.
Value createScale(OpBuilder &builder, Location loc, ArrayRef<float> scales,
                  bool isPerChannel, StringRef name);
Value createScale(OpBuilder &builder, Location loc,
                  const EdgeParameters &parameters, EncodingAttr encoding,
                  StringRef name);

/// The zero points of edge parameters as a constant shaped like the scale; null
/// for a symmetric encoding.
Value createZeroPoint(OpBuilder &builder, Location loc,
                      const EdgeParameters &parameters, EncodingAttr encoding);

/// A constant of integer codes of the element type of `type`.
Value createCodes(OpBuilder &builder, Location loc, RankedTensorType type,
                  ArrayRef<int32_t> codes, StringRef name);

/// The axis of a per-channel encoding as an attribute of quantize and
/// dequantize; null per tensor.
IntegerAttr getAxisAttr(OpBuilder &builder, EncodingAttr encoding);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_FOLDING_EDGEPARAMETERS_H
