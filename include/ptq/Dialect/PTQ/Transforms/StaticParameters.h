//===- StaticParameters.h - Constant scales and zero points -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_STATICPARAMETERS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_STATICPARAMETERS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <optional>

namespace mlir::ptq {

/// Scale and zero point that are constants of the whole tensor.
using StaticParameters = QuantizationParameters;

/// Whether `codes` are i8 or i16: what integer ops take for activations.
bool holdsActivationCodes(Value codes);

/// Constant scalar parameters; nothing for anything else.
std::optional<StaticParameters> matchStaticParameters(Value scale,
                                                      Value zeroPoint);

/// The parameters of `op` if a requantize can take its place: they are
/// constants of the whole tensor, the codes have up to 16 bits, and the shape
/// stays.
std::optional<StaticParameters> matchStaticQuantize(QuantizeOp op);

/// The code that `op` gives `value`, of the type of its storage; null unless
/// `matchStaticQuantize` finds parameters.
IntegerAttr quantizeConstant(QuantizeOp op, FloatAttr value);

/// Codes that stand for a float value, with constant parameters per tensor.
struct QuantizedValue {
  Value codes;
  StaticParameters parameters;
};

/// The codes that the elements of `codes`, a tensor of integers, can be.
CodeRange getCodeRangeOf(Value codes);

/// As `getCodeRangeOf`, within the bounds of the op that makes them.
CodeRange getProducedCodeRange(Value codes);

/// `value` as the dequantization of i8 or i16 codes with constant parameters
/// per tensor.
std::optional<QuantizedValue> matchQuantizedValue(Value value);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_STATICPARAMETERS_H
