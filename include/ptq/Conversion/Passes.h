//===- Passes.h - Between ptq and other dialects ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_PASSES_H
#define PTQ_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"
#include "ptq/Dialect/PTQ/IR/PTQEnums.h"

namespace mlir::ptq {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ptq/Conversion/Passes.h.inc"

} // namespace mlir::ptq

#endif // PTQ_CONVERSION_PASSES_H
