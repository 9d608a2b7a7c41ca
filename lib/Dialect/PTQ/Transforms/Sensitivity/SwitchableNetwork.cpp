//===- SwitchableNetwork.cpp - Ops quantized or in float ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SwitchableNetwork.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

/// By how much the weights of `op` are larger in float than by `scheme`.
static int64_t getFloatBytes(QuantizableOpInterface op, SchemeAttr scheme) {
  int64_t bytes = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    OperandRole role = op.getOperandRole(number);
    if (role != OperandRole::Weight)
      continue;
    EncodingAttr encoding = scheme.getOperand(number, role).getEncoding();
    auto type = dyn_cast<RankedTensorType>(traceToRoot(operand).root.getType());
    if (!encoding || !type || !type.hasStaticShape())
      continue;
    int64_t bits = int64_t{type.getElementTypeBitWidth()} -
                   int64_t{encoding.getStorage().getWidth()};
    bytes += type.getNumElements() * bits / 8;
  }
  return bytes;
}

/// Whether `scheme` makes codes of `operand`, an activation.
static bool isQuantizedActivation(QuantizableOpInterface op, OpOperand &operand,
                                  SchemeAttr scheme) {
  unsigned number = operand.getOperandNumber();
  OperandRole role = op.getOperandRole(number);
  return role == OperandRole::Activation &&
         scheme.getOperand(number, role).getEncoding();
}

FloatCost SwitchableNetwork::getCost(const llvm::BitVector &inFloat) const {
  FloatCost cost;
  for (unsigned index : inFloat.set_bits())
    cost.add(ops[index].cost);
  return cost;
}

void SwitchableNetwork::setWork(const llvm::StringMap<int64_t> &macs) {
  for (SwitchableOp &op : ops)
    if (op.hasActivationCodes)
      op.cost.macs = macs.lookup(op.name);
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

/// Puts a copy of each op with a scheme, which no scheme is laid upon, before
/// it. Observers leave alone what the copy reads: they give an op data movement
/// of its own where another op uses the same.
void SwitchableNetwork::addFloatForms(
    ModuleOp module, function_ref<bool(Operation *)> isForChoice) {
  llvm::StringMap<size_t> indices;
  SmallVector<QuantizableOpInterface> candidates;
  module.walk([&](QuantizableOpInterface op) {
    if (!op.getQuantizableKind().empty() && op->getNumResults() > 0 &&
        op->hasAttr(kSchemeAttrName) && isForChoice(op))
      candidates.push_back(op);
  });
  // Names first: they may count the ops before.
  SmallVector<std::string> names =
      llvm::map_to_vector(candidates, [](QuantizableOpInterface op) {
        return getEdgeName(op->getResult(0));
      });
  for (auto [op, name] : llvm::zip_equal(candidates, names)) {
    auto [entry, isNew] = indices.try_emplace(name, ops.size());
    if (isNew)
      ops.emplace_back(name, op.getQuantizableKind(), op.getLoc());
    SwitchableOp &group = ops[entry->second];
    auto scheme = op->getAttrOfType<SchemeAttr>(kSchemeAttrName);
    group.cost.bytes += getFloatBytes(op, scheme);
    for (OpOperand &operand : op->getOpOperands())
      group.hasActivationCodes |= isQuantizedActivation(op, operand, scheme);
    OpBuilder builder(op);
    Operation *inFloat = builder.clone(*op);
    inFloat->removeAttr(kSchemeAttrName);
    group.forms.push_back({op, inFloat});
  }
}

/// Runs the passes that `populate` adds.
static LogicalResult runPasses(ModuleOp module,
                               function_ref<void(OpPassManager &)> populate) {
  PassManager manager(module.getContext());
  populate(manager);
  return manager.run(module);
}

static LogicalResult assignSchemes(ModuleOp module,
                                   const QuantizationOptions &options) {
  return runPasses(module, [&](OpPassManager &manager) {
    manager.addPass(createAssignSchemesPass(options.assign));
    manager.addPass(createEqualizeChannelsPass(options.equalize));
  });
}

/// Consumes the schemes. None of these passes replaces an op that computes, or
/// erases one that nobody uses.
static LogicalResult quantize(ModuleOp module,
                              const QuantizationOptions &options) {
  return runPasses(module, [&](OpPassManager &manager) {
    manager.addPass(createInsertObserversPass());
    manager.addPass(createRunCalibrationPass(options.calibrate));
    manager.addPass(createFoldParametersPass());
  });
}

FailureOr<SwitchableNetwork>
SwitchableNetwork::create(ModuleOp module, QuantizationOptions options) {
  SwitchableNetwork result;
  result.options = std::move(options);
  result.floatForm = module.clone();
  if (failed(runPasses(*result.floatForm, populatePreparationPasses)))
    return failure();

  result.network = result.floatForm->clone();
  ModuleOp network = *result.network;
  llvm::DenseSet<Operation *> given;
  network.walk([&](Operation *op) {
    if (op->hasAttr(kSchemeAttrName))
      given.insert(op);
  });
  if (failed(assignSchemes(network, result.options)))
    return failure();
  result.addFloatForms(network,
                       [&](Operation *op) { return !given.contains(op); });
  if (failed(quantize(network, result.options)))
    return failure();
  return result;
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

/// Erases what nobody uses, so that it is not evaluated.
static void eraseDeadOps(ModuleOp module) {
  for (auto function : module.getOps<FunctionOpInterface>())
    for (Block &block : function.getFunctionBody())
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isOpTriviallyDead(&op))
          op.erase();
}

OwningOpRef<ModuleOp>
SwitchableNetwork::build(const llvm::BitVector &inFloat) const {
  IRMapping mapping;
  OwningOpRef<ModuleOp> choice(
      cast<ModuleOp>(ModuleOp(*network)->clone(mapping)));
  for (auto [index, op] : llvm::enumerate(ops)) {
    if (!inFloat.test(index))
      continue;
    for (auto [quantized, unquantized] : op.forms)
      mapping.lookup(quantized)->replaceAllUsesWith(
          mapping.lookup(unquantized));
  }
  eraseDeadOps(*choice);
  return choice;
}

FailureOr<OwningOpRef<ModuleOp>>
SwitchableNetwork::buildAfresh(const llvm::BitVector &inFloat) const {
  llvm::StringSet<> names;
  for (unsigned index : inFloat.set_bits())
    names.insert(ops[index].name);
  OwningOpRef<ModuleOp> choice(ModuleOp(*floatForm).clone());
  auto nothing = SchemeAttr::get(
      choice->getContext(), /*activations=*/EncodingAttr(),
      /*weights=*/EncodingAttr(), /*outputs=*/EncodingAttr(), FloatType(),
      RangeEstimatorKind::MinMax, Rounding::Nearest, Equalization::None,
      /*operands=*/ArrayAttr());
  choice->walk([&](QuantizableOpInterface op) {
    if (!op.getQuantizableKind().empty() && op->getNumResults() > 0 &&
        names.contains(getEdgeName(op->getResult(0))))
      op->setAttr(kSchemeAttrName, nothing);
  });
  if (failed(assignSchemes(*choice, options)) ||
      failed(quantize(*choice, options)))
    return failure();
  return choice;
}
