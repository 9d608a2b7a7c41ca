//===- GraphExporter.cpp - A function as an ONNX graph --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "llvm/ADT/TypeSwitch.h"
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;
using ::onnx::AttributeProto;

LogicalResult mlir::ptq::exporter::emitUnsupported(Operation *op,
                                                   const Twine &reason) {
  return op->emitError("cannot be exported to ONNX: ") << reason;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string GraphExporter::makeUnique(StringRef name) {
  std::string unique = name.str();
  for (unsigned suffix = 1; !usedNames.insert(unique).second; ++suffix)
    unique = (name + "." + Twine(suffix)).str();
  return unique;
}

std::string GraphExporter::getNewName(Value value) {
  auto output = outputNames.find(value);
  return output == outputNames.end() ? makeUnique(getEdgeName(value))
                                     : output->second;
}

FailureOr<std::string> GraphExporter::getTensor(Value value, Operation *user) {
  if (auto it = tensors.find(value); it != tensors.end())
    return it->second;
  std::string name;
  if (auto fill = value.getDefiningOp<linalg::FillOp>()) {
    auto type = cast<RankedTensorType>(value.getType());
    FailureOr<std::string> scalar = getTensor(fill.getInputs().front(), user);
    if (failed(scalar))
      return failure();
    if (!type.hasStaticShape())
      return emitUnsupported(user, "it reads a filled tensor of dynamic shape");
    name = addNode("Expand", {*scalar, addIntegers(type.getShape(), "shape")},
                   {}, getEdgeName(value));
  } else if (auto broadcast = value.getDefiningOp<linalg::BroadcastOp>()) {
    auto type = cast<RankedTensorType>(value.getType());
    auto source = cast<RankedTensorType>(broadcast.getInput().getType());
    FailureOr<std::string> input = getTensor(broadcast.getInput(), user);
    if (failed(input))
      return failure();
    SmallVector<int64_t> dims, shape(type.getShape());
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool isAdded = llvm::is_contained(broadcast.getDimensions(), dim);
      if (isAdded && type.isDynamicDim(dim))
        return emitUnsupported(user, "it reads a broadcast of dynamic shape");
      if (isAdded)
        continue;
      dims.push_back(dim);
      // Both shapes broadcast: 1 leaves the size as it is.
      if (type.isDynamicDim(dim))
        shape[dim] = 1;
    }
    name = addNode("Expand",
                   {addAligned(*input, source.getShape(), dims, type.getRank()),
                    addIntegers(shape, "shape")},
                   {}, getEdgeName(value));
  } else {
    FailureOr<ConstantElements> constant = readConstant(value);
    if (failed(constant) ||
        getElementTypeCode(constant->type.getElementType()) == 0)
      return emitUnsupported(user, "an operand is neither computed by what can "
                                   "be exported nor a constant");
    name = addConstant(*constant, getEdgeName(value));
  }
  tensors[value] = name;
  return name;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Fills `node`, which has no output yet.
static void fillNode(::onnx::NodeProto &node, StringRef op, StringRef output,
                     ArrayRef<std::string> inputs,
                     ArrayRef<NodeAttribute> attributes) {
  node.set_op_type(op.str());
  node.set_name(output.str());
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(output.str());
  for (const NodeAttribute &attribute : attributes) {
    AttributeProto &proto = *node.add_attribute();
    proto.set_name(attribute.name.str());
    if (!attribute.isList) {
      proto.set_type(AttributeProto::INT);
      proto.set_i(attribute.integers.front());
      continue;
    }
    proto.set_type(AttributeProto::INTS);
    for (int64_t integer : attribute.integers)
      proto.add_ints(integer);
  }
}

std::string GraphExporter::addNode(StringRef op, ArrayRef<std::string> inputs,
                                   ArrayRef<NodeAttribute> attributes,
                                   StringRef name) {
  std::string unique = makeUnique(name);
  fillNode(*graph.add_node(), op, unique, inputs, attributes);
  return unique;
}

void GraphExporter::setNode(Value value, StringRef op,
                            ArrayRef<std::string> inputs,
                            ArrayRef<NodeAttribute> attributes) {
  std::string name = getNewName(value);
  fillNode(*graph.add_node(), op, name, inputs, attributes);
  tensors[value] = name;
}

FailureOr<std::string> GraphExporter::addShape(RankedTensorType type,
                                               Operation *user) {
  if (type.getNumDynamicDims() > 1)
    return emitUnsupported(user, "two dimensions are dynamic");
  SmallVector<int64_t> sizes(type.getShape());
  for (int64_t &size : sizes)
    if (ShapedType::isDynamic(size))
      size = -1;
  return addIntegers(sizes, "shape");
}

std::string GraphExporter::addAligned(const std::string &tensor,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> dims, int64_t rank) {
  bool isAligned = true;
  SmallVector<int64_t> sizes(rank, 1);
  for (auto [index, dim] : llvm::enumerate(dims)) {
    sizes[dim] = ShapedType::isDynamic(shape[index]) ? -1 : shape[index];
    isAligned &= dim == rank - static_cast<int64_t>(dims.size() - index);
  }
  if (isAligned)
    return tensor;
  return addNode("Reshape", {tensor, addIntegers(sizes, "shape")}, {},
                 tensor + ".aligned");
}

//===----------------------------------------------------------------------===//
// Data movement
//===----------------------------------------------------------------------===//

static LogicalResult exportReshape(GraphExporter &graph, Operation *op) {
  FailureOr<std::string> input = graph.getTensor(op->getOperand(0), op);
  if (failed(input))
    return failure();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  FailureOr<std::string> shape = graph.addShape(type, op);
  if (failed(shape))
    return failure();
  graph.setNode(op->getResult(0), "Reshape", {*input, *shape});
  return success();
}

static LogicalResult exportPad(GraphExporter &graph, tensor::PadOp op) {
  Value value = op.getConstantPaddingValue();
  if (!value)
    return emitUnsupported(op, "the padding is not constant");
  if (llvm::is_contained(op.getStaticLow(), ShapedType::kDynamic) ||
      llvm::is_contained(op.getStaticHigh(), ShapedType::kDynamic))
    return emitUnsupported(op, "the padding is dynamic");
  FailureOr<std::string> input = graph.getTensor(op.getSource(), op);
  FailureOr<std::string> padding = graph.getTensor(value, op);
  if (failed(input) || failed(padding))
    return failure();
  SmallVector<int64_t> pads(op.getStaticLow());
  llvm::append_range(pads, op.getStaticHigh());
  graph.setNode(op.getResult(), "Pad",
                {*input, graph.addIntegers(pads, "pads"), *padding});
  return success();
}

static LogicalResult exportTranspose(GraphExporter &graph,
                                     linalg::TransposeOp op) {
  FailureOr<std::string> input = graph.getTensor(op.getInput(), op);
  if (failed(input))
    return failure();
  graph.setNode(op->getResult(0), "Transpose", {*input},
                NodeAttribute::list("perm", op.getPermutation()));
  return success();
}

static LogicalResult exportSoftmax(GraphExporter &graph, linalg::SoftmaxOp op) {
  FailureOr<std::string> input = graph.getTensor(op.getInput(), op);
  if (failed(input))
    return failure();
  graph.setNode(op->getResult(0), "Softmax", {*input},
                NodeAttribute::number("axis", op.getDimension()));
  return success();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

LogicalResult GraphExporter::exportOp(Operation *op) {
  // What gives constants, shapes and parameters is read where it is needed.
  bool givesIndices =
      op->getNumResults() > 0 &&
      llvm::all_of(op->getResultTypes(), llvm::IsaPred<IndexType>);
  if (op->hasTrait<OpTrait::ConstantLike>() || givesIndices ||
      isa<ChooseParametersOp, linalg::BroadcastOp, linalg::FillOp,
          tensor::EmptyOp, tensor::ExtractOp, UnpackOp>(op))
    return success();
  auto byExporter = [&](auto function) {
    return [this, function](auto typed) { return function(*this, typed); };
  };
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return succeeded(readConstant(op->getResult(0))) ? success()
                                                     : exportReshape(*this, op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<func::ReturnOp>([&](auto result) { return exportReturn(result); })
      .Case<QuantizeOp>(byExporter(exportQuantize))
      .Case<DequantizeOp>(byExporter(exportDequantize))
      .Case<tensor::PadOp>(byExporter(exportPad))
      .Case<tensor::ExtractSliceOp>(byExporter(exportSlice))
      .Case<tensor::ConcatOp>(byExporter(exportConcat))
      .Case<linalg::TransposeOp>(byExporter(exportTranspose))
      .Case<linalg::SoftmaxOp>(byExporter(exportSoftmax))
      .Case<linalg::ReduceOp>(byExporter(exportReduce))
      .Case<linalg::GenericOp>([this](linalg::GenericOp generic) {
        if (isGroupedConvolution(generic))
          return exportProduct(*this, generic);
        std::optional<GatheredRows> rows = matchGather(generic);
        return rows ? exportGather(*this, generic, *rows)
                    : exportElementwise(*this, generic);
      })
      .Case<linalg::PoolingNchwMaxOp, linalg::PoolingNchwSumOp,
            linalg::PoolingNdhwcMaxOp, linalg::PoolingNdhwcSumOp>(
          byExporter(exportPooling))
      .Case<linalg::MatmulOp, linalg::BatchMatmulOp, linalg::Conv2DNchwFchwOp,
            linalg::DepthwiseConv2DNchwChwOp, linalg::Conv2DNgchwGfchwOp,
            linalg::Conv3DNcdhwFcdhwOp, linalg::DepthwiseConv3DNcdhwCdhwOp>(
          byExporter(exportProduct))
      .Default([](Operation *other) {
        return emitUnsupported(other, "no operator for it");
      });
}

/// Describes an input or output of the graph. Only the batch may be dynamic.
static LogicalResult describe(::onnx::ValueInfoProto &info,
                              const SignatureEntry &entry, Operation *op) {
  int32_t code = getElementTypeCode(entry.type.getElementType());
  if (code == 0)
    return emitUnsupported(op, "it has an input or output of an element type "
                               "that ONNX does not have");
  info.set_name(entry.name);
  auto &tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(code);
  tensor.mutable_shape();
  for (int64_t size : entry.type.getShape()) {
    auto &dim = *tensor.mutable_shape()->add_dim();
    if (ShapedType::isDynamic(size))
      dim.set_dim_param("N");
    else
      dim.set_dim_value(size);
  }
  return success();
}

LogicalResult GraphExporter::exportReturn(func::ReturnOp op) {
  for (auto [operand, entry] :
       llvm::zip_equal(op.getOperands(), signature.outputs)) {
    FailureOr<std::string> name = getTensor(operand, op);
    if (failed(name) || failed(describe(*graph.add_output(), entry, op)))
      return failure();
    // Arguments, constants, and what is returned twice have other names.
    if (*name != entry.name)
      fillNode(*graph.add_node(), "Identity", entry.name, {*name}, {});
  }
  return success();
}

void GraphExporter::removeUnused() {
  llvm::StringSet<> used;
  for (const auto &output : graph.output())
    used.insert(output.name());
  std::vector<::onnx::NodeProto> nodes;
  for (int index = graph.node_size() - 1; index >= 0; --index) {
    const ::onnx::NodeProto &node = graph.node(index);
    if (!used.contains(node.output(0)))
      continue;
    for (const std::string &input : node.input())
      used.insert(input);
    nodes.push_back(node);
  }
  graph.clear_node();
  for (const ::onnx::NodeProto &node : llvm::reverse(nodes))
    *graph.add_node() = node;
  auto &constants = *graph.mutable_initializer();
  constants.erase(std::remove_if(constants.begin(), constants.end(),
                                 [&](const ::onnx::TensorProto &tensor) {
                                   return !used.contains(tensor.name());
                                 }),
                  constants.end());
}

LogicalResult GraphExporter::run(func::FuncOp function) {
  FailureOr<Signature> ports = getTensorSignature(function);
  if (failed(ports))
    return failure();
  signature = std::move(*ports);
  if (!function.getBody().hasOneBlock())
    return emitUnsupported(function, "it has control flow");
  graph.set_name(function.getName().str());
  for (const SignatureEntry &entry : signature.outputs)
    usedNames.insert(entry.name);
  for (auto [argument, entry] :
       llvm::zip_equal(function.getArguments(), signature.inputs)) {
    if (failed(describe(*graph.add_input(), entry, function)))
      return failure();
    usedNames.insert(entry.name);
    tensors[argument] = entry.name;
  }
  Block &body = function.getBody().front();
  for (auto [operand, entry] :
       llvm::zip_equal(body.getTerminator()->getOperands(), signature.outputs))
    outputNames.try_emplace(operand, entry.name);
  for (Operation &op : body)
    if (failed(exportOp(&op)))
      return failure();
  removeUnused();
  return success();
}
