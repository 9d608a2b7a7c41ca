//===- ElementwiseOps.cpp - Building elementwise linalg -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::ptq;

Value mlir::ptq::createEmptyTensor(ImplicitLocOpBuilder &builder,
                                   RankedTensorType type, Value like) {
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(tensor::DimOp::create(builder, like, dim));
  return tensor::EmptyOp::create(builder, type, sizes);
}

Value mlir::ptq::createElementwise(ImplicitLocOpBuilder &builder, Value init,
                                   ArrayRef<ElementwiseOperand> operands,
                                   MakeElementFn makeElement) {
  auto type = cast<RankedTensorType>(init.getType());
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const ElementwiseOperand &operand : operands) {
    if (!isa<RankedTensorType>(operand.value.getType()))
      continue;
    inputs.push_back(operand.value);
    maps.push_back(operand.map ? operand.map : identity);
  }
  maps.push_back(identity);
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, type, inputs, init, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange arguments) {
        SmallVector<Value> elements;
        for (const ElementwiseOperand &operand : operands) {
          bool isTensor = isa<RankedTensorType>(operand.value.getType());
          elements.push_back(isTensor ? arguments.front() : operand.value);
          if (isTensor)
            arguments = arguments.drop_front();
        }
        ImplicitLocOpBuilder implicit(loc, body);
        linalg::YieldOp::create(body, loc, makeElement(implicit, elements));
      });
  return generic.getResult(0);
}

Value mlir::ptq::createElementwise(ImplicitLocOpBuilder &builder,
                                   RankedTensorType type,
                                   ArrayRef<ElementwiseOperand> operands,
                                   MakeElementFn makeElement) {
  Value init = createEmptyTensor(builder, type, operands.front().value);
  return createElementwise(builder, init, operands, makeElement);
}
