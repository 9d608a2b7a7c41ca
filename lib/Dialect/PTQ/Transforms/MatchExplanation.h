//===- MatchExplanation.h - Why something does not match --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pattern whose reasons a pass also tells in remarks has a match function,
// which both ask. The pattern gives the reason to the rewriter, the pass writes
// it into a remark.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_MATCHEXPLANATION_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_MATCHEXPLANATION_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"

namespace mlir::ptq {

/// Takes the reason why something does not match and returns failure.
using ExplainFn = function_ref<LogicalResult(const Twine &reason)>;

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_MATCHEXPLANATION_H
