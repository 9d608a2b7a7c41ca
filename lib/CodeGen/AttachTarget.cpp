//===- AttachTarget.cpp - What processor the code is for --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TargetPass.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_ATTACHTARGETPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// "+a,+b" of the features that the code needs.
std::string joinRequiredFeatures(const TargetDescription &target) {
  std::string joined;
  for (const std::string &name : target.requiredFeatures) {
    joined += joined.empty() ? "+" : ",+";
    joined += name;
  }
  return joined;
}

struct AttachTargetPass
    : TargetPass<ptq::impl::AttachTargetPassBase, AttachTargetPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    ModuleOp module = getOperation();
    if (failed(checkLowered(module)))
      return signalPassFailure();
    Builder builder(&getContext());
    module->setAttr(LLVM::LLVMDialect::getTargetTripleAttrName(),
                    builder.getStringAttr(target.triple.str()));

    SmallVector<StringRef> list;
    StringRef(target.features).split(list, ',', -1, /*KeepEmpty=*/false);
    // Vectors may be as wide as the registers that kernels were shaped for.
    auto width = builder.getStrArrayAttr(
        {"prefer-vector-width", std::to_string(target.vectorBytes * 8)});
    // A register that is kept on the stack would otherwise lie across two cache
    // lines, as callers align the stack for smaller ones only.
    auto alignment = builder.getStrArrayAttr(
        {"alignstack", std::to_string(target.vectorBytes)});
    for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
      if (function.isExternal())
        continue;
      function.setTargetCpu(target.cpu);
      if (!list.empty())
        function.setTargetFeaturesAttr(
            LLVM::TargetFeaturesAttr::get(&getContext(), list));
      function.setPassthroughAttr(builder.getArrayAttr({width, alignment}));
      completeSignature(builder, function, target);
    }
  }

private:
  /// What is neither LLVM nor OpenMP by now has no lowering.
  LogicalResult checkLowered(ModuleOp module) {
    WalkResult result = module.walk([&](Operation *op) {
      if (op == module ||
          isa_and_present<LLVM::LLVMDialect, omp::OpenMPDialect>(
              op->getDialect()))
        return WalkResult::advance();
      op->emitOpError("has no lowering to LLVM");
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  /// The C wrapper of an entry function is not one itself.
  void completeSignature(Builder &builder, LLVM::LLVMFuncOp function,
                         const TargetDescription &target) {
    if (function.getName().starts_with("_mlir_ciface_")) {
      function->removeAttr(kEntryAttrName);
      function->removeAttr(kSignatureAttrName);
      return;
    }
    auto signature =
        function->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
    if (!signature)
      return;
    NamedAttrList completed(signature);
    completed.set("cpu", builder.getStringAttr(target.cpu));
    completed.set("features",
                  builder.getStringAttr(joinRequiredFeatures(target)));
    // Unless memory has been planned, a call allocates what it needs.
    if (!completed.get("workspace_bytes"))
      completed.set("workspace_bytes", builder.getI64IntegerAttr(0));
    function->setAttr(kSignatureAttrName,
                      completed.getDictionary(&getContext()));
  }
};

} // namespace
