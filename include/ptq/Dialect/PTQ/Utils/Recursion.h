//===- Recursion.h - Functions that call themselves -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_RECURSION_H
#define PTQ_DIALECT_PTQ_UTILS_RECURSION_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::ptq {

/// Checks that no function of `module`, in any form, calls itself, be it by way
/// of others. Reports an error at a call that leads back. Endless recursion
/// ends compiled code without a word, and networks have no use for any other.
LogicalResult verifyNoRecursion(ModuleOp module);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_RECURSION_H
