//===- PTQ.h - The ptq dialect ----------------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dialect, attributes, interfaces and ops. The meaning of every op is in its
// ODS description; the numbers are defined in ptq/Quantization.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQ_H
#define PTQ_DIALECT_PTQ_IR_PTQ_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir::ptq {
class EvaluationFrame;
class ParameterLayout;

/// Names of the discardable attributes that the dialect verifies.
inline constexpr llvm::StringLiteral kEntryAttrName = "ptq.entry";
inline constexpr llvm::StringLiteral kSignatureAttrName = "ptq.signature";
inline constexpr llvm::StringLiteral kSchemeAttrName = "ptq.scheme";
} // namespace mlir::ptq

#include "ptq/Dialect/PTQ/IR/PTQDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ptq/Dialect/PTQ/IR/PTQAttributes.h.inc"

#include "ptq/Dialect/PTQ/IR/PTQInterfaces.h.inc"

#define GET_OP_CLASSES
#include "ptq/Dialect/PTQ/IR/PTQOps.h.inc"

#endif // PTQ_DIALECT_PTQ_IR_PTQ_H
