//===- BlockPlanes.cpp - Activations as planes of bytes -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockPlanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "ptq/CodeGen/TargetDescription.h"

using namespace mlir;
using namespace mlir::ptq;

linalg::GenericOp mlir::ptq::emitBytePlanes(RewriterBase &builder,
                                            const BlockProduct &product) {
  Value activations = product.getActivations().get();
  Location loc = activations.getLoc();
  auto type = cast<MemRefType>(activations.getType());
  unsigned rank = type.getRank();
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  SmallVector<AffineExpr> low, high;
  for (unsigned dim = 0; dim < rank; ++dim) {
    if (dim == product.getElementDim()) {
      shape.push_back(2);
      low.push_back(builder.getAffineConstantExpr(0));
      high.push_back(builder.getAffineConstantExpr(1));
    }
    shape.push_back(type.getDimSize(dim));
    low.push_back(builder.getAffineDimExpr(dim));
    high.push_back(builder.getAffineDimExpr(dim));
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, activations, dim));
  }
  Value planes = memref::AllocOp::create(
      builder, loc, MemRefType::get(shape, builder.getI8Type()), sizes,
      builder.getI64IntegerAttr(kBufferAlignment));
  MLIRContext *context = builder.getContext();
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(rank),
                              AffineMap::get(rank, 0, low, context),
                              AffineMap::get(rank, 0, high, context)};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
      builder, loc, /*resultTensorTypes=*/TypeRange(), ValueRange{activations},
      ValueRange{planes, planes}, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange elements) {
        Type byte = body.getI8Type();
        Value eight =
            arith::ConstantOp::create(body, loc, body.getI16IntegerAttr(8));
        Value code = elements.front();
        Value low = arith::TruncIOp::create(body, loc, byte, code);
        Value shifted = arith::ShRUIOp::create(body, loc, code, eight);
        Value high = arith::TruncIOp::create(body, loc, byte, shifted);
        linalg::YieldOp::create(body, loc, ValueRange{low, high});
      });
}
