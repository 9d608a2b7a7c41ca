//===- ConvertTosaToLinalg.cpp - TOSA by the upstream passes --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_CONVERTTOSATOLINALGPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;

/// The upstream conversions, as a compiler that takes TOSA runs them.
static void buildTosaPipeline(OpPassManager &pm) {
  tosa::addTosaToLinalgPasses(pm, TosaToLinalgOptions(),
                              TosaToLinalgNamedOptions(),
                              /*validationOptions=*/std::nullopt);
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createTosaToArithPass());
  functions.addPass(createTosaToTensorPass());
  functions.addPass(createTosaToSCFPass());
  functions.addPass(createCanonicalizerPass());
}

/// The first op of the TOSA dialect in `module`, or null.
static Operation *findTosaOp(ModuleOp module) {
  Operation *found = nullptr;
  module.walk([&](Operation *op) {
    if (!isa_and_nonnull<tosa::TosaDialect>(op->getDialect()))
      return WalkResult::advance();
    found = op;
    return WalkResult::interrupt();
  });
  return found;
}

namespace {
struct ConvertTosaToLinalgPass
    : public ptq::impl::ConvertTosaToLinalgPassBase<ConvertTosaToLinalgPass> {
  using Base::Base;

  void runOnOperation() override {
    if (!findTosaOp(getOperation()))
      return;
    OpPassManager pipeline(ModuleOp::getOperationName());
    buildTosaPipeline(pipeline);
    if (failed(runPipeline(pipeline, getOperation())))
      return signalPassFailure();
    if (Operation *left = findTosaOp(getOperation())) {
      left->emitOpError("has no upstream lowering to linalg");
      signalPassFailure();
    }
  }
};
} // namespace
