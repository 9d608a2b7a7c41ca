//===- PTQToLinalg.h - The arithmetic of ptq as linalg ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_PTQTOLINALG_PTQTOLINALG_H
#define PTQ_CONVERSION_PTQTOLINALG_PTQTOLINALG_H

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::ptq {

/// The patterns of ptq-convert-to-linalg: every ptq op on tensors becomes
/// linalg, arith, math and tensor ops that compute the same bits, and
/// ptq.observe becomes its input.
void populatePTQToLinalgPatterns(RewritePatternSet &patterns);

/// The parts of it.
void populateQuantizationToLinalgPatterns(RewritePatternSet &patterns);
void populateChooseParametersToLinalgPatterns(RewritePatternSet &patterns);
void populateCodesToLinalgPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_CONVERSION_PTQTOLINALG_PTQTOLINALG_H
