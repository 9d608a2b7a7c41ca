//===- UnnarrowedCodes.h - Codes that stay wide -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_UNNARROWEDCODES_H
#define PTQ_LIB_CODEGEN_UNNARROWEDCODES_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::ptq {

/// Patterns for codes that are not stored, as one op has been fused with the
/// next: what has been brought into the range of bytes stays as wide as it was,
/// and a zero point that is added before the bounds and subtracted behind them
/// moves them instead.
void populateUnnarrowedCodePatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_UNNARROWEDCODES_H
