//===- Passes.h - From observers to integers --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include "ptq/Dialect/PTQ/IR/EnumValues.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir::ptq {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_H
