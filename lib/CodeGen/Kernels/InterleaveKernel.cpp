//===- InterleaveKernel.cpp - Planes that become pixels -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterleaveKernel.h"
#include "PayloadKernel.h"
#include "VectorPayload.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// A loop in which neighbours of `output` are `stride` elements apart: the one
/// that runs most often, and more than once.
static std::optional<unsigned> findLoop(LinalgOp op, OpOperand &output,
                                        int64_t stride) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  std::optional<unsigned> best;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (ranges[dim] > 1 &&
        FlatAccess::getStaticStride(op, output, dim) == stride &&
        (!best || ranges[dim] > ranges[*best]))
      best = dim;
  return best;
}

FailureOr<RegisterTiling>
mlir::ptq::planInterleaving(LinalgOp op, const TargetDescription &target,
                            ExplainFn explain) {
  if (op.getNumReductionLoops() != 0 || op.getNumDpsInits() != 1)
    return explain("not elementwise with one output");
  if (const char *obstacle = findVectorObstacle(op))
    return explain(obstacle);
  OpOperand &output = *op.getDpsInitOperand(0);
  if (op.payloadUsesValueFromOperand(&output))
    return explain("the output is read");
  std::optional<unsigned> plane = findLoop(op, output, /*stride=*/1);
  if (!plane)
    return explain("the elements of a pixel are not contiguous");
  int64_t numPlanes = op.getStaticLoopRanges()[*plane];
  std::optional<unsigned> row = findLoop(op, output, numPlanes);
  if (numPlanes > kMaxPlanes || !row)
    return explain("the output does not consist of small pixels");

  bool readsRows = false;
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (!FlatAccess::isLinearAlong(op, *input, *row) ||
        !FlatAccess::isLinearAlong(op, *input, *plane))
      return explain("an input's address is not linear");
    std::optional<int64_t> stride =
        FlatAccess::getStaticStride(op, *input, *row);
    if (stride != 0 && stride != 1)
      return explain("an input does not consist of planes");
    readsRows |= stride == 1;
  }
  if (!readsRows)
    return explain("no input consists of planes");

  RegisterTiling plan;
  plan.vectorDim = *row;
  plan.lanes = target.getLanes(getWidestElement(op));
  plan.tileDim = *plane;
  plan.rows = numPlanes;
  return plan;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {
class InterleaveEmitter : public PayloadEmitter {
public:
  using PayloadEmitter::PayloadEmitter;

private:
  /// Nothing is read from the output.
  Value loadOperand(unsigned index, const Tile &tile, int64_t row,
                    int64_t column) override {
    if (index < numInputs)
      return PayloadEmitter::loadOperand(index, tile, row, column);
    auto type =
        VectorType::get({tile.widths[column]}, getOutput(0).getElementType());
    return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  }

  void storeResults(const Tile &tile, ArrayRef<Value> results) override {
    int64_t width = tile.widths.front();
    SmallVector<int64_t> order;
    for (int64_t pixel = 0; pixel < width; ++pixel)
      for (int64_t plane = 0; plane < tile.rows; ++plane)
        order.push_back(plane * width + pixel);
    Value pixels =
        pickElements(builder, loc, joinVectors(builder, loc, results), order);
    getOutput(0).store(builder, loc, pixels,
                       getAddress(getOutput(0), /*row=*/0, /*column=*/0));
  }
};
} // namespace

void mlir::ptq::emitInterleaveKernel(RewriterBase &rewriter, LinalgOp op,
                                     const RegisterTiling &plan) {
  InterleaveEmitter(rewriter, op, plan).emitLoops();
}
