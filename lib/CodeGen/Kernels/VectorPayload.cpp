//===- VectorPayload.cpp - The body of a structured op on vectors ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorPayload.h"
#include "FlatAccess.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

/// Whether the element can be in a vector.
static bool isVectorElement(Type type) {
  return type.isIntOrIndexOrFloat() && VectorType::isValidElementType(type);
}

/// Whether a vector of this element lies in memory as its elements do: types of
/// less than a byte are packed in vectors, but not in buffers.
static bool isMemoryElement(Type type) {
  return isa<IndexType>(type) ||
         (isVectorElement(type) && type.getIntOrFloatBitWidth() >= 8 &&
          llvm::isPowerOf2_32(type.getIntOrFloatBitWidth()));
}

/// Why the payload cannot be computed on vectors; null if it can.
static const char *findPayloadObstacle(linalg::LinalgOp op) {
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (isa<arith::ConstantOp, linalg::IndexOp>(inner) &&
        isVectorElement(inner.getResult(0).getType()))
      continue;
    if (inner.getNumRegions() != 0 || inner.getNumResults() != 1 ||
        !OpTrait::hasElementwiseMappableTraits(&inner))
      return "the payload has an op that does not work on vectors";
    if (!llvm::all_of(inner.getOperandTypes(), isVectorElement) ||
        !llvm::all_of(inner.getResultTypes(), isVectorElement))
      return "the payload has a type that has no vectors";
  }
  return nullptr;
}

const char *mlir::ptq::findVectorObstacle(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics())
    return "not on buffers";
  if (const char *obstacle = findPayloadObstacle(op))
    return obstacle;
  for (OpOperand &operand : op->getOpOperands()) {
    if (op.isDpsInit(&operand) && !FlatAccess::isLinear(op, operand))
      return "an output's address is not linear in the loops";
    if (!op.isScalar(&operand) &&
        !isMemoryElement(getElementTypeOrSelf(operand.get().getType())))
      return "vectors of an operand's element type differ from memory";
  }
  if (!FlatAccess::areOutputsFixed(op))
    return "an output moves with a reduction";
  return nullptr;
}

unsigned mlir::ptq::getWidestElement(linalg::LinalgOp op) {
  unsigned width = 8;
  auto include = [&](Type type) {
    if (type.isIntOrFloat())
      width = std::max(width, type.getIntOrFloatBitWidth());
  };
  for (BlockArgument argument : op.getBlock()->getArguments())
    if (!argument.use_empty())
      include(argument.getType());
  for (Operation &inner : op.getBlock()->without_terminator())
    llvm::for_each(inner.getResultTypes(), include);
  for (Value value : op.getBlock()->getTerminator()->getOperands())
    include(value.getType());
  return llvm::PowerOf2Ceil(width);
}

Value VectorPayload::lookup(IRMapping &mapping, Value value) {
  if (Value mapped = mapping.lookupOrNull(value))
    return mapped;
  Value splat = vector::BroadcastOp::create(builder, loc,
                                            getType(value.getType()), value);
  mapping.map(value, splat);
  return splat;
}

void VectorPayload::emit(IRMapping &mapping, Operation &op,
                         EmitIndexFn emitIndex) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    Value splat = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(getType(constant.getType()),
                               constant.getValue()));
    mapping.map(constant.getResult(), splat);
    return;
  }
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    mapping.map(index.getResult(), emitIndex(index.getDim()));
    return;
  }
  auto operands = llvm::map_to_vector(op.getOperands(), [&](Value operand) {
    return lookup(mapping, operand);
  });
  Operation *clone =
      builder.create(loc, op.getName().getIdentifier(), operands,
                     getType(op.getResult(0).getType()), op.getAttrs());
  mapping.map(op.getResult(0), clone->getResult(0));
}

bool mlir::ptq::gainsFromManyElements(Block &body) {
  return llvm::any_of(body.without_terminator(),
                      [](Operation &op) { return isa<LookupByteOp>(op); });
}

/// Builds `op` once on the elements of all `parts`.
static void emitTogether(OpBuilder &builder, Location loc, LookupByteOp op,
                         MutableArrayRef<PayloadPart> parts) {
  SmallVector<Value> codes;
  for (PayloadPart &part : parts)
    codes.push_back(VectorPayload(builder, loc, part.width)
                        .lookup(part.mapping, op.getInput()));
  Value all = LookupByteOp::create(
      builder, loc, joinVectors(builder, loc, codes), op.getTable());
  int64_t offset = 0;
  for (PayloadPart &part : parts) {
    part.mapping.map(op.getResult(),
                     sliceVector(builder, loc, all, offset, part.width));
    offset += part.width;
  }
}

SmallVector<Value> mlir::ptq::emitPayload(OpBuilder &builder, Location loc,
                                          Block &body,
                                          MutableArrayRef<PayloadPart> parts) {
  auto emitEach = [&](Block::iterator from, Block::iterator to) {
    for (PayloadPart &part : parts) {
      VectorPayload payload(builder, loc, part.width);
      for (Operation &op : llvm::make_range(from, to))
        payload.emit(part.mapping, op, part.emitIndex);
    }
  };
  Block::iterator next = body.begin();
  for (auto lookup : body.getOps<LookupByteOp>()) {
    emitEach(next, lookup->getIterator());
    emitTogether(builder, loc, lookup, parts);
    next = std::next(lookup->getIterator());
  }
  emitEach(next, body.getTerminator()->getIterator());
  SmallVector<Value> results;
  for (PayloadPart &part : parts) {
    VectorPayload payload(builder, loc, part.width);
    for (Value value : body.getTerminator()->getOperands())
      results.push_back(payload.lookup(part.mapping, value));
  }
  return results;
}
