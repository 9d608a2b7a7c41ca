//===- EntryFunction.h - The function that tools run ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_ENTRYFUNCTION_H
#define PTQ_INTERPRETER_ENTRYFUNCTION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::ptq {

/// The function of `module` that tools run: the one marked `ptq.entry`, else
/// `@forward`, else the only public function with a body. Reports an error at
/// the module, with the candidates, if there is none or more than one.
FailureOr<func::FuncOp> findEntryFunction(ModuleOp module);

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_ENTRYFUNCTION_H
