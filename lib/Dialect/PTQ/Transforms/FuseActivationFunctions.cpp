//===- FuseActivationFunctions.cpp - One op for gelu and its like ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/ElementwiseFunction.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace mlir::ptq {
#define GEN_PASS_DEF_FUSEACTIVATIONFUNCTIONSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

namespace {
/// Elementwise ops that compute a function of one tensor.
struct OpChain {
  Value argument;
  /// The last op first, each before those whose results it reads.
  SmallVector<Operation *> ops;
};
} // namespace

/// The tensors that `ops` read from outside, without uniform ones.
static SetVector<Value> getArguments(const SetVector<Operation *> &ops) {
  SetVector<Value> arguments;
  for (Operation *op : ops)
    for (Value input : getElementwiseInputs(op))
      if (!ops.contains(input.getDefiningOp()) && !matchUniformValue(input))
        arguments.insert(input);
  return arguments;
}

static bool isClamp(Operation *op) {
  auto structured = dyn_cast<LinalgOp>(op);
  return structured && matchClamp(structured);
}

/// An op before `ops` whose result is read by nobody but them; null if there is
/// none. A clamp that all of them follow belongs to what is before it, whose
/// range it limits.
static Operation *findPredecessor(const SetVector<Operation *> &ops,
                                  const SetVector<Value> &arguments) {
  for (Value argument : arguments) {
    Operation *op = argument.getDefiningOp();
    if (op && op->getBlock() == ops.front()->getBlock() &&
        isElementwiseFunction(op) && !(isClamp(op) && arguments.size() == 1) &&
        llvm::all_of(op->getUsers(),
                     [&](Operation *user) { return ops.contains(user); }))
      return op;
  }
  return nullptr;
}

/// The longest chain that ends in `last`; without ops if it is the only one.
static OpChain findChain(Operation *last) {
  OpChain chain;
  SetVector<Operation *> ops;
  Operation *next = last;
  while (next) {
    ops.insert(next);
    SetVector<Value> arguments = getArguments(ops);
    if (arguments.empty())
      break;
    if (ops.size() > 1 && arguments.size() == 1 &&
        arguments.front().getType() == last->getResult(0).getType())
      chain = {arguments.front(), llvm::to_vector(ops)};
    next = findPredecessor(ops, arguments);
  }
  return chain;
}

/// Whether `body` computes more than a piecewise linear function.
static bool curves(Block *body) {
  auto isNumber = [](Value value) { return matchPattern(value, m_Constant()); };
  return llvm::any_of(body->without_terminator(), [&](Operation &op) {
    if (isa<arith::MulFOp, arith::DivFOp>(op))
      return llvm::none_of(op.getOperands(), isNumber);
    return isa<math::AtanOp, math::ErfOp, math::ExpOp, math::Exp2Op,
               math::ExpM1Op, math::TanhOp>(op);
  });
}

/// The chain as one op; null if it is no activation function.
static LinalgOp createFused(OpBuilder &opBuilder, const OpChain &chain) {
  Operation *last = chain.ops.front();
  ImplicitLocOpBuilder builder(last->getLoc(), opBuilder);
  auto type = cast<RankedTensorType>(last->getResult(0).getType());
  // The sizes are those that the last op knows.
  Value init;
  if (auto structured = dyn_cast<LinalgOp>(last))
    init = structured.getDpsInits().front();
  else
    init = createEmptyTensor(builder, type, chain.argument);
  Value result = createElementwise(
      builder, init, {{chain.argument}},
      [&](ImplicitLocOpBuilder &body, ValueRange arguments) -> Value {
        IRMapping elements;
        elements.map(chain.argument, arguments.front());
        for (Operation *op : llvm::reverse(chain.ops))
          elements.map(op->getResult(0),
                       inlineElementwiseFunction(body, op, elements));
        return elements.lookup(last->getResult(0));
      });
  auto fused = result.getDefiningOp<LinalgOp>();
  if (curves(fused.getBlock()) &&
      classifyStructuredOp(fused) == StructuredOpKind::ActivationFunction)
    return fused;
  fused.erase();
  return {};
}

namespace {

struct FuseActivationFunctionsPass
    : ptq::impl::FuseActivationFunctionsPassBase<FuseActivationFunctionsPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<Operation *> candidates;
    getOperation().walk([&](Operation *op) {
      if (isElementwiseFunction(op))
        candidates.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    DenseSet<Operation *> erased;
    // The last op of a function comes before its parts.
    for (Operation *op : llvm::reverse(candidates))
      if (!erased.contains(op))
        fuse(rewriter, op, erased);
  }

private:
  void fuse(RewriterBase &rewriter, Operation *last,
            DenseSet<Operation *> &erased) {
    OpChain chain = findChain(last);
    if (chain.ops.empty())
      return;
    rewriter.setInsertionPoint(last);
    LinalgOp fused = createFused(rewriter, chain);
    if (!fused)
      return;
    ++numFused;
    numRemoved += chain.ops.size();
    rewriter.replaceAllUsesWith(last->getResult(0), fused->getResult(0));
    for (Operation *op : chain.ops) {
      erased.insert(op);
      rewriter.eraseOp(op);
    }
  }
};

} // namespace
