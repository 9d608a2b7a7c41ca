//===- OpTable.h - A comparison op by op, in print --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQ_RUN_OPTABLE_H
#define PTQ_TOOLS_PTQ_RUN_OPTABLE_H

#include "ptq/Execution/OpComparison.h"
#include "llvm/Support/JSON.h"

namespace mlir::ptq {

/// Prints a table with a line for each op, in the order of the network. The ops
/// with most noise of their own are marked.
void printOps(raw_ostream &os, const OpComparison &comparison);

/// Writes the attributes `ops`, an array with an object for each op in the
/// order of the network, and `unmatched_ops`.
void writeOps(llvm::json::OStream &json, const OpComparison &comparison);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQ_RUN_OPTABLE_H
