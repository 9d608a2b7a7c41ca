//===- CodePackingTest.cpp - Several codes in a byte ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/CodePacking.h"
#include "gtest/gtest.h"
#include <random>
#include <vector>

using namespace mlir;
using namespace mlir::ptq;

namespace {

TEST(PackCodes, FirstCodeIsInTheLowestBits) {
  std::vector<int8_t> packed(2);
  packCodes({1, -1, 7}, PackedDimension::get({3}, 0), 4, packed);
  EXPECT_EQ(packed, (std::vector<int8_t>{static_cast<int8_t>(0xf1), 7}));
  packCodes({0, 1, -2, -1, 1}, PackedDimension::get({5}, 0), 2, packed);
  EXPECT_EQ(packed, (std::vector<int8_t>{static_cast<int8_t>(0xe4), 1}));
}

TEST(PackCodes, NeighboursAlongAnOuterDimension) {
  // Rows (1, 2), (3, 4), (5, 6): the third row has bytes of its own.
  std::vector<int8_t> packed(4);
  packCodes({1, 2, 3, 4, 5, 6}, PackedDimension::get({3, 2}, 0), 4, packed);
  EXPECT_EQ(packed, (std::vector<int8_t>{0x31, 0x42, 5, 6}));
}

TEST(PackCodes, AnyShapeIsUnpackedToWhatItWas) {
  std::mt19937 random(3);
  for (unsigned width : {2u, 4u})
    for (int64_t size = 1; size < 12; ++size)
      for (int64_t axis = 0; axis < 3; ++axis) {
        SmallVector<int64_t> shape{3, 2, 5};
        shape[axis] = size;
        PackedDimension dimension = PackedDimension::get(shape, axis);
        int64_t rest = dimension.outer * dimension.inner;
        std::vector<int8_t> codes(rest * size), unpacked(codes.size());
        for (int8_t &code : codes)
          code =
              static_cast<int>(random() % (1u << width)) - (1 << (width - 1));
        int64_t perByte = getCodesPerByte(width);
        std::vector<int8_t> packed(rest * ((size + perByte - 1) / perByte));
        packCodes(codes, dimension, width, packed);
        unpackCodes(packed, dimension, width, unpacked);
        EXPECT_EQ(codes, unpacked);
      }
}

} // namespace
