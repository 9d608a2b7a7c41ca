//===- CodesToLinalg.cpp - Unpacking and lookup, elementwise --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Conversion/PTQToLinalg/PTQToLinalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Shifts the bits that the element's index selects down to the lowest ones.
struct ConvertUnpack : OpRewritePattern<UnpackOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(UnpackOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    RankedTensorType type = op.getResult().getType();
    int64_t axis = op.getAxis();
    SmallVector<AffineExpr> results;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      results.push_back(rewriter.getAffineDimExpr(dim));
    int64_t perByte = op.getCodesPerByte();
    results[axis] = results[axis].floorDiv(perByte);
    AffineMap map = AffineMap::get(type.getRank(), /*symbolCount=*/0, results,
                                   rewriter.getContext());
    rewriter.replaceOp(
        op,
        createElementwise(
            builder, type, {{op.getInput(), map}},
            [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
              Type byte = body.getI8Type();
              auto createByte = [&](int64_t value) -> Value {
                return arith::ConstantOp::create(
                    body, body.getIntegerAttr(byte, value));
              };
              Value index = linalg::IndexOp::create(body, axis);
              Value position = arith::IndexCastOp::create(body, byte, index);
              Value part = arith::AndIOp::create(body, position,
                                                 createByte(perByte - 1));
              Value shift =
                  arith::MulIOp::create(body, part, createByte(8 / perByte));
              Value code =
                  arith::ShRUIOp::create(body, elements.front(), shift);
              return arith::TruncIOp::create(body, type.getElementType(), code);
            }));
    return success();
  }
};

/// The bytes of `table` if it is a constant of i8; null otherwise.
DenseIntElementsAttr matchByteTable(Value table) {
  TypedAttr attr;
  if (!getElementTypeOrSelf(table).isInteger(8) ||
      !matchPattern(table, m_Constant(&attr)))
    return {};
  if (auto dense = dyn_cast<DenseIntElementsAttr>(attr))
    return dense;
  auto type = cast<RankedTensorType>(table.getType());
  FailureOr<TensorValue> values = evaluateConstant(table);
  if (failed(values))
    return {};
  return DenseIntElementsAttr::get(type, values->getData<int8_t>());
}

/// A constant table of bytes stays with the element's op, which works on
/// vectors; any other is read element by element.
struct ConvertLookup : OpRewritePattern<LookupOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(LookupOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    DenseIntElementsAttr bytes = matchByteTable(op.getTable());
    rewriter.replaceOp(
        op,
        createElementwise(
            builder, op.getResult().getType(), {{op.getInput()}},
            [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
              if (bytes)
                return LookupByteOp::create(body, elements.front(), bytes);
              Value code = arith::IndexCastOp::create(body, body.getIndexType(),
                                                      elements.front());
              Value offset = arith::ConstantIndexOp::create(body, 128);
              Value position = arith::AddIOp::create(body, code, offset);
              return tensor::ExtractOp::create(body, op.getTable(), position);
            }));
    return success();
  }
};

} // namespace

void mlir::ptq::populateCodesToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertLookup, ConvertUnpack>(patterns.getContext());
}
