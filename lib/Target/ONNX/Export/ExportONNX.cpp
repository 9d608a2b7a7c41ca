//===- ExportONNX.cpp - From a network to ONNX ----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Target/ONNX/ExportONNX.h"
#include "GraphExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "ptq/Interpreter/EntryFunction.h"
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq;

/// The version of the format that came with an operator set.
static int64_t getFormat(int64_t opset) {
  if (opset >= 21)
    return 10;
  return opset >= 19 ? 9 : 8;
}

LogicalResult mlir::ptq::exportONNX(ModuleOp module, raw_ostream &output) {
  FailureOr<func::FuncOp> function = findEntryFunction(module);
  if (failed(function))
    return failure();
  ::onnx::ModelProto model;
  model.set_producer_name("ptq");
  exporter::GraphExporter graph(*model.mutable_graph(), module.getContext());
  if (failed(graph.run(*function)))
    return failure();
  model.add_opset_import()->set_version(graph.getOpset());
  model.set_ir_version(getFormat(graph.getOpset()));
  std::string bytes;
  if (!model.SerializeToString(&bytes))
    return module.emitError("does not fit into an ONNX model of 2 GiB");
  output << bytes;
  return success();
}

void mlir::ptq::registerONNXExport() {
  static TranslateFromMLIRRegistration registration(
      "export-onnx", "export a network in float or QDQ form as an ONNX model",
      [](ModuleOp module, raw_ostream &output) {
        return exportONNX(module, output);
      },
      [](DialectRegistry &registry) {
        registry
            .insert<arith::ArithDialect, cf::ControlFlowDialect,
                    func::FuncDialect, linalg::LinalgDialect, math::MathDialect,
                    PTQDialect, scf::SCFDialect, tensor::TensorDialect>();
      });
}
