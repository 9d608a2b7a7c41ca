//===- Signature.h - Names and types of inputs and outputs ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_SIGNATURE_H
#define PTQ_DIALECT_PTQ_IR_SIGNATURE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <optional>
#include <string>

namespace mlir::ptq {

/// What the codes of an input or output stand for: the numbers of the
/// `ptq.quantize` or `ptq.dequantize` that is left to the caller.
struct InterfaceQuantization {
  QuantizationParameters parameters;
  /// The codes that the network takes or gives.
  CodeRange codes;
};

/// One input or output of a network.
struct SignatureEntry {
  std::string name;
  /// As in the float form: before results became destination arguments.
  RankedTensorType type;
  /// The dimension along which samples lie, if there is one.
  std::optional<int64_t> sampleAxis;
  /// Whether codes are to be read as unsigned bytes.
  bool isUnsigned = false;
  /// Where the network takes or gives codes.
  std::optional<InterfaceQuantization> quantization = std::nullopt;
};

/// What tools need to know of the entry function: the attribute `ptq.signature`
/// as C++.
struct Signature {
  SmallVector<SignatureEntry> inputs;
  SmallVector<SignatureEntry> outputs;

  /// The entries in the form of the attribute, without what code generation
  /// adds.
  DictionaryAttr toAttribute(MLIRContext *context) const;
};

/// Reports an error at `op` if `attr`, its 'ptq.signature', is malformed. The
/// dialect asks this where it is loaded, which reading bytecode without ops of
/// the dialect does not cause.
LogicalResult verifySignature(Operation *op, Attribute attr);

/// The signature of `function`: its attribute, or what follows from its type
/// where it has none. Then inputs are named after the arguments' locations (or
/// `arg0`, `arg1`...), outputs `result0`, `result1`.... A dynamic first
/// dimension is the sample axis, in either case, unless the attribute names
/// another. Reports an error at the function if an argument or result is not a
/// ranked tensor, or if the attribute is malformed or does not fit the
/// function's type. A function that has been lowered to memrefs or LLVM has a
/// type that says nothing of it.
FailureOr<Signature> getSignature(FunctionOpInterface function);

/// The same for whoever needs the inputs to be the arguments and the outputs
/// the results: that the function has been lowered is an error.
FailureOr<Signature> getTensorSignature(FunctionOpInterface function);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_IR_SIGNATURE_H
