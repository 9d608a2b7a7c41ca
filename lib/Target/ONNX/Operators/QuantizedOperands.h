//===- QuantizedOperands.h - What operators on codes read -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators on codes become float ops between ptq.dequantize and ptq.quantize,
// like everything that is quantized; lowering makes integer ops of them again.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_QUANTIZEDOPERANDS_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_QUANTIZEDOPERANDS_H

#include "CodeParameters.h"

namespace mlir::ptq::importer {

/// Codes of eight bits, signed or not in the model.
struct ByteCodes {
  Value codes;
  CodeType type;
};

/// The codes at input `index`; an error if they are not bytes.
FailureOr<ByteCodes> readByteCodes(Node &node, unsigned index);

/// The values of codes, and what held the codes.
struct DequantizedCodes {
  Value values;
  CodeType type;
};

/// The values of the codes at input `index`, with scales and zero points at the
/// inputs after it. There may be several along dimension `axis`, if it is
/// given.
FailureOr<DequantizedCodes> readDequantized(Node &node, unsigned index,
                                            std::optional<int64_t> axis);

/// The values of the bias at input `index`: codes of i32, whose scale is
/// `factor` times the product of those at inputs `lhsScale` and `rhsScale`. If
/// the latter has several, they lie along the last dimension of the bias.
FailureOr<Value> readDequantizedBias(Node &node, unsigned index,
                                     unsigned lhsScale, unsigned rhsScale,
                                     double factor);

/// Sets output 0 to the codes of `result`, by scale and zero point at inputs
/// `index` and the one after it. Without a zero point they are of
/// `defaultType`.
LogicalResult setQuantized(Node &node, Value result, unsigned index,
                           CodeType defaultType);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_QUANTIZEDOPERANDS_H
