//===- GuardedCall.cpp - Machine code that may give up --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GuardedCall.h"
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct GuardedCall {
  jmp_buf returnPoint;
  std::string lastWords;
  GuardedCall *outer;
};
} // namespace

/// The innermost call of this thread. Compiled code has no way to pass it on.
static thread_local GuardedCall *current = nullptr;

/// Stands for `abort`. Between here and `callGuarded` there is only compiled
/// code, which has nothing to clean up. A thread of OpenMP's has no call.
static void giveUp() {
  if (!current)
    std::abort();
  std::longjmp(current->returnPoint, 1);
}

/// Stands for `puts`.
static int say(const char *words) {
  if (current)
    current->lastWords = words;
  return std::puts(words);
}

llvm::orc::SymbolMap
mlir::ptq::getGuardedSymbols(llvm::orc::MangleAndInterner interner) {
  using llvm::orc::ExecutorAddr;
  llvm::orc::SymbolMap symbols;
  symbols[interner("abort")] = {ExecutorAddr::fromPtr(&giveUp),
                                llvm::JITSymbolFlags::Exported};
  symbols[interner("puts")] = {ExecutorAddr::fromPtr(&say),
                               llvm::JITSymbolFlags::Exported};
  return symbols;
}

std::optional<std::string> mlir::ptq::callGuarded(function_ref<void()> code) {
  GuardedCall call;
  call.outer = current;
  current = &call;
  bool hasGivenUp = setjmp(call.returnPoint) != 0;
  if (!hasGivenUp)
    code();
  current = call.outer;
  if (!hasGivenUp)
    return std::nullopt;
  return std::move(call.lastWords);
}
