//===- GraphExporter.h - A function as an ONNX graph ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_EXPORT_GRAPHEXPORTER_H
#define PTQ_LIB_TARGET_ONNX_EXPORT_GRAPHEXPORTER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "llvm/ADT/StringSet.h"
#include <string>

namespace onnx {
class GraphProto;
} // namespace onnx

namespace mlir::ptq::exporter {

/// A constant of the IR. Elements are little-endian, in row-major order;
/// integers of less than a byte have one each.
struct ConstantElements {
  RankedTensorType type;
  std::string data;
};

/// The elements of a constant, scalar or tensor, packed or not. Fails if
/// `value` is something else.
FailureOr<ConstantElements> readConstant(Value value);

/// `constant` in another float or integer type that holds its elements.
ConstantElements convertElements(const ConstantElements &constant, Type type);

/// ONNX's number for elements of `type`, 0 if there is none.
int32_t getElementTypeCode(Type type);

/// An attribute of a node.
struct NodeAttribute {
  StringRef name;
  SmallVector<int64_t> integers;
  bool isList = true;

  static NodeAttribute list(StringRef name, ArrayRef<int64_t> integers) {
    return {name, SmallVector<int64_t>(integers), true};
  }
  static NodeAttribute number(StringRef name, int64_t integer) {
    return {name, {integer}, false};
  }
};

/// Builds a graph, node by node. Tensors have names; they are those of the
/// values' locations, made unique.
class GraphExporter {
public:
  GraphExporter(::onnx::GraphProto &graph, MLIRContext *context)
      : graph(graph), builder(context) {}

  LogicalResult run(func::FuncOp function);

  /// The operator set version that the graph needs so far, and a higher need.
  /// Runtimes know older ones better.
  int64_t getOpset() const { return opset; }
  void requireOpset(int64_t version) { opset = std::max(opset, version); }

  /// The name of `value`; constants, and what is only a number in many places,
  /// become part of the graph when they are first asked for. Reports an error
  /// at `user` if there is none.
  FailureOr<std::string> getTensor(Value value, Operation *user);

  /// Adds a node with one output; gives its name, which resembles `name`.
  std::string addNode(StringRef op, ArrayRef<std::string> inputs,
                      ArrayRef<NodeAttribute> attributes, StringRef name);
  /// Adds a node for `value`.
  void setNode(Value value, StringRef op, ArrayRef<std::string> inputs,
               ArrayRef<NodeAttribute> attributes = {});
  /// Makes `value` mean the tensor `name`.
  void setTensor(Value value, std::string name) {
    tensors[value] = std::move(name);
  }

  /// Adds a constant.
  std::string addConstant(const ConstantElements &constant, StringRef name);
  std::string addIntegers(ArrayRef<int64_t> values, StringRef name);
  /// Adds a scalar of the float type `type`.
  std::string addFloat(Type type, double value, StringRef name);

  /// `tensor`, which has shape `shape`, so that it broadcasts to `rank`
  /// dimensions of which `dims` are its own, in order.
  std::string addAligned(const std::string &tensor, ArrayRef<int64_t> shape,
                         ArrayRef<int64_t> dims, int64_t rank);
  /// The shape to reshape to; one dimension may be dynamic.
  FailureOr<std::string> addShape(RankedTensorType type, Operation *user);

private:
  std::string makeUnique(StringRef name);
  std::string getNewName(Value value);
  LogicalResult exportOp(Operation *op);
  LogicalResult exportReturn(func::ReturnOp op);
  /// Removes nodes and constants that nothing uses.
  void removeUnused();

  ::onnx::GraphProto &graph;
  Builder builder;
  Signature signature;
  /// From here on, axes are inputs of all reductions.
  int64_t opset = 18;
  DenseMap<Value, std::string> tensors;
  /// The names that results must have.
  DenseMap<Value, std::string> outputNames;
  llvm::StringSet<> usedNames;
};

LogicalResult exportQuantize(GraphExporter &graph, QuantizeOp op);
LogicalResult exportDequantize(GraphExporter &graph, DequantizeOp op);
/// Adds what `op` computes of `codes` instead of its input: the same elements
/// in another shape, whose dimension `axis` is the same one.
FailureOr<std::string> addDequantize(GraphExporter &graph, DequantizeOp op,
                                     const std::string &codes, StringRef name);
LogicalResult exportProduct(GraphExporter &graph, linalg::LinalgOp op);
LogicalResult exportElementwise(GraphExporter &graph, linalg::GenericOp op);
LogicalResult exportReduce(GraphExporter &graph, linalg::ReduceOp op);
LogicalResult exportPooling(GraphExporter &graph, linalg::LinalgOp op);
LogicalResult exportSlice(GraphExporter &graph, tensor::ExtractSliceOp op);
LogicalResult exportConcat(GraphExporter &graph, tensor::ConcatOp op);

/// What a generic op takes from a tensor: the positions `indices` along `axis`
/// of `data`.
struct GatheredRows {
  Value data, indices;
  int64_t axis = 0;
};
/// Null if `op` does something else.
std::optional<GatheredRows> matchGather(linalg::GenericOp op);
LogicalResult exportGather(GraphExporter &graph, linalg::GenericOp op,
                           const GatheredRows &rows);

/// Reports that ONNX, or the exporter, has no operator for `op`.
LogicalResult emitUnsupported(Operation *op, const Twine &reason);

/// Whether `op` is a convolution of N, groups, channels, spatial dimensions...
/// with groups, output channels, channels, taps..., in this order.
bool isGroupedConvolution(linalg::GenericOp op);

/// The strides and dilations of a convolution or pooling op.
SmallVector<NodeAttribute> getWindowAttributes(linalg::LinalgOp op);

} // namespace mlir::ptq::exporter

#endif // PTQ_LIB_TARGET_ONNX_EXPORT_GRAPHEXPORTER_H
