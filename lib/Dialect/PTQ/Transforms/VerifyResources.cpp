//===- VerifyResources.cpp - Check that every resource has its data -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Interpreter/ResourceData.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_VERIFYRESOURCESPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct VerifyResourcesPass
    : public ptq::impl::VerifyResourcesPassBase<VerifyResourcesPass> {
  using Base::Base;

  void runOnOperation() override {
    // The same attribute on several ops is one mistake.
    llvm::DenseSet<Attribute> seen;
    bool valid = true;
    getOperation().walk([&](Operation *op) {
      op->getAttrDictionary().walk([&](DenseResourceElementsAttr resource) {
        if (!seen.insert(resource).second)
          return;
        ++numResources;
        valid &= succeeded(
            getResourceData(resource, [&] { return op->emitError(); }));
      });
    });
    if (!valid)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
