//===- DynamicObservers.h - Observers to run-time parameters ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_DYNAMICOBSERVERS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_DYNAMICOBSERVERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {

/// Makes every dynamic range of `module` one of a single sample: an observer
/// per tensor gets the axis along which samples lie, if there is one. Removes
/// observers, with a remark, where samples cannot be told apart, and returns
/// their number.
int64_t separateSamples(ModuleOp module);

/// `input`, quantized and dequantized with the parameters that `encoding`, a
/// dynamic one, measures.
Value createDynamicQuantization(OpBuilder &builder, Location loc, Value input,
                                EncodingAttr encoding);

/// Builds choose_parameters, quantize and dequantize in place of `observer`,
/// whose encoding is dynamic.
void replaceDynamicObserver(ObserveOp observer);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_DYNAMICOBSERVERS_H
