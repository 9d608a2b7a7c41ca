//===- ExpandArithmetic.cpp - Ops that targets do not have ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_EXPANDARITHMETICPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

struct ExpandArithmeticPass
    : ptq::impl::ExpandArithmeticPassBase<ExpandArithmeticPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(computeBFloat16InF32()))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateExpandBFloat16Patterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }

private:
  /// Computes in f32 what has bf16 operands or results, and rounds after each
  /// op.
  LogicalResult computeBFloat16InF32() {
    Type narrow = BFloat16Type::get(&getContext());
    Type wide = Float32Type::get(&getContext());
    RewritePatternSet patterns(&getContext());
    ConversionTarget conversion(getContext());
    TypeConverter arithmetic, functions;
    arith::populateEmulateUnsupportedFloatsConversions(arithmetic, narrow,
                                                       wide);
    arith::populateEmulateUnsupportedFloatsPatterns(patterns, arithmetic);
    arith::populateEmulateUnsupportedFloatsLegality(conversion, arithmetic);
    SetVector<Type> supported;
    supported.insert(Float16Type::get(&getContext()));
    supported.insert(wide);
    supported.insert(Float64Type::get(&getContext()));
    math::populateExtendToSupportedTypesTypeConverter(functions, supported,
                                                      wide);
    math::populateExtendToSupportedTypesPatterns(patterns, functions);
    math::populateExtendToSupportedTypesConversionTarget(conversion, functions);
    return applyPartialConversion(getOperation(), conversion,
                                  std::move(patterns));
  }
};

} // namespace
