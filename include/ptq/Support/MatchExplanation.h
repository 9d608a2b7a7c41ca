//===- MatchExplanation.h - Why something does not match --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A match whose reasons several ask for, such as a pattern and the pass that
// tells of them in remarks, is a function that takes an `ExplainFn`. The
// pattern gives the reason to the rewriter, the pass writes it into a remark.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_MATCHEXPLANATION_H
#define PTQ_SUPPORT_MATCHEXPLANATION_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"

namespace mlir::ptq {

/// Takes the reason why something does not match and returns failure, so that
/// it can be returned.
using ExplainFn = function_ref<LogicalResult(const Twine &reason)>;

/// Gives the reason to `rewriter`, for a pattern on `op`.
template <typename RewriterT, typename OpT>
auto explainTo(RewriterT &rewriter, OpT op) {
  return [&rewriter, op](const Twine &reason) -> LogicalResult {
    return rewriter.notifyMatchFailure(op, reason);
  };
}

/// For whoever does not need the reason.
inline LogicalResult ignoreReason(const Twine &) { return failure(); }

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_MATCHEXPLANATION_H
