//===- Clamps.h - Bounds of codes -------------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_CLAMPS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_CLAMPS_H

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::ptq {

/// The patterns of ptq-propagate-qdq for clamps: one before a quantize becomes
/// its bounds, and one behind a dequantize is left out if no code is outside.
void populateClampPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_CLAMPS_H
