//===- EdgeTracing.cpp - From an operand to the value that it stands for --===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

/// The operand through which `op` forwards all its elements, or null.
static OpOperand *getForwardedOperand(Operation *op) {
  auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op);
  if (!transparent || !transparent.preservesRange())
    return nullptr;
  for (OpOperand &operand : op->getOpOperands())
    if (transparent.isTransparentFor(operand.getOperandNumber()))
      return &operand;
  return nullptr;
}

EdgePath mlir::ptq::traceToRoot(OpOperand &operand) {
  EdgePath path;
  path.root = operand.get();
  path.operands.push_back(&operand);
  while (Operation *producer = path.root.getDefiningOp()) {
    OpOperand *forwarded = getForwardedOperand(producer);
    if (!forwarded)
      break;
    path.root = forwarded->get();
    path.operands.push_back(forwarded);
  }
  std::reverse(path.operands.begin(), path.operands.end());
  return path;
}

bool mlir::ptq::hasConstantRoot(OpOperand &operand) {
  Value root = traceToRoot(operand).root;
  // A quantized weight is dequantized from packed or plain codes; the way back
  // to the constant may hold further data movement.
  while (Operation *producer = root.getDefiningOp()) {
    if (!isa<ObserveOp, DequantizeOp, UnpackOp>(producer))
      break;
    root = traceToRoot(producer->getOpOperand(0)).root;
  }
  return matchPattern(root, m_Constant());
}

bool mlir::ptq::isOnlyParameter(Value value) {
  return !value.use_empty() &&
         llvm::all_of(value.getUses(), [](OpOperand &use) {
           auto dequantize = dyn_cast<DequantizeOp>(use.getOwner());
           return dequantize && &use != &dequantize.getInputMutable();
         });
}

FailureOr<SmallVector<int64_t>>
mlir::ptq::mapDimsToRoot(const EdgePath &path, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> mapped(dims);
  for (OpOperand *operand :
       llvm::reverse(ArrayRef(path.operands).drop_back())) {
    auto op = cast<QuantizationTransparentOpInterface>(operand->getOwner());
    FailureOr<SmallVector<int64_t>> next =
        op.mapDimsToOperand(operand->getOperandNumber(), mapped);
    if (failed(next))
      return failure();
    mapped = std::move(*next);
  }
  return mapped;
}

FailureOr<SmallVector<int64_t>>
mlir::ptq::mapDimsFromRoot(const EdgePath &path, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> mapped(dims);
  for (OpOperand *operand : ArrayRef(path.operands).drop_back()) {
    auto op = cast<QuantizationTransparentOpInterface>(operand->getOwner());
    FailureOr<SmallVector<int64_t>> next =
        op.mapDimsToResult(operand->getOperandNumber(), mapped);
    if (failed(next))
      return failure();
    mapped = std::move(*next);
  }
  return mapped;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

StringRef mlir::ptq::getLocatedName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().getValue();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (StringRef name = getLocatedName(part); !name.empty())
        return name;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return getLocatedName(call.getCallee());
  return {};
}

/// "function/kind.ordinal": the op's position among the ops of its kind.
static std::string makeOrdinalName(Operation *op) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  int64_t ordinal = 0;
  if (function)
    function->walk<WalkOrder::PreOrder>([&](Operation *other) {
      if (other == op)
        return WalkResult::interrupt();
      ordinal += other->getName() == op->getName();
      return WalkResult::advance();
    });
  StringRef functionName = function ? function.getName() : StringRef("module");
  return (functionName + "/" + op->getName().stripDialect() + "." +
          Twine(ordinal))
      .str();
}

std::string mlir::ptq::getEdgeName(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (StringRef name = getLocatedName(argument.getLoc()); !name.empty())
      return name.str();
    auto function = dyn_cast_or_null<FunctionOpInterface>(
        argument.getOwner()->getParentOp());
    if (function && argument.getOwner()->isEntryBlock()) {
      if (auto signature =
              function->getAttrOfType<DictionaryAttr>(kSignatureAttrName))
        if (auto inputs = signature.getAs<ArrayAttr>("inputs");
            inputs && argument.getArgNumber() < inputs.size())
          if (auto entry =
                  dyn_cast<DictionaryAttr>(inputs[argument.getArgNumber()]))
            if (auto name = entry.getAs<StringAttr>("name"))
              return name.str();
      return "arg" + std::to_string(argument.getArgNumber());
    }
    return makeOrdinalName(argument.getOwner()->getParentOp()) + ".arg" +
           std::to_string(argument.getArgNumber());
  }
  auto result = cast<OpResult>(value);
  Operation *op = result.getOwner();
  StringRef located = getLocatedName(op->getLoc());
  std::string name = located.empty() ? makeOrdinalName(op) : located.str();
  if (result.getResultNumber() > 0)
    name += "#" + std::to_string(result.getResultNumber());
  return name;
}
