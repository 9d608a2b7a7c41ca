//===- VerifyIntegerOnly.cpp - Find what still computes on floats ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_VERIFYINTEGERONLYPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

static bool isFloat(Type type) {
  return isa<FloatType>(getElementTypeOrSelf(type));
}

static bool isInteger(Type type) {
  return isa<IntegerType>(getElementTypeOrSelf(type));
}

/// Whether `op` reads or writes floats, or computes with them on the way from
/// integers to integers.
static bool usesFloats(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), isFloat) ||
         llvm::any_of(op->getResultTypes(), isFloat) ||
         op->walk([&](Operation *inner) {
             return WalkResult(
                 failure(inner != op &&
                         llvm::any_of(inner->getResultTypes(), isFloat)));
           }).wasInterrupted();
}

/// Whether `op` makes or moves elements without looking at them.
static bool isStructural(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>() ||
      isa<tensor::EmptyOp, tensor::DimOp, linalg::FillOp>(op))
    return true;
  auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op);
  return transparent && transparent.preservesRange();
}

/// Whether `op` quantizes an input of the function.
static bool isInputEdge(Operation *op) {
  return isa<QuantizeOp>(op) &&
         isa<BlockArgument>(traceToRoot(op->getOpOperand(0)).root);
}

/// Whether `op` gives no integers and reaches nothing that does: it belongs to
/// the end of the network.
static bool isInTail(Operation *op,
                     llvm::SmallDenseMap<Operation *, bool> &known) {
  auto [it, isNew] = known.try_emplace(op, false);
  if (!isNew)
    return it->second;
  bool givesIntegers = llvm::any_of(op->getResultTypes(), isInteger);
  bool isTail =
      !givesIntegers && llvm::all_of(op->getUsers(), [&](Operation *user) {
        // No code depends on a size.
        return isa<tensor::DimOp>(user) || isInTail(user, known);
      });
  return known[op] = isTail;
}

/// Whether `op` only brings codes back that are returned.
static bool isOutputEdge(Operation *op) {
  if (!isa<DequantizeOp>(op))
    return false;
  SmallVector<Operation *> worklist{op};
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      if (user->hasTrait<OpTrait::IsTerminator>() || isa<tensor::DimOp>(user))
        continue;
      if (!isStructural(user))
        return false;
      worklist.push_back(user);
    }
  return true;
}

namespace {

struct VerifyIntegerOnlyPass
    : public ptq::impl::VerifyIntegerOnlyPassBase<VerifyIntegerOnlyPass> {
  using Base::Base;

  void runOnOperation() override {
    int64_t numLeft = 0;
    int64_t numInteger = 0;
    llvm::SmallDenseMap<Operation *, bool> tails;
    for (auto function : getOperation().getOps<FunctionOpInterface>()) {
      function->walk<WalkOrder::PreOrder>([&](Operation *op) {
        if (op == function)
          return WalkResult::advance();
        if (!usesFloats(op)) {
          numInteger += isa<linalg::LinalgOp, RequantizeOp>(op);
          return WalkResult::skip();
        }
        bool isAllowed = isStructural(op) || isInputEdge(op) ||
                         isOutputEdge(op) || (allowTail && isInTail(op, tails));
        // Loops and branches are looked into.
        bool isControl = op->getNumRegions() != 0 && !isa<linalg::LinalgOp>(op);
        if (!isAllowed && !isControl) {
          report(op);
          ++numLeft;
        }
        return isControl ? WalkResult::advance() : WalkResult::skip();
      });
    }
    if (numInteger == 0) {
      getOperation().emitError("computes nothing on integers");
      return signalPassFailure();
    }
    if (numLeft != 0)
      return signalPassFailure();
    remark::passed(getOperation().getLoc(),
                   remark::RemarkOpts::name("IntegerOnly")
                       .category("ptq-verify-integer-only"))
        << remark::reason("{0} ops compute on integers, none on floats",
                          numInteger);
  }

private:
  /// Names an op that computes on floats, and what would help.
  static void report(Operation *op) {
    InFlightDiagnostic diagnostic = op->emitError("computes on floats: '")
                                    << op->getName() << "'";
    if (isa<RequantizeOp>(op))
      diagnostic << " has a float multiplier; requantize=fixed-point gives it "
                    "another";
    else if (isa<QuantizeOp, DequantizeOp>(op))
      diagnostic << " stands between codes and an op that stayed in float";
  }
};

} // namespace
