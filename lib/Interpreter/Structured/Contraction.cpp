//===- Contraction.cpp - Convolutions and matrix products -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contraction.h"
#include "ContractionRunner.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Recognition
//===----------------------------------------------------------------------===//

/// The block argument that `value` is, or is the sign extension of.
static BlockArgument getFactor(Value value) {
  if (auto extension = value.getDefiningOp<arith::ExtSIOp>())
    value = extension.getIn();
  return dyn_cast<BlockArgument>(value);
}

template <typename MulOp, typename AddOp>
static bool isMultiplyAdd(Block &body) {
  BlockArgument out = body.getArgument(2);
  auto add = body.getTerminator()->getOperand(0).getDefiningOp<AddOp>();
  if (!add)
    return false;
  Value product = add.getLhs() == out ? add.getRhs() : add.getLhs();
  if (add.getLhs() != out && add.getRhs() != out)
    return false;
  auto multiply = product.getDefiningOp<MulOp>();
  if (!multiply)
    return false;
  BlockArgument lhs = getFactor(multiply.getLhs());
  BlockArgument rhs = getFactor(multiply.getRhs());
  if (!lhs || !rhs || lhs.getOwner() != &body || rhs.getOwner() != &body)
    return false;
  // The product is the same either way round.
  return lhs.getArgNumber() + rhs.getArgNumber() == 1;
}

bool mlir::ptq::isContraction(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op->getNumResults() != 1)
    return false;
  Block &body = *op.getBlock();
  if (body.getNumArguments() != 3)
    return false;
  Type lhs = body.getArgument(0).getType();
  Type rhs = body.getArgument(1).getType();
  Type out = body.getArgument(2).getType();
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(out))
    return lhs == out && rhs == out &&
           isMultiplyAdd<arith::MulFOp, arith::AddFOp>(body);
  auto isFactor = [](Type type) {
    return type.isInteger(8) || type.isInteger(16) || type.isInteger(32);
  };
  return out.isInteger(32) && isFactor(lhs) && isFactor(rhs) &&
         isMultiplyAdd<arith::MulIOp, arith::AddIOp>(body);
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

/// The contiguous loop moves everything: a depthwise convolution with channels
/// last, or a product of batches.
template <typename AccT, typename T>
static void runLanes(const IterationSpace &space, const ContractionPlan &plan,
                     const T *lhs, const T *rhs, AccT *out) {
  SmallVector<int64_t, 0> lhsSums = getOffsets(space, plan.sums, kLhs);
  SmallVector<int64_t, 0> rhsSums = getOffsets(space, plan.sums, kRhs);
  LoopCounter batch(space, plan.batches);
  do {
    multiplyLanes<AccT, T>(out + batch.getOffset(kOut),
                           lhs + batch.getOffset(kLhs), lhsSums.data(),
                           rhs + batch.getOffset(kRhs), rhsSums.data(),
                           lhsSums.size(), space.sizes[*plan.lanes]);
  } while (batch.next());
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

namespace {
/// Whether a contraction was run; nullopt if memory ran out.
using Outcome = std::optional<bool>;
} // namespace

template <typename AccT, typename LhsT, typename RhsT>
static Outcome runTyped(const IterationSpace &space,
                        const ContractionPlan &plan, const char *lhs,
                        const char *rhs, char *out) {
  auto *lhsData =
      reinterpret_cast<const LhsT *>(lhs) + space.accesses[kLhs].offset;
  auto *rhsData =
      reinterpret_cast<const RhsT *>(rhs) + space.accesses[kRhs].offset;
  auto *outData = reinterpret_cast<AccT *>(out) + space.accesses[kOut].offset;
  if (plan.lanes) {
    if constexpr (std::is_same_v<LhsT, RhsT>) {
      runLanes<AccT, LhsT>(space, plan, lhsData, rhsData, outData);
      return true;
    }
    return false;
  }
  bool done = plan.swapped ? ContractionRunner<AccT, RhsT, LhsT>(space, plan)
                                 .run(rhsData, lhsData, outData)
                           : ContractionRunner<AccT, LhsT, RhsT>(space, plan)
                                 .run(lhsData, rhsData, outData);
  return done ? Outcome(true) : std::nullopt;
}

template <typename LhsT>
static Outcome runInteger(const IterationSpace &space,
                          const ContractionPlan &plan, const char *lhs,
                          const char *rhs, unsigned rhsSize, char *out) {
  switch (rhsSize) {
  case 1:
    return runTyped<int32_t, LhsT, int8_t>(space, plan, lhs, rhs, out);
  case 2:
    return runTyped<int32_t, LhsT, int16_t>(space, plan, lhs, rhs, out);
  default:
    return runTyped<int32_t, LhsT, int32_t>(space, plan, lhs, rhs, out);
  }
}

static Outcome dispatch(const IterationSpace &space,
                        const ContractionPlan &plan, const TensorValue &lhs,
                        const TensorValue &rhs, TensorValue &out) {
  const char *lhsData = lhs.getRawData().data();
  const char *rhsData = rhs.getRawData().data();
  char *outData = out.getMutableRawData().data();
  if (out.getElementType().isF32())
    return runTyped<float, float, float>(space, plan, lhsData, rhsData,
                                         outData);
  if (out.getElementType().isF64())
    return runTyped<double, double, double>(space, plan, lhsData, rhsData,
                                            outData);
  switch (lhs.getElementByteSize()) {
  case 1:
    return runInteger<int8_t>(space, plan, lhsData, rhsData,
                              rhs.getElementByteSize(), outData);
  case 2:
    return runInteger<int16_t>(space, plan, lhsData, rhsData,
                               rhs.getElementByteSize(), outData);
  default:
    return runInteger<int32_t>(space, plan, lhsData, rhsData,
                               rhs.getElementByteSize(), outData);
  }
}

FailureOr<bool> mlir::ptq::runContraction(Operation *op, IterationSpace space,
                                          const TensorValue &lhs,
                                          const TensorValue &rhs,
                                          TensorValue &out) {
  if (space.isEmpty())
    return true;
  space.simplify();
  std::optional<ContractionPlan> plan = makeContractionPlan(space);
  if (!plan)
    return false;
  Outcome outcome = failed(out.makeUnique())
                        ? std::nullopt
                        : dispatch(space, *plan, lhs, rhs, out);
  if (!outcome)
    return op->emitError("not enough memory to compute a result of type ")
           << out.getType();
  return *outcome;
}
