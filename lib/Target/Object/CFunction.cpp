//===- CFunction.cpp - The function that C calls --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CFunction.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::ptq;

/// Gives what is called `name` in `module` another name.
static LogicalResult freeName(ModuleOp module, StringRef name) {
  SymbolTable symbols(module);
  Operation *op = symbols.lookup(name);
  if (!op)
    return success();
  if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
      function && function.isExternal()) {
    if (SymbolTable::symbolKnownUseEmpty(function, module)) {
      function.erase();
      return success();
    }
    return function.emitError("'")
           << name
           << "' is a function that the code calls: pass another --c-name";
  }
  if (failed(symbols.renameToUnique(op, /*others=*/{})))
    return op->emitError("cannot be renamed to make place for the C function '")
           << name << "'";
  return success();
}

/// Makes the definitions of `module` its own.
static void hideDefinitions(ModuleOp module) {
  auto isVisible = [](LLVM::Linkage linkage) {
    return linkage != LLVM::Linkage::Private &&
           linkage != LLVM::Linkage::Internal &&
           linkage != LLVM::Linkage::Appending;
  };
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal() && isVisible(function.getLinkage())) {
      function.setLinkage(LLVM::Linkage::Internal);
      function.setVisibility_(LLVM::Visibility::Default);
    }
  for (auto global : module.getOps<LLVM::GlobalOp>())
    if ((global.getValueOrNull() || global.getInitializerBlock()) &&
        isVisible(global.getLinkage())) {
      global.setLinkage(LLVM::Linkage::Internal);
      global.setVisibility_(LLVM::Visibility::Default);
    }
}

/// Appends the arguments that make a memref at `address`: the pointer twice, no
/// offset, sizes and strides in the order of rows.
static void appendMemRef(ImplicitLocOpBuilder &builder, Value address,
                         ArrayRef<int64_t> shape, Value samples,
                         SmallVectorImpl<Value> &arguments) {
  auto makeConstant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(builder, builder.getI64Type(), value);
  };
  SmallVector<Value> sizes, strides(shape.size());
  for (int64_t size : shape)
    sizes.push_back(ShapedType::isDynamic(size) ? samples : makeConstant(size));
  Value stride = makeConstant(1);
  for (size_t dim = shape.size(); dim-- > 0;) {
    strides[dim] = stride;
    if (dim > 0)
      stride = LLVM::MulOp::create(builder, stride, sizes[dim]);
  }
  arguments.append({address, address, makeConstant(0)});
  llvm::append_range(arguments, sizes);
  llvm::append_range(arguments, strides);
}

LogicalResult mlir::ptq::addCFunction(ModuleOp module, EntryPoint &entry,
                                      const CInterface &interface) {
  if (failed(freeName(module, interface.name)))
    return failure();
  hideDefinitions(module);

  ImplicitLocOpBuilder builder(entry.function.getLoc(), module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> types;
  if (!interface.samples.empty())
    types.push_back(builder.getI64Type());
  types.append(interface.inputs.size() + interface.outputs.size(), pointer);
  if (!interface.workspace.empty())
    types.push_back(pointer);
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()), types);
  auto function = LLVM::LLVMFuncOp::create(builder, interface.name, type);
  // It is for the same processor.
  function.setTargetCpuAttr(entry.function.getTargetCpuAttr());
  function.setTargetFeaturesAttr(entry.function.getTargetFeaturesAttr());
  function.setPassthroughAttr(entry.function.getPassthroughAttr());

  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  ArrayRef<BlockArgument> given = function.getArguments();
  Value samples;
  if (!interface.samples.empty()) {
    samples = given.front();
    given = given.drop_front();
  }
  SmallVector<Value> arguments;
  auto pass = [&](ArrayRef<int64_t> shape) {
    appendMemRef(builder, given.front(), shape, samples, arguments);
    given = given.drop_front();
  };
  for (const CArray &input : interface.inputs)
    pass(input.entry.type.getShape());
  for (const CArray &output : interface.outputs)
    pass(output.entry.type.getShape());
  if (!interface.workspace.empty())
    pass(interface.workspaceBytes);
  LLVM::CallOp::create(builder, entry.function, arguments);
  LLVM::ReturnOp::create(builder, ValueRange());
  return success();
}
