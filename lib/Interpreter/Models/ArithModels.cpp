//===- ArithModels.cpp - Constants and arithmetic -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementwiseModel.h"
#include "Models.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct ConstantModel
    : EvaluableOpInterface::ExternalModel<ConstantModel, arith::ConstantOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto constant = cast<arith::ConstantOp>(op);
    FailureOr<TensorValue> value = TensorValue::fromAttribute(
        constant.getValue(), [&] { return op->emitError(); });
    if (failed(value))
      return failure();
    frame.set(constant, std::move(*value));
    return success();
  }
};
} // namespace

void mlir::ptq::registerArithModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, arith::ArithDialect *) {
    arith::ConstantOp::attachInterface<ConstantModel>(*context);
    attachElementwiseModels<
        arith::AddFOp, arith::AddIOp, arith::AndIOp, arith::BitcastOp,
        arith::CeilDivSIOp, arith::CeilDivUIOp, arith::CmpFOp, arith::CmpIOp,
        arith::DivFOp, arith::DivSIOp, arith::DivUIOp, arith::ExtFOp,
        arith::ExtSIOp, arith::ExtUIOp, arith::FloorDivSIOp, arith::FPToSIOp,
        arith::FPToUIOp, arith::IndexCastOp, arith::IndexCastUIOp,
        arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp, arith::MaxUIOp,
        arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp, arith::MinUIOp,
        arith::MulFOp, arith::MulIOp, arith::NegFOp, arith::OrIOp,
        arith::RemFOp, arith::RemSIOp, arith::RemUIOp, arith::SelectOp,
        arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp, arith::SIToFPOp,
        arith::SubFOp, arith::SubIOp, arith::TruncFOp, arith::TruncIOp,
        arith::UIToFPOp, arith::XOrIOp>(context);
  });
}
