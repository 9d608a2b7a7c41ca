//===- GatherModel.cpp - How gathers answer the quantizer -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/Gather.h"
#include "ptq/Dialect/PTQ/Models/Models.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

SmallVector<int64_t> Gather::getPickedDims() const {
  SmallVector<int64_t> dims;
  for (auto [dim, loop] : llvm::enumerate(loops))
    if (!loop)
      dims.push_back(dim);
  return dims;
}

SmallVector<int64_t> Gather::getRowDims() const {
  SmallVector<int64_t> dims;
  for (auto [dim, loop] : llvm::enumerate(loops))
    if (loop)
      dims.push_back(dim);
  return dims;
}

std::optional<Gather> mlir::ptq::matchGather(tensor::ExtractOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op->getParentOp());
  auto tableType = cast<RankedTensorType>(op.getTensor().getType());
  if (!generic || generic.getNumResults() != 1 || !tableType.hasStaticShape() ||
      generic.getRegion().isAncestor(op.getTensor().getParentRegion()) ||
      isOnlyParameter(generic.getResult(0)))
    return std::nullopt;
  Gather gather{generic, {}};
  for (Value index : op.getIndices()) {
    auto loop = index.getDefiningOp<linalg::IndexOp>();
    gather.loops.push_back(loop ? std::optional<unsigned>(loop.getDim())
                                : std::nullopt);
  }
  int64_t rowSize = 1;
  for (int64_t dim : gather.getRowDims())
    rowSize *= tableType.getDimSize(dim);
  if (gather.getPickedDims().empty() || rowSize <= 1)
    return std::nullopt;
  return gather;
}

//===----------------------------------------------------------------------===//
// Quantizable ops
//===----------------------------------------------------------------------===//

namespace {

/// The table of a gather is a weight, and there is nothing else to quantize.
struct GatherModel
    : QuantizableOpInterface::ExternalModel<GatherModel, tensor::ExtractOp> {
  StringRef getQuantizableKind(Operation *op) const {
    auto extract = cast<tensor::ExtractOp>(op);
    bool isQuantizable = isa<FloatType>(extract.getType()) &&
                         hasConstantRoot(extract.getTensorMutable()) &&
                         matchGather(extract);
    return isQuantizable ? "gather" : "";
  }

  OperandRole getOperandRole(Operation *op, unsigned operand) const {
    return operand == 0 && !getQuantizableKind(op).empty() ? OperandRole::Weight
                                                           : OperandRole::None;
  }

  SmallVector<int64_t> getOutputChannelDims(Operation *op,
                                            unsigned operand) const {
    std::optional<Gather> gather = matchGather(cast<tensor::ExtractOp>(op));
    if (!gather || operand != 0)
      return {};
    return gather->getPickedDims();
  }

  SmallVector<int64_t> getReductionDims(Operation *op, unsigned operand) const {
    std::optional<Gather> gather = matchGather(cast<tensor::ExtractOp>(op));
    if (!gather || operand != 0)
      return {};
    return gather->getRowDims();
  }

  SmallVector<int64_t> getResultChannelDims(Operation *) const { return {}; }

  std::optional<int64_t> getAccumulationDepth(Operation *) const { return 1; }
};

} // namespace

void mlir::ptq::registerGatherQuantizationModel(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, tensor::TensorDialect *dialect) {
        tensor::ExtractOp::attachInterface<GatherModel>(*context);
      });
}
