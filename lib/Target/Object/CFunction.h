//===- CFunction.h - The function that C calls ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_OBJECT_CFUNCTION_H
#define PTQ_LIB_TARGET_OBJECT_CFUNCTION_H

#include "ptq/Target/CHeader/CInterface.h"

namespace mlir::ptq {

/// Adds the function of `interface` to `module`, whose entry is `entry`, and
/// hides everything else from other objects. Reports an error if the module
/// calls a function of that name.
LogicalResult addCFunction(ModuleOp module, EntryPoint &entry,
                           const CInterface &interface);

} // namespace mlir::ptq

#endif // PTQ_LIB_TARGET_OBJECT_CFUNCTION_H
