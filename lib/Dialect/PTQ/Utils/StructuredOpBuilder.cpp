//===- StructuredOpBuilder.cpp - A structured op on other types -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

Value mlir::ptq::rebuildStructuredOp(
    OpBuilder &builder, LinalgOp op, ValueRange operands,
    function_ref<Value(ImplicitLocOpBuilder &, Block &)> makeElement) {
  OperationState state(op.getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(operands.back().getType());
  // How a float op would convert its operands says nothing about codes.
  for (NamedAttribute attr : op->getAttrs())
    if (attr.getName() != "cast")
      state.attributes.push_back(attr);
  Block &body = state.addRegion()->emplaceBlock();
  for (Value operand : operands)
    body.addArgument(getElementTypeOrSelf(operand), op.getLoc());
  ImplicitLocOpBuilder bodyBuilder(op.getLoc(), builder.getContext());
  bodyBuilder.setInsertionPointToStart(&body);
  if (auto buildRegion = op.getRegionBuilder())
    buildRegion(bodyBuilder, body,
                state.attributes.getDictionary(builder.getContext()).getValue(),
                [&] { return op->emitOpError(); });
  else
    linalg::YieldOp::create(bodyBuilder, makeElement(bodyBuilder, body));
  return builder.create(state)->getResult(0);
}

Value mlir::ptq::createEmptyResult(ImplicitLocOpBuilder &builder, LinalgOp op,
                                   Type elementType) {
  Value source = op.getDpsInitOperand(0)->get();
  while (Operation *producer = source.getDefiningOp()) {
    if (auto destination = dyn_cast<DestinationStyleOpInterface>(producer))
      source = destination.getTiedOpOperand(cast<OpResult>(source))->get();
    else if (auto dequantize = dyn_cast<DequantizeOp>(producer))
      source = dequantize.getInput();
    else
      break;
  }
  auto empty = source.getDefiningOp<tensor::EmptyOp>();
  SmallVector<OpFoldResult> sourceSizes =
      empty ? empty.getMixedSizes()
            : tensor::getMixedSizes(builder, op.getLoc(), source);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(),
                                                      sourceSizes[dim]));
  return tensor::EmptyOp::create(builder, type.clone(elementType), sizes);
}
