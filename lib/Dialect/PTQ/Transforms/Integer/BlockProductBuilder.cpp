//===- BlockProductBuilder.cpp - Integer sums of blocks, added in float ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where scales change along what is summed over, each block of it is a sum of
// products of codes, and the blocks are added in float, one after the other:
//
//   a[m,g,n] = sum_b (x[m,g,b] - zx[m,g]) * (w[g,b,n] - zw[g,n])
//                                                            in i32, exact
//   y[m,n]   = init[m,n]
//   y[m,n]   = y[m,n] + f32(a[m,g,n]) * (sx[m,g] * sw[g,n])  for g = 0, 1, ...
//
// where the product of the scales is one constant if sx is one.
// Each of these float operations rounds to f32 by itself and none is fused with
// another, so that whoever computes them in this order has the same bits. A
// short last block is filled up with zeros.
//
// Zero points are taken off where the sums of x * w start, from
//
//   -zx[m,g] * sum_b (w[g,b,n] - zw[g,n]) - zw[g,n] * sum_b x[m,g,b]
//
// whose first sum is a constant.
//
// Blocks of activations and weights may differ in size if they nest; a scale
// for each token or channel, or for all, is that of every block.
//
//===----------------------------------------------------------------------===//

#include "BlockOperandOrder.h"
#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/BlockReshapes.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace {
/// Builds the integer form of one product.
class BlockProductBuilder {
public:
  BlockProductBuilder(ImplicitLocOpBuilder &builder,
                      const IntegerBlockProduct &product)
      : builder(builder), product(product), op(product.op), order(product),
        resultMap(order.getResultMap()),
        // Blocks run before the last dimension, which stays contiguous.
        blockDim(std::max<int64_t>(resultMap.getNumResults(), 1) - 1),
        constantScale(matchScale(product.activation.value.scale)) {
    llvm::append_range(blockLoops, product.outerSumLoops);
    blockLoops.push_back(product.sumLoop);
  }

  Value build() {
    init = order.createInit(builder);
    Value sums = createBlockSums();
    auto type = cast<RankedTensorType>(init.getType());
    auto f32Type = cast<RankedTensorType>(type.clone(builder.getF32Type()));
    if (type == f32Type)
      return order.restoreResult(builder, createFloatSum(sums, init));
    Value wide =
        createElementwise(builder, f32Type, {{init}},
                          [](ImplicitLocOpBuilder &body, ValueRange elements) {
                            return createWideningToF32(body, elements.front());
                          });
    Value result = createElementwise(
        builder, type, {{createFloatSum(sums, wide)}},
        [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
          return arith::TruncFOp::create(body, type.getElementType(),
                                         elements.front());
        });
    return order.restoreResult(builder, result);
  }

private:
  static std::optional<float> matchScale(Value scale) {
    FloatAttr constant;
    if (!matchPattern(scale, m_Constant(&constant)))
      return std::nullopt;
    return static_cast<float>(constant.getValueAsDouble());
  }

  unsigned getActivationNumber() const { return 1 - product.weightNumber; }

  AffineMap getMap(unsigned number) {
    return op.getMatchingIndexingMap(op.getDpsInputOperand(number));
  }

  /// `map` of an input whose dimension `dim` is split into blocks, which the
  /// sum's loop goes over, and their elements.
  AffineMap getSplitMap(AffineMap map, int64_t dim, AffineExpr element) {
    SmallVector<AffineExpr> results(map.getResults());
    results.insert(results.begin() + dim + 1, element);
    return AffineMap::get(op.getNumLoops() + 1, 0, results,
                          builder.getContext());
  }

  /// The results of `map` with `blocks` inserted where blocks are in the sums.
  AffineMap insertBlocks(AffineMap map, unsigned numDims,
                         ArrayRef<AffineExpr> blocks) {
    SmallVector<AffineExpr> results(map.getResults());
    results.insert(results.begin() + blockDim, blocks.begin(), blocks.end());
    return AffineMap::get(numDims, 0, results, builder.getContext());
  }

  /// `count` dimensions from `first` on.
  SmallVector<AffineExpr> getDims(unsigned first, unsigned count) {
    return llvm::map_to_vector(
        llvm::seq(first, first + count),
        [&](unsigned dim) { return builder.getAffineDimExpr(dim); });
  }

  /// An i32 tensor of zeros.
  Value createZeros(ArrayRef<OpFoldResult> sizes) {
    Value zero =
        arith::ConstantOp::create(builder, builder.getI32IntegerAttr(0));
    Value empty = tensor::EmptyOp::create(builder, sizes, builder.getI32Type());
    return linalg::FillOp::create(builder, zero, empty).getResult(0);
  }

  /// What the sums of all blocks start from: an i32 tensor of zeros, or of what
  /// takes the zero points off.
  Value createStarts() {
    SmallVector<int64_t> counts =
        llvm::map_to_vector(blockLoops, [&](unsigned loop) {
          return op.getStaticLoopRanges()[loop];
        });
    counts.back() = llvm::divideCeil(product.depth, product.weights.blockSize);
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, builder.getLoc(), init);
    SmallVector<OpFoldResult> blockSizes =
        getAsIndexOpFoldResult(builder.getContext(), counts);
    sizes.insert(sizes.begin() + blockDim, blockSizes.begin(),
                 blockSizes.end());
    std::optional<int64_t> zeroPoint =
        matchZeroPoint(product.activation.value.zeroPoint);
    if (zeroPoint == 0 && !product.weights.zeroPoints)
      return createZeros(sizes);
    Value empty = tensor::EmptyOp::create(builder, sizes, builder.getI32Type());
    // Terms of a sum, whose factors these are. Of a constant zero point, the
    // product with the weights is constant.
    SmallVector<SmallVector<ElementwiseOperand, 2>, 2> terms;
    if (zeroPoint != 0)
      terms.push_back({createWeightSums(zeroPoint ? -*zeroPoint : -1)});
    if (!zeroPoint)
      terms.back().push_back(mapFromSums(
          {product.activation.value.zeroPoint, getActivationBlockMap()}));
    if (product.weights.zeroPoints)
      terms.push_back({createWeightZeroPoints(), createActivationSums()});
    SmallVector<ElementwiseOperand> operands;
    for (ArrayRef<ElementwiseOperand> factors : terms)
      llvm::append_range(operands, factors);
    return createElementwise(
        builder, empty, operands,
        [&](ImplicitLocOpBuilder &body, ValueRange elements) {
          Value start;
          for (ArrayRef<ElementwiseOperand> factors : terms) {
            Value term = createWideningToI32(body, elements[0]);
            for (Value factor :
                 elements.take_front(factors.size()).drop_front())
              term = arith::MulIOp::create(body, term,
                                           createWideningToI32(body, factor));
            elements = elements.drop_front(factors.size());
            start = start ? arith::AddIOp::create(body, start, term) : term;
          }
          return start;
        });
  }

  static Value createWideningToI32(ImplicitLocOpBuilder &body, Value integer) {
    Type type = body.getI32Type();
    if (integer.getType() == type)
      return integer;
    return arith::ExtSIOp::create(body, type, integer);
  }

  /// One of `integers` for each block of weights, in as few bytes as hold them:
  /// kernels read them along with the weights, and products of narrow integers
  /// are cheaper.
  ElementwiseOperand createBlockConstant(ArrayRef<int64_t> integers,
                                         const Twine &name) {
    unsigned width = 8;
    while (!llvm::all_of(integers, [&](int64_t integer) {
      return llvm::isIntN(width, integer);
    }))
      width *= 2;
    TensorValue tensor = TensorValue::allocateUninitialized(
        product.weights.scales.getType().clone(builder.getIntegerType(width)));
    if (width == 8)
      llvm::copy(integers, tensor.getMutableData<int8_t>().begin());
    else if (width == 16)
      llvm::copy(integers, tensor.getMutableData<int16_t>().begin());
    else
      llvm::copy(integers, tensor.getMutableData<int32_t>().begin());
    Value constant =
        createTensorConstant(builder, builder.getLoc(), tensor,
                             (getEdgeName(op->getResult(0)) + name).str());
    return mapFromSums({constant, getMap(product.weightNumber)});
  }

  /// The sums of the weights of each block, times `factor`.
  ElementwiseOperand createWeightSums(int64_t factor) {
    return createBlockConstant(
        llvm::map_to_vector(product.weightSums,
                            [&](CodeSum sum) { return sum.sum * factor; }),
        "_starts");
  }

  /// The zero points of the weights, negated.
  ElementwiseOperand createWeightZeroPoints() {
    return createBlockConstant(
        llvm::map_to_vector(product.weights.zeroPoints.getData<int32_t>(),
                            [](int64_t zeroPoint) { return -zeroPoint; }),
        "_zero_points");
  }

  /// The sums of the activations of each block.
  ElementwiseOperand createActivationSums() {
    int64_t elementDim = order.getSumDim() + 1;
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, builder.getLoc(), activationBlocks);
    sizes.erase(sizes.begin() + elementDim);
    auto sums = linalg::ReduceOp::create(
        builder, activationBlocks, createZeros(sizes), elementDim,
        [](OpBuilder &b, Location loc, ValueRange arguments) {
          ImplicitLocOpBuilder body(loc, b);
          Value code = createWideningToI32(body, arguments[0]);
          Value sum = arith::AddIOp::create(body, arguments[1], code);
          linalg::YieldOp::create(body, sum);
        });
    return mapFromSums({sums.getResult(0), order.getActivationMap()});
  }

  Value createBlockSums() {
    unsigned numLoops = op.getNumLoops();
    AffineExpr element = builder.getAffineDimExpr(numLoops);
    SmallVector<Value, 2> inputs(2);
    inputs[product.weightNumber] =
        createTensorConstant(builder, builder.getLoc(), product.weights.codes,
                             getEdgeName(op->getResult(0)) + "_weights");
    unsigned number = getActivationNumber();
    activationBlocks =
        createSplitIntoBlocks(builder, order.createActivations(builder),
                              order.getSumDim(), product.weights.blockSize);
    inputs[number] = activationBlocks;
    SmallVector<AffineMap> maps(2);
    maps[number] =
        getSplitMap(order.getActivationMap(), order.getSumDim(), element);
    maps[product.weightNumber] =
        getSplitMap(getMap(product.weightNumber),
                    product.sumDims[product.weightNumber], element);
    SmallVector<AffineExpr> blocks =
        llvm::map_to_vector(blockLoops, [&](unsigned loop) {
          return builder.getAffineDimExpr(loop);
        });
    maps.push_back(insertBlocks(resultMap, numLoops + 1, blocks));
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    for (unsigned loop : blockLoops)
      iterators[loop] = utils::IteratorType::parallel;
    iterators.push_back(utils::IteratorType::reduction);
    Value starts = createStarts();
    auto sums = linalg::GenericOp::create(
        builder, starts.getType(), inputs, starts, maps, iterators,
        [](OpBuilder &b, Location loc, ValueRange arguments) {
          ImplicitLocOpBuilder body(loc, b);
          Type type = arguments[2].getType();
          Value lhs = arith::ExtSIOp::create(body, type, arguments[0]);
          Value rhs = arith::ExtSIOp::create(body, type, arguments[1]);
          Value term = arith::MulIOp::create(body, lhs, rhs);
          Value sum = arith::AddIOp::create(body, arguments[2], term);
          linalg::YieldOp::create(body, sum);
        });
    return sums.getResult(0);
  }

  /// `operand`, whose map leads from the loops of `op`, of which the sum's
  /// gives the block, with one that leads from the dimensions of the result and
  /// of blocks, which are those from `place` on.
  ElementwiseOperand mapFrom(unsigned place, ElementwiseOperand operand) {
    unsigned rank = resultMap.getNumResults(), count = blockLoops.size();
    SmallVector<AffineExpr> loops(op.getNumLoops(),
                                  builder.getAffineConstantExpr(0));
    for (auto [dim, loop] : llvm::enumerate(resultMap.getResults()))
      loops[cast<AffineDimExpr>(loop).getPosition()] =
          builder.getAffineDimExpr(dim < place ? dim : dim + count);
    for (auto [loop, dim] : llvm::zip_equal(blockLoops, getDims(place, count)))
      loops[loop] = dim;
    operand.map = operand.map.replaceDimsAndSymbols(loops, {}, rank + count,
                                                    /*numResultSyms=*/0);
    return operand;
  }

  /// The same from the dimensions of the sums.
  ElementwiseOperand mapFromSums(ElementwiseOperand operand) {
    return mapFrom(blockDim, operand);
  }

  /// The same from the loops of the total, of which those over blocks are last.
  ElementwiseOperand mapFromTotal(ElementwiseOperand operand) {
    return mapFrom(resultMap.getNumResults(), operand);
  }

  /// From the loops of `op` to the activation's parameters. Its blocks may hold
  /// several of the product's.
  AffineMap getActivationBlockMap() {
    const QuantizedBlocks &activation = product.activation;
    unsigned number = getActivationNumber();
    AffineMap map = activation.value.map;
    if (activation.blockSize < product.depth) {
      AffineExpr block = builder.getAffineDimExpr(product.sumDims[number]);
      map = map.replace(
          block,
          block.floorDiv(activation.blockSize / product.weights.blockSize),
          map.getNumDims(), 0);
    }
    return map.compose(getMap(number));
  }

  ElementwiseOperand getActivationScale() {
    Value scale = product.activation.value.scale;
    if (!isa<RankedTensorType>(scale.getType()))
      scale = tensor::FromElementsOp::create(
          builder, RankedTensorType::get({}, scale.getType()), scale);
    return mapFromTotal({scale, getActivationBlockMap()});
  }

  /// The scales of the weights, times that of the activation if this is one
  /// constant.
  ElementwiseOperand getWeightScale() {
    TensorValue scales = product.weights.scales;
    if (constantScale)
      for (float &scale : scales.getMutableData<float>())
        scale *= *constantScale;
    Value constant =
        createTensorConstant(builder, builder.getLoc(), scales,
                             getEdgeName(op->getResult(0)) + "_weight_scale");
    return mapFromTotal({constant, getMap(product.weightNumber)});
  }

  /// Adds the blocks to `init`.
  Value createFloatSum(Value sums, Value init) {
    unsigned rank = resultMap.getNumResults(), count = blockLoops.size();
    AffineMap identity = builder.getMultiDimIdentityMap(rank);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    auto append = [&](ElementwiseOperand operand) {
      inputs.push_back(operand.value);
      maps.push_back(operand.map);
    };
    append({sums, insertBlocks(identity, rank + count, getDims(rank, count))});
    if (!constantScale)
      append(getActivationScale());
    append(getWeightScale());
    maps.push_back(AffineMap::get(rank + count, 0, identity.getResults(),
                                  builder.getContext()));
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    iterators.append(count, utils::IteratorType::reduction);
    auto total = linalg::GenericOp::create(
        builder, init.getType(), inputs, init, maps, iterators,
        [&](OpBuilder &b, Location loc, ValueRange arguments) {
          ImplicitLocOpBuilder body(loc, b);
          ValueRange last = arguments.take_back(2);
          Value scale = last[0];
          if (!constantScale)
            scale = arith::MulFOp::create(
                body, createWideningToF32(body, arguments[1]), scale);
          Value sum =
              arith::SIToFPOp::create(body, builder.getF32Type(), arguments[0]);
          Value term = arith::MulFOp::create(body, sum, scale);
          Value result = arith::AddFOp::create(body, last[1], term);
          linalg::YieldOp::create(body, result);
        });
    return total.getResult(0);
  }

  ImplicitLocOpBuilder &builder;
  const IntegerBlockProduct &product;
  LinalgOp op;
  BlockOperandOrder order;
  AffineMap resultMap;
  /// The loops of `op` that the blocks are, and the first dimension of the sums
  /// that is one of them.
  SmallVector<unsigned> blockLoops;
  int64_t blockDim;
  /// What the result starts from, in the order of the sums.
  Value init;
  /// The scale of the activation, if it is one constant.
  std::optional<float> constantScale;
  /// The codes of the activation, split into the blocks of the product.
  Value activationBlocks;
};
} // namespace

Value mlir::ptq::createBlockProduct(ImplicitLocOpBuilder &builder,
                                    const IntegerBlockProduct &product) {
  return BlockProductBuilder(builder, product).build();
}
