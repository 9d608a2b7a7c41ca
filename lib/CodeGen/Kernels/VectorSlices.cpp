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

Value mlir::ptq::joinVectors(OpBuilder &builder, Location loc,
                             ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return vectors.front();
  auto type = cast<VectorType>(vectors.front().getType());
  int64_t size = type.getNumElements();
  int64_t total = size * static_cast<int64_t>(vectors.size());
  auto joinedType = VectorType::get({total}, type.getElementType());
  Value joined =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(joinedType));
  for (auto [index, vector] : llvm::enumerate(vectors))
    joined = vector::InsertStridedSliceOp::create(
        builder, loc, vector, joined,
        /*offsets=*/ArrayRef<int64_t>{static_cast<int64_t>(index) * size},
        /*strides=*/ArrayRef<int64_t>{1});
  return joined;
}

Value mlir::ptq::sliceVector(OpBuilder &builder, Location loc, Value vector,
                             int64_t first, int64_t size) {
  if (cast<VectorType>(vector.getType()).getNumElements() == size)
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
