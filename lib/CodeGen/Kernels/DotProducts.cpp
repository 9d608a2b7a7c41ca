//===- DotProducts.cpp - Sums of products, as targets have them -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotProducts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

static Value createPairSplat(OpBuilder &builder, Location loc,
                             const DotInstruction &dot, int64_t value) {
  auto type = VectorType::get({2 * dot.lanes}, builder.getI16Type());
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type, builder.getI16IntegerAttr(value)));
}

Value mlir::ptq::createDot(OpBuilder &builder, Location loc,
                           const DotInstruction &dot, Value sum, Value a,
                           Value b) {
  if (!dot.isOfPairs())
    return DotOp::create(builder, loc, sum.getType(), sum, a, b, dot.unsignedA,
                         dot.rows, dot.unsignedB);
  Value pairs = createPairSums(builder, loc, dot);
  pairs = addPairs(builder, loc, dot, pairs, a, b);
  return addPairSums(builder, loc, dot, sum, pairs);
}

Value mlir::ptq::createPairSums(OpBuilder &builder, Location loc,
                                const DotInstruction &dot) {
  return createPairSplat(builder, loc, dot, 0);
}

Value mlir::ptq::addPairs(OpBuilder &builder, Location loc,
                          const DotInstruction &dot, Value pairSums, Value a,
                          Value b) {
  return DotOp::create(builder, loc, pairSums.getType(), pairSums, a, b,
                       dot.unsignedA);
}

Value mlir::ptq::addPairSums(OpBuilder &builder, Location loc,
                             const DotInstruction &dot, Value sum,
                             Value pairSums) {
  return DotOp::create(builder, loc, sum.getType(), sum, pairSums,
                       createPairSplat(builder, loc, dot, 1));
}
