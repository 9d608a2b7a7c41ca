//===- BlockRecords.h - Reading packed blocks of weights --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How machine code reads the records of PackedBlocks.h.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKRECORDS_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKRECORDS_H

#include "PackedBlocks.h"
#include "mlir/IR/Builders.h"

namespace mlir::ptq {

/// Builds the scales and the factors of dot products from records.
class BlockRecords {
public:
  /// `records` is the buffer of packed blocks.
  BlockRecords(OpBuilder &builder, Location loc, const BlockFormat &format,
               Value records)
      : builder(builder), loc(loc), format(format), records(records) {}

  /// The scales of the lanes, from the record at `record`.
  Value loadScales(Value record);

  /// Numbers of the lanes of `type`, which are at `address`.
  Value loadNumbers(Value address, Type type);

  /// The word at `address`, as factors of one step or as what holds those of
  /// several.
  Value loadWord(Value address);

  /// The factors of step `step` of a word. Unsigned ones are masked, signed
  /// ones are shifted to the top and down again.
  Value getFactors(Value word, int64_t step);

  /// A word of bytes with an offset of 128, without it.
  Value flipSigns(Value word);

private:
  Value loadBytes(Value address, int64_t size);
  VectorType getFactorType();
  /// `value` in every unit of a word.
  Value createUnits(int64_t value);

  OpBuilder &builder;
  Location loc;
  const BlockFormat &format;
  Value records;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKRECORDS_H
