//===- BlockDotPlan.cpp - How sums of blocks become dot products ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockDotPlan.h"
#include "CodeContraction.h"
#include "FusedNeighbours.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace {
/// Builds the plan for one product, or says why there is none.
class BlockDotPlanner {
public:
  BlockDotPlanner(BlockProduct &product, const TargetDescription &target,
                  SymbolTableCollection &symbols, ExplainFn explain)
      : product(product), sums(product.sums), total(product.total),
        target(target), symbols(symbols), explain(explain),
        ranges(total.getStaticLoopRanges()) {}

  FailureOr<BlockDotPlan> plan() {
    for (LinalgOp op : {sums, LinalgOp(total)})
      for (OpOperand &operand : op->getOpOperands())
        // The scale of an activation may be that of several blocks.
        if (!isActivationScale(operand) && !FlatAccess::isLinear(op, operand))
          return explain("an operand's address is not linear in the loops");
    BlockDotPlan plan;
    if (failed(findWeights(plan)) || failed(findLoops(plan)) ||
        failed(findStarts(plan)) || failed(chooseDots(plan)))
      return failure();
    chooseFormat(plan);
    chooseTiling(plan);
    findNeighbours(plan);
    return plan;
  }

private:
  /// The dot products of a short block, and how many vectors of sums, of each
  /// byte of activations, and of totals a tile has for those.
  static constexpr int64_t kShortBlock = 12;
  static constexpr int64_t kMaxSumsAndTotals = 20;
  static constexpr StringLiteral kDynamicStrides =
      "the weights have strides that are not static";

  bool isActivationScale(OpOperand &operand) {
    return operand.getOwner() == total &&
           operand.getOperandNumber() == product.activationScale;
  }

  /// The stride of an operand of the sums along the loop of them that is
  /// `totalLoop` of the total.
  std::optional<int64_t> getStride(unsigned operand, unsigned totalLoop) {
    for (auto [loop, mapped] : llvm::enumerate(product.totalLoops))
      if (mapped == totalLoop)
        return FlatAccess::getStaticStride(sums, sums->getOpOperand(operand),
                                           loop);
    return 0;
  }

  std::optional<int64_t> getElementStride(unsigned operand) {
    return FlatAccess::getStaticStride(sums, sums->getOpOperand(operand),
                                       product.elementLoop);
  }

  std::optional<int64_t> getTotalStride(unsigned operand, unsigned loop) {
    return FlatAccess::getStaticStride(total, total->getOpOperand(operand),
                                       loop);
  }

  LogicalResult findWeights(BlockDotPlan &plan) {
    FailureOr<SmallVector<float>> scales =
        getConstantFloats(total.getInputs()[product.weightScale], symbols);
    if (failed(scales))
      return explain("the scales of the weights are not constants");
    plan.scales = std::move(*scales);
    for (unsigned operand : {1u, 0u}) {
      FailureOr<ArrayRef<int8_t>> codes =
          getConstantIntegers<int8_t>(sums->getOperand(operand), symbols);
      if (failed(codes))
        continue;
      product.weights = operand;
      product.activations = 1 - operand;
      plan.codes = *codes;
      if (hasFlippedSigns(sums, 0) || hasFlippedSigns(sums, 1))
        return explain("the signs of a factor are flipped");
      return success();
    }
    return explain("no factor is a constant");
  }

  /// Output channels are contiguous in the output, and the only loop but those
  /// of the sum that changes the weights.
  LogicalResult findLoops(BlockDotPlan &plan) {
    total.getReductionDims(plan.blockLoops);
    llvm::erase_if(plan.blockLoops,
                   [&](unsigned loop) { return ranges[loop] == 1; });
    std::optional<unsigned> columns;
    for (unsigned loop = 0; loop < total.getNumLoops(); ++loop) {
      if (llvm::is_contained(plan.blockLoops, loop) || ranges[loop] == 1 ||
          (getStride(product.weights, loop) == 0 &&
           getTotalStride(product.weightScale, loop) == 0))
        continue;
      if (columns || getTotalStride(total.getNumDpsInputs(), loop) != 1 ||
          getStride(product.activations, loop) != 0 ||
          (product.activationScale &&
           getTotalStride(*product.activationScale, loop) != 0))
        return explain("output channels are not one contiguous dimension");
      columns = loop;
    }
    if (!columns)
      return explain("there is one output channel");
    plan.tiling.vectorDim = *columns;
    for (unsigned loop = total.getNumLoops(); loop-- > 0;) {
      if (loop == *columns || ranges[loop] == 1 ||
          llvm::is_contained(plan.blockLoops, loop))
        continue;
      plan.tiling.tileDim = loop;
      break;
    }
    return readWalk(plan);
  }

  LogicalResult readWalk(BlockDotPlan &plan) {
    BlockWalk &walk = plan.walk;
    unsigned columns = plan.tiling.vectorDim;
    walk.columns = ranges[columns];
    walk.blockSize = sums.getStaticLoopRanges()[product.elementLoop];
    if (getElementStride(product.activations) != 1)
      return explain("activations are not contiguous along the blocks");
    for (auto [target, stride] :
         {std::pair{&walk.columnStride, getStride(product.weights, columns)},
          {&walk.elementStride, getElementStride(product.weights)},
          {&walk.scaleColumnStride,
           getTotalStride(product.weightScale, columns)}}) {
      if (!stride)
        return explain(kDynamicStrides);
      *target = *stride;
    }
    for (unsigned loop : plan.blockLoops) {
      std::optional<int64_t> stride = getStride(product.weights, loop);
      std::optional<int64_t> scaleStride =
          getTotalStride(product.weightScale, loop);
      if (!stride || !scaleStride)
        return explain(kDynamicStrides);
      if (ShapedType::isDynamic(ranges[loop]))
        return explain("the number of blocks is not static");
      walk.blocks.push_back({ranges[loop], *stride, *scaleStride});
    }
    return success();
  }

  /// An epilogue must leave alone what all of the kernel reads.
  void findNeighbours(BlockDotPlan &plan) {
    FusedNeighbours &neighbours = plan.neighbours;
    neighbours = FusedNeighbours::find(total, plan.tiling.vectorDim);
    if (neighbours.epilogue && product.isDisturbedBy(neighbours.epilogue->op))
      neighbours.epilogue.reset();
  }

  LogicalResult findStarts(BlockDotPlan &plan) {
    if (product.startsFromZero())
      return success();
    auto *columns = llvm::find(product.totalLoops, plan.tiling.vectorDim);
    plan.starts =
        FusedNeighbours::find(sums, columns - product.totalLoops.begin())
            .initial;
    if (!plan.starts)
      return explain("what the sums of blocks start from cannot be computed on "
                     "vectors");
    for (unsigned &loop : plan.starts->loops)
      loop = *product.totalLoops[loop];
    LinalgOp op = plan.starts->op;
    for (OpOperand *input : op.getDpsInputOperands())
      if (std::optional<BlockNumbers> numbers = readNumbers(plan, *input)) {
        plan.packedStarts.push_back(input->getOperandNumber());
        plan.numbers.push_back(std::move(*numbers));
      }
    return success();
  }

  /// The constants that `input` of the starts has for each block and column.
  std::optional<BlockNumbers> readNumbers(const BlockDotPlan &plan,
                                          OpOperand &input) {
    BlockNumbers numbers;
    numbers.blockStrides.assign(plan.blockLoops.size(), 0);
    auto op = cast<LinalgOp>(input.getOwner());
    for (auto [dim, loop] : llvm::enumerate(plan.starts->loops)) {
      std::optional<int64_t> stride =
          FlatAccess::getStaticStride(op, input, dim);
      if (!stride)
        return std::nullopt;
      const unsigned *block = llvm::find(plan.blockLoops, loop);
      if (loop == plan.tiling.vectorDim)
        numbers.columnStride = *stride;
      else if (block != plan.blockLoops.end())
        numbers.blockStrides[block - plan.blockLoops.begin()] = *stride;
      else if (*stride != 0)
        return std::nullopt;
    }
    auto read = [&](auto element) {
      FailureOr<ArrayRef<decltype(element)>> values =
          getConstantIntegers<decltype(element)>(input.get(), symbols);
      if (succeeded(values))
        llvm::append_range(numbers.values, *values);
      numbers.bytes = sizeof(element);
      return succeeded(values);
    };
    if (numbers.columnStride == 0 ||
        (!read(int8_t()) && !read(int16_t()) && !read(int32_t())))
      return std::nullopt;
    return numbers;
  }

  /// The best dot products for these codes. Two of bytes are cheaper than one
  /// of 16 bits, which 4 bits have to become, but not by way of pairs.
  LogicalResult chooseDots(BlockDotPlan &plan) {
    unsigned width = getElementTypeOrSelf(sums->getOperand(product.activations))
                         .getIntOrFloatBitWidth();
    bool areCodesNibbles = areNibbles(plan.codes);
    plan.dot = chooseDot(plan, width, areCodesNibbles);
    if (width == 16 && (areCodesNibbles || !plan.dot))
      chooseByteDots(plan, areCodesNibbles);
    if (!plan.dot)
      return explain("the target has no dot product for these codes");
    return success();
  }

  /// The dot products for both bytes of activations, if the target has them.
  void chooseByteDots(BlockDotPlan &plan, bool areCodesNibbles) {
    const DotInstruction *dot = chooseDot(plan, 8, areCodesNibbles);
    if (!dot || dot->elementWidth != 8 || dot->isOfPairs())
      return;
    const DotInstruction *lowDot = target.getUnsignedDot(*dot);
    // Other weights have an offset for low bytes and none for high ones.
    if (!lowDot || (!areCodesNibbles && (dot->unsignedA || !lowDot->unsignedB)))
      return;
    plan.dot = dot;
    plan.lowDot = lowDot;
  }

  /// The best dot product for activations of `width` bits. Pairs of products of
  /// a byte and 4 bits fit 16 bits. Where there are rows, and a block is long
  /// enough for fewer steps, it may be one of several rows.
  const DotInstruction *chooseDot(const BlockDotPlan &plan, unsigned width,
                                  bool areCodesNibbles) {
    const DotInstruction *dot = target.getPreferredDot(width);
    if (!dot)
      return nullptr;
    const DotInstruction *pairs = target.getDotOfPairs();
    if (pairs && areCodesNibbles && width == 8 && dot->elementWidth == 16)
      return pairs;
    const DotInstruction *square = target.getSquareDot(width);
    if (square && plan.tiling.tileDim &&
        llvm::divideCeil(plan.walk.blockSize, square->factor) <
            llvm::divideCeil(plan.walk.blockSize, dot->factor))
      return square;
    return dot;
  }

  /// What weights look like for the dot product.
  void chooseFormat(BlockDotPlan &plan) {
    bool areCodesNibbles = areNibbles(plan.codes);
    BlockFormat &format = plan.format;
    format.lanes = plan.dot->lanes;
    format.stepElements = plan.dot->factor;
    format.unitWidth = plan.dot->elementWidth;
    if (areCodesNibbles)
      format.stepsPerWord = format.unitWidth / 4;
    for (const BlockNumbers &numbers : plan.numbers)
      format.numberBytes += numbers.bytes;
    // Masks bring out unsigned nibbles with fewer shifts than signed ones take,
    // and signed bytes hold both.
    if (areCodesNibbles)
      format.offset = 8;
    else if (plan.dot->unsignedA || plan.lowDot)
      format.offset = 128;
  }

  /// How many sums of blocks are computed together. They and the totals, of
  /// which there are as many, take three quarters of the registers. Where
  /// operands may come from memory, totals make way for more sums while a block
  /// runs; but what is done behind a short block must not take longer than the
  /// next one can hide. A dot product that does not add by itself needs
  /// registers, too.
  int64_t getNumSums(const BlockDotPlan &plan) const {
    bool canHaveMore = target.hasMemoryOperands && plan.dot->accumulates &&
                       !plan.dot->isOfPairs();
    int64_t eighths = canHaveMore ? 4 : 3;
    if (plan.lowDot)
      --eighths;
    int64_t numSums = target.numVectorRegisters * eighths / 8;
    if (!canHaveMore || plan.walk.blockSize > kShortBlock * plan.dot->factor)
      return numSums;
    int64_t vectorsPerSum = plan.lowDot ? 3 : 2;
    return std::min(numSums, kMaxSumsAndTotals / vectorsPerSum);
  }

  /// Rows share the weights that are unpacked: two vectors of these are enough
  /// for each activation that is loaded.
  void chooseTiling(BlockDotPlan &plan) {
    RegisterTiling &tiling = plan.tiling;
    tiling.lanes = plan.format.lanes;
    int64_t vectors = tiling.tileDim ? 2 : 4;
    tiling.vectors = std::min<int64_t>(
        vectors, llvm::divideCeil(plan.walk.columns, tiling.lanes));
    if (tiling.tileDim)
      tiling.setRows(ranges[*tiling.tileDim], getNumSums(plan) / tiling.vectors,
                     plan.dot->rows);
  }

  BlockProduct &product;
  LinalgOp sums;
  linalg::GenericOp total;
  const TargetDescription &target;
  SymbolTableCollection &symbols;
  ExplainFn explain;
  SmallVector<int64_t> ranges;
};
} // namespace

FailureOr<BlockDotPlan> mlir::ptq::planBlockDot(BlockProduct &product,
                                                const TargetDescription &target,
                                                SymbolTableCollection &symbols,
                                                ExplainFn explain) {
  return BlockDotPlanner(product, target, symbols, explain).plan();
}
