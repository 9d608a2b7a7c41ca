//===- UniformTypes.h - Scales and zero points as a type --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CONVERSION_PTQTOQUANT_UNIFORMTYPES_H
#define PTQ_LIB_CONVERSION_PTQTOQUANT_UNIFORMTYPES_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Support/LLVM.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// The uniform quantized type with the parameters of `op`. Failure if they are
/// not constant or if no type has them.
FailureOr<quant::QuantizedType> getUniformType(QuantizeOp op,
                                               ExplainFn explain);

/// As above. Bounds are those of whoever makes the codes that `op` reads.
FailureOr<quant::QuantizedType> getUniformType(DequantizeOp op,
                                               ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CONVERSION_PTQTOQUANT_UNIFORMTYPES_H
