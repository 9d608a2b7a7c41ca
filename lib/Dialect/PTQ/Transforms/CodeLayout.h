//===- CodeLayout.h - The order of constant codes ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CODELAYOUT_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CODELAYOUT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::ptq {

/// Whether `input` of the elementwise op `op` has a code of up to 8 bits for
/// each element of the result.
bool isCodes(linalg::GenericOp op, OpOperand &input);

/// `map`, from the index in a tensor of `shape`, without what that shape makes
/// superfluous.
AffineMap simplifyMap(AffineMap map, ArrayRef<int64_t> shape);

/// Lays out the constants that the dequantization `op` reads in the order of
/// its loops. Codes of less than 8 bits are packed; the op unpacks them. Those
/// that share a byte are neighbours along an outer loop, which is split for
/// them, so that neighbours along the innermost loop stay neighbours in memory.
/// Fails if there is nothing to do.
LogicalResult layOutCodes(RewriterBase &rewriter, linalg::GenericOp op);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CODELAYOUT_H
