//===- RowGroup.cpp - Ops that run row by row together --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowGroup.h"
#include "Kernels/FusedNeighbours.h"
#include "Kernels/LoopNests.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// Sums of floats are vectors of rows: so many of them at least.
static constexpr int64_t kRowsOfSums = 16;

/// No machine has more; addresses of so many elements do not overflow.
static constexpr int64_t kMaxIterations = int64_t{1} << 48;

/// More in one loop would hardly belong together.
static constexpr size_t kMaxOps = 64;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

bool RowGroup::areRowsDisjoint(ArrayRef<BufferUse> uses,
                               ArrayRef<int64_t> rows) {
  const std::optional<RowAccess> &first = uses.front().access;
  for (const BufferUse &use : uses)
    if (!use.access || use.access->strides != first->strides ||
        use.access->extent >= use.access->strides.back())
      return false;
  for (size_t i = 1; i < rows.size(); ++i)
    if (first->strides[i - 1] < first->strides[i] * rows[i])
      return false;
  return true;
}

std::optional<RowGroup::Uses> RowGroup::findUses(ArrayRef<LinalgOp> members,
                                                 size_t numRows) const {
  Uses uses;
  for (LinalgOp op : members)
    for (OpOperand &operand : op->getOpOperands()) {
      if (!canBeCut(op, operand, numRows))
        return std::nullopt;
      if (isa<MemRefType>(operand.get().getType()))
        uses[getViewedBuffer(operand.get())].push_back(
            {op, &operand, getRowAccess(op, operand, numRows)});
    }
  SmallVector<int64_t> sizes = getLeadingSizes(members.front());
  sizes.truncate(numRows);
  for (const auto &[root, rootUses] : uses) {
    if (!isDistinctBuffer(root))
      return std::nullopt;
    // Whoever is alone with a buffer has parallel rows.
    LinalgOp firstUser = rootUses.front().op;
    bool isShared = llvm::any_of(
        rootUses, [&](const BufferUse &use) { return use.op != firstUser; });
    if (isShared && isWritten(rootUses) && !areRowsDisjoint(rootUses, sizes))
      return std::nullopt;
  }
  return uses;
}

const char *RowGroup::add(LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.hasIndexSemantics())
    return "it depends on positions, or is not on buffers";
  int64_t numIterations = 1;
  for (int64_t range : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(range) || range == 0)
      return "its sizes are not known before the call";
    if (range > kMaxIterations / numIterations)
      return "it is too large";
    numIterations *= range;
  }
  if (ops.size() == kMaxOps)
    return "there are too many ops";
  SmallVector<int64_t> common = getLeadingSizes(op);
  if (!ops.empty()) {
    auto differ = llvm::mismatch(rows, common);
    common.assign(rows.begin(), differ.first);
    // Rows that have become rows of something stay as long as they are.
    bool isSettled = llvm::any_of(
        ops, [&](LinalgOp member) { return hasRows(member, rows.size()); });
    if (isSettled && common.size() < rows.size())
      return "it has other rows than the ops before it";
  }
  if (common.empty())
    return "it has no rows, or others than the ops before it";
  SmallVector<LinalgOp> members = ops;
  members.push_back(op);
  if (!findUses(members, common.size()))
    return "its rows are not those of a buffer that it shares";
  ops = members;
  rows = common;
  return nullptr;
}

/// Whether an op adds floats, whose order stays as it is.
bool RowGroup::sumsFloats() const {
  return llvm::any_of(ops, [](LinalgOp op) {
    return op.getNumReductionLoops() > 0 &&
           llvm::any_of(op.getBlock()->getTerminator()->getOperands(),
                        [](Value value) {
                          return isa_and_nonnull<arith::AddFOp, arith::MulFOp>(
                              value.getDefiningOp());
                        });
  });
}

const char *RowGroup::choose(int64_t cacheBytes) {
  constexpr const char *kNothingShared = "no op around it is on the same rows";
  if (ops.size() < 2)
    return kNothingShared;
  // Rows of one element are none.
  if (llvm::none_of(ops, [&](LinalgOp op) { return hasRows(op, rows.size()); }))
    rows.pop_back();
  for (size_t numRows = 1; numRows <= rows.size(); ++numRows) {
    std::optional<Uses> uses = findUses(ops, numRows);
    if (!uses)
      return kNothingShared;
    bool isGain = false;
    int64_t bytes = 1;
    for (const auto &[root, rootUses] : *uses) {
      std::optional<unsigned> width =
          getElementByteSize(getElementTypeOrSelf(root.getType()));
      const std::optional<RowAccess> &access = rootUses.front().access;
      if (!width || !access || access->strides.back() == 0)
        continue;
      bytes += (access->extent + 1) * *width;
      isGain |=
          rootUses.size() > 1 && isWritten(rootUses) && access->extent > 0;
    }
    if (!isGain)
      return kNothingShared;
    if (bytes > cacheBytes && numRows < rows.size())
      continue;
    rows.truncate(numRows);
    blockRows = std::max<int64_t>(cacheBytes / bytes, 1);
    // A number of rows that leaves no rest more often than others.
    int64_t multiple = sumsFloats() ? kRowsOfSums : 8;
    if (blockRows >= multiple)
      blockRows -= blockRows % multiple;
    else
      blockRows =
          sumsFloats() ? kRowsOfSums : llvm::bit_floor<uint64_t>(blockRows);
    blockRows = std::min(blockRows, rows.back());
    return numRows == 1 && blockRows == rows.back()
               ? "all of it is in the cache anyway"
               : nullptr;
  }
  return kNothingShared;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

std::optional<size_t> RowGroup::getRowLoop(LinalgOp op, OpOperand &operand,
                                           unsigned index) const {
  auto dim = dyn_cast<AffineDimExpr>(
      op.getMatchingIndexingMap(&operand).getResult(index));
  if (!dim)
    return std::nullopt;
  SmallVector<unsigned> loops = getRowLoops(op, rows.size());
  const auto *position = llvm::find(loops, dim.getPosition());
  if (position == loops.end())
    return std::nullopt;
  return position - loops.begin();
}

SmallVector<int64_t> RowGroup::getBlockShape(LinalgOp op, OpOperand &operand,
                                             int64_t size) const {
  SmallVector<int64_t> shape(
      cast<MemRefType>(operand.get().getType()).getShape());
  for (auto [index, extent] : llvm::enumerate(shape))
    if (std::optional<size_t> loop = getRowLoop(op, operand, index))
      extent = *loop + 1 == rows.size() ? size : 1;
  return shape;
}

/// The product of the sizes that belong together.
static int64_t getProduct(ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  int64_t product = 1;
  for (int64_t dim : dims)
    product *= shape[dim];
  return product;
}

/// Whether groups of `fine` sizes are the `coarse` ones.
static bool isReshape(ArrayRef<int64_t> fine, ArrayRef<int64_t> coarse,
                      ArrayRef<ReassociationIndices> groups) {
  for (auto [size, dims] : llvm::zip_equal(coarse, groups))
    if (getProduct(fine, dims) != size)
      return false;
  return true;
}

MemRefType RowGroup::getBlockType(Value root, ArrayRef<BufferUse> uses,
                                  int64_t size) const {
  auto alloc = root.getDefiningOp<memref::AllocOp>();
  // What is allocated outside of a loop may hold values from one iteration to
  // the next.
  if (!alloc || alloc->getBlock() != uses.front().op->getBlock() ||
      !alloc.getType().hasStaticShape() ||
      !alloc.getType().getLayout().isIdentity())
    return {};
  llvm::SmallPtrSet<OpOperand *, 8> known;
  std::optional<SmallVector<int64_t>> shape;
  for (const BufferUse &use : uses) {
    known.insert(use.operand);
    if (use.operand->get() != root)
      continue;
    SmallVector<int64_t> block = getBlockShape(use.op, *use.operand, size);
    if (shape && *shape != block)
      return {};
    shape = block;
  }
  if (!shape)
    return {};
  for (OpOperand &use : root.getUses()) {
    if (known.contains(&use))
      continue;
    Operation *view = use.getOwner();
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(view))
      return {};
    for (OpOperand &viewUse : view->getResult(0).getUses()) {
      if (!known.contains(&viewUse))
        return {};
      SmallVector<int64_t> viewed =
          getBlockShape(cast<LinalgOp>(viewUse.getOwner()), viewUse, size);
      auto expand = dyn_cast<memref::ExpandShapeOp>(view);
      if (expand ? !isReshape(viewed, *shape, expand.getReassociationIndices())
                 : !isReshape(*shape, viewed,
                              cast<memref::CollapseShapeOp>(view)
                                  .getReassociationIndices()))
        return {};
    }
  }
  return MemRefType::get(*shape, alloc.getType().getElementType());
}

/// The rows of `operand` at `positions`, or the buffer in `blocks` that has
/// taken their place.
Value RowGroup::cut(OpBuilder &builder, LinalgOp op, OpOperand &operand,
                    ArrayRef<Value> positions, int64_t size,
                    const llvm::DenseMap<Value, Value> &blocks) {
  Value value = operand.get();
  if (!isa<MemRefType>(value.getType()))
    return value;
  Location loc = op.getLoc();
  SmallVector<int64_t> shape = getBlockShape(op, operand, size);
  if (Value block = blocks.lookup(getViewedBuffer(value))) {
    if (auto expand = value.getDefiningOp<memref::ExpandShapeOp>())
      return memref::ExpandShapeOp::create(builder, loc, shape, block,
                                           expand.getReassociationIndices());
    if (auto collapse = value.getDefiningOp<memref::CollapseShapeOp>())
      return memref::CollapseShapeOp::create(
          builder, loc, block, collapse.getReassociationIndices());
    return block;
  }
  SmallVector<OpFoldResult> offsets, sizes;
  bool isCut = false;
  for (auto [index, extent] : llvm::enumerate(shape)) {
    std::optional<size_t> loop = getRowLoop(op, operand, index);
    isCut |= loop.has_value();
    offsets.push_back(loop ? OpFoldResult(positions[*loop])
                           : OpFoldResult(builder.getIndexAttr(0)));
    sizes.push_back(
        ShapedType::isDynamic(extent)
            ? OpFoldResult(
                  memref::DimOp::create(builder, loc, value, index).getResult())
            : OpFoldResult(builder.getIndexAttr(extent)));
  }
  if (!isCut)
    return value;
  SmallVector<OpFoldResult> strides(shape.size(), builder.getIndexAttr(1));
  return memref::SubViewOp::create(builder, loc, value, offsets, sizes,
                                   strides);
}

void RowGroup::emitBlock(OpBuilder &builder, ArrayRef<Value> positions,
                         int64_t size) {
  std::optional<Uses> uses = findUses(ops, rows.size());
  llvm::DenseMap<Value, Value> blocks;
  for (const auto &[root, rootUses] : *uses)
    if (MemRefType type = getBlockType(root, rootUses, size))
      blocks[root] = memref::AllocOp::create(
          builder, root.getLoc(), type, /*dynamicSizes=*/ValueRange(),
          builder.getI64IntegerAttr(kBufferAlignment));
  for (LinalgOp op : ops) {
    SmallVector<Value> operands;
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(cut(builder, op, operand, positions, size, blocks));
    builder.clone(*op)->setOperands(operands);
  }
}

void RowGroup::emitLoops(OpBuilder &builder, SmallVector<Value> &positions) {
  Location loc = ops.front().getLoc();
  size_t loop = positions.size();
  bool isLast = loop + 1 == rows.size();
  emitBlocks(builder, loc, builder.getIndexAttr(rows[loop]),
             isLast ? blockRows : 1, [&](Value position, int64_t size) {
               positions.push_back(position);
               if (isLast)
                 emitBlock(builder, positions, size);
               else
                 emitLoops(builder, positions);
               positions.pop_back();
             });
}

void RowGroup::emit(RewriterBase &rewriter) {
  rewriter.setInsertionPoint(ops.back());
  SmallVector<Value> positions;
  emitLoops(rewriter, positions);
  for (LinalgOp op : ops)
    rewriter.eraseOp(op);
}
