//===- FuseRows.cpp - One loop over rows for several ops ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax, normalizations and the measuring of activations are each several ops
// that go through the same rows: an extremum or a sum of each, then something
// for each of its elements. One after the other, they read and write whole
// tensors. Where all that an op needs of another one is the same row of it, one
// loop runs all of them on a few rows, as many as the nearest cache holds, and
// what nobody else reads takes the memory of these rows only.
//
//===----------------------------------------------------------------------===//

#include "Kernels/FusedNeighbours.h"
#include "RowGroup.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "ptq/CodeGen/Passes.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace mlir::ptq {
#define GEN_PASS_DEF_FUSEROWSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

struct FuseRowsPass : ptq::impl::FuseRowsPassBase<FuseRowsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (cacheBytes < 1) {
      getOperation().emitError("the size of the cache must be positive, got ")
          << cacheBytes.getValue();
      return signalPassFailure();
    }
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks)
      fuseInBlock(*block);
  }

private:
  void fuseInBlock(Block &block) {
    llvm::SmallPtrSet<void *, 8> buffersOfProducts =
        findBuffersOfProducts(block);
    SmallVector<RowGroup> groups(1);
    for (Operation &op : block) {
      if (isMemoryEffectFree(&op) || isa<memref::AllocOp>(op))
        continue;
      auto structured = dyn_cast<LinalgOp>(op);
      bool isCandidate =
          structured && llvm::none_of(op.getOperands(), [&](Value value) {
            return buffersOfProducts.contains(
                getViewedBuffer(value).getAsOpaquePointer());
          });
      if (isCandidate && !groups.back().add(structured))
        continue;
      groups.emplace_back();
      if (!isCandidate)
        continue;
      if (const char *reason = groups.back().add(structured))
        remarkOwnLoop(structured, reason);
    }
    IRRewriter rewriter(&getContext());
    for (RowGroup &group : groups) {
      if (const char *reason = group.choose(cacheBytes)) {
        for (LinalgOp op : group.getOps())
          remarkOwnLoop(op, reason);
        continue;
      }
      ++numLoops;
      numFused += group.getOps().size();
      group.emit(rewriter);
    }
    eraseUnusedBuffers(rewriter, block);
  }

  /// Tells of rows that are measured or summed up in a loop of their own.
  static void remarkOwnLoop(LinalgOp op, const char *reason) {
    if (op.getNumReductionLoops() == 0)
      return;
    remark::missed(op.getLoc(), remark::RemarkOpts::name("OwnLoop").category(
                                    "ptq-fuse-rows"))
        << remark::reason("rows are reduced in a loop of their own: {0}",
                          reason);
  }

  /// Erases buffers that have become those of rows, and views of them.
  static void eraseUnusedBuffers(RewriterBase &rewriter, Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isa<memref::AllocOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
              op) &&
          op.use_empty())
        rewriter.eraseOp(&op);
  }

  /// The buffers around sums of products that are still to be kernels: they
  /// take their neighbours, and their weights, as they are.
  static llvm::SmallPtrSet<void *, 8> findBuffersOfProducts(Block &block) {
    llvm::SmallPtrSet<void *, 8> buffers;
    for (auto op : block.getOps<LinalgOp>())
      if (op.getNumReductionLoops() > 0 && op.getNumDpsInputs() > 1)
        for (Value value : op->getOperands())
          if (isa<MemRefType>(value.getType()) &&
              !getViewedBuffer(value).getDefiningOp<memref::GetGlobalOp>())
            buffers.insert(getViewedBuffer(value).getAsOpaquePointer());
    return buffers;
  }
};

} // namespace
