//===- CodeLayout.cpp - The order of constant codes -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Quantization/CodePacking.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::GenericOp;

bool mlir::ptq::isCodes(GenericOp op, OpOperand &input) {
  auto type = dyn_cast<RankedTensorType>(input.get().getType());
  auto storage =
      type ? dyn_cast<IntegerType>(type.getElementType()) : IntegerType();
  auto resultType = cast<RankedTensorType>(op.getResult(0).getType());
  return storage && llvm::is_contained({2u, 4u, 8u}, storage.getWidth()) &&
         type.hasStaticShape() && resultType.hasStaticShape() &&
         type.getNumElements() == resultType.getNumElements();
}

//===----------------------------------------------------------------------===//
// Maps
//===----------------------------------------------------------------------===//

AffineMap mlir::ptq::simplifyMap(AffineMap map, ArrayRef<int64_t> shape) {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> dims;
  SmallVector<std::optional<int64_t>> low(shape.size(), 0), high;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    dims.push_back(size == 1 ? getAffineConstantExpr(0, context)
                             : getAffineDimExpr(dim, context));
    high.push_back(std::max<int64_t>(size - 1, 0));
  }
  map = map.replaceDimsAndSymbols(dims, {}, shape.size(), 0);
  auto simplify = [&](AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary || (expr.getKind() != AffineExprKind::FloorDiv &&
                    expr.getKind() != AffineExprKind::Mod))
      return expr;
    auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    std::optional<int64_t> max =
        getBoundForAffineExpr(binary.getLHS(), shape.size(), 0, low, high,
                              /*isUpper=*/true);
    std::optional<int64_t> min =
        getBoundForAffineExpr(binary.getLHS(), shape.size(), 0, low, high,
                              /*isUpper=*/false);
    if (!divisor || !min || !max || *min < 0 || *max >= divisor.getValue())
      return expr;
    return expr.getKind() == AffineExprKind::Mod
               ? binary.getLHS()
               : getAffineConstantExpr(0, context);
  };
  SmallVector<AffineExpr> results;
  for (AffineExpr expr : map.getResults()) {
    expr = simplifyAffineExpr(expr, shape.size(), 0);
    // Inner expressions before those around them.
    SmallVector<AffineExpr> divisions;
    expr.walk([&](AffineExpr inner) { divisions.push_back(inner); });
    for (AffineExpr inner : divisions)
      expr = expr.replace(inner, simplify(inner));
    results.push_back(simplifyAffineExpr(expr, shape.size(), 0));
  }
  return AffineMap::get(shape.size(), 0, results, context);
}

/// The elements of `source` in the order of loops of `shape`, of which the one
/// at index i is the element at `map`(i).
static TensorValue gather(const TensorValue &source, AffineMap map,
                          ArrayRef<int64_t> shape) {
  TensorValue result = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, source.getElementType()));
  size_t width = source.getElementByteSize();
  SmallVector<int64_t> sourceStrides = computeStrides(source.getShape());
  const char *from = source.getRawData().data();
  char *to = result.getMutableRawData().data();
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, e = result.getNumElements(); i < e; ++i) {
    int64_t position = linearize(map.compose(index), sourceStrides);
    std::copy_n(from + position * width, width, to + i * width);
    for (size_t dim = shape.size(); dim-- > 0;) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// Orders the dimensions of the constant that `input` reads by the loops that
/// index them, so that what the innermost loop reads is contiguous. Returns
/// whether anything changed.
static bool layOutParameters(RewriterBase &rewriter, GenericOp op,
                             OpOperand &input) {
  AffineMap map = op.getMatchingIndexingMap(&input);
  auto getInnermostLoop = [&](unsigned dim) {
    int64_t loop = -1;
    for (unsigned candidate = 0; candidate < map.getNumDims(); ++candidate)
      if (map.getResult(dim).isFunctionOfDim(candidate))
        loop = candidate;
    return loop;
  };
  SmallVector<std::pair<int64_t, unsigned>> keys;
  for (unsigned dim = 0; dim < map.getNumResults(); ++dim)
    keys.push_back({getInnermostLoop(dim), dim});
  if (llvm::is_sorted(keys))
    return false;
  llvm::sort(keys);
  SmallVector<unsigned> order(llvm::make_second_range(keys));
  FailureOr<TensorValue> value = evaluateConstant(input.get());
  if (failed(value))
    return false;
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> results, source(order.size());
  for (auto [position, dim] : llvm::enumerate(order)) {
    shape.push_back(value->getShape()[dim]);
    results.push_back(map.getResult(dim));
    source[dim] = rewriter.getAffineDimExpr(position);
  }
  TensorValue ordered = gather(
      *value, AffineMap::get(order.size(), 0, source, op.getContext()), shape);
  rewriter.setInsertionPoint(op);
  Value constant = createTensorConstant(rewriter, op.getLoc(), ordered,
                                        getEdgeName(input.get()));
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps[input.getOperandNumber()] =
      AffineMap::get(map.getNumDims(), 0, results, op.getContext());
  rewriter.modifyOpInPlace(op, [&] {
    input.set(constant);
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
  return true;
}

//===----------------------------------------------------------------------===//
// Packed codes
//===----------------------------------------------------------------------===//

namespace {
/// How several codes share a byte.
struct Packing {
  enum class Order {
    /// They are neighbours along a loop, which is split for them: the inner
    /// part goes through a byte.
    SplitInside,
    /// The loop is split into as many parts as there are codes in a byte, each
    /// of which has one of them.
    SplitOutside,
    /// They are neighbours along a loop that stays as it is.
    Unsplit
  };

  unsigned width;
  /// The loop along which they lie.
  int64_t loop;
  Order order;

  int64_t getCodesPerByte() const { return ptq::getCodesPerByte(width); }
  bool isSplit() const { return order != Order::Unsplit; }
  /// Where the loops over the bytes and over the codes of a byte are after the
  /// split.
  int64_t getByteLoop() const {
    return order == Order::SplitOutside ? loop + 1 : loop;
  }
  int64_t getPartLoop() const {
    return order == Order::SplitInside ? loop + 1 : loop;
  }
};
} // namespace

/// Splits a divisible loop outside of the innermost one, which becomes vectors,
/// and the inner one of several, so that a byte is read for codes that follow
/// each other. Where no such loop is divisible, a long one wastes little.
static Packing choosePacking(ArrayRef<int64_t> shape, unsigned width) {
  constexpr int64_t kManyBytes = 8;
  int64_t perByte = getCodesPerByte(width);
  int64_t innermost = shape.size() - 1;
  while (innermost > 0 && shape[innermost] == 1)
    --innermost;
  for (int64_t loop = innermost - 1; loop >= 0; --loop)
    if (shape[loop] % perByte == 0)
      return {width, loop, Packing::Order::SplitInside};
  ArrayRef<int64_t> outer = shape.take_front(innermost);
  if (const auto *longest = llvm::max_element(outer);
      longest != outer.end() && *longest >= kManyBytes * perByte)
    return {width, longest - outer.begin(), Packing::Order::Unsplit};
  if (shape[innermost] % perByte == 0)
    return {width, innermost, Packing::Order::SplitOutside};
  return {width, llvm::max_element(shape) - shape.begin(),
          Packing::Order::Unsplit};
}

/// Packs `codes`, which are in the order of the loops.
static TensorValue pack(const TensorValue &codes, const Packing &packing) {
  PackedDimension dimension =
      PackedDimension::get(codes.getShape(), packing.loop);
  int64_t perByte = packing.getCodesPerByte();
  ArrayRef<int8_t> source = codes.getData<int8_t>();
  SmallVector<int8_t> neighbours;
  if (packing.order == Packing::Order::SplitOutside) {
    // Brings the codes of a byte together.
    int64_t part = dimension.size / perByte;
    neighbours.reserve(source.size());
    for (int64_t outer = 0; outer < dimension.outer; ++outer)
      for (int64_t row = 0; row < dimension.size; ++row) {
        int64_t from =
            outer * dimension.size + row % perByte * part + row / perByte;
        llvm::append_range(
            neighbours, source.slice(from * dimension.inner, dimension.inner));
      }
    source = neighbours;
  }
  SmallVector<int64_t> shape(codes.getShape());
  shape[packing.loop] = llvm::divideCeil(dimension.size, perByte);
  TensorValue packed = TensorValue::allocateUninitialized(RankedTensorType::get(
      shape, IntegerType::get(codes.getType().getContext(), 8)));
  packCodes(source, dimension, packing.width, packed.getMutableData<int8_t>());
  return packed;
}

/// Builds the code that the position in a loop selects from `byte`, as an i32:
/// few targets have shifts of bytes.
static Value createUnpacked(OpBuilder &builder, Location loc, Value byte,
                            const Packing &packing) {
  ImplicitLocOpBuilder body(loc, builder);
  Value part = linalg::IndexOp::create(body, packing.getPartLoop());
  if (!packing.isSplit())
    part = arith::AndIOp::create(
        body, part,
        arith::ConstantIndexOp::create(body, packing.getCodesPerByte() - 1));
  Value wide = arith::ExtSIOp::create(body, body.getI32Type(), byte);
  return createUnpackedCode(body, wide, part, packing.width);
}

/// Clones the payload of `op` with `code`, which is wider, in the place of
/// `argument`.
static void clonePayload(OpBuilder &builder, GenericOp op, ValueRange arguments,
                         BlockArgument argument, Value code) {
  IRMapping mapping;
  mapping.map(op.getBlock()->getArguments(), arguments);
  mapping.map(argument, code);
  Value narrow;
  for (Operation &inner : op.getBlock()->without_terminator()) {
    bool readsCode = llvm::is_contained(inner.getOperands(), argument);
    if (readsCode && isa<arith::ExtSIOp>(inner) &&
        inner.getResult(0).getType() == code.getType()) {
      mapping.map(inner.getResult(0), code);
      continue;
    }
    // Conversions take the code as it is, other ops have to get the old type.
    bool isConversion = isa<arith::SIToFPOp>(inner) ||
                        (isa<arith::ExtSIOp>(inner) &&
                         inner.getResult(0).getType().getIntOrFloatBitWidth() >
                             code.getType().getIntOrFloatBitWidth());
    if (readsCode && !isConversion) {
      if (!narrow)
        narrow = arith::TruncIOp::create(builder, op.getLoc(),
                                         argument.getType(), code);
      mapping.map(argument, narrow);
    }
    builder.clone(inner, mapping);
    mapping.map(argument, code);
  }
  linalg::YieldOp::create(
      builder, op.getLoc(),
      mapping.lookup(op.getBlock()->getTerminator()->getOperand(0)));
}

/// Replaces `op` by one that reads `packed` in the place of `input`, and
/// unpacks it.
static void unpackInPayload(RewriterBase &rewriter, GenericOp op,
                            OpOperand &input, Value packed,
                            const Packing &packing) {
  MLIRContext *context = op.getContext();
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getResult(0).getType());
  int64_t rank = type.getRank() + packing.isSplit();
  int64_t loop = packing.loop;
  int64_t perByte = packing.getCodesPerByte();

  // The old loops in terms of the new ones, and the shape of the new ones.
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<AffineExpr> oldLoops, bytes;
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    bool isShifted = packing.isSplit() && dim > loop;
    AffineExpr expr = getAffineDimExpr(dim + isShifted, context);
    oldLoops.push_back(expr);
    bytes.push_back(expr);
    groups.push_back({dim + isShifted});
  }
  if (packing.isSplit()) {
    int64_t numBytes = shape[loop] / perByte;
    AffineExpr part = getAffineDimExpr(packing.getPartLoop(), context);
    bytes[loop] = getAffineDimExpr(packing.getByteLoop(), context);
    oldLoops[loop] = packing.order == Packing::Order::SplitInside
                         ? bytes[loop] * perByte + part
                         : part * numBytes + bytes[loop];
    groups[loop].push_back(loop + 1);
    shape.insert(shape.begin() + loop, perByte);
    shape[packing.getByteLoop()] = numBytes;
    shape[packing.getPartLoop()] = perByte;
  } else {
    bytes[loop] = bytes[loop].floorDiv(perByte);
  }

  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps;
  for (OpOperand *other : op.getDpsInputOperands())
    maps.push_back(
        simplifyMap(op.getMatchingIndexingMap(other).replaceDimsAndSymbols(
                        oldLoops, {}, rank, 0),
                    shape));
  inputs[input.getOperandNumber()] = packed;
  maps[input.getOperandNumber()] =
      simplifyMap(AffineMap::get(rank, 0, bytes, context), shape);
  maps.push_back(rewriter.getMultiDimIdentityMap(rank));
  RankedTensorType loopType = type.clone(shape);
  Value empty =
      tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  BlockArgument argument = op.getBlock()->getArgument(input.getOperandNumber());
  Value result =
      GenericOp::create(
          rewriter, loc, TypeRange{loopType}, inputs, empty, maps, iterators,
          [&](OpBuilder &body, Location bodyLoc, ValueRange arguments) {
            Value byte = arguments[input.getOperandNumber()];
            clonePayload(body, op, arguments, argument,
                         createUnpacked(body, bodyLoc, byte, packing));
          })
          .getResult(0);
  if (packing.isSplit())
    result =
        tensor::CollapseShapeOp::create(rewriter, loc, type, result, groups);
  rewriter.replaceOp(op, result);
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

LogicalResult mlir::ptq::layOutCodes(RewriterBase &rewriter, GenericOp op) {
  bool changed = false;
  for (OpOperand *input : op.getDpsInputOperands())
    if (!isCodes(op, *input))
      changed |= layOutParameters(rewriter, op, *input);

  OpOperand *codes = *llvm::find_if(op.getDpsInputOperands(), [&](auto *input) {
    return isCodes(op, *input);
  });
  auto type = cast<RankedTensorType>(codes->get().getType());
  unsigned width = type.getElementTypeBitWidth();
  AffineMap map = op.getMatchingIndexingMap(codes);
  bool isLaidOut = map.isIdentity() && matchPattern(codes->get(), m_Constant());
  if (type.getNumElements() == 0 || (width == 8 && isLaidOut))
    return success(changed);
  FailureOr<TensorValue> value = evaluateConstant(codes->get());
  if (failed(value))
    return failure();

  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(op.getResult(0).getType()).getShape();
  TensorValue ordered = map.isIdentity() ? *value : gather(*value, map, shape);
  rewriter.setInsertionPoint(op);
  std::string name = getEdgeName(op.getResult(0));
  if (width == 8 || shape.empty()) {
    if (width != 8)
      ordered = ordered.withType(ordered.getType().clone(rewriter.getI8Type()));
    Value constant = createTensorConstant(rewriter, op.getLoc(), ordered, name);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps[codes->getOperandNumber()] =
        rewriter.getMultiDimIdentityMap(shape.size());
    rewriter.modifyOpInPlace(op, [&] {
      codes->set(constant);
      op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    return success();
  }
  Packing packing = choosePacking(shape, width);
  Value packed =
      createTensorConstant(rewriter, op.getLoc(), pack(ordered, packing), name);
  unpackInPayload(rewriter, op, *codes, packed, packing);
  return success();
}
