//===- QuantizeWeightOnlyActivations.cpp - Measured blocks for weights ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DynamicObservers.h"
#include "Integer/IntegerRewriting.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_QUANTIZEWEIGHTONLYACTIVATIONSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace {
/// An activation that is multiplied with quantized weights in float.
struct FloatActivation {
  OpOperand *operand;
  /// The dimension that is summed over, and the size of the blocks along it
  /// in which no scale of the weights changes.
  int64_t sumDim;
  int64_t blockSize;
};
} // namespace

/// Whether `operand` reads what has been dequantized.
static bool isQuantized(OpOperand &operand) {
  return traceToRoot(operand).root.getDefiningOp<DequantizeOp>() != nullptr;
}

/// Whether `op` multiplies a float activation with quantized weights.
static bool isWeightOnly(LinalgOp op) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  if (quantizable.getQuantizableKind().empty() ||
      !isSumOfProducts(classifyStructuredOp(op)))
    return false;
  OpOperand *weight = getWeight(op);
  return weight && isQuantized(*weight) &&
         !isQuantized(*op.getDpsInputOperand(1 - weight->getOperandNumber()));
}

static FailureOr<FloatActivation> matchFloatActivation(LinalgOp op,
                                                       ExplainFn explain) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  OpOperand *weight = getWeight(op);
  OpOperand *activation = op.getDpsInputOperand(1 - weight->getOperandNumber());
  SmallVector<int64_t> weightDims =
      quantizable.getReductionDims(weight->getOperandNumber());
  SmallVector<int64_t> activationDims =
      quantizable.getReductionDims(activation->getOperandNumber());
  if (weightDims.size() != 1 || activationDims.size() != 1)
    return explain("what it sums over is not one dimension");
  FailureOr<BlockWeights> weights =
      matchBlockWeights(*weight, weightDims.front(), explain);
  if (failed(weights))
    return failure();
  return FloatActivation{activation, activationDims.front(),
                         weights->blockSize};
}

namespace {

struct QuantizeWeightOnlyActivationsPass
    : ptq::impl::QuantizeWeightOnlyActivationsPassBase<
          QuantizeWeightOnlyActivationsPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (block < 2)
      return emitError(UnknownLoc::get(context))
             << "blocks have at least 2 elements, got " << int64_t(block);
    return success();
  }

  void runOnOperation() override {
    if (products == WeightOnlyProducts::Float)
      return;
    SmallVector<LinalgOp> ops;
    getOperation().walk([&](QuantizableOpInterface op) {
      auto linalgOp = dyn_cast<LinalgOp>(op.getOperation());
      if (linalgOp && isWeightOnly(linalgOp))
        ops.push_back(linalgOp);
    });
    for (LinalgOp op : ops) {
      FailureOr<FloatActivation> activation =
          matchFloatActivation(op, [&](const Twine &reason) {
            remarkLeftInFloat(op, reason);
            return failure();
          });
      if (failed(activation)) {
        ++numLeft;
        continue;
      }
      quantize(*activation);
      ++numQuantized;
    }
  }

private:
  void quantize(const FloatActivation &activation) {
    OpOperand &operand = *activation.operand;
    auto type = cast<RankedTensorType>(operand.get().getType());
    // Weights with a scale for each channel leave the blocks open.
    bool isCut = activation.blockSize < type.getDimSize(activation.sumDim);
    unsigned width = products == WeightOnlyProducts::I16 ? 16 : 8;
    auto encoding = EncodingAttr::get(
        &getContext(), IntegerType::get(&getContext(), width),
        Symmetry::Symmetric, Granularity::Block, activation.sumDim,
        isCut ? activation.blockSize : int64_t(block), /*narrow_range=*/true,
        /*bits=*/std::nullopt, ParameterSource::Dynamic);
    OpBuilder builder(operand.getOwner());
    operand.set(createDynamicQuantization(builder, operand.getOwner()->getLoc(),
                                          operand.get(), encoding));
  }

  static void remarkLeftInFloat(LinalgOp op, const Twine &reason) {
    remark::missed(op.getLoc(),
                   remark::RemarkOpts::name("LeftInFloat")
                       .category("ptq-quantize-weight-only-activations"))
        << remark::reason("{0}: {1}", op->getName().getStringRef(),
                          reason.str());
  }
};

} // namespace
