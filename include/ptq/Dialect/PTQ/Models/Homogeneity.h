//===- Homogeneity.h - Ops whose results scale with operands ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function is homogeneous (of degree one) in some of its operands if to
// multiply them by a positive factor multiplies the result by it: ReLU, maxima,
// sums, averages. A factor can be moved through it from one side to the other.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_HOMOGENEITY_H
#define PTQ_DIALECT_PTQ_MODELS_HOMOGENEITY_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::ptq {

/// Whether the elements of the result of `op`, which has one, are multiplied by
/// any positive factor by which the elements of the operands in `scaled` are,
/// while other operands stay. An initial value counts among the former if all
/// of it is 0 or infinite, whether it is in `scaled` or not. For factors that
/// are powers of two this holds to the bit, short of overflow and denormals.
bool isHomogeneous(linalg::LinalgOp op, const llvm::SmallBitVector &scaled);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_HOMOGENEITY_H
