//===- CodeProducts.cpp - Parts of all sums of products of codes ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes times codes, from an initial value that takes the zero points off,
//
//   sum (a - za) (b - zb) = sum a b  -  zb sum a  -  za sum b  +  K za zb
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

OpOperand *mlir::ptq::getWeight(LinalgOp op) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  for (OpOperand *input : op.getDpsInputOperands())
    if (quantizable.getOperandRole(input->getOperandNumber()) ==
        OperandRole::Weight)
      return input;
  return nullptr;
}

bool mlir::ptq::isActivationProduct(LinalgOp op) { return !getWeight(op); }

FailureOr<SmallVector<KeptDim>>
mlir::ptq::getKeptDims(LinalgOp op, OpOperand &weight, ExplainFn explain) {
  AffineMap weightMap = op.getMatchingIndexingMap(&weight);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weightMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation())
    return explain("the weights or the result are not indexed by plain loops");
  // Each weight must be multiplied once for each element of the result, or the
  // zero point's share would not be a sum of the weights.
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  for (unsigned loop : reductions)
    if (!weightMap.isFunctionOfDim(loop))
      return explain("a dimension that is summed over does not index the "
                     "weights");
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<KeptDim> kept;
  for (auto [dim, expr] : llvm::enumerate(resultMap.getResults())) {
    std::optional<unsigned> weightDim = weightMap.getResultPosition(expr);
    if (!weightDim)
      continue;
    if (type.isDynamicDim(dim))
      return explain("the number of output channels is dynamic");
    kept.push_back({static_cast<int64_t>(dim), *weightDim});
  }
  return kept;
}

bool mlir::ptq::isSummedByLoops(LinalgOp op, OpOperand &input) {
  AffineMap map = op.getMatchingIndexingMap(&input);
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  return map.isProjectedPermutation() &&
         llvm::all_of(reductions,
                      [&](unsigned loop) { return map.isFunctionOfDim(loop); });
}

FailureOr<ProductAccumulator>
mlir::ptq::matchProductAccumulator(LinalgOp op, Value lhs, Value rhs,
                                   ExplainFn explain) {
  std::optional<int64_t> depth =
      cast<QuantizableOpInterface>(op.getOperation()).getAccumulationDepth();
  if (!depth)
    return explain("the number of products in a sum is not known");
  // Each of the four terms is at most K times the largest codes. A sum that
  // i64 could not hold has more products than a tensor can have.
  int64_t largest = getCodeRangeOf(lhs).min * getCodeRangeOf(rhs).min;
  int64_t bound;
  bool isLhsWider = getCodeRangeOf(lhs).max > getCodeRangeOf(rhs).max;
  IntegerType type = llvm::MulOverflow(*depth, 4 * largest, bound)
                         ? IntegerType()
                         : getAccumulatorType(isLhsWider ? lhs : rhs, bound);
  if (!type)
    return explain("the accumulator could exceed i32");
  return ProductAccumulator{type, *depth};
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

Value mlir::ptq::createCodeProduct(OpBuilder &builder, LinalgOp op, Value lhs,
                                   Value rhs, Value init) {
  return rebuildStructuredOp(
      builder, op, {lhs, rhs, init},
      [](ImplicitLocOpBuilder &body, Block &block) -> Value {
        Type type = block.getArgument(2).getType();
        Value left = arith::ExtSIOp::create(body, type, block.getArgument(0));
        Value right = arith::ExtSIOp::create(body, type, block.getArgument(1));
        Value term = arith::MulIOp::create(body, left, right);
        return arith::AddIOp::create(body, block.getArgument(2), term);
      });
}
