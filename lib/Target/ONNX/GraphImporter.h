//===- GraphImporter.h - An ONNX graph as a function ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_GRAPHIMPORTER_H
#define PTQ_LIB_TARGET_ONNX_GRAPHIMPORTER_H

#include "Environment.h"
#include "OperatorRegistry.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ptq/Target/ONNX/ImportONNX.h"

namespace onnx {
class GraphProto;
class ModelProto;
class ValueInfoProto;
} // namespace onnx

namespace mlir::ptq::importer {

/// Builds the entry function of one model.
class GraphImporter {
public:
  /// Problems that belong to no node are located at `fileLoc`.
  GraphImporter(const ::onnx::ModelProto &model, Location fileLoc,
                const ONNXImportOptions &options);

  /// Appends the function to `module`.
  LogicalResult import(ModuleOp module);

private:
  /// What the signature says of an input or output.
  struct Port {
    StringRef name;
    RankedTensorType type;
    bool hasSampleAxis;
  };

  LogicalResult readOpsets();
  LogicalResult readInitializers();
  LogicalResult readInputs();
  /// The type of a graph input. Sets `hasSymbolicBatch`.
  FailureOr<RankedTensorType> readInputType(const ::onnx::ValueInfoProto &info,
                                            bool &hasSymbolicBatch);
  /// Decides which first dimensions count samples.
  LogicalResult findBatch(ArrayRef<bool> hasSymbolicBatch);
  LogicalResult readOutputs(OpBuilder &builder, SmallVectorImpl<Value> &values);
  DictionaryAttr makeSignature();
  InFlightDiagnostic emitError() const { return mlir::emitError(fileLoc); }

  const ::onnx::ModelProto &model;
  const ::onnx::GraphProto &graph;
  Location fileLoc;
  const ONNXImportOptions &options;
  MLIRContext *context;
  OperatorRegistry operators;
  TensorReader reader;
  WeightPool weights;
  Environment environment{weights};

  /// The versions of the operator sets by domain.
  llvm::StringMap<int64_t> opsets;
  /// The name of the symbolic batch dimension, empty if it has none.
  std::string batchName;
  /// The size of the dimension that counts samples, if there is one.
  std::optional<int64_t> batch;
  SmallVector<Port> inputs, outputs;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_GRAPHIMPORTER_H
