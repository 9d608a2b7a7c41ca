//===- BoundedIntegers.h - Integers within constant bounds ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_BOUNDEDINTEGERS_H
#define PTQ_LIB_CODEGEN_BOUNDEDINTEGERS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/APInt.h"

namespace mlir::ptq {

/// The lesser of `high` and the greater of `low` and `value`.
struct BoundedInteger {
  Value value;
  APInt low;
  APInt high;

  /// How `value` is bounded, if it is, by `low` that is not above `high`.
  static std::optional<BoundedInteger> match(Value value);
};

/// i32 that become bytes: `value` plus `offset`, within bounds.
struct BoundedBytes {
  Value value;
  int16_t low;
  int16_t high;
  /// Added without overflow.
  int16_t offset = 0;
  /// An i8 that is added to all elements as well; null if there is none.
  Value offsetOfCall = {};
  /// Whether the bytes, with their bounds, have no sign.
  bool isUnsigned = false;

  /// What `value` is before it is truncated to bytes, if it has been brought
  /// into their range: as i32 by constants, or as floats by constants minus an
  /// i8 that is added to the integers.
  static std::optional<BoundedBytes> match(Value value);

  /// The same bytes with flipped signs.
  BoundedBytes flipSigns() const;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_BOUNDEDINTEGERS_H
