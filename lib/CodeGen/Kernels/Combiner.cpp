//===- Combiner.cpp - How a reduction combines elements -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Combiner.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq;

std::optional<Combiner> Combiner::match(Value yielded,
                                        BlockArgument accumulator) {
  Operation *op = yielded.getDefiningOp();
  if (!op || !yielded.hasOneUse())
    return std::nullopt;
  Combiner combiner{accumulator, {}, {op}, {}};
  auto setElement = [&](Value lhs, Value rhs) {
    combiner.element = lhs == accumulator ? rhs : lhs;
    return (lhs == accumulator) != (rhs == accumulator);
  };
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    // a < b ? a : b
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    if (!compare || !compare->hasOneUse() ||
        compare.getLhs() != select.getTrueValue() ||
        compare.getRhs() != select.getFalseValue() ||
        !llvm::is_contained(
            {arith::CmpFPredicate::OLT, arith::CmpFPredicate::OGT},
            compare.getPredicate()) ||
        llvm::range_size(accumulator.getUses()) != 2 ||
        !setElement(select.getTrueValue(), select.getFalseValue()))
      return std::nullopt;
    combiner.ops.insert(combiner.ops.begin(), compare);
    return combiner;
  }
  bool isExtremum = isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
                        arith::MinNumFOp, arith::MaxSIOp, arith::MinSIOp,
                        arith::MaxUIOp, arith::MinUIOp>(op);
  if (!isExtremum && !isa<arith::AddIOp>(op))
    return std::nullopt;
  if (!accumulator.hasOneUse() ||
      !setElement(op->getOperand(0), op->getOperand(1)))
    return std::nullopt;
  if (!isExtremum) {
    std::optional<TypedAttr> zero = arith::getNeutralElement(op);
    if (!zero)
      return std::nullopt;
    combiner.neutral = *zero;
  }
  return combiner;
}
