//===- PTQToQuant.h - To the upstream quant dialect -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_PTQTOQUANT_PTQTOQUANT_H
#define PTQ_CONVERSION_PTQTOQUANT_PTQTOQUANT_H

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::ptq {

/// The patterns of ptq-export-quant: ptq.quantize and ptq.dequantize with
/// constant parameters become casts to and from a uniform quantized type.
///
/// The driver must not fold: a dequantize cast of a quantize cast folds to the
/// number before both.
void populatePTQToQuantPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_CONVERSION_PTQTOQUANT_PTQTOQUANT_H
