//===- Reduction.cpp - Import of reductions -------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reduction.h"
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/Sequence.h"
#include <limits>

using namespace mlir;
using namespace mlir::ptq::importer;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

//===----------------------------------------------------------------------===//
// What reductions share
//===----------------------------------------------------------------------===//

Value mlir::ptq::importer::createSum(TensorBuilder &builder, Value tensor,
                                     ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, 0.0,
      [](TensorBuilder &body, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::AddFOp::create(body, args[0], args[1]);
        return arith::AddIOp::create(body, args[0], args[1]);
      });
}

Value mlir::ptq::importer::createMean(TensorBuilder &builder, Value tensor,
                                      ArrayRef<int64_t> dimensions) {
  int64_t count = 1;
  for (int64_t dim : dimensions)
    count *= getShape(tensor)[dim];
  Value sum = createSum(builder, tensor, dimensions);
  return builder.createElementwise(
      sum, [&](TensorBuilder &body, ValueRange args) -> Value {
        Value divisor = body.createScalar(args[0].getType(), count);
        return arith::DivFOp::create(body, args[0], divisor);
      });
}

Value mlir::ptq::importer::restoreDimensions(TensorBuilder &builder,
                                             Value tensor,
                                             ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> shape(getShape(tensor));
  for (int64_t dim : dimensions)
    shape.insert(shape.begin() + dim, 1);
  return builder.createReshape(tensor, shape);
}

LogicalResult
mlir::ptq::importer::verifyReducible(Node &node, Value tensor,
                                     ArrayRef<int64_t> dimensions) {
  for (int64_t dim : dimensions)
    if (ShapedType::isDynamic(getShape(tensor)[dim]))
      return node.emitError()
             << "cannot reduce dimension " << dim << " of " << tensor.getType()
             << ", which is symbolic; fix the batch with "
                "--batch";
  return success();
}

//===----------------------------------------------------------------------===//
// Reductions to a number
//===----------------------------------------------------------------------===//

/// What a reduction makes of `tensor`, without the dimensions.
using ReduceFn = Value (*)(TensorBuilder &builder, Value tensor,
                           ArrayRef<int64_t> dimensions);

/// Imports a reduction whose axes are input 1 from operator set
/// `firstWithInput` on and an attribute before.
template <ReduceFn reduce, int64_t firstWithInput, bool onIntegers>
static LogicalResult importReduction(Node &node) {
  Value input;
  if (onIntegers ? failed(node.readInput(0, input))
                 : failed(node.readFloatInput(0, input)))
    return failure();
  if (getElementType(input).isInteger(1))
    return node.emitError() << "is no operator on booleans";
  int64_t rank = getShape(input).size();
  bool keepsDims = true, isNoop = false, isGiven;
  SmallVector<int64_t> axes;
  if (failed(node.readAttribute("keepdims", keepsDims)) ||
      failed(node.readAttribute("noop_with_empty_axes", isNoop)) ||
      failed(node.readAxes(node.getOpset() >= firstWithInput, rank, axes,
                           isGiven)))
    return failure();
  // Otherwise every element is reduced alone: a norm becomes a magnitude.
  if (axes.empty() && !isNoop)
    llvm::append_range(axes, llvm::seq<int64_t>(0, rank));
  if (failed(verifyReducible(node, input, axes)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  Value result = reduce(builder, input, axes);
  if (keepsDims)
    result = restoreDimensions(builder, result, axes);
  return node.setOutput(0, result);
}

static Value createMaximum(TensorBuilder &builder, Value tensor,
                           ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, -kInfinity,
      [](TensorBuilder &body, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::MaximumFOp::create(body, args[0], args[1]);
        return arith::MaxSIOp::create(body, args[0], args[1]);
      });
}

static Value createMinimum(TensorBuilder &builder, Value tensor,
                           ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, kInfinity,
      [](TensorBuilder &body, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::MinimumFOp::create(body, args[0], args[1]);
        return arith::MinSIOp::create(body, args[0], args[1]);
      });
}

static Value createProduct(TensorBuilder &builder, Value tensor,
                           ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, 1.0,
      [](TensorBuilder &body, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::MulFOp::create(body, args[0], args[1]);
        return arith::MulIOp::create(body, args[0], args[1]);
      });
}

static Value createSumOfMagnitudes(TensorBuilder &builder, Value tensor,
                                   ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, 0.0,
      [](TensorBuilder &body, ValueRange args) -> Value {
        Value magnitude = math::AbsFOp::create(body, args[0]);
        return arith::AddFOp::create(body, magnitude, args[1]);
      });
}

static Value createSumOfSquares(TensorBuilder &builder, Value tensor,
                                ArrayRef<int64_t> dimensions) {
  return builder.createReduction(
      tensor, dimensions, 0.0,
      [](TensorBuilder &body, ValueRange args) -> Value {
        Value square = arith::MulFOp::create(body, args[0], args[0]);
        return arith::AddFOp::create(body, square, args[1]);
      });
}

static Value createNorm(TensorBuilder &builder, Value tensor,
                        ArrayRef<int64_t> dimensions) {
  Value sum = createSumOfSquares(builder, tensor, dimensions);
  return builder.createElementwise(sum, createScalarOp<math::SqrtOp>);
}

static Value createLogSum(TensorBuilder &builder, Value tensor,
                          ArrayRef<int64_t> dimensions) {
  Value sum = createSum(builder, tensor, dimensions);
  return builder.createElementwise(sum, createScalarOp<math::LogOp>);
}

/// The largest element is taken out of the sum, so that it does not overflow;
/// not where it is infinite, which would make NaN of it.
static Value createLogSumExp(TensorBuilder &builder, Value tensor,
                             ArrayRef<int64_t> dimensions) {
  Value largest = builder.createElementwise(
      createMaximum(builder, tensor, dimensions),
      [](TensorBuilder &body, ValueRange args) -> Value {
        Type type = args[0].getType();
        Value magnitude = math::AbsFOp::create(body, args[0]);
        Value isInfinite =
            arith::CmpFOp::create(body, arith::CmpFPredicate::OEQ, magnitude,
                                  body.createScalar(type, kInfinity));
        return arith::SelectOp::create(body, isInfinite,
                                       body.createScalar(type, 0.0), args[0]);
      });
  Value exponentials = builder.createElementwise(
      {tensor, restoreDimensions(builder, largest, dimensions)},
      [](TensorBuilder &body, ValueRange args) -> Value {
        Value difference = arith::SubFOp::create(body, args[0], args[1]);
        return math::ExpOp::create(body, difference);
      });
  Value sum = createSum(builder, exponentials, dimensions);
  return builder.createElementwise(
      {sum, largest}, [](TensorBuilder &body, ValueRange args) -> Value {
        Value logarithm = math::LogOp::create(body, args[0]);
        return arith::AddFOp::create(body, logarithm, args[1]);
      });
}

//===----------------------------------------------------------------------===//
// The position of an extreme
//===----------------------------------------------------------------------===//

/// The position along `dim` of the first element that no other one is ordered
/// before; of the last one with `selectsLast`.
static Value createPositionOfExtreme(TensorBuilder &builder, Value tensor,
                                     int64_t dim, bool isMaximum,
                                     bool selectsLast) {
  Type elementType = getElementType(tensor), indexType = builder.getI64Type();
  int64_t rank = getShape(tensor).size();
  SmallVector<OpFoldResult> sizes = builder.getSizes(tensor);
  sizes.erase(sizes.begin() + dim);
  Value inits[] = {builder.createFilled(sizes, elementType,
                                        isMaximum ? -kInfinity : kInfinity),
                   builder.createFilled(sizes, indexType, 0)};
  AffineMap all = builder.getMultiDimIdentityMap(rank);
  AffineMap kept = all.dropResult(dim);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators[dim] = utils::IteratorType::reduction;
  auto compare = [&](TensorBuilder &body, Value lhs, Value rhs) -> Value {
    if (isa<FloatType>(elementType)) {
      using Predicate = arith::CmpFPredicate;
      Predicate predicate =
          isMaximum ? (selectsLast ? Predicate::OGE : Predicate::OGT)
                    : (selectsLast ? Predicate::OLE : Predicate::OLT);
      return arith::CmpFOp::create(body, predicate, lhs, rhs);
    }
    using Predicate = arith::CmpIPredicate;
    Predicate predicate = isMaximum
                              ? (selectsLast ? Predicate::sge : Predicate::sgt)
                              : (selectsLast ? Predicate::sle : Predicate::slt);
    return arith::CmpIOp::create(body, predicate, lhs, rhs);
  };
  return linalg::GenericOp::create(
             builder, TypeRange{inits[0].getType(), inits[1].getType()},
             ValueRange(tensor), ValueRange(inits),
             ArrayRef<AffineMap>{all, kept, kept}, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               TensorBuilder body(loc, nested);
               Value index = arith::IndexCastOp::create(
                   body, indexType, linalg::IndexOp::create(body, dim));
               Value isBetter = compare(body, args[0], args[1]);
               Value best =
                   arith::SelectOp::create(body, isBetter, args[0], args[1]);
               Value position =
                   arith::SelectOp::create(body, isBetter, index, args[2]);
               linalg::YieldOp::create(body, ValueRange{best, position});
             })
      .getResult(1);
}

template <bool isMaximum>
static LogicalResult importPositionOfExtreme(Node &node) {
  Value input;
  int64_t axis = 0;
  bool keepsDims = true, selectsLast = false;
  if (failed(node.readInput(0, input)) ||
      failed(node.readAxis("axis", getShape(input).size(), axis)) ||
      failed(node.readAttribute("keepdims", keepsDims)) ||
      failed(node.readAttribute("select_last_index", selectsLast)) ||
      failed(verifyReducible(node, input, axis)))
    return failure();
  if (getElementType(input).isInteger(1))
    return node.emitError() << "is no operator on booleans";
  TensorBuilder &builder = node.getBuilder();
  Value result =
      createPositionOfExtreme(builder, input, axis, isMaximum, selectsLast);
  if (keepsDims)
    result = restoreDimensions(builder, result, axis);
  return node.setOutput(0, result);
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

template <ReduceFn reduce, bool onIntegers = false>
static void addReduction(OperatorRegistry &registry, StringRef name) {
  registry.add(
      name, {{kMinOpset, 17}, {1, 1}, importReduction<reduce, 18, onIntegers>});
  registry.add(
      name, {{18, kMaxOpset}, {1, 2}, importReduction<reduce, 18, onIntegers>});
}

void mlir::ptq::importer::populateReductionImporters(
    OperatorRegistry &registry) {
  constexpr bool onIntegers = true;
  registry.add("ArgMax", {kAllOpsets, {1, 1}, importPositionOfExtreme<true>});
  registry.add("ArgMin", {kAllOpsets, {1, 1}, importPositionOfExtreme<false>});
  addReduction<createSumOfMagnitudes>(registry, "ReduceL1");
  addReduction<createNorm>(registry, "ReduceL2");
  addReduction<createLogSum>(registry, "ReduceLogSum");
  addReduction<createLogSumExp>(registry, "ReduceLogSumExp");
  addReduction<createMaximum, onIntegers>(registry, "ReduceMax");
  addReduction<createMean>(registry, "ReduceMean");
  addReduction<createMinimum, onIntegers>(registry, "ReduceMin");
  addReduction<createProduct, onIntegers>(registry, "ReduceProd");
  addReduction<createSumOfSquares>(registry, "ReduceSumSquare");
  registry.add(
      "ReduceSum",
      {{kMinOpset, 12}, {1, 1}, importReduction<createSum, 13, onIntegers>});
  registry.add(
      "ReduceSum",
      {{13, kMaxOpset}, {1, 2}, importReduction<createSum, 13, onIntegers>});
}
