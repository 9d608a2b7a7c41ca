//===- EvaluationFrame.cpp - The values of one call -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/EvaluationFrame.h"
#include "EvaluationCache.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include "ptq/Interpreter/Interpreter.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

const TensorValue *EvaluationFrame::lookup(Value value) const {
  auto it = values.find(value);
  return it == values.end() ? nullptr : &it->second;
}

const TensorValue &EvaluationFrame::get(Value value) const {
  static const TensorValue null;
  const TensorValue *found = lookup(value);
  assert(found && "not an operand of the op being evaluated");
  return found ? *found : null;
}

TensorValue EvaluationFrame::take(Operation *op, Value value) {
  // Regions of the op count as users of their own.
  auto usedByOp = [&](OpOperand &use) {
    return op->isAncestor(use.getOwner());
  };
  bool dies = liveness && llvm::is_contained(liveness->getDying(op), value) &&
              llvm::count_if(value.getUses(), usedByOp) == 1;
  auto it = values.find(value);
  if (it == values.end())
    return {};
  return dies ? std::move(it->second) : it->second;
}

int64_t EvaluationFrame::getInteger(Value value) const {
  const TensorValue &scalar = get(value);
  switch (scalar.getElementByteSize()) {
  case 1:
    return scalar.getData<int8_t>().front();
  case 2:
    return scalar.getData<int16_t>().front();
  case 4:
    return scalar.getData<int32_t>().front();
  default:
    return scalar.getData<int64_t>().front();
  }
}

SmallVector<int64_t> EvaluationFrame::getIntegers(ArrayRef<int64_t> fixed,
                                                  ValueRange variable) const {
  SmallVector<int64_t> integers(fixed);
  for (int64_t &integer : integers)
    if (ShapedType::isDynamic(integer)) {
      integer = getInteger(variable.front());
      variable = variable.drop_front();
    }
  return integers;
}

void EvaluationFrame::set(Value result, TensorValue value) {
  values[result] = std::move(value);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static FailureOr<TensorValue>
allocateOrReport(Operation *op, ArrayRef<int64_t> shape, Type elementType,
                 function_ref<TensorValue(RankedTensorType)> allocate) {
  for (auto [dim, size] : llvm::enumerate(shape))
    if (size < 0)
      return op->emitError("dimension ")
             << dim << " of the result would be " << size;
  if (!getElementByteSize(elementType))
    return op->emitError("the interpreter has no representation for elements "
                         "of type ")
           << elementType;
  auto type = RankedTensorType::get(shape, elementType);
  TensorValue result = allocate(type);
  if (!result)
    return op->emitError("not enough memory for a result of type ") << type;
  return result;
}

FailureOr<TensorValue> EvaluationFrame::allocate(Operation *op,
                                                 ArrayRef<int64_t> shape,
                                                 Type elementType) const {
  return allocateOrReport(op, shape, elementType,
                          TensorValue::allocateUninitialized);
}

FailureOr<TensorValue> EvaluationFrame::allocate(Operation *op,
                                                 RankedTensorType type) const {
  return allocate(op, type.getShape(), type.getElementType());
}

FailureOr<TensorValue> EvaluationFrame::allocateZeros(Operation *op,
                                                      ArrayRef<int64_t> shape,
                                                      Type elementType) const {
  return allocateOrReport(op, shape, elementType, TensorValue::allocate);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

/// Checks that `value` is one that an SSA value of type `declared` may have.
/// Models rely on it: a declared size is a size that they need not check.
static bool fits(const TensorValue &value, Type declared) {
  if (!value)
    return false;
  if (value.getType() == declared)
    return true;
  RankedTensorType type = getTensorTypeOf(declared);
  return type && value.getElementType() == type.getElementType() &&
         succeeded(verifyCompatibleShape(value.getShape(), type.getShape()));
}

static InFlightDiagnostic emitMisfit(Operation *op, StringRef what,
                                     size_t index, const TensorValue &value,
                                     Type declared) {
  if (!value)
    return op->emitError() << what << " " << index << " has no value";
  if (!getTensorTypeOf(declared))
    return op->emitError() << "the interpreter has no representation for "
                           << what << " " << index << " of type " << declared;
  return op->emitError() << what << " " << index << " has the type "
                         << value.getType() << ", which does not fit "
                         << declared;
}

LogicalResult EvaluationFrame::enter(Region &region,
                                     SmallVector<TensorValue> arguments) {
  Operation *parent = region.getParentOp();
  if (!region.hasOneBlock())
    return parent->emitError("the interpreter runs regions of one block only");
  Block &block = region.front();
  if (block.getNumArguments() != arguments.size())
    return parent->emitError("region has ")
           << block.getNumArguments() << " arguments, got " << arguments.size();
  for (auto [index, argument, value] :
       llvm::enumerate(block.getArguments(), arguments)) {
    if (!fits(value, argument.getType()))
      return emitMisfit(parent, "argument", index, value, argument.getType());
    if (!argument.use_empty())
      values[argument] = std::move(value);
  }
  liveness = interpreter.getCache().liveness.getOrCreate(
      &block, [&] { return std::make_unique<BlockLiveness>(block); });
  return success();
}

FailureOr<SmallVector<TensorValue>>
EvaluationFrame::evaluateRegion(Region &region,
                                SmallVector<TensorValue> arguments) {
  Operation *parent = region.getParentOp();
  const BlockLiveness *outer = liveness;
  llvm::scope_exit restore([&] { liveness = outer; });
  if (failed(enter(region, std::move(arguments))))
    return failure();
  Block &block = region.front();
  if (block.empty() || !block.back().hasTrait<OpTrait::IsTerminator>())
    return parent->emitError("the interpreter needs a terminated region");
  for (Operation &op : block.without_terminator())
    if (failed(evaluate(&op)))
      return failure();

  Operation *terminator = block.getTerminator();
  SmallVector<TensorValue> results;
  for (auto [index, operand] : llvm::enumerate(terminator->getOperands())) {
    results.push_back(take(terminator, operand));
    if (!results.back())
      return emitMisfit(terminator, "operand", index, results.back(),
                        operand.getType());
  }
  for (Value value : liveness->getDying(terminator))
    values.erase(value);
  return results;
}

FailureOr<SmallVector<TensorValue>>
EvaluationFrame::call(Operation *callSite, FunctionOpInterface callee,
                      ArrayRef<TensorValue> arguments) {
  if (callee.isExternal())
    return callSite->emitError("calls '")
           << callee.getName() << "', which has no body";
  if (depth >= Interpreter::kMaxCallDepth)
    return callSite->emitError("calls nest deeper than ")
           << Interpreter::kMaxCallDepth << ": endless recursion?";
  ArrayRef<Type> types = callee.getArgumentTypes();
  if (types.size() != arguments.size())
    return callSite->emitError("'")
           << callee.getName() << "' takes " << types.size()
           << " arguments, got " << arguments.size();
  for (auto [index, type, argument] : llvm::enumerate(types, arguments))
    if (!fits(argument, type))
      return emitMisfit(callSite, "argument", index, argument, type);

  EvaluationFrame frame(interpreter, depth + 1);
  FailureOr<SmallVector<TensorValue>> results = frame.evaluateRegion(
      callee.getFunctionBody(), SmallVector<TensorValue>(arguments));
  if (failed(results))
    return failure();
  ArrayRef<Type> resultTypes = callee.getResultTypes();
  if (resultTypes.size() != results->size())
    return callSite->emitError("'")
           << callee.getName() << "' returned " << results->size()
           << " values, not " << resultTypes.size();
  for (auto [index, type, result] : llvm::enumerate(resultTypes, *results))
    if (!fits(result, type))
      return emitMisfit(callSite, "result", index, result, type);
  return results;
}

LogicalResult EvaluationFrame::evaluate(Operation *op) {
  auto evaluable = dyn_cast<EvaluableOpInterface>(op);
  if (!evaluable)
    return op->emitError("the interpreter cannot run '")
           << op->getName() << "': it does not implement EvaluableOpInterface";
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    const TensorValue *value = lookup(operand);
    if (!value || !*value)
      return emitMisfit(op, "operand", index, {}, operand.getType());
  }

  SmallVector<TensorValue> operands;
  if (interpreter.hasOpListeners())
    for (Value operand : op->getOperands())
      operands.push_back(get(operand));

  if (failed(evaluable.evaluate(*this)))
    return failure();

  SmallVector<TensorValue> results;
  for (auto [index, result] : llvm::enumerate(op->getResults())) {
    const TensorValue *value = lookup(result);
    if (!value || !fits(*value, result.getType()))
      return emitMisfit(op, "result", index, value ? *value : TensorValue(),
                        result.getType());
    if (interpreter.hasOpListeners())
      results.push_back(*value);
  }
  for (EvaluationListener *listener : interpreter.getListeners())
    if (listener->wantsEvaluatedOps())
      listener->notifyEvaluated(op, operands, results);

  if (liveness)
    for (Value value : liveness->getDying(op))
      values.erase(value);
  return success();
}

void EvaluationFrame::notifyObserved(ObserveOp op,
                                     const TensorValue &value) const {
  for (EvaluationListener *listener : interpreter.getListeners())
    listener->notifyObserved(op, value);
}
