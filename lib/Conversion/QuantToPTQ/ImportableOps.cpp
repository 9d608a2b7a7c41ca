//===- ImportableOps.cpp - Which ops may have quantized types -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportableOps.h"
#include "UniformParameters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::ptq;

bool mlir::ptq::mentionsQuantized(Type type) {
  auto visit = [](Type part) {
    return isa<quant::QuantizedType>(part) ? WalkResult::interrupt()
                                           : WalkResult::advance();
  };
  return type.walk(visit).wasInterrupted();
}

static bool anyMentionsQuantized(TypeRange types) {
  return llvm::any_of(types, [](Type type) { return mentionsQuantized(type); });
}

bool mlir::ptq::movesElements(Operation *op) {
  return isa<arith::SelectOp, tensor::CastOp, tensor::CollapseShapeOp,
             tensor::ConcatOp, tensor::DimOp, tensor::EmptyOp,
             tensor::ExpandShapeOp, tensor::ExtractSliceOp, tensor::GatherOp,
             tensor::InsertSliceOp, tensor::ReshapeOp, tensor::ScatterOp>(op);
}

/// Whether `op` may have operands, results and regions of quantized types.
static bool mayBeQuantized(Operation *op) {
  return movesElements(op) ||
         isa<quant::DequantizeCastOp, quant::QuantizeCastOp,
             quant::StorageCastOp>(op) ||
         isa<func::CallOp, func::FuncOp, func::ReturnOp>(op) ||
         isa<cf::BranchOp, cf::CondBranchOp, cf::SwitchOp>(op) ||
         isa<scf::ConditionOp, scf::ForOp, scf::IfOp, scf::IndexSwitchOp,
             scf::WhileOp, scf::YieldOp>(op);
}

/// Reports an error at `loc` if `type` mentions a quantized type other than as
/// the element type of a tensor that can be imported.
static LogicalResult verifyType(Location loc, Type type) {
  if (!mentionsQuantized(type))
    return success();
  auto explain = [&](const Twine &reason) -> LogicalResult {
    return emitError(loc) << type << " cannot be imported: " << reason;
  };
  auto tensorType = dyn_cast<RankedTensorType>(type);
  if (!tensorType)
    return explain("only ranked tensors are quantized");
  return readUniformParameters(tensorType, explain);
}

LogicalResult mlir::ptq::verifyImportable(Operation *op) {
  bool isQuantized = anyMentionsQuantized(op->getOperandTypes()) ||
                     anyMentionsQuantized(op->getResultTypes());
  if (auto function = dyn_cast<FunctionOpInterface>(op))
    isQuantized |= mentionsQuantized(function.getFunctionType());
  for (Region &region : op->getRegions())
    for (Block &block : region)
      isQuantized |= anyMentionsQuantized(block.getArgumentTypes());
  if (!isQuantized)
    return success();
  if (!mayBeQuantized(op))
    return op->emitOpError("has quantized types, which are imported only in "
                           "casts, functions, control flow and ops that move "
                           "elements");
  LogicalResult result = success();
  auto verify = [&](Location loc, Type type) {
    if (failed(verifyType(loc, type)))
      result = failure();
  };
  // Each value once, where it is made.
  for (Type type : op->getResultTypes())
    verify(op->getLoc(), type);
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments())
        verify(argument.getLoc(), argument.getType());
  if (auto function = dyn_cast<func::FuncOp>(op)) {
    if (function.isExternal())
      for (Type type : function.getArgumentTypes())
        verify(op->getLoc(), type);
    for (Type type : function.getResultTypes())
      verify(op->getLoc(), type);
  }
  return result;
}
