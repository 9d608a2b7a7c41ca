//===- PackedBlocks.cpp - Blocks of weights in kernel order ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedBlocks.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

int64_t BlockFormat::getRecordBytes(int64_t blockSize) const {
  int64_t words = llvm::divideCeil(blockSize, stepElements * stepsPerWord);
  return getWordOffset() + words * getWordBytes();
}

int64_t BlockWalk::getNumBlocks() const {
  int64_t count = 1;
  for (const BlockLoop &loop : blocks)
    count *= loop.range;
  return count;
}

namespace {
/// One record, which is all zeros at first.
class RecordWriter {
public:
  RecordWriter(MutableArrayRef<int8_t> record, const BlockFormat &format)
      : record(record), format(format) {}

  void writeScale(int64_t lane, float scale) {
    llvm::support::endian::write32le(&record[lane * sizeof(float)],
                                     llvm::bit_cast<uint32_t>(scale));
  }

  /// Writes `value` where numbers of as many bytes for each lane begin at
  /// `offset`.
  void writeNumber(int64_t lane, int64_t offset, int64_t bytes, int64_t value) {
    for (int64_t byte = 0; byte < bytes; ++byte)
      record[offset + lane * bytes + byte] =
          static_cast<int8_t>(value >> (8 * byte));
  }

  /// Writes the code of an element of the block, counted in one lane.
  void writeCode(int64_t lane, int64_t element, int64_t code) {
    int64_t step = element / format.stepElements;
    int64_t unit = lane * format.stepElements + element % format.stepElements;
    MutableArrayRef<int8_t> word =
        record.drop_front(format.getWordOffset())
            .slice(step / format.stepsPerWord * format.getWordBytes(),
                   format.getWordBytes());
    code += format.offset;
    if (!format.holdsNibbles()) {
      word[unit] = static_cast<int8_t>(code);
      return;
    }
    // Units are little-endian: their nibbles follow each other byte by byte.
    int64_t nibble = unit * format.stepsPerWord + step % format.stepsPerWord;
    auto bits = static_cast<uint8_t>((code & 0xf) << (nibble % 2 * 4));
    word[nibble / 2] |= static_cast<int8_t>(bits);
  }

private:
  MutableArrayRef<int8_t> record;
  const BlockFormat &format;
};
} // namespace

std::vector<int8_t> mlir::ptq::packBlocks(ArrayRef<int8_t> codes,
                                          ArrayRef<float> scales,
                                          ArrayRef<BlockNumbers> numbers,
                                          const BlockWalk &walk,
                                          const BlockFormat &format) {
  int64_t recordBytes = format.getRecordBytes(walk.blockSize);
  int64_t vectors = llvm::divideCeil(walk.columns, format.lanes);
  int64_t numBlocks = walk.getNumBlocks();
  std::vector<int8_t> packed(vectors * numBlocks * recordBytes, 0);
  SmallVector<int64_t> ranges = llvm::map_to_vector(
      walk.blocks, [](const BlockLoop &loop) { return loop.range; });
  SmallVector<int64_t> strides = llvm::map_to_vector(
      walk.blocks, [](const BlockLoop &loop) { return loop.stride; });
  SmallVector<int64_t> scaleStrides = llvm::map_to_vector(
      walk.blocks, [](const BlockLoop &loop) { return loop.scaleStride; });
  SmallVector<int64_t> rangeStrides = computeStrides(ranges);
  for (int64_t column = 0; column < walk.columns; ++column) {
    int64_t lane = column % format.lanes;
    for (int64_t block = 0; block < numBlocks; ++block) {
      int64_t number = column / format.lanes * numBlocks + block;
      SmallVector<int64_t> position = delinearize(block, rangeStrides);
      RecordWriter writer(
          MutableArrayRef(packed).slice(number * recordBytes, recordBytes),
          format);
      writer.writeScale(lane, scales[column * walk.scaleColumnStride +
                                     linearize(position, scaleStrides)]);
      int64_t offset = format.getScaleBytes();
      for (const BlockNumbers &each : numbers) {
        writer.writeNumber(lane, offset, each.bytes,
                           each.values[column * each.columnStride +
                                       linearize(position, each.blockStrides)]);
        offset += format.lanes * each.bytes;
      }
      int64_t first = column * walk.columnStride + linearize(position, strides);
      for (int64_t element = 0; element < walk.blockSize; ++element)
        writer.writeCode(lane, element,
                         codes[first + element * walk.elementStride]);
    }
  }
  return packed;
}
