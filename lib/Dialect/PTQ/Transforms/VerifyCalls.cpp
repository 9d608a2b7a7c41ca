//===- VerifyCalls.cpp - Check that no function calls itself --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Utils/Recursion.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_VERIFYCALLSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct VerifyCallsPass : ptq::impl::VerifyCallsPassBase<VerifyCallsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(verifyNoRecursion(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
