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

/// Adds the passes that make a float network ready for schemes: on linalg, with
/// plain constants for weights, and batch norms in them.
void populatePreparationPasses(OpPassManager &pm);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_H
