//===- AssignSchemes.cpp - Say for each op how it shall be quantized ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_ASSIGNSCHEMESPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Static int8: activations asymmetric per tensor, weights symmetric, narrow
/// and per output channel.
static SchemeAttr getDefaultScheme(MLIRContext *context,
                                   RangeEstimatorKind estimator) {
  auto i8 = IntegerType::get(context, 8);
  auto activations = EncodingAttr::get(context, i8, Symmetry::Asymmetric);
  auto weights =
      EncodingAttr::get(context, i8, Symmetry::Symmetric, Granularity::Axis,
                        /*axis=*/std::nullopt, /*blockSize=*/std::nullopt,
                        /*narrowRange=*/true, ParameterSource::Static);
  return SchemeAttr::get(context, activations, weights,
                         /*outputs=*/EncodingAttr(), estimator);
}

/// Pipelines given as plain flags run in the order of the command line;
/// lowering first leaves nothing to calibrate.
static LogicalResult verifyNotLowered(ModuleOp module) {
  for (auto function : module.getOps<FunctionOpInterface>())
    if (function->hasAttr(kEntryAttrName) &&
        llvm::none_of(function.getArgumentTypes(), llvm::IsaPred<TensorType>) &&
        function.getNumArguments() > 0)
      return function.emitError(
          "is already lowered; run ptq-calibrate before ptq-lower");
  return success();
}

namespace {
struct AssignSchemesPass
    : public ptq::impl::AssignSchemesPassBase<AssignSchemesPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(verifyNotLowered(getOperation())))
      return signalPassFailure();
    SchemeAttr scheme = getDefaultScheme(&getContext(), method);
    getOperation().walk([&](QuantizableOpInterface op) {
      if (op.getQuantizableKind().empty())
        return;
      if (op->hasAttr(kSchemeAttrName)) {
        ++numKept;
        return;
      }
      op->setAttr(kSchemeAttrName, scheme);
      ++numAssigned;
    });
  }
};
} // namespace
