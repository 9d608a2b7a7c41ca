//===- Verification.h - Interpreter and machine code ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQ_RUN_VERIFICATION_H
#define PTQ_TOOLS_PTQ_RUN_VERIFICATION_H

#include "Network.h"

namespace mlir::ptq {

/// Runs the integer form of the network at `path` by the interpreter and its
/// LLVM form by the JIT, on the samples of `options.input`, if there is one,
/// and on adversarial inputs, and prints what was compared. Reports an error if
/// they differ.
LogicalResult verifyNetwork(MLIRContext &context, StringRef path,
                            const RunOptions &options);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQ_RUN_VERIFICATION_H
