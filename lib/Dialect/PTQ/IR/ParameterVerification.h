//===- ParameterVerification.h - Checks of quantization parameters --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the verifiers of several ops ask of scales and zero points. All of these
// report what they reject as an error of `op`.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_IR_PARAMETERVERIFICATION_H
#define PTQ_LIB_DIALECT_PTQ_IR_PARAMETERVERIFICATION_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace mlir::ptq {

/// Whether two dimensions can be equal at run time.
bool areCompatible(int64_t lhs, int64_t rhs);

/// Checks `axis` against the rank of `type`.
LogicalResult verifyAxis(Operation *op, ShapedType type, int64_t axis);

/// Checks that `parameter` (a scale, multiplier or zero point) is a scalar, or
/// a vector along `axis`, or one value for each block.
LogicalResult verifyParameterShape(Operation *op, ShapedType data,
                                   Type parameter, std::optional<int64_t> axis,
                                   std::optional<ArrayRef<int64_t>> blocks);

/// Calls `visit` on every number of a constant, be it a scalar, dense, or a
/// dense resource. Values that are not constant are not visited.
LogicalResult visitConstantFloats(Value value,
                                  function_ref<LogicalResult(double)> visit);

/// A constant zero point must be one of the codes of `storage`.
LogicalResult verifyConstantZeroPoint(Operation *op, Value zeroPoint,
                                      IntegerType storage);

/// What quantize, dequantize and choose_parameters share: shapes of scale and
/// zero point, and the values of constant ones. `zeroPoint` may be null.
LogicalResult verifyParameters(Operation *op, ShapedType data,
                               IntegerType storage, Value scale,
                               Value zeroPoint, std::optional<int64_t> axis,
                               std::optional<ArrayRef<int64_t>> blocks);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_IR_PARAMETERVERIFICATION_H
