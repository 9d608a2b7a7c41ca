//===- SignFlip.h - Between unsigned numbers and codes ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes of ptq are signed. An unsigned number and the signed one that is
// 2^(bits - 1) less differ in the highest bit.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CONVERSION_QUANTTOPTQ_SIGNFLIP_H
#define PTQ_LIB_CONVERSION_QUANTTOPTQ_SIGNFLIP_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::ptq {

/// Inverts the highest bit of every element of `value`, a tensor of integers.
Value createSignFlip(ImplicitLocOpBuilder &builder, Value value);

/// What `value` is the sign flip of; null if it is none.
Value matchSignFlip(Value value);

/// Erases what nobody uses any more after codes have been found without it:
/// sign flips and constants under `root`, and what only they used.
void eraseUnusedStorage(Operation *root);

} // namespace mlir::ptq

#endif // PTQ_LIB_CONVERSION_QUANTTOPTQ_SIGNFLIP_H
