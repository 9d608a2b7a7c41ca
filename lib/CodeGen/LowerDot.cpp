//===- LowerDot.cpp - Dot products of the target ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERDOTPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// Whether `instruction` computes exactly `op`.
bool computes(const DotInstruction &instruction, DotOp op) {
  auto aType = cast<VectorType>(op.getA().getType());
  auto bType = cast<VectorType>(op.getB().getType());
  auto accType = cast<VectorType>(op.getAcc().getType());
  int64_t lanes = accType.getNumElements();
  return !instruction.isOfPairs() &&
         accType.getElementType().isInteger(instruction.laneWidth) &&
         aType.getElementType().isInteger(instruction.elementWidth) &&
         aType == bType && lanes == instruction.lanes &&
         op.getNumProducts() == instruction.factor &&
         static_cast<int64_t>(op.getRows()) == instruction.rows &&
         op.getUnsignedA() == instruction.unsignedA &&
         op.getUnsignedB() == instruction.unsignedB;
}

Value createIntrinsic(RewriterBase &rewriter, DotOp op,
                      const DotInstruction &instruction) {
  SmallVector<Value> operands{op.getA(), op.getB()};
  if (instruction.accumulates)
    operands.insert(operands.begin(), op.getAcc());
  Value result = LLVM::CallIntrinsicOp::create(
                     rewriter, op.getLoc(), op.getAcc().getType(),
                     rewriter.getStringAttr(instruction.intrinsic), operands)
                     .getResult(0);
  if (instruction.accumulates)
    return result;
  return arith::AddIOp::create(rewriter, op.getLoc(), op.getAcc(), result);
}

/// The factors of `op` with runs of their own for every lane.
std::pair<Value, Value> spreadRuns(RewriterBase &rewriter, DotOp op) {
  if (op.getRows() == 1)
    return {op.getA(), op.getB()};
  SmallVector<int64_t> pickedOfA, pickedOfB;
  int64_t lanes = cast<VectorType>(op.getAcc().getType()).getNumElements();
  int64_t numProducts = op.getNumProducts();
  for (int64_t lane = 0; lane < lanes; ++lane) {
    auto [runOfA, runOfB] = op.getRuns(lane);
    for (int64_t product = 0; product < numProducts; ++product) {
      pickedOfA.push_back(runOfA * numProducts + product);
      pickedOfB.push_back(runOfB * numProducts + product);
    }
  }
  auto pick = [&](Value factors, ArrayRef<int64_t> picked) {
    return vector::ShuffleOp::create(rewriter, op.getLoc(), factors, factors,
                                     picked);
  };
  return {pick(op.getA(), pickedOfA), pick(op.getB(), pickedOfB)};
}

/// Products as wide as the lanes, added to them neighbour by neighbour.
Value createPortable(RewriterBase &rewriter, DotOp op) {
  Location loc = op.getLoc();
  auto [a, b] = spreadRuns(rewriter, op);
  auto type = cast<VectorType>(a.getType());
  auto accType = cast<VectorType>(op.getAcc().getType());
  int64_t lanes = accType.getNumElements();
  int64_t factor = op.getNumProducts();
  auto wideType = type.clone(accType.getElementType());
  auto widen = [&](Value factors, bool isUnsigned) -> Value {
    if (isUnsigned)
      return arith::ExtUIOp::create(rewriter, loc, wideType, factors);
    return arith::ExtSIOp::create(rewriter, loc, wideType, factors);
  };
  a = widen(a, op.getUnsignedA());
  b = widen(b, op.getUnsignedB());
  Value products = arith::MulIOp::create(rewriter, loc, a, b);
  Value sum = op.getAcc();
  for (int64_t neighbour = 0; neighbour < factor; ++neighbour) {
    SmallVector<int64_t> picked;
    for (int64_t lane = 0; lane < lanes; ++lane)
      picked.push_back(lane * factor + neighbour);
    Value part =
        vector::ShuffleOp::create(rewriter, loc, products, products, picked);
    sum = arith::AddIOp::create(rewriter, loc, sum, part);
  }
  return sum;
}

struct LowerDotPass : TargetPass<ptq::impl::LowerDotPassBase, LowerDotPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](DotOp op) {
      rewriter.setInsertionPoint(op);
      const auto *instruction =
          llvm::find_if(target.dots, [&](const DotInstruction &candidate) {
            return computes(candidate, op);
          });
      bool isInstruction = instruction != target.dots.end();
      ++(isInstruction ? numIntrinsics : numExpanded);
      rewriter.replaceOp(op, isInstruction
                                 ? createIntrinsic(rewriter, op, *instruction)
                                 : createPortable(rewriter, op));
    });
  }
};

} // namespace
