//===- VectorSlices.cpp - Vectors joined and cut ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

static int64_t getSize(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

Value mlir::ptq::joinVectors(OpBuilder &builder, Location loc,
                             ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return vectors.front();
  int64_t total = 0;
  for (Value vector : vectors)
    total += getSize(vector);
  auto type =
      VectorType::get({total}, getElementTypeOrSelf(vectors.front().getType()));
  Value joined =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  int64_t offset = 0;
  for (Value vector : vectors) {
    joined = vector::InsertStridedSliceOp::create(
        builder, loc, vector, joined, /*offsets=*/ArrayRef<int64_t>{offset},
        /*strides=*/ArrayRef<int64_t>{1});
    offset += getSize(vector);
  }
  return joined;
}

Value mlir::ptq::sliceVector(OpBuilder &builder, Location loc, Value vector,
                             int64_t first, int64_t size) {
  if (getSize(vector) == size)
    return vector;
  return vector::ExtractStridedSliceOp::create(
      builder, loc, vector, /*offsets=*/ArrayRef<int64_t>{first},
      /*sizes=*/ArrayRef<int64_t>{size}, /*strides=*/ArrayRef<int64_t>{1});
}

Value mlir::ptq::pickElements(OpBuilder &builder, Location loc, Value vector,
                              ArrayRef<int64_t> picked) {
  if (picked.empty())
    return vector;
  return vector::ShuffleOp::create(builder, loc, vector, vector, picked);
}

Value mlir::ptq::padVector(OpBuilder &builder, Location loc, Value vector,
                           int64_t size) {
  int64_t own = getSize(vector);
  if (own == size)
    return vector;
  auto picked = llvm::to_vector(llvm::seq<int64_t>(own));
  picked.resize(size, vector::ShuffleOp::kPoisonIndex);
  return vector::ShuffleOp::create(builder, loc, vector, vector, picked);
}
