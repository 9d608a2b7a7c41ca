//===- EmitObject.h - Machine code in a file --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TARGET_OBJECT_EMITOBJECT_H
#define PTQ_TARGET_OBJECT_EMITOBJECT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::ptq {

/// Writes `module`, in LLVM form, as an object file (or assembly) for the
/// processor that its signature names. The one symbol that it defines is the C
/// function of CInterface.h, called `name`, or like the entry if that is empty;
/// so programs may have several such objects. Reports an error, and writes
/// nothing, for a module that cannot be called, is for a processor that LLVM
/// does not know, or has code that it cannot generate. The context needs the
/// translations of `registerObjectDialects`.
LogicalResult
emitObject(ModuleOp module, raw_ostream &output, StringRef name = {},
           llvm::CodeGenFileType fileType = llvm::CodeGenFileType::ObjectFile);

/// Registers what modules in LLVM form are made of, and how they become LLVM
/// IR.
void registerObjectDialects(DialectRegistry &registry);

/// Registers `ptq-translate --emit-object` and `--emit-assembly`.
void registerObjectTranslations();

} // namespace mlir::ptq

#endif // PTQ_TARGET_OBJECT_EMITOBJECT_H
