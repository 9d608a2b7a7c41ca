//===- Node.h - A node while it is imported ---------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_NODE_H
#define PTQ_LIB_TARGET_ONNX_NODE_H

#include "ConstantTensor.h"
#include "TensorBuilder.h"
#include "ValueFacts.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include <string>

namespace onnx {
class AttributeProto;
class NodeProto;
} // namespace onnx

namespace mlir::ptq::importer {
class Environment;
class OperatorRegistry;

/// What an operator's importer sees of the graph: the node's inputs and
/// attributes, a builder at its location, and the place for its outputs.
///
/// All `read` functions emit an error at the node when they fail. Those for
/// attributes leave the value alone where the attribute is absent, so that
/// callers initialize it with ONNX's default.
class Node {
public:
  /// `opset` is the version of the node's domain, 0 if the model names none.
  Node(const ::onnx::NodeProto &proto, int64_t opset, Location fileLoc,
       OpBuilder &builder, Environment &environment, TensorReader &reader,
       const OperatorRegistry &operators);

  /// The version of the node's operator set.
  int64_t getOpset() const { return opset; }
  StringRef getOperator() const;
  /// The operator's domain; "ai.onnx" for the default one.
  StringRef getDomain() const;
  /// The node's name, or the name of its first output where it has none.
  StringRef getName() const;
  /// Starts an error at the node that names it.
  InFlightDiagnostic emitError() const;
  /// Builds ops that are located at the name of the node's first output.
  TensorBuilder &getBuilder() { return builder; }

  //===--------------------------------------------------------------------===//
  // Inputs
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const;
  /// Whether input `index` is given; trailing and optional ones may be missing.
  bool hasInput(unsigned index) const;
  /// Reads input `index` as a value. A constant becomes an op.
  LogicalResult readInput(unsigned index, Value &value);
  /// Lets inputs be unsigned and makes the outputs such then: nothing but
  /// elements of inputs, by their order at most, is in the outputs.
  void allowUnsigned() { allowsUnsigned = true; }
  /// Reads input `index`, a tensor of signed or unsigned integers, as signed
  /// ones: less half of the range if `isUnsigned`. A constant becomes an op.
  LogicalResult readCodes(unsigned index, Value &codes, bool &isUnsigned);
  /// Reads input `index` to move its elements: unsigned ones become signed ones
  /// less half of their range if `isUnsigned`, which the facts of the output
  /// must say. A constant becomes an op.
  LogicalResult readElements(unsigned index, Value &value, bool &isUnsigned);
  /// Input `index` as floats where it is integers that were computed as such;
  /// otherwise null.
  Value getInputAsFloats(unsigned index) const;
  /// As `readInput`, of a float element type.
  LogicalResult readFloatInput(unsigned index, Value &value);
  /// Leaves `value` null where the input is not given.
  LogicalResult readOptionalFloatInput(unsigned index, Value &value);
  /// All inputs, of one element type.
  LogicalResult readInputs(SmallVectorImpl<Value> &values);
  /// Input `index` if it is constant, otherwise null.
  const ConstantTensor *getConstantInput(unsigned index) const;
  /// The codes that input `index` is dequantized from, if they are constant;
  /// otherwise null.
  const ConstantCodes *getConstantCodes(unsigned index) const;
  /// Makes a constant a value.
  Value createConstant(const ConstantTensor &constant);
  /// Input `index`, which must be a constant of floats, maybe a dequantized
  /// one.
  LogicalResult readFloats(unsigned index, SmallVectorImpl<double> &values);
  /// Input `index`, which must be a constant of integers.
  LogicalResult readIntegers(unsigned index, SmallVectorImpl<int64_t> &values);
  /// As `readIntegers`, of the sizes of a shape. The batch, where it is
  /// symbolic, is ShapedType::kDynamic.
  LogicalResult readSizes(unsigned index, SmallVectorImpl<int64_t> &sizes);
  /// The shape of input `index`, a constant or a value.
  LogicalResult readShape(unsigned index, SmallVectorImpl<int64_t> &shape);
  /// Reads axes of a tensor of rank `rank` from input 1 if `fromInput`, from
  /// the attribute otherwise. They are sorted and unique. `isGiven` tells
  /// whether there are any.
  LogicalResult readAxes(bool fromInput, int64_t rank,
                         SmallVectorImpl<int64_t> &axes, bool &isGiven);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttribute(StringRef name) const;
  LogicalResult readAttribute(StringRef name, int64_t &value);
  LogicalResult readAttribute(StringRef name, bool &value);
  LogicalResult readAttribute(StringRef name, double &value);
  LogicalResult readAttribute(StringRef name, std::string &value);
  LogicalResult readAttribute(StringRef name, SmallVectorImpl<int64_t> &value);
  LogicalResult readAttribute(StringRef name, SmallVectorImpl<double> &value);
  LogicalResult readAttribute(StringRef name,
                              std::optional<ConstantTensor> &value);
  /// An axis of a tensor of rank `rank`, counted from the end if negative.
  LogicalResult readAxis(StringRef name, int64_t rank, int64_t &value);
  /// Maps `axis` from [-rank, rank) to [0, rank).
  LogicalResult normalizeAxis(int64_t rank, int64_t &axis) const;
  /// States that the attribute does not change what inference computes.
  void ignoreAttribute(StringRef name) { usedAttributes.insert(name); }
  /// Fails if the node has an attribute that was neither read nor ignored.
  LogicalResult verifyAllAttributesUsed() const;

  //===--------------------------------------------------------------------===//
  // Outputs
  //===--------------------------------------------------------------------===//

  unsigned getNumOutputs() const;
  /// Whether output `index` is given a name, so may be used.
  bool hasOutput(unsigned index) const;
  StringRef getOutputName(unsigned index) const;
  LogicalResult setOutput(unsigned index, Value value, ValueFacts facts = {});
  LogicalResult setOutput(unsigned index, ConstantTensor constant);
  /// Makes output `index` another name of input `index`.
  LogicalResult forwardInput(unsigned index, unsigned outputIndex);
  /// Makes the uses of outputs that were not set errors.
  LogicalResult finishOutputs();

  //===--------------------------------------------------------------------===//
  // Other operators
  //===--------------------------------------------------------------------===//

  /// The output of operator `name`, of version `version` of the standard
  /// operator set, applied to `inputs`. It has the attributes of this node but
  /// those named `ownAttributes`.
  FailureOr<Value> apply(StringRef name, int64_t version, ValueRange inputs,
                         ArrayRef<StringRef> ownAttributes = {});

private:
  /// Reads input `index` as a value, whether the tensor is unsigned or not.
  LogicalResult readValue(unsigned index, Value &value, bool &isUnsigned);
  /// Fails if two elements of input `index` share a byte.
  LogicalResult verifyWholeBytes(unsigned index, Value value) const;
  /// The attribute, null if it is absent; fails if it is not of `type`.
  FailureOr<const ::onnx::AttributeProto *> findAttribute(StringRef name,
                                                          int type);

  const ::onnx::NodeProto &proto;
  int64_t opset;
  Location fileLoc, errorLoc;
  TensorBuilder builder;
  Environment &environment;
  TensorReader &reader;
  const OperatorRegistry &operators;
  llvm::StringSet<> usedAttributes;
  llvm::SmallDenseSet<unsigned> outputsSet;
  bool allowsUnsigned = false;
  /// Whether the inputs read so far are unsigned.
  std::optional<bool> areInputsUnsigned;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_NODE_H
