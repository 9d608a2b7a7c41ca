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
#include "mlir/Dialect/Linalg/IR/Linalg.h"
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

/// All values together may take this much memory during the pass.
static constexpr int64_t kMaxEvaluatedBytes = int64_t{1} << 32;

/// An op with more iterations than this is for the machine that the network is
/// compiled for, not for the one that compiles it.
static constexpr int64_t kMaxIterations = int64_t{1} << 30;

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
  bool isAffordable(Operation *op) const;
  bool hasMemoryFor(TypeRange types) const;
  bool isWritable(Operation *op, OpResult result) const;
  void addConstant(Operation *op);
  void evaluate(Operation *op);
  void decideWhatStays();
  void replaceFolded();

  llvm::DenseMap<Value, KnownValue> known;
  int64_t evaluatedBytes = 0;
  /// Ops that have been evaluated, in order.
  SmallVector<Operation *> evaluated;
  llvm::DenseSet<Operation *> stays;
  SmallVector<Operation *> constants;
};
} // namespace

/// Whether `op` may be evaluated: computes values from nothing but its
/// operands, all of which are known, and comes to an end.
bool FoldConstantsPass::isFoldable(Operation *op) const {
  if (!isa<EvaluableOpInterface>(op) || !isMemoryEffectFree(op) ||
      op->getNumResults() == 0 || op->hasTrait<OpTrait::ConstantLike>())
    return false;
  if (isa<PTQDialect>(op->getDialect()) && !quantization)
    return false;
  if (!llvm::all_of(op->getOperands(),
                    [&](Value operand) { return known.contains(operand); }))
    return false;
  // A loop may never end, or not in the time of a compilation.
  bool hasLoop = op->walk([](LoopLikeOpInterface) {
                     return WalkResult::interrupt();
                   }).wasInterrupted();
  if (hasLoop)
    return false;
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  return captured.empty();
}

/// Whether there is time and memory for `op`, as far as its types tell.
bool FoldConstantsPass::isAffordable(Operation *op) const {
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    int64_t iterations = 1;
    for (int64_t range : structured.getStaticLoopRanges())
      if (ShapedType::isStatic(range) &&
          (llvm::MulOverflow(iterations, range, iterations) ||
           iterations > kMaxIterations))
        return false;
  }
  return hasMemoryFor(op->getResultTypes());
}

/// Whether values of `types` may be added, as far as their sizes are static.
bool FoldConstantsPass::hasMemoryFor(TypeRange types) const {
  int64_t total = evaluatedBytes;
  for (Type type : types) {
    RankedTensorType tensor = getTensorTypeOf(type);
    if (!tensor)
      return false;
    if (!tensor.hasStaticShape())
      continue;
    int64_t bytes = *getElementByteSize(tensor.getElementType());
    for (int64_t size : tensor.getShape())
      if (llvm::MulOverflow(bytes, size, bytes))
        return false;
    if (llvm::AddOverflow(total, bytes, total) || total > kMaxEvaluatedBytes)
      return false;
  }
  return true;
}

/// Whether an op only says where a result goes or repeats what it is given.
/// Such ops cost next to nothing and are what patterns look for as the initial
/// values of contractions.
static bool isInitialization(Operation *op) {
  return isa<tensor::EmptyOp, tensor::SplatOp, linalg::FillOp,
             linalg::BroadcastOp>(op);
}

/// Whether a result that is known may become a constant of the IR.
bool FoldConstantsPass::isWritable(Operation *op, OpResult result) const {
  if (isInitialization(op))
    return false;
  // What a folded op of a dynamic type is replaced by.
  auto tensor = dyn_cast<TensorType>(result.getType());
  if (isa<tensor::CastOp>(op) && !tensor.hasStaticShape())
    return false;
  const KnownValue &value = known.find(result)->second;
  if (value.value.getNumElements() <= kMaxDenseElements)
    return true;
  auto bytes = static_cast<int64_t>(value.value.getRawData().size());
  return tensor && bytes / std::max<int64_t>(maxGrowth, 1) <= value.sourceBytes;
}

void FoldConstantsPass::addConstant(Operation *op) {
  TypedAttr attr;
  if (op->getNumResults() != 1 || !matchPattern(op, m_Constant(&attr)) ||
      !hasMemoryFor(attr.getType()))
    return;
  FailureOr<TensorValue> value =
      TensorValue::fromAttribute(attr, [&] { return op->emitError(); });
  if (failed(value))
    return;
  auto bytes = static_cast<int64_t>(value->getRawData().size());
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (dense && dense.isSplat()) {
    // The value takes all its memory, the constant does not.
    evaluatedBytes += bytes;
    bytes = value->getElementByteSize();
  }
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
  for (auto [result, value] : llvm::zip_equal(op->getResults(), *results)) {
    evaluatedBytes += static_cast<int64_t>(value.getRawData().size());
    known.try_emplace(result, KnownValue{value, sourceBytes});
  }
}

void FoldConstantsPass::decideWhatStays() {
  llvm::DenseSet<Operation *> goes(evaluated.begin(), evaluated.end());
  // Users that go themselves, or inside an op that goes, want nothing.
  auto isWanted = [&](Operation *user) {
    while (user && !goes.contains(user))
      user = user->getParentOp();
    return !user;
  };
  for (Operation *op : llvm::reverse(evaluated)) {
    bool canGo = llvm::all_of(op->getResults(), [&](OpResult result) {
      return isWritable(op, result) ||
             llvm::none_of(result.getUsers(), isWanted);
    });
    if (canGo)
      continue;
    numUnwritten += !isInitialization(op);
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
    // Resources of elements that are not whole bytes are not understood
    // everywhere.
    Type elementType = value.getElementType();
    bool isWholeBytes =
        elementType.isIntOrFloat() &&
        elementType.getIntOrFloatBitWidth() == 8 * value.getElementByteSize();
    if (value.getNumElements() <= kMaxDenseElements || !isWholeBytes)
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
  evaluatedBytes = 0;
  {
    // What cannot be evaluated may never be reached: not an error here.
    ScopedDiagnosticHandler silence(&getContext(),
                                    [](Diagnostic &) { return success(); });
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      addConstant(op);
      if (isFoldable(op)) {
        if (isAffordable(op))
          evaluate(op);
        else
          ++numTooLarge;
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
  if (stays.size() == evaluated.size())
    markAllAnalysesPreserved();
}
