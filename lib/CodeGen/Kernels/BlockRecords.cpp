//===- BlockRecords.cpp - Reading packed blocks of weights ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockRecords.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

Value BlockRecords::loadBytes(Value address, int64_t size) {
  return vector::LoadOp::create(builder, loc,
                                VectorType::get({size}, builder.getI8Type()),
                                records, address);
}

VectorType BlockRecords::getFactorType() {
  return VectorType::get({format.lanes * format.stepElements},
                         builder.getIntegerType(format.unitWidth));
}

Value BlockRecords::createUnits(int64_t value) {
  VectorType type = getFactorType();
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(
          type, builder.getIntegerAttr(type.getElementType(), value)));
}

Value BlockRecords::loadScales(Value record) {
  return loadNumbers(record, builder.getF32Type());
}

Value BlockRecords::loadNumbers(Value address, Type type) {
  int64_t bytes = format.lanes * type.getIntOrFloatBitWidth() / 8;
  return vector::BitCastOp::create(builder, loc,
                                   VectorType::get({format.lanes}, type),
                                   loadBytes(address, bytes));
}

Value BlockRecords::loadWord(Value address) {
  Value bytes = loadBytes(address, format.getWordBytes());
  VectorType type = getFactorType();
  if (format.holdsNibbles())
    return vector::BitCastOp::create(builder, loc, type, bytes);
  if (format.unitWidth == 8)
    return bytes;
  return arith::ExtSIOp::create(builder, loc, type, bytes);
}

Value BlockRecords::getFactors(Value word, int64_t step) {
  if (!format.holdsNibbles())
    return word;
  bool isTop = step + 1 == format.stepsPerWord;
  if (format.offset != 0) {
    if (step > 0)
      word = arith::ShRUIOp::create(builder, loc, word, createUnits(4 * step));
    if (isTop)
      return word;
    return arith::AndIOp::create(builder, loc, word, createUnits(15));
  }
  int64_t unused = format.unitWidth - 4;
  if (!isTop)
    word = arith::ShLIOp::create(builder, loc, word,
                                 createUnits(unused - 4 * step));
  return arith::ShRSIOp::create(builder, loc, word, createUnits(unused));
}

Value BlockRecords::flipSigns(Value word) {
  return arith::XOrIOp::create(builder, loc, word, createUnits(-128));
}
