//===- HoldBFloat16AsIntegers.cpp - bf16 is only moved --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "ptq/CodeGen/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_HOLDBFLOAT16ASINTEGERSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// What replaces bf16 in types and constants by i16 of the same bits.
static AttrTypeReplacer createReplacer(MLIRContext *context) {
  AttrTypeReplacer replacer;
  Type integer = IntegerType::get(context, 16);
  replacer.addReplacement([=](BFloat16Type) { return integer; });
  replacer.addReplacement([=](FloatAttr attr) -> std::optional<Attribute> {
    if (!attr.getType().isBF16())
      return std::nullopt;
    return IntegerAttr::get(integer, attr.getValue().bitcastToAPInt());
  });
  replacer.addReplacement(
      [=](DenseFPElementsAttr attr) -> std::optional<Attribute> {
        if (!attr.getElementType().isBF16())
          return std::nullopt;
        return attr.bitcast(integer);
      });
  replacer.addReplacement(
      [=](DenseResourceElementsAttr attr) -> std::optional<Attribute> {
        ShapedType type = attr.getType();
        if (!type.getElementType().isBF16())
          return std::nullopt;
        return DenseResourceElementsAttr::get(type.clone(integer),
                                              attr.getRawHandle());
      });
  return replacer;
}

namespace {

struct HoldBFloat16AsIntegersPass
    : ptq::impl::HoldBFloat16AsIntegersPassBase<HoldBFloat16AsIntegersPass> {
  using Base::Base;

  void runOnOperation() override {
    AttrTypeReplacer replacer = createReplacer(&getContext());
    getOperation().walk([&](Operation *op) {
      if (!isa<LLVM::LLVMDialect>(op->getDialect()))
        return;
      // What functions say of themselves is for their callers.
      bool isFunction = isa<LLVM::LLVMFuncOp>(op);
      replacer.replaceElementsIn(op, /*replaceAttrs=*/!isFunction,
                                 /*replaceLocs=*/false, /*replaceTypes=*/true);
    });
  }
};

} // namespace
