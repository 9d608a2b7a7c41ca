//===- ImportONNX.cpp - ONNX models as linalg on tensors ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Target/ONNX/ImportONNX.h"
#include "GraphImporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/Support/Path.h"
#include <climits>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq;

/// Parses the serialized model; an error is emitted at `loc`.
static LogicalResult parseModel(llvm::MemoryBufferRef buffer, Location loc,
                                ::onnx::ModelProto &model) {
  if (buffer.getBufferSize() == 0)
    return emitError(loc) << "not an ONNX model: the file is empty";
  if (buffer.getBufferSize() > INT_MAX)
    return emitError(loc)
           << "the model is larger than 2 GiB; store its weights "
              "as external data";
  // We report errors ourselves.
  google::protobuf::LogSilencer silence;
  google::protobuf::io::ArrayInputStream bytes(
      buffer.getBufferStart(), static_cast<int>(buffer.getBufferSize()));
  google::protobuf::io::CodedInputStream stream(&bytes);
  stream.SetTotalBytesLimit(INT_MAX);
  if (!model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage() ||
      !model.has_graph())
    return emitError(loc) << "not an ONNX model, or a truncated one";
  return success();
}

OwningOpRef<ModuleOp> mlir::ptq::importONNX(llvm::MemoryBufferRef buffer,
                                            MLIRContext *context,
                                            const ONNXImportOptions &options) {
  context->loadDialect<arith::ArithDialect, func::FuncDialect,
                       linalg::LinalgDialect, math::MathDialect, PTQDialect,
                       tensor::TensorDialect>();
  Location fileLoc =
      FileLineColLoc::get(context, buffer.getBufferIdentifier(), 0, 0);
  if (options.batch && *options.batch < 1) {
    emitError(fileLoc) << "the batch must be at least 1, got "
                       << *options.batch;
    return nullptr;
  }
  ::onnx::ModelProto model;
  if (failed(parseModel(buffer, fileLoc, model)))
    return nullptr;

  ONNXImportOptions resolved = options;
  if (resolved.directory.empty())
    resolved.directory =
        llvm::sys::path::parent_path(buffer.getBufferIdentifier()).str();
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLoc);
  importer::GraphImporter graphImporter(model, fileLoc, resolved);
  if (failed(graphImporter.import(*module)) || failed(verify(*module)))
    return nullptr;
  return module;
}
