//===- GatheredParameters.cpp - Scales that follow gathered rows ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What picks a row of a table picks its codes as well, and from tables of
// scales and zero points those of the row. The rows are dequantized then,
// instead of the table.
//
//===----------------------------------------------------------------------===//

#include "MovedParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/Models/Gather.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::GenericOp;

namespace {

/// Builds gathers from other tables in the place of one from a dequantized
/// table.
class GatherBuilder {
public:
  GatherBuilder(PatternRewriter &rewriter, tensor::ExtractOp extract,
                const Gather &gather, DequantizeOp dequantize)
      : builder(extract.getLoc(), rewriter), extract(extract), op(gather.op),
        loops(gather.loops), dequantize(dequantize),
        tableType(dequantize.getInput().getType()),
        resultType(cast<RankedTensorType>(op.getResult(0).getType())) {}

  /// Gathers codes, and unpacks them to bytes where they are packed.
  Value createCodes() {
    auto storage = cast<IntegerType>(tableType.getElementType());
    auto unpack = dequantize.getInput().getDefiningOp<UnpackOp>();
    Type type = unpack ? builder.getI8Type() : storage;
    Value init = createEmptyResult(builder, op, type);
    return createGather(
        init, [&](ImplicitLocOpBuilder &body, ArrayRef<Value> position) {
          if (!unpack)
            return createExtract(body, dequantize.getInput(), position);
          auto axis = static_cast<int64_t>(unpack.getAxis());
          Value perByte =
              arith::ConstantIndexOp::create(body, unpack.getCodesPerByte());
          Value part = arith::RemUIOp::create(body, position[axis], perByte);
          SmallVector<Value> bytePosition(position);
          bytePosition[axis] =
              arith::DivUIOp::create(body, position[axis], perByte);
          Value byte = createExtract(body, unpack.getInput(), bytePosition);
          return createUnpackedCode(body, byte, part, storage.getWidth());
        });
  }

  /// Gathers the parameters of the rows.
  BlockParameters createParameters() {
    BlockParameters gathered;
    gathered.blockSizes.assign(resultType.getRank(), 1);
    for (auto [dim, loop] : llvm::enumerate(loops))
      if (loop)
        gathered.blockSizes[*loop] = getBlockSize(dim);
    gathered.scale = createParameterGather(dequantize.getScale());
    if (Value zeroPoint = dequantize.getZeroPoint())
      gathered.zeroPoint = createParameterGather(zeroPoint);
    return gathered;
  }

private:
  /// The size of the blocks of the table along `dim`.
  int64_t getBlockSize(int64_t dim) {
    int64_t size = tableType.getDimSize(dim);
    if (std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize())
      return std::min((*blocks)[dim], size);
    return dequantize.getAxis() == static_cast<uint64_t>(dim) ? 1 : size;
  }

  /// Gathers from a tensor of parameters: each loop along a row takes a step
  /// for each block.
  Value createParameterGather(Value parameters) {
    Type type = getElementTypeOrSelf(parameters);
    SmallVector<OpFoldResult> sizes = createEmptyResult(builder, op, type)
                                          .getDefiningOp<tensor::EmptyOp>()
                                          .getMixedSizes();
    for (auto [dim, loop] : llvm::enumerate(loops))
      if (loop)
        sizes[*loop] = builder.getIndexAttr(
            llvm::divideCeil(tableType.getDimSize(dim), getBlockSize(dim)));
    Value init = tensor::EmptyOp::create(builder, sizes, type);
    return createGather(init, [&](ImplicitLocOpBuilder &body,
                                  ArrayRef<Value> position) {
      if (std::optional<uint64_t> axis = dequantize.getAxis())
        return createExtract(body, parameters, position[*axis]);
      SmallVector<Value> block(position);
      for (auto [dim, loop] : llvm::enumerate(loops)) {
        if (loop || getBlockSize(dim) == 1)
          continue;
        Value size = arith::ConstantIndexOp::create(body, getBlockSize(dim));
        block[dim] = arith::DivUIOp::create(body, position[dim], size);
      }
      return createExtract(body, parameters, block);
    });
  }

  static Value createExtract(ImplicitLocOpBuilder &body, Value table,
                             ValueRange position) {
    return tensor::ExtractOp::create(body, table, position);
  }

  /// Builds the op again with `init`, with the element that `makeElement`
  /// builds from the index in the table.
  Value
  createGather(Value init,
               function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>)>
                   makeElement) {
    auto gather = GenericOp::create(
        builder, TypeRange{init.getType()}, op.getInputs(), init,
        op.getIndexingMapsArray(), op.getIteratorTypesArray(),
        [&](OpBuilder &nested, Location loc, ValueRange arguments) {
          IRMapping mapping;
          mapping.map(op.getBlock()->getArguments().drop_back(),
                      arguments.drop_back());
          for (Operation &inner : op.getBlock()->without_terminator())
            if (&inner != extract)
              nested.clone(inner, mapping);
          SmallVector<Value> position =
              llvm::map_to_vector(extract.getIndices(), [&](Value index) {
                return mapping.lookupOrDefault(index);
              });
          ImplicitLocOpBuilder body(loc, nested);
          linalg::YieldOp::create(body, makeElement(body, position));
        });
    return gather.getResult(0);
  }

  ImplicitLocOpBuilder builder;
  tensor::ExtractOp extract;
  GenericOp op;
  ArrayRef<std::optional<unsigned>> loops;
  DequantizeOp dequantize;
  RankedTensorType tableType, resultType;
};

/// gather(dequantize(q, s, z)) -> dequantize(gather q, gather s, gather z).
struct SinkDequantizeThroughGather : OpRewritePattern<tensor::ExtractOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::ExtractOp extract,
                                PatternRewriter &rewriter) const override {
    auto dequantize = extract.getTensor().getDefiningOp<DequantizeOp>();
    std::optional<Gather> gather = matchGather(extract);
    if (!dequantize || !gather)
      return rewriter.notifyMatchFailure(extract,
                                         "gathers from no dequantized table");
    RankedTensorType tableType = dequantize.getInput().getType();
    if (tableType.getShape() != dequantize.getType().getShape())
      return rewriter.notifyMatchFailure(extract,
                                         "the dequantize casts its shape");
    bool isNarrow = tableType.getElementTypeBitWidth() < 8;
    if (isNarrow && !dequantize.getInput().getDefiningOp<UnpackOp>())
      return rewriter.notifyMatchFailure(extract,
                                         "codes of a row share no bytes");
    if (!yieldsOnly(extract, *gather))
      return rewriter.notifyMatchFailure(extract,
                                         "the op does more than to gather");

    GenericOp op = gather->op;
    rewriter.setInsertionPoint(op);
    GatherBuilder builder(rewriter, extract, *gather, dequantize);
    Value codes = builder.createCodes();
    if (!isa<RankedTensorType>(dequantize.getScale().getType())) {
      rewriter.replaceOpWithNewOp<DequantizeOp>(
          op, op.getResultTypes(), codes, dequantize.getScale(),
          dequantize.getZeroPoint(), /*axis=*/IntegerAttr(),
          /*block_size=*/DenseI64ArrayAttr());
      return success();
    }
    BlockParameters gathered = builder.createParameters();
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, op.getResultTypes(), codes, gathered.scale, gathered.zeroPoint,
        /*axis=*/IntegerAttr(),
        rewriter.getDenseI64ArrayAttr(gathered.blockSizes));
    return success();
  }

private:
  /// Whether the op yields what it reads, in order, and the loops along a row
  /// say nothing but where in the row that is.
  static bool yieldsOnly(tensor::ExtractOp extract, Gather gather) {
    GenericOp op = gather.op;
    if (op.getBlock()->getTerminator()->getOperand(0) != extract.getResult() ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
        op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
      return false;
    llvm::SmallBitVector rowLoops(op.getNumLoops());
    for (std::optional<unsigned> loop : gather.loops) {
      if (loop && rowLoops.test(*loop))
        return false;
      if (loop)
        rowLoops.set(*loop);
    }
    for (OpOperand *input : op.getDpsInputOperands())
      for (unsigned loop : rowLoops.set_bits())
        if (op.getMatchingIndexingMap(input).isFunctionOfDim(loop))
          return false;
    return llvm::all_of(
        op.getBlock()->getOps<linalg::IndexOp>(), [&](linalg::IndexOp index) {
          return !rowLoops.test(index.getDim()) ||
                 llvm::all_of(index->getUsers(),
                              [&](Operation *user) { return user == extract; });
        });
  }
};

} // namespace

void mlir::ptq::populateSinkThroughGatherPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDequantizeThroughGather>(patterns.getContext());
}
