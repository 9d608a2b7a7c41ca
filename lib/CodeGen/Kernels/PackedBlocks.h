//===- PackedBlocks.h - Blocks of weights in kernel order -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights of a kernel with a scale for each block are one stream of records
// for each vector of output channels: for each block the scales of the lanes,
// in f32, other numbers that the lanes have for the block, and behind them the
// codes, step by step, blocks in the order of the loops over them,
//
//   [columns / lanes][blocks]
//     { scales[lanes], numbers[lanes] ..., words[lanes][units] ... }
//
// A word is a vector of units, which are what the dot product multiplies: bytes
// or 16-bit integers. Codes of 4 bits lie in a unit above each other, one for
// each of as many steps, so that a shift and a mask bring out the factors of a
// step. Where the dot product reads weights as unsigned, or several codes lie
// in a unit of 16 bits, an offset is added to the codes, which makes them
// unsigned.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_PACKEDBLOCKS_H
#define PTQ_LIB_CODEGEN_KERNELS_PACKEDBLOCKS_H

#include "PackedWeights.h"

namespace mlir::ptq {

/// Integers of which there is one for each block and output channel.
struct BlockNumbers {
  SmallVector<int64_t> values;
  /// The strides of the values along the columns, and along each loop over
  /// blocks.
  int64_t columnStride = 0;
  SmallVector<int64_t> blockStrides;
  /// How many bytes each has in a record.
  int64_t bytes = 0;
};

/// How the codes of a block become factors of dot products.
struct BlockFormat {
  /// The i32 lanes of a vector of output channels.
  int64_t lanes = 0;
  /// The products that a step adds to each of these.
  int64_t stepElements = 0;
  /// The width of a factor, and how many codes share it: 4 bits each, or one.
  unsigned unitWidth = 8;
  int64_t stepsPerWord = 1;
  /// What is added to the codes.
  int64_t offset = 0;
  /// The bytes of the numbers of a lane, scales not included.
  int64_t numberBytes = 0;

  bool holdsNibbles() const { return stepsPerWord > 1; }
  /// The bytes of a word at rest: single codes are bytes, whatever they are
  /// widened to.
  int64_t getWordBytes() const {
    return lanes * stepElements * (holdsNibbles() ? unitWidth / 8 : 1);
  }
  int64_t getScaleBytes() const { return lanes * sizeof(float); }
  /// Where the words of a record begin.
  int64_t getWordOffset() const {
    return getScaleBytes() + lanes * numberBytes;
  }
  /// The bytes of the record of a block of `blockSize` elements.
  int64_t getRecordBytes(int64_t blockSize) const;
};

/// One of the loops that a contraction goes over its blocks with, and the
/// strides of the codes and of the scales along it.
struct BlockLoop {
  int64_t range = 1;
  int64_t stride = 0;
  int64_t scaleStride = 0;
};

/// How a contraction walks through the codes and the scales of its weights.
struct BlockWalk {
  int64_t columns = 0;
  /// Outermost first.
  SmallVector<BlockLoop> blocks;
  int64_t blockSize = 0;
  /// Strides of the codes along these, and of the scales.
  int64_t columnStride = 0;
  int64_t elementStride = 0;
  int64_t scaleColumnStride = 0;

  /// The number of blocks of a column.
  int64_t getNumBlocks() const;
};

/// The records of all blocks, with `numbers` in this order. Columns that do not
/// fill a vector have scales, numbers and codes of 0, and so have elements that
/// do not fill a word.
std::vector<int8_t> packBlocks(ArrayRef<int8_t> codes, ArrayRef<float> scales,
                               ArrayRef<BlockNumbers> numbers,
                               const BlockWalk &walk,
                               const BlockFormat &format);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_PACKEDBLOCKS_H
