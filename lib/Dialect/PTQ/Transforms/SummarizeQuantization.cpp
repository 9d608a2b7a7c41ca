//===- SummarizeQuantization.cpp - One line on what was done --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_SUMMARIZEQUANTIZATIONPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Whether an operand that carries information is dequantized right before.
static bool hasQuantizedOperand(QuantizableOpInterface op) {
  return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
    OperandRole role = op.getOperandRole(operand.getOperandNumber());
    if (role != OperandRole::Activation && role != OperandRole::Weight)
      return false;
    // What stands for an accumulator has left the integers already.
    auto dequantize = traceToRoot(operand).root.getDefiningOp<DequantizeOp>();
    return dequantize &&
           dequantize.getInput().getType().getElementTypeBitWidth() <= 16;
  });
}

/// Whether `op` has become an integer contraction, convolution or sum.
static bool isIntegerCompute(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 ||
      !getElementTypeOrSelf(op->getResult(0)).isInteger())
    return false;
  StructuredOpKind kind = classifyStructuredOp(op);
  // Sums of codes that other ops compute with are part of these.
  bool isPart = llvm::any_of(op->getUsers(), llvm::IsaPred<linalg::LinalgOp>);
  return kind == StructuredOpKind::Contraction ||
         kind == StructuredOpKind::Convolution ||
         kind == StructuredOpKind::DepthwiseConvolution ||
         (kind == StructuredOpKind::SumPooling && !isPart);
}

namespace {
struct SummarizeQuantizationPass
    : public ptq::impl::SummarizeQuantizationPassBase<
          SummarizeQuantizationPass> {
  using Base::Base;

  void runOnOperation() override {
    unsigned numQuantized = 0;
    unsigned numFloat = 0;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isIntegerCompute(op)) {
        ++numQuantized;
        return;
      }
      auto quantizable = dyn_cast<QuantizableOpInterface>(op.getOperation());
      if (quantizable && !quantizable.getQuantizableKind().empty())
        ++(hasQuantizedOperand(quantizable) ? numQuantized : numFloat);
    });
    llvm::errs() << "ptq: " << numQuantized << " ops quantized, " << numFloat
                 << " left in float (--remarks-filter='ptq.*' says why)\n";
  }
};
} // namespace
