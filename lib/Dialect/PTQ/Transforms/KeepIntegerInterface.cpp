//===- KeepIntegerInterface.cpp - Codes as inputs and outputs -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The caller of a quantized network may have codes already, or have no floating
// point to make them with. So the first quantize and the last dequantize are
// left to it, and the signature says by which numbers.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Interpreter/EntryFunction.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_KEEPINTEGERINTERFACEPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// Codes that can take the place of a float input or output, or why there are
/// none.
struct CodesOrReason {
  RankedTensorType type;
  InterfaceQuantization quantization;
  std::string reason;

  static CodesOrReason because(const Twine &reason) {
    CodesOrReason none;
    none.reason = reason.str();
    return none;
  }
};
} // namespace

static bool isSame(const InterfaceQuantization &a,
                   const InterfaceQuantization &b) {
  return a.parameters.scale == b.parameters.scale &&
         a.parameters.zeroPoint == b.parameters.zeroPoint &&
         a.codes.min == b.codes.min && a.codes.max == b.codes.max;
}

/// Why parameters are not those of a whole input or output; empty if they are.
template <typename OpTy>
static std::string explainParameters(OpTy op, StringRef verb) {
  if (op.getAxis() || op.getBlockSize())
    return (verb + " with a scale for each channel or block").str();
  if (!matchStaticParameters(op.getScale(), op.getZeroPoint()))
    return (verb + " by parameters that are known at run time only").str();
  return {};
}

/// The codes of the input `argument`, if nothing but equal quantizes needs it.
static CodesOrReason findInputCodes(BlockArgument argument) {
  CodesOrReason found;
  for (Operation *user : argument.getUsers()) {
    // Sizes are those of the codes, too; what measures parameters is told by
    // the quantize that they are for.
    if (isa<tensor::DimOp, ChooseParametersOp>(user))
      continue;
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize || quantize.getInput() != argument)
      return CodesOrReason::because("'" + user->getName().getStringRef() +
                                    "' reads it in float");
    std::string reason = explainParameters(quantize, "it is quantized");
    if (!reason.empty())
      return CodesOrReason::because(reason);
    std::optional<StaticParameters> parameters = matchStaticQuantize(quantize);
    RankedTensorType type = quantize.getResult().getType();
    if (!parameters || !holdsActivationCodes(quantize.getResult()))
      return CodesOrReason::because("codes are not i8 or i16");
    InterfaceQuantization quantization{
        *parameters, {quantize.getLowCode(), quantize.getHighCode()}};
    if (found.type &&
        (found.type != type || !isSame(found.quantization, quantization)))
      return CodesOrReason::because(
          "it is quantized in several ways, by different parameters");
    found.type = type;
    found.quantization = quantization;
  }
  if (!found.type ||
      llvm::any_of(argument.getUsers(), llvm::IsaPred<ChooseParametersOp>))
    return CodesOrReason::because("nothing quantizes it by constants");
  return found;
}

/// The codes that the output `value` has been dequantized from.
static CodesOrReason findOutputCodes(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize) {
    Operation *producer = value.getDefiningOp();
    return CodesOrReason::because(
        producer ? "'" + producer->getName().getStringRef() +
                       "' computes it in float"
                 : Twine("it is an input"));
  }
  std::string reason = explainParameters(dequantize, "it is dequantized");
  if (!reason.empty())
    return CodesOrReason::because(reason);
  std::optional<QuantizedValue> match = matchQuantizedValue(value);
  if (!match)
    return CodesOrReason::because("codes are not i8 or i16");
  CodesOrReason found;
  found.type = cast<RankedTensorType>(match->codes.getType());
  found.quantization = {match->parameters, getProducedCodeRange(match->codes)};
  return found;
}

static void applyTo(SignatureEntry &entry, const CodesOrReason &codes) {
  // The signature may know less of the shape than the function, or more.
  entry.type = entry.type.clone(codes.type.getElementType());
  entry.quantization = codes.quantization;
}

namespace {
struct KeepIntegerInterfacePass
    : ptq::impl::KeepIntegerInterfacePassBase<KeepIntegerInterfacePass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<func::FuncOp> found = findEntryFunction(getOperation());
    if (failed(found))
      return signalPassFailure();
    func::FuncOp function = *found;
    FailureOr<Signature> signature = getTensorSignature(function);
    if (failed(signature))
      return signalPassFailure();
    if (!SymbolTable::symbolKnownUseEmpty(function, getOperation())) {
      leaveAll(function, *signature, "the function is called in the module");
      return;
    }
    if (!function.getBody().hasOneBlock()) {
      leaveAll(function, *signature, "the function has several blocks");
      return;
    }

    // An output may be an input that is about to become codes: look first.
    auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
    SmallVector<CodesOrReason> outputs =
        llvm::map_to_vector(returnOp.getOperands(), findOutputCodes);
    for (auto [argument, entry] :
         llvm::zip_equal(function.getArguments(), signature->inputs))
      keepInput(argument, entry);
    for (auto [operand, entry, codes] : llvm::zip_equal(
             returnOp->getOpOperands(), signature->outputs, outputs))
      keepOutput(operand, entry, codes);

    function.setType(FunctionType::get(&getContext(),
                                       function.front().getArgumentTypes(),
                                       returnOp.getOperandTypes()));
    function->setAttr(kEntryAttrName, UnitAttr::get(&getContext()));
    function->setAttr(kSignatureAttrName,
                      signature->toAttribute(&getContext()));
  }

private:
  void keepInput(BlockArgument argument, SignatureEntry &entry) {
    if (!isa<FloatType>(entry.type.getElementType()))
      return;
    CodesOrReason codes = findInputCodes(argument);
    if (!codes.type) {
      ++numFloatInputs;
      remarkFloat(argument.getLoc(), "input", entry, codes.reason);
      return;
    }
    ++numInputs;
    argument.setType(codes.type);
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
      auto quantize = dyn_cast<QuantizeOp>(user);
      if (!quantize)
        continue;
      quantize.getResult().replaceAllUsesWith(argument);
      quantize.erase();
    }
    applyTo(entry, codes);
  }

  void keepOutput(OpOperand &operand, SignatureEntry &entry,
                  const CodesOrReason &codes) {
    if (!isa<FloatType>(entry.type.getElementType()))
      return;
    Operation *producer = operand.get().getDefiningOp();
    if (!codes.type) {
      ++numFloatOutputs;
      remarkFloat(producer ? producer->getLoc() : operand.getOwner()->getLoc(),
                  "output", entry, codes.reason);
      return;
    }
    ++numOutputs;
    operand.set(cast<DequantizeOp>(producer).getInput());
    if (producer->use_empty())
      producer->erase();
    applyTo(entry, codes);
  }

  void leaveAll(func::FuncOp function, const Signature &signature,
                StringRef reason) {
    auto leave = [&](StringRef what, ArrayRef<SignatureEntry> entries,
                     Statistic &count) {
      for (const SignatureEntry &entry : entries) {
        if (!isa<FloatType>(entry.type.getElementType()))
          continue;
        ++count;
        remarkFloat(function.getLoc(), what, entry, reason);
      }
    };
    leave("input", signature.inputs, numFloatInputs);
    leave("output", signature.outputs, numFloatOutputs);
  }

  static void remarkFloat(Location loc, StringRef what,
                          const SignatureEntry &entry, StringRef reason) {
    remark::missed(loc, remark::RemarkOpts::name("StaysFloat")
                            .category("ptq-keep-integer-interface"))
        << remark::reason("{0} '{1}' stays {2}: {3}", what, entry.name,
                          entry.type.getElementType(), reason);
  }
};
} // namespace
