//===- Node.cpp - A node while it is imported -----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "Environment.h"
#include "OperatorRegistry.h"
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq::importer;
using ::onnx::AttributeProto;

/// The name that identifies the node in messages.
static StringRef getNodeName(const ::onnx::NodeProto &proto) {
  if (!proto.name().empty() || proto.output_size() == 0)
    return proto.name();
  return proto.output(0);
}

Node::Node(const ::onnx::NodeProto &proto, int64_t opset, Location fileLoc,
           OpBuilder &builder, Environment &environment, TensorReader &reader,
           const OperatorRegistry &operators)
    : proto(proto), opset(opset), fileLoc(fileLoc),
      errorLoc(
          NameLoc::get(builder.getStringAttr(getNodeName(proto)), fileLoc)),
      builder(NameLoc::get(builder.getStringAttr(
                  proto.output_size() ? StringRef(proto.output(0))
                                      : getNodeName(proto))),
              builder),
      environment(environment), reader(reader), operators(operators) {}

StringRef Node::getOperator() const { return proto.op_type(); }

StringRef Node::getDomain() const { return getFullDomain(proto.domain()); }

StringRef Node::getName() const { return getNodeName(proto); }

InFlightDiagnostic Node::emitError() const {
  return mlir::emitError(errorLoc)
         << "node '" << getName() << "' (" << getOperator() << "): ";
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

unsigned Node::getNumInputs() const { return proto.input_size(); }

bool Node::hasInput(unsigned index) const {
  return index < getNumInputs() && !proto.input(index).empty();
}

LogicalResult Node::readValue(unsigned index, Value &value, bool &isUnsigned) {
  if (!hasInput(index))
    return emitError() << "input " << index << " is missing";
  FailureOr<Value> result = environment.getValue(
      proto.input(index), builder, [this] { return emitError(); });
  if (failed(result))
    return failure();
  value = *result;
  isUnsigned = environment.getFacts(proto.input(index)).isShifted;
  return success();
}

LogicalResult Node::verifyWholeBytes(unsigned index, Value value) const {
  if (getElementType(value).isInteger(4))
    return emitError() << "input " << index
                       << " has elements of 4 bits, which is not supported";
  return success();
}

/// The environment has no values of unsigned constants.
LogicalResult Node::readElements(unsigned index, Value &value,
                                 bool &isUnsigned) {
  const ConstantTensor *constant = getConstantInput(index);
  bool isCodes = constant && constant->getElementType().isUnsignedInteger();
  if (failed(isCodes ? readCodes(index, value, isUnsigned)
                     : readValue(index, value, isUnsigned)))
    return failure();
  return verifyWholeBytes(index, value);
}

LogicalResult Node::readInput(unsigned index, Value &value) {
  bool isUnsigned;
  if (failed(allowsUnsigned ? readElements(index, value, isUnsigned)
                            : readValue(index, value, isUnsigned)))
    return failure();
  if (isUnsigned && !allowsUnsigned)
    return emitError() << "input " << index
                       << " has unsigned elements, which is not supported";
  if (failed(verifyWholeBytes(index, value)))
    return failure();
  if (areInputsUnsigned.value_or(isUnsigned) != isUnsigned)
    return emitError() << "inputs must have one element type";
  areInputsUnsigned = isUnsigned;
  return success();
}

LogicalResult Node::readCodes(unsigned index, Value &codes, bool &isUnsigned) {
  auto emitTypeError = [&](Type type) -> LogicalResult {
    return emitError() << "input " << index
                       << " must be a tensor of integers, got " << type;
  };
  const ConstantTensor *constant = getConstantInput(index);
  if (!constant) {
    if (failed(readValue(index, codes, isUnsigned)))
      return failure();
    if (!isa<IntegerType>(getElementType(codes)))
      return emitTypeError(codes.getType());
    return success();
  }
  if (!isa<IntegerType>(constant->getElementType()))
    return emitTypeError(constant->getType());
  if (constant->getType().getNumElements() == 0)
    return emitError() << "constant '" << constant->getName() << "' is empty";
  isUnsigned = constant->getElementType().isUnsignedInteger();
  codes = createConstant(constant->shiftedToSigned());
  return success();
}

Value Node::getInputAsFloats(unsigned index) const {
  return hasInput(index) ? environment.getFacts(proto.input(index)).floats
                         : Value();
}

LogicalResult Node::readFloatInput(unsigned index, Value &value) {
  if (failed(readInput(index, value)))
    return failure();
  if (!isa<FloatType>(getElementType(value)))
    return emitError() << "input " << index
                       << " must be a tensor of floats, got "
                       << value.getType();
  return success();
}

LogicalResult Node::readOptionalFloatInput(unsigned index, Value &value) {
  return hasInput(index) ? readFloatInput(index, value) : success();
}

LogicalResult Node::readInputs(SmallVectorImpl<Value> &values) {
  for (unsigned index = 0; index < getNumInputs(); ++index) {
    Value value;
    if (failed(readInput(index, value)))
      return failure();
    if (index != 0 && getElementType(value) != getElementType(values.front()))
      return emitError() << "inputs must have one element type, got "
                         << values.front().getType() << " and "
                         << value.getType();
    values.push_back(value);
  }
  return success();
}

const ConstantTensor *Node::getConstantInput(unsigned index) const {
  return hasInput(index) ? environment.getConstant(proto.input(index))
                         : nullptr;
}

const ConstantCodes *Node::getConstantCodes(unsigned index) const {
  return hasInput(index) ? environment.getFacts(proto.input(index)).codes.get()
                         : nullptr;
}

Value Node::createConstant(const ConstantTensor &constant) {
  return environment.createConstant(constant, builder);
}

LogicalResult Node::readFloats(unsigned index,
                               SmallVectorImpl<double> &values) {
  const ConstantTensor *constant = getConstantInput(index);
  FailureOr<SmallVector<double>> floats;
  if (constant)
    floats = constant->getDoubles();
  else if (hasInput(index))
    if (ValueFacts facts = environment.getFacts(proto.input(index));
        facts.getElements)
      floats = facts.getElements().getDoubles();
  if (failed(floats))
    return emitError() << "input " << index << " must be a constant of floats";
  values.assign(floats->begin(), floats->end());
  return success();
}

LogicalResult Node::readIntegers(unsigned index,
                                 SmallVectorImpl<int64_t> &values) {
  const ConstantTensor *constant = getConstantInput(index);
  FailureOr<SmallVector<int64_t>> integers;
  if (constant)
    integers = constant->getIntegers();
  if (failed(integers))
    return emitError() << "input " << index
                       << " must be a constant of integers";
  if (constant->holdsBatch())
    return emitError() << "input " << index
                       << " depends on the symbolic batch; fix it with --batch";
  values.assign(integers->begin(), integers->end());
  return success();
}

LogicalResult Node::readSizes(unsigned index, SmallVectorImpl<int64_t> &sizes) {
  const ConstantTensor *constant = getConstantInput(index);
  if (constant && constant->holdsBatch()) {
    sizes = *constant->getIntegers();
    return success();
  }
  if (failed(readIntegers(index, sizes)))
    return failure();
  if (llvm::is_contained(sizes, ShapedType::kDynamic))
    return emitError() << "input " << index << " has the size "
                       << ShapedType::kDynamic;
  return success();
}

LogicalResult Node::readShape(unsigned index, SmallVectorImpl<int64_t> &shape) {
  if (const ConstantTensor *constant = getConstantInput(index)) {
    shape.assign(constant->getShape().begin(), constant->getShape().end());
    return success();
  }
  Value input;
  bool isUnsigned;
  if (failed(readValue(index, input, isUnsigned)))
    return failure();
  shape.assign(getShape(input).begin(), getShape(input).end());
  return success();
}

LogicalResult Node::readAxes(bool fromInput, int64_t rank,
                             SmallVectorImpl<int64_t> &axes, bool &isGiven) {
  isGiven = fromInput ? hasInput(1) : hasAttribute("axes");
  if (isGiven && (fromInput ? failed(readIntegers(1, axes))
                            : failed(readAttribute("axes", axes))))
    return failure();
  for (int64_t &axis : axes)
    if (failed(normalizeAxis(rank, axis)))
      return failure();
  llvm::sort(axes);
  if (std::unique(axes.begin(), axes.end()) != axes.end())
    return emitError() << "an axis is given twice";
  return success();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

/// The attribute `name` of `proto`, null if it has none.
static const AttributeProto *findByName(const ::onnx::NodeProto &proto,
                                        StringRef name) {
  for (const AttributeProto &attribute : proto.attribute())
    if (name == attribute.name())
      return &attribute;
  return nullptr;
}

bool Node::hasAttribute(StringRef name) const {
  return findByName(proto, name) != nullptr;
}

FailureOr<const AttributeProto *> Node::findAttribute(StringRef name,
                                                      int type) {
  usedAttributes.insert(name);
  const AttributeProto *attribute = findByName(proto, name);
  if (attribute && attribute->type() != type) {
    std::string expected = AttributeProto::AttributeType_Name(
        static_cast<AttributeProto::AttributeType>(type));
    return emitError() << "attribute '" << name << "' must be of type "
                       << expected;
  }
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name, int64_t &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::INT);
  if (succeeded(attribute) && *attribute)
    value = (*attribute)->i();
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name, bool &value) {
  int64_t number = value;
  if (failed(readAttribute(name, number)))
    return failure();
  if (number != 0 && number != 1)
    return emitError() << "attribute '" << name << "' must be 0 or 1, got "
                       << number;
  value = number;
  return success();
}

LogicalResult Node::readAttribute(StringRef name, double &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::FLOAT);
  if (succeeded(attribute) && *attribute)
    value = (*attribute)->f();
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name, std::string &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::STRING);
  if (succeeded(attribute) && *attribute)
    value = (*attribute)->s();
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name,
                                  SmallVectorImpl<int64_t> &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::INTS);
  if (succeeded(attribute) && *attribute)
    value.assign((*attribute)->ints().begin(), (*attribute)->ints().end());
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name,
                                  SmallVectorImpl<double> &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::FLOATS);
  if (succeeded(attribute) && *attribute)
    value.assign((*attribute)->floats().begin(), (*attribute)->floats().end());
  return attribute;
}

LogicalResult Node::readAttribute(StringRef name,
                                  std::optional<ConstantTensor> &value) {
  FailureOr<const AttributeProto *> attribute =
      findAttribute(name, AttributeProto::TENSOR);
  if (failed(attribute) || !*attribute)
    return attribute;
  FailureOr<ConstantTensor> tensor = reader.read(
      (*attribute)->t(), getOutputName(0), [this] { return emitError(); });
  if (failed(tensor))
    return failure();
  value = *tensor;
  return success();
}

LogicalResult Node::readAxis(StringRef name, int64_t rank, int64_t &value) {
  if (failed(readAttribute(name, value)))
    return failure();
  return normalizeAxis(rank, value);
}

LogicalResult Node::normalizeAxis(int64_t rank, int64_t &axis) const {
  if (axis < -rank || axis >= rank)
    return emitError() << "axis " << axis << " is out of range for rank "
                       << rank;
  if (axis < 0)
    axis += rank;
  return success();
}

LogicalResult Node::verifyAllAttributesUsed() const {
  for (const AttributeProto &attribute : proto.attribute())
    if (!usedAttributes.contains(attribute.name()))
      return emitError() << "unsupported attribute '" << attribute.name()
                         << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

unsigned Node::getNumOutputs() const { return proto.output_size(); }

bool Node::hasOutput(unsigned index) const {
  return static_cast<int>(index) < proto.output_size() &&
         !proto.output(index).empty();
}

StringRef Node::getOutputName(unsigned index) const {
  return hasOutput(index) ? StringRef(proto.output(index)) : StringRef();
}

LogicalResult Node::setOutput(unsigned index, Value value, ValueFacts facts) {
  if (!hasOutput(index))
    return success();
  auto type = cast<RankedTensorType>(value.getType());
  if (!hasPlausibleSize(type))
    return emitError() << "has a result of impossible size, " << type;
  if (type.getNumDynamicDims() > 1)
    return emitError() << "has a result with two symbolic dimensions, " << type;
  outputsSet.insert(index);
  facts.isShifted |= areInputsUnsigned.value_or(false) &&
                     isa<IntegerType>(type.getElementType());
  return environment.define(
      proto.output(index), value, [this] { return emitError(); },
      std::move(facts));
}

LogicalResult Node::setOutput(unsigned index, ConstantTensor constant) {
  if (!hasOutput(index))
    return success();
  outputsSet.insert(index);
  return environment.define(proto.output(index), std::move(constant),
                            [this] { return emitError(); });
}

LogicalResult Node::forwardInput(unsigned index, unsigned outputIndex) {
  // Reading the input diagnoses names that mean nothing; constants stay such.
  Value value;
  allowUnsigned();
  if (!getConstantInput(index) && failed(readInput(index, value)))
    return failure();
  if (!hasOutput(outputIndex))
    return success();
  outputsSet.insert(outputIndex);
  return environment.defineAlias(proto.output(outputIndex), proto.input(index),
                                 [this] { return emitError(); });
}

LogicalResult Node::finishOutputs() {
  for (int index = 0; index < proto.output_size(); ++index) {
    StringRef name = proto.output(index);
    if (name.empty() || outputsSet.contains(index))
      continue;
    std::string reason =
        ("'" + name + "' is output " + Twine(index) + " of node '" + getName() +
         "' (" + getOperator() + "), which is not supported")
            .str();
    if (failed(environment.defineUnsupported(name, reason,
                                             [this] { return emitError(); })))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Other operators
//===----------------------------------------------------------------------===//

FailureOr<Value> Node::apply(StringRef name, int64_t version, ValueRange inputs,
                             ArrayRef<StringRef> ownAttributes) {
  // Names mean something else there than in the graph.
  Environment scope(environment.getWeights());
  std::string output = hasOutput(0) ? getOutputName(0).str() : "result";
  ::onnx::NodeProto inner;
  inner.set_name(getName().str());
  inner.set_op_type(name.str());
  inner.add_output(output);
  auto emitScopeError = [this] { return emitError(); };
  for (auto [index, input] : llvm::enumerate(inputs)) {
    std::string inputName = output + "." + std::to_string(index);
    inner.add_input(inputName);
    if (failed(scope.define(inputName, input, emitScopeError)))
      return failure();
  }
  for (const AttributeProto &attribute : proto.attribute()) {
    if (llvm::is_contained(ownAttributes, StringRef(attribute.name())))
      continue;
    *inner.add_attribute() = attribute;
    usedAttributes.insert(attribute.name());
  }
  Node node(inner, version, fileLoc, builder, scope, reader, operators);
  if (failed(operators.import(node)))
    return failure();
  return scope.getValue(output, builder, emitScopeError);
}
