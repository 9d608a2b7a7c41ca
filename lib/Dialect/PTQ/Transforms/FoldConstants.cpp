//===- FoldConstants.cpp - Evaluate what depends on constants only --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two walks. Forward, everything that can be evaluated is, and its values are
// kept beside the IR. Backward, it is decided which ops stay: those that could
// not be evaluated, and those whose result is wanted by an op that stays but is
// too large to be written out. What is wanted of the others becomes constants.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Interpreter/Interpreter.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Results of up to this many elements are written as `dense`, and are never
/// too large.
static constexpr int64_t kMaxDenseElements = 16;

/// Evaluation stops where a value would need more memory than this.
static constexpr int64_t kMaxEvaluatedBytes = int64_t{1} << 30;

namespace {
/// A value that is known, and the bytes of the constants that it comes from.
struct KnownValue {
  TensorValue value;
  int64_t sourceBytes;
};

struct FoldConstantsPass
    : public ptq::impl::FoldConstantsPassBase<FoldConstantsPass> {
  using Base::Base;

  void runOnOperation() override;

private:
  bool isFoldable(Operation *op) const;
  bool isWritable(const KnownValue &known, Type type) const;
  void addConstant(Operation *op);
  void evaluate(Operation *op);
  void decideWhatStays();
  void replaceFolded();

  llvm::DenseMap<Value, KnownValue> known;
  /// Ops that have been evaluated, in order.
  SmallVector<Operation *> evaluated;
  llvm::DenseSet<Operation *> stays;
  SmallVector<Operation *> constants;
};
} // namespace

/// Whether `op` computes values, from nothing but its operands.
bool FoldConstantsPass::isFoldable(Operation *op) const {
  if (!isa<EvaluableOpInterface>(op) || !isMemoryEffectFree(op) ||
      op->getNumResults() == 0 || op->hasTrait<OpTrait::ConstantLike>())
    return false;
  if (isa<PTQDialect>(op->getDialect()) && !quantization)
    return false;
  // A loop may never end, or not in the time of a compilation.
  if (isa<LoopLikeOpInterface>(op))
    return false;
  if (!llvm::all_of(op->getOperands(),
                    [&](Value operand) { return known.contains(operand); }))
    return false;
  // An upper bound on what would be allocated, where it is known beforehand.
  for (Type type : op->getResultTypes()) {
    RankedTensorType tensor = getTensorTypeOf(type);
    if (!tensor)
      return false;
    if (!tensor.hasStaticShape())
      continue;
    int64_t bytes = *getElementByteSize(tensor.getElementType());
    for (int64_t size : tensor.getShape())
      if (llvm::MulOverflow(bytes, size, bytes) || bytes > kMaxEvaluatedBytes)
        return false;
  }
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  return captured.empty();
}

/// Whether a value may become a constant of the IR.
bool FoldConstantsPass::isWritable(const KnownValue &known, Type type) const {
  int64_t count = known.value.getNumElements();
  if (count <= kMaxDenseElements)
    return true;
  auto bytes = static_cast<int64_t>(known.value.getRawData().size());
  return isa<RankedTensorType>(type) && bytes <= known.sourceBytes;
}

void FoldConstantsPass::addConstant(Operation *op) {
  TypedAttr attr;
  if (op->getNumResults() != 1 || !matchPattern(op, m_Constant(&attr)) ||
      !getTensorTypeOf(attr.getType()))
    return;
  FailureOr<TensorValue> value =
      TensorValue::fromAttribute(attr, [&] { return op->emitError(); });
  if (failed(value))
    return;
  auto bytes = static_cast<int64_t>(value->getRawData().size());
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (dense && dense.isSplat())
    bytes = value->getElementByteSize();
  known.try_emplace(op->getResult(0), KnownValue{*value, bytes});
  constants.push_back(op);
}

void FoldConstantsPass::evaluate(Operation *op) {
  SmallVector<TensorValue> operands;
  int64_t sourceBytes = 0;
  for (Value operand : op->getOperands()) {
    const KnownValue &value = known.find(operand)->second;
    operands.push_back(value.value);
    sourceBytes += value.sourceBytes;
  }
  // An interpreter remembers ops by their address, and ops are about to go.
  Interpreter interpreter(getOperation());
  FailureOr<SmallVector<TensorValue>> results =
      interpreter.evaluate(op, operands);
  if (failed(results)) {
    ++numFailed;
    return;
  }
  evaluated.push_back(op);
  for (auto [result, value] : llvm::zip_equal(op->getResults(), *results))
    known.try_emplace(result, KnownValue{value, sourceBytes});
}

void FoldConstantsPass::decideWhatStays() {
  llvm::DenseSet<Operation *> goes(evaluated.begin(), evaluated.end());
  for (Operation *op : llvm::reverse(evaluated)) {
    bool tooLarge = llvm::any_of(op->getResults(), [&](Value result) {
      // Users that go themselves do not need the result.
      bool wanted = llvm::any_of(result.getUsers(), [&](Operation *user) {
        Operation *owner = user;
        while (owner && !goes.contains(owner))
          owner = owner->getParentOp();
        return !owner;
      });
      return wanted &&
             !isWritable(known.find(result)->second, result.getType());
    });
    // Casting to a dynamic shape is what a folded op would be replaced by.
    bool isCast = isa<tensor::CastOp>(op);
    if (!tooLarge && !isCast)
      continue;
    numTooLarge += tooLarge;
    goes.erase(op);
    stays.insert(op);
  }
}

/// A name for the resource that `op` becomes.
static std::string getResourceName(Operation *op) {
  if (auto named = op->getLoc()->findInstanceOf<NameLoc>())
    return named.getName().str();
  return "folded";
}

/// `value` as a constant of `type`.
static Value createConstant(OpBuilder &builder, Operation *op,
                            const TensorValue &value, Type type) {
  Location loc = op->getLoc();
  if (isa<RankedTensorType>(type)) {
    TypedAttr attr;
    if (value.getNumElements() <= kMaxDenseElements)
      attr = value.toDenseElements();
    else
      attr = value.toResource(getResourceName(op));
    Value constant = arith::ConstantOp::create(builder, loc, attr);
    if (constant.getType() != type)
      constant = tensor::CastOp::create(builder, loc, type, constant);
    return constant;
  }
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     value.toDenseElements().reshape(vector));
  return arith::ConstantOp::create(builder, loc, value.toScalarAttr());
}

void FoldConstantsPass::replaceFolded() {
  OpBuilder builder(&getContext());
  for (Operation *op : llvm::reverse(evaluated)) {
    if (stays.contains(op))
      continue;
    builder.setInsertionPoint(op);
    for (Value result : op->getResults()) {
      if (result.use_empty())
        continue;
      const TensorValue &value = known.find(result)->second.value;
      result.replaceAllUsesWith(
          createConstant(builder, op, value, result.getType()));
    }
    op->erase();
    ++numFolded;
  }
  // Constants that only folded ops used.
  for (Operation *op : constants)
    if (op->use_empty())
      op->erase();
}

void FoldConstantsPass::runOnOperation() {
  known.clear();
  evaluated.clear();
  stays.clear();
  constants.clear();
  {
    // What cannot be evaluated may never be reached: not an error here.
    ScopedDiagnosticHandler silence(&getContext(),
                                    [](Diagnostic &) { return success(); });
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      addConstant(op);
      if (isFoldable(op)) {
        evaluate(op);
        if (known.contains(op->getResult(0)))
          return WalkResult::skip();
      }
      // Bodies of structured ops are not the place for tensors.
      bool hasBlocksOfOps = isa<ModuleOp, FunctionOpInterface>(op) ||
                            isa<RegionBranchOpInterface>(op);
      return op->getNumRegions() == 0 || hasBlocksOfOps ? WalkResult::advance()
                                                        : WalkResult::skip();
    });
  }
  decideWhatStays();
  replaceFolded();
  known.clear();
}
