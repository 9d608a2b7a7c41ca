//===- EntryFunction.cpp - The function that tools run --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

static InFlightDiagnostic emitAmbiguous(ModuleOp module, StringRef what,
                                        ArrayRef<func::FuncOp> candidates) {
  InFlightDiagnostic diagnostic = module.emitError("the entry is ambiguous: ")
                                  << candidates.size() << " functions " << what;
  for (func::FuncOp candidate : candidates)
    diagnostic.attachNote(candidate.getLoc())
        << "'" << candidate.getName() << "' is one of them";
  return diagnostic;
}

FailureOr<func::FuncOp> mlir::ptq::findEntryFunction(ModuleOp module) {
  SmallVector<func::FuncOp> marked, runnable;
  func::FuncOp forward;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function->hasAttr(kEntryAttrName))
      marked.push_back(function);
    if (function.isExternal())
      continue;
    if (function.getName() == "forward")
      forward = function;
    if (function.isPublic())
      runnable.push_back(function);
  }
  if (marked.size() > 1)
    return emitAmbiguous(module, "are marked 'ptq.entry'", marked);
  func::FuncOp entry;
  if (marked.size() == 1)
    entry = marked.front();
  else if (forward)
    entry = forward;
  else if (runnable.size() == 1)
    entry = runnable.front();
  else if (runnable.size() > 1)
    return emitAmbiguous(module,
                         "are public and none is called 'forward' or "
                         "marked 'ptq.entry'",
                         runnable);
  if (!entry)
    return module.emitError("there is no entry function: mark a function "
                            "'ptq.entry' or call it 'forward'");
  if (entry.isExternal())
    return entry.emitError("the entry function '")
           << entry.getName() << "' has no body";
  return entry;
}
