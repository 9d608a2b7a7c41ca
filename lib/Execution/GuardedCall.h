//===- GuardedCall.h - Machine code that may give up ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code says by `puts` what does not hold that it relies on, and calls
// `abort`. In this process that is an error of the call, not the end.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_GUARDEDCALL_H
#define PTQ_LIB_EXECUTION_GUARDEDCALL_H

#include "mlir/Support/LLVM.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/Mangling.h"
#include <optional>
#include <string>

namespace mlir::ptq {

/// What the calls of compiled code to `abort` and `puts` are to reach.
llvm::orc::SymbolMap getGuardedSymbols(llvm::orc::MangleAndInterner interner);

/// Calls `code`, which calls compiled code with these symbols. If that gives
/// up, returns the last that it said; what it has allocated is lost.
std::optional<std::string> callGuarded(function_ref<void()> code);

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_GUARDEDCALL_H
