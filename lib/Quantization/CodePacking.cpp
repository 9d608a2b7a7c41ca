//===- CodePacking.cpp - Several codes in a byte --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/CodePacking.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

PackedDimension PackedDimension::get(ArrayRef<int64_t> shape, int64_t axis) {
  PackedDimension dimension{1, shape[axis], 1};
  for (int64_t size : shape.take_front(axis))
    dimension.outer *= size;
  for (int64_t size : shape.drop_front(axis + 1))
    dimension.inner *= size;
  return dimension;
}

/// Calls `visit(code, byte, shift)` with the positions of every code and of its
/// byte, and of its lowest bit there.
template <typename Visit>
static void forEachCode(PackedDimension dimension, unsigned width,
                        Visit visit) {
  int64_t perByte = getCodesPerByte(width);
  int64_t bytes = llvm::divideCeil(dimension.size, perByte);
  int64_t code = 0;
  for (int64_t outer = 0; outer < dimension.outer; ++outer)
    for (int64_t row = 0; row < dimension.size; ++row)
      for (int64_t inner = 0; inner < dimension.inner; ++inner)
        visit(code++, (outer * bytes + row / perByte) * dimension.inner + inner,
              static_cast<unsigned>(row % perByte) * width);
}

void mlir::ptq::packCodes(ArrayRef<int8_t> codes, PackedDimension dimension,
                          unsigned width, MutableArrayRef<int8_t> packed) {
  llvm::fill(packed, 0);
  unsigned mask = (1u << width) - 1;
  forEachCode(dimension, width,
              [&](int64_t code, int64_t byte, unsigned shift) {
                unsigned bits = static_cast<uint8_t>(codes[code]) & mask;
                packed[byte] = static_cast<int8_t>(
                    static_cast<uint8_t>(packed[byte]) | (bits << shift));
              });
}

void mlir::ptq::unpackCodes(ArrayRef<int8_t> packed, PackedDimension dimension,
                            unsigned width, MutableArrayRef<int8_t> codes) {
  forEachCode(dimension, width,
              [&](int64_t code, int64_t byte, unsigned shift) {
                // The code in the upper bits, shifted down with its sign.
                auto high = static_cast<int8_t>(
                    static_cast<uint8_t>(packed[byte]) << (8 - width - shift));
                codes[code] = static_cast<int8_t>(high >> (8 - width));
              });
}
