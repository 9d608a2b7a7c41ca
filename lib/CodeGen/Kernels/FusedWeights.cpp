//===- FusedWeights.cpp - Weights that a kernel dequantizes ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedWeights.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

bool mlir::ptq::isWeightDequantization(LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  OpOperand *output = op.getDpsInitOperand(0);
  auto type = dyn_cast<MemRefType>(output->get().getType());
  if (!type || !type.hasStaticShape() ||
      !isa<FloatType>(type.getElementType()) ||
      !output->get().getDefiningOp<memref::AllocOp>() ||
      !op.getMatchingIndexingMap(output).isIdentity() ||
      op.payloadUsesValueFromOperand(output))
    return false;
  auto isConstant = [](Value input) {
    return !isa<ShapedType>(input.getType()) ||
           input.getDefiningOp<memref::GetGlobalOp>();
  };
  return llvm::all_of(op.getDpsInputs(), isConstant) &&
         llvm::any_of(op.getDpsInputs(), [](Value input) {
           return isa<MemRefType>(input.getType()) &&
                  getElementTypeOrSelf(input.getType()).isInteger(8);
         });
}

/// The only use of what `op` writes but by itself, through reshapes; null if
/// there are several.
static OpOperand *findOnlyReader(LinalgOp op) {
  OpOperand *reader = nullptr;
  SmallVector<Value> aliases{op.getDpsInits().front()};
  while (!aliases.empty()) {
    Value alias = aliases.pop_back_val();
    for (OpOperand &use : alias.getUses()) {
      if (isa<memref::CollapseShapeOp, memref::ExpandShapeOp>(use.getOwner())) {
        aliases.push_back(use.getOwner()->getResult(0));
        continue;
      }
      if (use.getOwner() == op && use.get() == op.getDpsInits().front())
        continue;
      if (reader)
        return nullptr;
      reader = &use;
    }
  }
  return reader;
}

/// The index in the source of `collapse` for `index` in its result.
static SmallVector<AffineExpr> getSourceIndex(memref::CollapseShapeOp collapse,
                                              ArrayRef<AffineExpr> index) {
  MemRefType source = collapse.getSrcType();
  SmallVector<AffineExpr> result(
      source.getRank(), getAffineConstantExpr(0, collapse.getContext()));
  for (auto [dim, group] :
       llvm::enumerate(collapse.getReassociationIndices())) {
    SmallVector<int64_t> wide;
    llvm::copy_if(group, std::back_inserter(wide), [&](int64_t sourceDim) {
      return source.getDimSize(sourceDim) != 1;
    });
    AffineExpr rest = index[dim];
    for (int64_t sourceDim : llvm::reverse(wide)) {
      int64_t size = source.getDimSize(sourceDim);
      result[sourceDim] = sourceDim == wide.front() ? rest : rest % size;
      rest = rest.floorDiv(size);
    }
  }
  return result;
}

/// The same for `expand`.
static SmallVector<AffineExpr> getSourceIndex(memref::ExpandShapeOp expand,
                                              ArrayRef<AffineExpr> index) {
  SmallVector<AffineExpr> result;
  for (const ReassociationIndices &group : expand.getReassociationIndices()) {
    AffineExpr source = getAffineConstantExpr(0, expand.getContext());
    for (int64_t dim : group)
      source = source * expand.getResultType().getDimSize(dim) + index[dim];
    result.push_back(source);
  }
  return result;
}

/// The index in the buffer that `reader` reads, in terms of the loops of its
/// op.
static SmallVector<AffineExpr> getBufferIndex(OpOperand &reader) {
  auto kernel = cast<LinalgOp>(reader.getOwner());
  SmallVector<AffineExpr> index(
      kernel.getMatchingIndexingMap(&reader).getResults());
  Value value = reader.get();
  while (Operation *view = value.getDefiningOp()) {
    if (auto collapse = dyn_cast<memref::CollapseShapeOp>(view))
      index = getSourceIndex(collapse, index);
    else if (auto expand = dyn_cast<memref::ExpandShapeOp>(view))
      index = getSourceIndex(expand, index);
    else
      break;
    value = view->getOperand(0);
  }
  return index;
}

FailureOr<FusedWeights> FusedWeights::find(LinalgOp op, ExplainFn explain) {
  OpOperand *reader = findOnlyReader(op);
  if (!reader)
    return explain("several ops read them");
  auto kernel = dyn_cast<LinalgOp>(reader->getOwner());
  if (!kernel || !kernel.hasPureBufferSemantics() ||
      !kernel.isDpsInput(reader) || kernel.getNumReductionLoops() == 0 ||
      kernel.getNumDpsInputs() != 2 || kernel.getNumDpsInits() != 1)
    return explain("no sum of products reads them");
  if (kernel->getBlock() != op->getBlock())
    return explain("they are read in another block");
  AffineMap readerMap = kernel.getMatchingIndexingMap(reader);
  if (readerMap.getNumSymbols() != 0)
    return explain("the index of what is read has symbols");

  FusedWeights weights{op, kernel, reader->getOperandNumber(), {}, {}};
  unsigned numLoops = kernel.getNumLoops();
  for (AffineExpr expr : getBufferIndex(*reader))
    weights.loops.push_back(simplifyAffineExpr(expr, numLoops, 0));
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input).replaceDimsAndSymbols(
        weights.loops, {}, /*numResultDims=*/numLoops + 1,
        /*numResultSyms=*/0);
    weights.inputs.push_back({input->get(), simplifyAffineMap(map), {}, {}});
  }
  return weights;
}

FusedWeights FusedWeights::getConstant(OpOperand &reader) {
  auto kernel = cast<LinalgOp>(reader.getOwner());
  AffineMap map = kernel.getMatchingIndexingMap(&reader);
  FusedWeights weights{/*op=*/{},
                       kernel,
                       reader.getOperandNumber(),
                       SmallVector<AffineExpr>(map.getResults()),
                       {}};
  weights.inputs.push_back({reader.get(),
                            AffineMap::get(kernel.getNumLoops() + 1, 0,
                                           map.getResults(), map.getContext()),
                            {},
                            {}});
  return weights;
}

/// The loops of `op`, if any, whose position its payload computes with.
static SmallVector<unsigned> getIndexLoops(LinalgOp op) {
  SmallVector<unsigned> loops;
  if (!op)
    return loops;
  for (auto index : op.getBlock()->getOps<linalg::IndexOp>())
    loops.push_back(index.getDim());
  return loops;
}

const char *FusedWeights::findObstacle(unsigned vectorDim) const {
  if (const char *obstacle = op ? findVectorObstacle(op) : nullptr)
    return obstacle;
  if (!dependsOn(vectorDim))
    return "they are the same in all elements of a vector";
  for (const Input &input : inputs)
    if (!FlatAccess::isLinearAlong(input.map, input.panels.getType(),
                                   vectorDim))
      return "the elements of a vector are in different parts of their bytes";
  for (unsigned loop : getIndexLoops(op))
    if (loops[loop].isFunctionOfDim(vectorDim))
      return "the elements of a vector are computed in different ways";
  return nullptr;
}

bool FusedWeights::dependsOn(unsigned dim) const {
  return llvm::any_of(
      loops, [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); });
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// For how many positions of loop `dim` quotients in `expr` stay the same.
static void collectBlocks(AffineExpr expr, unsigned dim, unsigned numDims,
                          SmallVectorImpl<int64_t> &blocks) {
  expr.walk([&](AffineExpr inner) {
    auto division = dyn_cast<AffineBinaryOpExpr>(inner);
    if (!division || (inner.getKind() != AffineExprKind::FloorDiv &&
                      inner.getKind() != AffineExprKind::Mod))
      return;
    AffineExpr position = getAffineDimExpr(dim, expr.getContext());
    AffineExpr dividend = division.getLHS();
    auto step = dyn_cast<AffineConstantExpr>(simplifyAffineExpr(
        dividend.replace(position, position + 1) - dividend, numDims, 0));
    auto divisor = dyn_cast<AffineConstantExpr>(division.getRHS());
    if (step && divisor && step.getValue() > 0 &&
        divisor.getValue() % step.getValue() == 0)
      blocks.push_back(divisor.getValue() / step.getValue());
  });
}

BlockedRange FusedWeights::getBlockedRange(unsigned dim,
                                           OpFoldResult size) const {
  BlockedRange range{size, {}};
  std::optional<int64_t> number = getConstantIntValue(size);
  if (!number)
    return range;
  SmallVector<int64_t> blocks;
  for (const Input &input : inputs)
    for (AffineExpr expr : input.map.getResults())
      collectBlocks(expr, dim, input.map.getNumDims(), blocks);
  for (unsigned loop : getIndexLoops(op))
    collectBlocks(loops[loop], dim, linalg::LinalgOp(kernel).getNumLoops(),
                  blocks);
  llvm::sort(blocks);
  for (int64_t block : blocks) {
    int64_t last = range.blocks.empty() ? 1 : range.blocks.back();
    if (block > last && block < *number && block % last == 0)
      range.blocks.push_back(block);
  }
  return range;
}

void FusedWeights::erase(RewriterBase &rewriter) const {
  if (!op)
    return;
  Value buffer = LinalgOp(op).getDpsInits().front();
  rewriter.eraseOp(op);
  std::function<void(Value)> eraseUnused = [&](Value alias) {
    for (Operation *view : llvm::make_early_inc_range(alias.getUsers()))
      eraseUnused(view->getResult(0));
    if (alias.use_empty())
      rewriter.eraseOp(alias.getDefiningOp());
  };
  eraseUnused(buffer);
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

FusedWeightsEmitter::FusedWeightsEmitter(OpBuilder &builder,
                                         const FusedWeights &weights,
                                         unsigned vectorDim)
    : builder(builder), loc(LinalgOp(weights.kernel).getLoc()),
      weights(weights), vectorDim(vectorDim) {
  auto access = [&](AffineMap map, Value value) {
    return value ? FlatAccess(builder, loc, map, value) : FlatAccess();
  };
  for (const FusedWeights::Input &input : weights.inputs) {
    panels.push_back(access(input.map, input.panels));
    rests.push_back(access(input.restMap, input.rest));
  }
}

Value FusedWeightsEmitter::emit(ArrayRef<OpFoldResult> positions,
                                OpFoldResult panel, int64_t width) {
  SmallVector<OpFoldResult> here(positions);
  here.push_back(panel);
  std::optional<int64_t> position = getConstantIntValue(positions[vectorDim]);
  bool isRest = position && *position >= weights.restPosition;
  auto load = [&](unsigned number) {
    const FlatAccess &access =
        isRest && weights.inputs[number].rest ? rests[number] : panels[number];
    return access.load(builder, loc, access.getAddress(builder, loc, here),
                       vectorDim, width);
  };
  LinalgOp op = weights.op;
  if (!op)
    return load(0);

  IRMapping mapping;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(operand);
    if (!argument.use_empty())
      mapping.map(argument, load(operand->getOperandNumber()));
  }
  auto emitIndex = [&](unsigned loop) -> Value {
    OpFoldResult index = affine::makeComposedFoldedAffineApply(
        builder, loc, AffineMap::get(positions.size(), 0, weights.loops[loop]),
        positions);
    return vector::BroadcastOp::create(
        builder, loc, VectorType::get({width}, builder.getIndexType()),
        getValueOrCreateConstantIndexOp(builder, loc, index));
  };
  VectorPayload payload(builder, loc, width);
  for (Operation &inner : op.getBlock()->without_terminator())
    payload.emit(mapping, inner, emitIndex);
  return payload.lookup(mapping, op.getBlock()->getTerminator()->getOperand(0));
}
