//===- CodePacking.h - Several codes in a byte ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes of 4 or 2 bits that follow each other along one dimension share a byte,
// the first of them in the lowest bits. What is left over of the last byte of a
// dimension is 0.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_CODEPACKING_H
#define PTQ_QUANTIZATION_CODEPACKING_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace mlir::ptq {

/// A dimension of a tensor in row-major order, by the sizes of what is around
/// it and inside of it.
struct PackedDimension {
  int64_t outer;
  int64_t size;
  int64_t inner;

  static PackedDimension get(ArrayRef<int64_t> shape, int64_t axis);
};

/// How many codes of `width` bits, 2 or 4, are in a byte.
inline int64_t getCodesPerByte(unsigned width) { return 8 / width; }

/// Packs codes, one a byte, along `dimension`.
void packCodes(ArrayRef<int8_t> codes, PackedDimension dimension,
               unsigned width, MutableArrayRef<int8_t> packed);

/// The inverse of `packCodes`; codes are sign-extended.
void unpackCodes(ArrayRef<int8_t> packed, PackedDimension dimension,
                 unsigned width, MutableArrayRef<int8_t> codes);

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_CODEPACKING_H
