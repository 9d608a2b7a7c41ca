//===- BlockReshapes.cpp - Blocks as a dimension of their own -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/BlockReshapes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

/// One group for each of `rank` dimensions, of which `dim` is split in two.
static SmallVector<ReassociationIndices> getSplitGroups(int64_t rank,
                                                        int64_t dim) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t source = 0, next = 0; source < rank; ++source) {
    groups.push_back({next++});
    if (source == dim)
      groups.back().push_back(next++);
  }
  return groups;
}

/// Appends zeros to dimension `dim` of `tensor` until its size is `size`.
static Value createZeroPadding(ImplicitLocOpBuilder &builder, Value tensor,
                               int64_t dim, int64_t size) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> low(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> high = low;
  high[dim] = builder.getIndexAttr(size - type.getDimSize(dim));
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = size;
  Value zero = arith::ConstantOp::create(
      builder, builder.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(builder, type.clone(shape), tensor, low, high,
                               zero);
}

Value mlir::ptq::createSplitIntoBlocks(ImplicitLocOpBuilder &builder,
                                       Value tensor, int64_t dim,
                                       int64_t blockSize) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t count = llvm::divideCeil(type.getDimSize(dim), blockSize);
  if (type.getDimSize(dim) != count * blockSize)
    tensor = createZeroPadding(builder, tensor, dim, count * blockSize);
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = count;
  shape.insert(shape.begin() + dim + 1, blockSize);
  return tensor::ExpandShapeOp::create(builder, type.clone(shape), tensor,
                                       getSplitGroups(type.getRank(), dim));
}

Value mlir::ptq::createJoinedBlocks(ImplicitLocOpBuilder &builder, Value tensor,
                                    int64_t dim) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  return tensor::CollapseShapeOp::create(builder, tensor,
                                         getSplitGroups(rank - 1, dim));
}
