//===- MathModels.cpp - Elementary functions ------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementwiseModel.h"
#include "Models.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::ptq;

void mlir::ptq::registerMathModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, math::MathDialect *) {
    attachElementwiseModels<
        math::AbsFOp, math::AbsIOp, math::AcosOp, math::AcoshOp, math::AsinOp,
        math::AsinhOp, math::Atan2Op, math::AtanOp, math::AtanhOp, math::CbrtOp,
        math::CeilOp, math::ClampFOp, math::CopySignOp, math::CosOp,
        math::CoshOp, math::CountLeadingZerosOp, math::CountTrailingZerosOp,
        math::CtPopOp, math::ErfcOp, math::ErfOp, math::Exp2Op, math::ExpM1Op,
        math::ExpOp, math::FloorOp, math::FmaOp, math::FPowIOp, math::IPowIOp,
        math::IsFiniteOp, math::IsInfOp, math::IsNaNOp, math::IsNormalOp,
        math::Log10Op, math::Log1pOp, math::Log2Op, math::LogOp, math::PowFOp,
        math::RoundEvenOp, math::RoundOp, math::RsqrtOp, math::SinhOp,
        math::SinOp, math::SqrtOp, math::TanhOp, math::TanOp, math::TruncOp>(
        context);
  });
}
