//===- MakeDestinationPassing.cpp - Results become arguments ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_MAKEDESTINATIONPASSINGPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

/// Whether the caller provides the memory of a result of this type.
bool isPassedAsDestination(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && BaseMemRefType::isValidElementType(tensor.getElementType());
}

bool isDefinedPublicFunction(func::FuncOp function) {
  return function.isPublic() && !function.isExternal();
}

/// The function that a caller of the module would run if none is marked:
/// @forward, or the only public one. Null if that is not clear.
func::FuncOp findUnmarkedEntry(ModuleOp module) {
  func::FuncOp only;
  int64_t numPublic = 0;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function->hasAttr(kEntryAttrName))
      return {};
    if (!isDefinedPublicFunction(function))
      continue;
    if (function.getName() == "forward")
      return function;
    only = function;
    ++numPublic;
  }
  return numPublic == 1 ? only : func::FuncOp();
}

/// Marks `function` as what callers run, and says how, unless it says so
/// itself. Only tensors can be described.
void describe(func::FuncOp function) {
  function->setAttr(kEntryAttrName, UnitAttr::get(function.getContext()));
  auto isTensor = llvm::IsaPred<RankedTensorType>;
  if (function->hasAttr(kSignatureAttrName) ||
      !llvm::all_of(function.getArgumentTypes(), isTensor) ||
      !llvm::all_of(function.getResultTypes(), isTensor))
    return;
  FailureOr<Signature> signature = getSignature(function);
  if (succeeded(signature))
    function->setAttr(kSignatureAttrName,
                      signature->toAttribute(function.getContext()));
}

/// Calls within the module keep the old signature: they are redirected to a
/// private copy of `function`.
void keepPrivateTwin(func::FuncOp function, SymbolTable &symbols) {
  func::FuncOp twin = function.clone();
  twin.setPrivate();
  twin->removeAttr(kEntryAttrName);
  twin->removeAttr(kSignatureAttrName);
  StringAttr name = symbols.insert(twin);
  // Uses cannot fail to be replaced: the module's body is a known symbol table.
  (void)SymbolTable::replaceAllSymbolUses(function, name,
                                          function->getParentOp());
}

/// The tensor and dimension that the size of `tensor` along `dim` is copied
/// from, one step back; a null tensor if that cannot be told.
std::pair<Value, int64_t> traceSize(Value tensor, int64_t dim) {
  Operation *op = tensor.getDefiningOp();
  if (auto structured = dyn_cast_or_null<DestinationStyleOpInterface>(op))
    return {structured.getTiedOpOperand(cast<OpResult>(tensor))->get(), dim};
  if (auto cast = dyn_cast_or_null<tensor::CastOp>(op))
    return {cast.getSource(), dim};
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(op))
    if (isConstantIntValue(pad.getMixedLowPad()[dim], 0) &&
        isConstantIntValue(pad.getMixedHighPad()[dim], 0))
      return {pad.getSource(), dim};
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(op))
    if (ReassociationIndices group = collapse.getReassociationIndices()[dim];
        group.size() == 1)
      return {collapse.getSrc(), group.front()};

  // Sizes that are given as values.
  SmallVector<OpFoldResult> sizes;
  if (auto empty = dyn_cast_or_null<tensor::EmptyOp>(op))
    sizes = empty.getMixedSizes();
  else if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op))
    sizes = expand.getMixedOutputShape();
  else if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(op);
           slice && slice.getDroppedDims().none())
    sizes = slice.getMixedSizes();
  if (sizes.empty())
    return {};
  auto size = dyn_cast<Value>(sizes[dim]);
  auto dimOp = size ? size.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  std::optional<int64_t> index =
      dimOp ? dimOp.getConstantIndex() : std::nullopt;
  if (!index)
    return {};
  return {dimOp.getSource(), *index};
}

/// Whether the size of `tensor` along `dim` is one of an argument's.
bool hasSizeOfArgument(Value tensor, int64_t dim) {
  while (tensor && !isa<BlockArgument>(tensor))
    std::tie(tensor, dim) = traceSize(tensor, dim);
  return tensor &&
         isa<FunctionOpInterface>(tensor.getParentBlock()->getParentOp());
}

/// Checks the sizes of `destination` that the caller cannot take from the sizes
/// of arguments. To write beyond its end would be worse than to stop.
void checkSizes(OpBuilder &builder, Location loc, Value result,
                Value destination) {
  auto type = cast<RankedTensorType>(result.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim) || hasSizeOfArgument(result, dim))
      continue;
    Value size = tensor::DimOp::create(builder, loc, result, dim);
    Value provided = memref::DimOp::create(builder, loc, destination, dim);
    Value isEqual = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::eq, size, provided);
    cf::AssertOp::create(builder, loc, isEqual,
                         "an output's size differs from its destination's");
  }
}

/// Appends a memref argument for each tensor result of `function` and writes
/// the result into it at every return. Returns how many there are.
int64_t makeDestinationPassing(func::FuncOp function) {
  OpBuilder builder(function.getContext());
  SmallVector<unsigned> passed;
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    if (isPassedAsDestination(type))
      passed.push_back(index);

  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (isa<RankedTensorType>(type))
      function.setArgAttr(
          index, bufferization::BufferizationDialect::kWritableAttrName,
          builder.getBoolAttr(false));

  SmallVector<Value> destinations;
  for (unsigned index : passed) {
    auto tensor = cast<RankedTensorType>(function.getResultTypes()[index]);
    auto type = MemRefType::get(tensor.getShape(), tensor.getElementType());
    unsigned position = function.getNumArguments();
    DictionaryAttr noAttributes;
    (void)function.insertArgument(position, type, noAttributes,
                                  function.getLoc());
    destinations.push_back(function.getArgument(position));
  }

  function.walk([&](func::ReturnOp returnOp) {
    builder.setInsertionPoint(returnOp);
    for (auto [index, destination] : llvm::zip_equal(passed, destinations)) {
      checkSizes(builder, returnOp.getLoc(), returnOp.getOperand(index),
                 destination);
      bufferization::MaterializeInDestinationOp::create(
          builder, returnOp.getLoc(), /*result=*/Type(),
          returnOp.getOperand(index), destination, /*restrict=*/true,
          /*writable=*/true);
    }
    for (unsigned index : llvm::reverse(passed))
      returnOp->eraseOperand(index);
  });

  llvm::BitVector erased(function.getNumResults());
  for (unsigned index : passed)
    erased.set(index);
  (void)function.eraseResults(erased);
  return passed.size();
}

struct MakeDestinationPassingPass
    : ptq::impl::MakeDestinationPassingPassBase<MakeDestinationPassingPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp unmarkedEntry = findUnmarkedEntry(module);

    SymbolTable symbols(module);
    auto functions = llvm::to_vector(llvm::make_filter_range(
        module.getOps<func::FuncOp>(), isDefinedPublicFunction));
    for (func::FuncOp function : functions) {
      if (!SymbolTable::symbolKnownUseEmpty(function, module)) {
        keepPrivateTwin(function, symbols);
        ++numPrivateTwins;
      }
      if (function == unmarkedEntry || function->hasAttr(kEntryAttrName))
        describe(function);
      numResults += makeDestinationPassing(function);
    }
  }
};

} // namespace
