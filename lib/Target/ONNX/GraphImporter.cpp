//===- GraphImporter.cpp - An ONNX graph as a function --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "BatchMultiple.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq::importer;
using ::onnx::TensorShapeProto;

GraphImporter::GraphImporter(const ::onnx::ModelProto &model, Location fileLoc,
                             const ONNXImportOptions &options)
    : model(model), graph(model.graph()), fileLoc(fileLoc), options(options),
      context(fileLoc.getContext()), reader(context, options.directory) {}

//===----------------------------------------------------------------------===//
// Versions and initializers
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::readOpsets() {
  for (const ::onnx::OperatorSetIdProto &import : model.opset_import())
    opsets.try_emplace(getFullDomain(import.domain()), import.version());
  auto standard = opsets.find(kStandardDomain);
  if (standard == opsets.end())
    return emitError() << "not a complete ONNX model: it names no version of "
                          "the operator set '"
                       << kStandardDomain << "'";
  int64_t version = standard->second;
  if (version < kMinOpset || version > kMaxOpset)
    return emitError() << "unsupported operator set version " << version
                       << ", supported are " << kMinOpset << " to "
                       << kMaxOpset;
  return success();
}

LogicalResult GraphImporter::readInitializers() {
  if (graph.sparse_initializer_size() != 0)
    return emitError() << "sparse initializers are not supported";
  for (const ::onnx::TensorProto &initializer : graph.initializer()) {
    StringRef name = initializer.name();
    if (name.empty())
      return emitError() << "an initializer has no name";
    auto emitInitializerError = [&] {
      return mlir::emitError(
          NameLoc::get(StringAttr::get(context, name), fileLoc));
    };
    FailureOr<ConstantTensor> tensor =
        reader.read(initializer, name, emitInitializerError);
    if (failed(tensor) || failed(environment.define(name, std::move(*tensor),
                                                    emitInitializerError)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// A dimension as the model writes it, for messages.
static std::string toString(const TensorShapeProto::Dimension &dim) {
  if (dim.has_dim_value())
    return std::to_string(dim.dim_value());
  return "'" + dim.dim_param() + "'";
}

FailureOr<RankedTensorType>
GraphImporter::readInputType(const ::onnx::ValueInfoProto &info,
                             bool &hasSymbolicBatch) {
  const std::string &name = info.name();
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
    return emitError() << "input '" << name
                       << "' is not a tensor of known rank";
  const ::onnx::TypeProto::Tensor &tensor = info.type().tensor_type();
  Type elementType = importer::getElementType(tensor.elem_type(), context);
  if (!elementType || elementType.isInteger(1) || elementType.isInteger(4) ||
      elementType.isUnsignedInteger())
    return emitError() << "input '" << name
                       << "' has the unsupported element type "
                       << getElementTypeName(tensor.elem_type());

  SmallVector<int64_t> shape;
  for (const TensorShapeProto::Dimension &dim : tensor.shape().dim()) {
    // Some exporters write an unknown size as 0 or -1.
    if (dim.has_dim_value() && dim.dim_value() > 0) {
      shape.push_back(dim.dim_value());
      continue;
    }
    if (!shape.empty())
      return emitError() << "input '" << name << "': dimension " << shape.size()
                         << " is symbolic (" << toString(dim)
                         << "); only the first, the batch, may be";
    hasSymbolicBatch = true;
    if (!dim.dim_param().empty() && !batchName.empty() &&
        batchName != dim.dim_param())
      return emitError() << "input '" << name << "' has the symbolic batch '"
                         << dim.dim_param() << "', another input has '"
                         << batchName << "'";
    if (batchName.empty())
      batchName = dim.dim_param();
    shape.push_back(options.batch.value_or(ShapedType::kDynamic));
  }
  auto type = RankedTensorType::get(shape, elementType);
  if (!hasPlausibleSize(type))
    return emitError() << "input '" << name << "' has an impossible shape";
  return type;
}

LogicalResult GraphImporter::readInputs() {
  SmallVector<bool> hasSymbolicBatch;
  for (const ::onnx::ValueInfoProto &info : graph.input()) {
    // Initializers may be listed as inputs; they are constants all the same.
    if (environment.getConstant(info.name()))
      continue;
    bool isSymbolic = false;
    FailureOr<RankedTensorType> type = readInputType(info, isSymbolic);
    if (failed(type))
      return failure();
    inputs.push_back({info.name(), *type, isSymbolic});
    hasSymbolicBatch.push_back(isSymbolic);
  }
  return findBatch(hasSymbolicBatch);
}

LogicalResult GraphImporter::findBatch(ArrayRef<bool> hasSymbolicBatch) {
  if (llvm::is_contained(hasSymbolicBatch, true)) {
    batch = options.batch.value_or(ShapedType::kDynamic);
    return success();
  }
  // A model of fixed batch: all inputs count it in their first dimension.
  for (const Port &input : inputs) {
    bool canCount = input.type.getRank() >= 2;
    if (!canCount || (batch && *batch != input.type.getDimSize(0))) {
      batch.reset();
      break;
    }
    batch = input.type.getDimSize(0);
  }
  if (options.batch && options.batch != batch) {
    InFlightDiagnostic diag = emitError();
    diag << "cannot set the batch to " << *options.batch
         << ": no input has a symbolic first dimension";
    return diag;
  }
  for (Port &input : inputs)
    input.hasSampleAxis = batch.has_value();
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::readOutputs(OpBuilder &builder,
                                         SmallVectorImpl<Value> &values) {
  if (graph.output_size() == 0)
    return emitError() << "the graph has no outputs";
  llvm::StringSet<> names;
  for (const ::onnx::ValueInfoProto &info : graph.output()) {
    StringRef name = info.name();
    if (!names.insert(name).second)
      return emitError() << "output '" << name << "' is listed twice";
    FailureOr<Value> value =
        environment.getValue(name, builder, [&] { return emitError(); });
    if (failed(value))
      return failure();
    auto type = cast<RankedTensorType>(value->getType());
    if (environment.getFacts(name).isShifted ||
        type.getElementType().isInteger(4))
      return emitError() << "output '" << name
                         << "' has unsigned elements or such of 4 bits, which "
                            "is not supported";
    ArrayRef<int64_t> shape = type.getShape();
    for (int64_t dim = 1; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        return emitError() << "output '" << name << "' has type " << type
                           << ": only the first dimension, the batch, may be "
                              "symbolic";
    if (!type.hasStaticShape() && getBatchMultiple(*value) != BatchMultiple())
      return emitError() << "output '" << name << "' has type " << type
                         << ", but not one row for each sample; fix the batch "
                            "with --batch";
    values.push_back(*value);
    outputs.push_back({name, type, !shape.empty() && shape[0] == batch});
  }
  return success();
}

DictionaryAttr GraphImporter::makeSignature() {
  Builder builder(context);
  auto makeList = [&](ArrayRef<Port> ports) {
    SmallVector<Attribute> list;
    for (const Port &port : ports) {
      NamedAttrList entry;
      entry.set("name", builder.getStringAttr(port.name));
      entry.set("type", TypeAttr::get(port.type));
      if (port.hasSampleAxis)
        entry.set("sample_axis", builder.getI64IntegerAttr(0));
      list.push_back(entry.getDictionary(context));
    }
    return builder.getArrayAttr(list);
  };
  NamedAttrList signature;
  signature.set("version", builder.getI64IntegerAttr(1));
  signature.set("inputs", makeList(inputs));
  signature.set("outputs", makeList(outputs));
  return signature.getDictionary(context);
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// Erases what is left of constants that were only read, or used in another
/// shape, and of nodes that nothing uses.
static void eraseDeadOps(Block &body) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

LogicalResult GraphImporter::import(ModuleOp module) {
  if (failed(readOpsets()) || failed(readInitializers()) ||
      failed(readInputs()))
    return failure();

  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto function = func::FuncOp::create(
      builder, NameLoc::get(builder.getStringAttr(graph.name())), "forward",
      builder.getFunctionType({}, {}));
  Block *body = builder.createBlock(&function.getBody());
  for (const Port &input : inputs) {
    Value argument = body->addArgument(
        input.type, NameLoc::get(builder.getStringAttr(input.name)));
    if (failed(environment.define(input.name, argument,
                                  [&] { return emitError(); })))
      return failure();
  }

  for (const ::onnx::NodeProto &proto : graph.node()) {
    int64_t opset = opsets.lookup(getFullDomain(proto.domain()));
    Node node(proto, opset, fileLoc, builder, environment, reader, operators);
    if (failed(operators.import(node)))
      return failure();
  }

  SmallVector<Value> results;
  if (failed(readOutputs(builder, results)))
    return failure();
  func::ReturnOp::create(builder, function.getLoc(), results);
  eraseDeadOps(*body);
  function.setFunctionType(builder.getFunctionType(
      body->getArgumentTypes(), ValueRange(results).getTypes()));
  function->setAttr(kEntryAttrName, builder.getUnitAttr());
  function->setAttr(kSignatureAttrName, makeSignature());
  return success();
}
