//===- EmitCHeader.h - How to call a network from C -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TARGET_CHEADER_EMITCHEADER_H
#define PTQ_TARGET_CHEADER_EMITCHEADER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::ptq {

/// Writes a C header, which is C++ as well, that declares the function that
/// `emitObject` makes of `module`, a module in LLVM form: what it takes and
/// gives, and the sizes, scales and zero points of it as constants. `name` is
/// the function's, that of the entry if it is empty. Reports an error, and
/// writes nothing, for a module that cannot be called.
LogicalResult emitCHeader(ModuleOp module, raw_ostream &output,
                          StringRef name = {});

/// Registers `ptq-translate --emit-c-header`.
void registerCHeaderTranslation();

} // namespace mlir::ptq

#endif // PTQ_TARGET_CHEADER_EMITCHEADER_H
