//===- FixSampleCount.cpp - A number of samples that is known -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only the function's own types are changed, with casts behind the arguments
// and before the results. Canonicalization carries the sizes on from there: the
// ops of other dialects absorb casts already, those of ptq by the patterns
// here.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Interpreter/EntryFunction.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_FIXSAMPLECOUNTPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

struct FixSampleCountPass
    : ptq::impl::FixSampleCountPassBase<FixSampleCountPass> {
  using Base::Base;

  void runOnOperation() override {
    if (numSamples == 0)
      return;
    ModuleOp module = getOperation();
    // With more, sizes in bytes would not fit.
    constexpr int64_t kMaxSamples = std::numeric_limits<int32_t>::max();
    if (numSamples < 0 || numSamples > kMaxSamples) {
      module.emitError("the number of samples must not be negative or more "
                       "than ")
          << kMaxSamples << ", got " << numSamples.getValue();
      return signalPassFailure();
    }
    FailureOr<func::FuncOp> entry = findEntryFunction(module);
    if (failed(entry) || failed(fix(*entry)))
      return signalPassFailure();
  }

private:
  LogicalResult fix(func::FuncOp function);
  /// Fixes the sizes of `entries` along their sample axes.
  LogicalResult fixTypes(func::FuncOp function,
                         MutableArrayRef<SignatureEntry> entries);
};

} // namespace

LogicalResult
FixSampleCountPass::fixTypes(func::FuncOp function,
                             MutableArrayRef<SignatureEntry> entries) {
  for (SignatureEntry &entry : entries) {
    if (!entry.sampleAxis)
      continue;
    SmallVector<int64_t> shape(entry.type.getShape());
    int64_t &size = shape[*entry.sampleAxis];
    if (size == numSamples)
      continue;
    if (!ShapedType::isDynamic(size))
      return function.emitError("'")
             << entry.name << "' has a fixed number of samples already, "
             << size << ", and cannot get " << numSamples.getValue();
    size = numSamples;
    entry.type = RankedTensorType::get(shape, entry.type.getElementType());
    ++numFixed;
  }
  return success();
}

LogicalResult FixSampleCountPass::fix(func::FuncOp function) {
  FailureOr<Signature> signature = getTensorSignature(function);
  if (failed(signature) || failed(fixTypes(function, signature->inputs)) ||
      failed(fixTypes(function, signature->outputs)))
    return failure();
  if (!SymbolTable::symbolKnownUseEmpty(function, getOperation()))
    return function.emitError(
        "is called by other functions, whose number of samples is not fixed");

  OpBuilder builder(&getContext());
  builder.setInsertionPointToStart(&function.getBody().front());
  for (auto [argument, entry] :
       llvm::zip_equal(function.getArguments(), signature->inputs)) {
    Type oldType = argument.getType();
    if (oldType == entry.type)
      continue;
    argument.setType(entry.type);
    auto widened =
        tensor::CastOp::create(builder, argument.getLoc(), oldType, argument);
    argument.replaceAllUsesExcept(widened, widened);
  }
  SmallVector<Type> results;
  for (const SignatureEntry &entry : signature->outputs)
    results.push_back(entry.type);
  function.walk([&](func::ReturnOp op) {
    builder.setInsertionPoint(op);
    for (auto [operand, type] : llvm::zip_equal(op->getOpOperands(), results))
      if (operand.get().getType() != type)
        operand.set(
            tensor::CastOp::create(builder, op.getLoc(), type, operand.get()));
  });
  function.setType(
      builder.getFunctionType(function.getBody().getArgumentTypes(), results));
  // What else the attribute says stays.
  NamedAttrList attrs(signature->toAttribute(&getContext()));
  if (auto old = function->getAttrOfType<DictionaryAttr>(kSignatureAttrName))
    for (NamedAttribute attr : old)
      if (!attrs.get(attr.getName()))
        attrs.append(attr);
  function->setAttr(kSignatureAttrName, attrs.getDictionary(&getContext()));
  return success();
}
