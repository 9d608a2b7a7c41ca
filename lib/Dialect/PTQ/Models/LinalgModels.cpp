//===- LinalgModels.cpp - How linalg answers the quantizer ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One model for all structured ops: which answers apply follows from the op's
// kind, which classifyStructuredOp infers from its structure.
//
//===----------------------------------------------------------------------===//

#include "ActivationFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/Models.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <cfloat>

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

static bool isElementwiseArithmetic(StructuredOpKind kind) {
  return kind == StructuredOpKind::ElementwiseAdd ||
         kind == StructuredOpKind::ElementwiseMul;
}

/// The loops that index output channels of weight operand `weight`: they occur
/// in the weight and the result, and for a contraction in no other input.
static SmallVector<unsigned> getOutputChannelLoops(LinalgOp op,
                                                   OpOperand &weight) {
  if (classifyStructuredOp(op) != StructuredOpKind::Contraction) {
    FailureOr<linalg::ConvolutionDimensions> dims =
        linalg::inferConvolutionDims(op);
    if (failed(dims) || weight.getOperandNumber() != 1)
      return {};
    SmallVector<unsigned> loops(dims->depth.begin(), dims->depth.end());
    llvm::append_range(loops, dims->outputChannel);
    llvm::sort(loops);
    return loops;
  }
  OpOperand *other = op.getDpsInputOperand(1 - weight.getOperandNumber());
  AffineMap weightMap = op.getMatchingIndexingMap(&weight);
  AffineMap otherMap = op.getMatchingIndexingMap(other);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (weightMap.isFunctionOfDim(loop) && resultMap.isFunctionOfDim(loop) &&
        !otherMap.isFunctionOfDim(loop))
      loops.push_back(loop);
  return loops;
}

/// The dimensions of `operand` that `loops` index, ascending.
static SmallVector<int64_t> getDimsOfLoops(LinalgOp op, OpOperand &operand,
                                           ArrayRef<unsigned> loops) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> dims;
  for (auto [dim, expr] : llvm::enumerate(map.getResults()))
    if (auto loop = dyn_cast<AffineDimExpr>(expr))
      if (llvm::is_contained(loops, loop.getPosition()))
        dims.push_back(dim);
  return dims;
}

/// The input that is a constant factor, if exactly one of the two is.
static OpOperand *getWeightOperand(LinalgOp op) {
  OpOperand *lhs = op.getDpsInputOperand(0);
  OpOperand *rhs = op.getDpsInputOperand(1);
  bool lhsIsConstant = hasConstantRoot(*lhs);
  bool rhsIsConstant = hasConstantRoot(*rhs);
  if (lhsIsConstant == rhsIsConstant)
    return nullptr;
  return lhsIsConstant ? lhs : rhs;
}

//===----------------------------------------------------------------------===//
// Quantizable ops
//===----------------------------------------------------------------------===//

static StringRef getKindName(LinalgOp op) {
  StructuredOpKind kind = classifyStructuredOp(op);
  // A product of two constants, or a sum with one, is not worth quantizing;
  // constants are folded into neighbours instead.
  bool anyConstant =
      llvm::any_of(op.getDpsInputOperands(),
                   [](OpOperand *input) { return hasConstantRoot(*input); });
  if (!isa<FloatType>(getElementTypeOrSelf(op->getResult(0))))
    return "";
  switch (kind) {
  case StructuredOpKind::Contraction:
    return anyConstant && !getWeightOperand(op) ? "" : "matmul";
  case StructuredOpKind::Convolution:
    return anyConstant && !getWeightOperand(op) ? "" : "conv";
  case StructuredOpKind::DepthwiseConvolution:
    return anyConstant && !getWeightOperand(op) ? "" : "depthwise_conv";
  case StructuredOpKind::SumPooling:
    return "average_pool";
  case StructuredOpKind::ElementwiseAdd:
    return anyConstant ? "" : "add";
  case StructuredOpKind::ElementwiseMul:
    return anyConstant || isOnlyParameter(op->getResult(0)) ? "" : "mul";
  case StructuredOpKind::ActivationFunction:
    return "activation";
  default:
    return "";
  }
}

template <typename OpTy>
struct QuantizableModel
    : QuantizableOpInterface::ExternalModel<QuantizableModel<OpTy>, OpTy> {
  StringRef getQuantizableKind(Operation *op) const {
    if (op->getNumResults() != 1)
      return "";
    return getKindName(cast<LinalgOp>(op));
  }

  OperandRole getOperandRole(Operation *op, unsigned operand) const {
    auto linalgOp = cast<LinalgOp>(op);
    StructuredOpKind kind = classifyStructuredOp(linalgOp);
    unsigned numInputs = linalgOp.getNumDpsInputs();
    if (isSumOfProducts(kind)) {
      if (operand >= numInputs)
        return OperandRole::Bias;
      OpOperand *weight = getWeightOperand(linalgOp);
      return weight && weight->getOperandNumber() == operand
                 ? OperandRole::Weight
                 : OperandRole::Activation;
    }
    bool isInput = false;
    if (isElementwiseArithmetic(kind))
      isInput = operand < numInputs;
    else if (kind == StructuredOpKind::ActivationFunction)
      isInput = matchActivationFunction(linalgOp) == operand;
    else
      isInput = kind == StructuredOpKind::SumPooling && operand == 0;
    return isInput ? OperandRole::Activation : OperandRole::None;
  }

  SmallVector<int64_t> getOutputChannelDims(Operation *op,
                                            unsigned operand) const {
    auto linalgOp = cast<LinalgOp>(op);
    if (getOperandRole(op, operand) != OperandRole::Weight)
      return {};
    OpOperand &weight = op->getOpOperand(operand);
    return getDimsOfLoops(linalgOp, weight,
                          getOutputChannelLoops(linalgOp, weight));
  }

  SmallVector<int64_t> getReductionDims(Operation *op, unsigned operand) const {
    auto linalgOp = cast<LinalgOp>(op);
    OpOperand &input = op->getOpOperand(operand);
    SmallVector<unsigned> loops;
    linalgOp.getReductionDims(loops);
    if (!linalgOp.getMatchingIndexingMap(&input).isProjectedPermutation())
      return {};
    return getDimsOfLoops(linalgOp, input, loops);
  }

  SmallVector<int64_t> getResultChannelDims(Operation *op) const {
    auto linalgOp = cast<LinalgOp>(op);
    if (!isSumOfProducts(classifyStructuredOp(linalgOp)))
      return {};
    OpOperand *weight = getWeightOperand(linalgOp);
    if (!weight)
      return {};
    return getDimsOfLoops(linalgOp, *linalgOp.getDpsInitOperand(0),
                          getOutputChannelLoops(linalgOp, *weight));
  }

  std::optional<int64_t> getAccumulationDepth(Operation *op) const {
    auto linalgOp = cast<LinalgOp>(op);
    SmallVector<int64_t> ranges = linalgOp.getStaticLoopRanges();
    SmallVector<unsigned> reductions;
    linalgOp.getReductionDims(reductions);
    int64_t depth = 1;
    for (unsigned loop : reductions)
      if (ShapedType::isDynamic(ranges[loop]) ||
          llvm::MulOverflow(depth, ranges[loop], depth))
        return std::nullopt;
    return depth;
  }
};

//===----------------------------------------------------------------------===//
// Transparent ops
//===----------------------------------------------------------------------===//

/// Whether no element is below the one value of `init`: the neutral element of
/// a maximum.
static bool isLowest(Value init) {
  std::optional<double> value = matchUniformNumber(init);
  return value && *value <= -double{FLT_MAX};
}

/// An uninitialized tensor of the shape of `like` with elements of `type`.
static Value createEmptyLike(OpBuilder &builder, Location loc, Value like,
                             Type type) {
  return tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, like), type);
}

template <typename OpTy>
struct TransparentModel
    : QuantizationTransparentOpInterface::ExternalModel<TransparentModel<OpTy>,
                                                        OpTy> {
  bool isTransparentFor(Operation *op, unsigned operand) const {
    if (operand != 0 || op->getNumResults() != 1)
      return false;
    auto linalgOp = cast<LinalgOp>(op);
    StructuredOpKind kind = classifyStructuredOp(linalgOp);
    if (kind == StructuredOpKind::Movement)
      return op->getOperand(0).getType() &&
             isa<RankedTensorType>(op->getOperand(0).getType());
    return kind == StructuredOpKind::MaxPooling &&
           isLowest(linalgOp.getDpsInitOperand(0)->get());
  }

  bool preservesRange(Operation *op) const {
    return isTransparentFor(op, 0) &&
           classifyStructuredOp(cast<LinalgOp>(op)) ==
               StructuredOpKind::Movement;
  }

  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *op, unsigned operand,
                  ArrayRef<int64_t> dims) const {
    auto linalgOp = cast<LinalgOp>(op);
    return mapDims(linalgOp, op->getOpOperand(operand),
                   *linalgOp.getDpsInitOperand(0), dims);
  }

  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *op, unsigned operand,
                   ArrayRef<int64_t> dims) const {
    auto linalgOp = cast<LinalgOp>(op);
    return mapDims(linalgOp, *linalgOp.getDpsInitOperand(0),
                   op->getOpOperand(operand), dims);
  }

  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder,
                                   unsigned operand, Value storage,
                                   Value zeroPoint) const {
    auto linalgOp = cast<LinalgOp>(op);
    if (!isTransparentFor(op, operand))
      return failure();
    Location loc = op->getLoc();
    auto type = cast<IntegerType>(getElementTypeOrSelf(storage));
    OpOperand *init = linalgOp.getDpsInitOperand(0);
    Value newInit = createEmptyLike(builder, loc, init->get(), type);
    bool isMaximum =
        classifyStructuredOp(linalgOp) == StructuredOpKind::MaxPooling;
    if (isMaximum) {
      int64_t lowest = getCodeRange(type.getWidth(), /*narrow=*/false).min;
      Value lowestCode = arith::ConstantOp::create(
          builder, loc, builder.getIntegerAttr(type, lowest));
      newInit = linalg::FillOp::create(builder, loc, lowestCode, newInit)
                    .getResult(0);
    }
    SmallVector<Value> operands{storage};
    SmallVector<OpOperand *> inputs = linalgOp.getDpsInputOperands();
    for (OpOperand *window : llvm::drop_begin(inputs))
      operands.push_back(createEmptyLike(builder, loc, window->get(), type));
    operands.push_back(newInit);
    return rebuildStructuredOp(
        builder, linalgOp, operands,
        [&](ImplicitLocOpBuilder &b, Block &body) -> Value {
          Value element = body.getArgument(0);
          if (!isMaximum)
            return element;
          return arith::MaxSIOp::create(
              b, element, body.getArgument(body.getNumArguments() - 1));
        });
  }

private:
  /// Carries dims of `from` to `to` through the loops that index them; windowed
  /// and dropped dimensions do not survive.
  static FailureOr<SmallVector<int64_t>>
  mapDims(LinalgOp op, OpOperand &from, OpOperand &to, ArrayRef<int64_t> dims) {
    AffineMap fromMap = op.getMatchingIndexingMap(&from);
    SmallVector<unsigned> loops;
    for (int64_t dim : dims) {
      auto loop = dyn_cast<AffineDimExpr>(fromMap.getResult(dim));
      if (!loop)
        return failure();
      loops.push_back(loop.getPosition());
    }
    SmallVector<int64_t> mapped = getDimsOfLoops(op, to, loops);
    if (mapped.size() != dims.size())
      return failure();
    return mapped;
  }
};

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

template <typename... OpTys>
static void attachModels(MLIRContext *context) {
  (OpTys::template attachInterface<QuantizableModel<OpTys>>(*context), ...);
  (OpTys::template attachInterface<TransparentModel<OpTys>>(*context), ...);
}

void mlir::ptq::registerLinalgQuantizationModels(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, linalg::LinalgDialect *dialect) {
        attachModels<
#define GET_OP_LIST
#include "mlir/Dialect/Linalg/IR/LinalgStructuredOps.cpp.inc"
            >(context);
      });
}
