//===- BlockOperandOrder.cpp - Dimensions of products in blocks -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockOperandOrder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

static void moveLast(SmallVector<int64_t> &order, int64_t dim) {
  llvm::erase(order, dim);
  order.push_back(dim);
}

static AffineMap permuteResults(AffineMap map, ArrayRef<int64_t> order) {
  SmallVector<AffineExpr> results(map.getResults());
  applyPermutationToVector(results, order);
  return AffineMap::get(map.getNumDims(), 0, results, map.getContext());
}

static Value createEmpty(ImplicitLocOpBuilder &builder, Value like,
                         ArrayRef<int64_t> order) {
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, builder.getLoc(), like);
  applyPermutationToVector(sizes, order);
  return tensor::EmptyOp::create(builder, sizes,
                                 getElementTypeOrSelf(like.getType()));
}

static Value transpose(ImplicitLocOpBuilder &builder, Value value,
                       ArrayRef<int64_t> order) {
  if (isIdentityPermutation(order))
    return value;
  Value empty = createEmpty(builder, value, order);
  return linalg::TransposeOp::create(builder, value, empty, order)
      ->getResult(0);
}

BlockOperandOrder::BlockOperandOrder(const IntegerBlockProduct &product) {
  LinalgOp op = product.op;
  unsigned number = 1 - product.weightNumber;
  OpOperand *initOperand = op.getDpsInitOperand(0);
  activationMap = op.getMatchingIndexingMap(op.getDpsInputOperand(number));
  resultMap = op.getMatchingIndexingMap(initOperand);
  activations = product.activation.value.codes;
  init = initOperand->get();
  sumDim = product.sumDims[number];
  activationOrder =
      llvm::to_vector(llvm::seq<int64_t>(activationMap.getNumResults()));
  resultOrder = llvm::to_vector(llvm::seq<int64_t>(resultMap.getNumResults()));
  if (classifyStructuredOp(op) != StructuredOpKind::Convolution)
    return;
  AffineMap weightMap =
      op.getMatchingIndexingMap(op.getDpsInputOperand(product.weightNumber));
  moveLast(activationOrder, sumDim);
  for (auto [dim, loop] : llvm::enumerate(resultMap.getResults()))
    if (weightMap.isFunctionOfDim(cast<AffineDimExpr>(loop).getPosition()))
      moveLast(resultOrder, dim);
}

AffineMap BlockOperandOrder::getActivationMap() const {
  return permuteResults(activationMap, activationOrder);
}

AffineMap BlockOperandOrder::getResultMap() const {
  return permuteResults(resultMap, resultOrder);
}

int64_t BlockOperandOrder::getSumDim() const {
  return llvm::find(activationOrder, sumDim) - activationOrder.begin();
}

Value BlockOperandOrder::createActivations(
    ImplicitLocOpBuilder &builder) const {
  return transpose(builder, activations, activationOrder);
}

Value BlockOperandOrder::createInit(ImplicitLocOpBuilder &builder) const {
  if (isIdentityPermutation(resultOrder))
    return init;
  Value empty = createEmpty(builder, init, resultOrder);
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(builder, fill.getInputs(), empty)
        .getResult(0);
  AffineMap map = AffineMap::getPermutationMap(
      invertPermutationVector(resultOrder), builder.getContext());
  ElementwiseOperand start{init, map};
  if (auto broadcast = init.getDefiningOp<linalg::BroadcastOp>()) {
    OpOperand *input = broadcast.getDpsInputOperand(0);
    start = {input->get(),
             broadcast.getMatchingIndexingMap(input).compose(map)};
  }
  return createElementwise(builder, empty, {start},
                           [](ImplicitLocOpBuilder &body, ValueRange elements) {
                             return elements.front();
                           });
}

Value BlockOperandOrder::restoreResult(ImplicitLocOpBuilder &builder,
                                       Value result) const {
  return transpose(builder, result, invertPermutationVector(resultOrder));
}
