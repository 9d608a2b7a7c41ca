//===- SummarizeQuantization.cpp - One line on what was done --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
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
    return (role == OperandRole::Activation || role == OperandRole::Weight) &&
           traceToRoot(operand).root.getDefiningOp<DequantizeOp>();
  });
}

namespace {
struct SummarizeQuantizationPass
    : public ptq::impl::SummarizeQuantizationPassBase<
          SummarizeQuantizationPass> {
  using Base::Base;

  void runOnOperation() override {
    unsigned numQuantized = 0;
    unsigned numFloat = 0;
    getOperation().walk([&](QuantizableOpInterface op) {
      if (op.getQuantizableKind().empty())
        return;
      ++(hasQuantizedOperand(op) ? numQuantized : numFloat);
    });
    llvm::errs() << "ptq: " << numQuantized << " ops quantized, " << numFloat
                 << " left in float (--remarks-filter='ptq.*' says why)\n";
  }
};
} // namespace
