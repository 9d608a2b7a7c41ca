//===- BlockCorrections.cpp - What an offset of weights adds --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockCorrections.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "ptq/CodeGen/TargetDescription.h"

using namespace mlir;
using namespace mlir::ptq;

linalg::GenericOp mlir::ptq::emitOffsetCorrections(RewriterBase &builder,
                                                   const BlockProduct &product,
                                                   int64_t offset,
                                                   bool ofLowBytes) {
  Value activations = product.getActivations().get();
  Location loc = activations.getLoc();
  auto type = cast<MemRefType>(activations.getType());
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  SmallVector<AffineExpr> kept;
  SmallVector<utils::IteratorType> iterators;
  for (unsigned dim = 0; dim < type.getRank(); ++dim) {
    bool isElement = dim == product.getElementDim();
    iterators.push_back(isElement ? utils::IteratorType::reduction
                                  : utils::IteratorType::parallel);
    if (isElement)
      continue;
    kept.push_back(builder.getAffineDimExpr(dim));
    shape.push_back(type.getDimSize(dim));
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, activations, dim));
  }
  Type i32 = builder.getI32Type();
  Value corrections =
      memref::AllocOp::create(builder, loc, MemRefType::get(shape, i32), sizes,
                              builder.getI64IntegerAttr(kBufferAlignment));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
  linalg::FillOp::create(builder, loc, zero, corrections);
  SmallVector<AffineMap> maps{
      builder.getMultiDimIdentityMap(type.getRank()),
      AffineMap::get(type.getRank(), 0, kept, builder.getContext())};
  return linalg::GenericOp::create(
      builder, loc, /*resultTensorTypes=*/TypeRange(), ValueRange{activations},
      ValueRange{corrections}, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange elements) {
        Value factor = arith::ConstantOp::create(
            body, loc, body.getI32IntegerAttr(-static_cast<int32_t>(offset)));
        Value code = arith::ExtSIOp::create(body, loc, i32, elements[0]);
        if (ofLowBytes) {
          Value mask = arith::ConstantOp::create(body, loc,
                                                 body.getI32IntegerAttr(0xff));
          code = arith::AndIOp::create(body, loc, code, mask);
        }
        Value term = arith::MulIOp::create(body, loc, code, factor);
        Value sum = arith::AddIOp::create(body, loc, elements[1], term);
        linalg::YieldOp::create(body, loc, sum);
      });
}
