//===- ExportONNX.h - From a network to ONNX --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TARGET_ONNX_EXPORTONNX_H
#define PTQ_TARGET_ONNX_EXPORTONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::ptq {

/// Writes the entry function of `module`, in float or QDQ form, as an ONNX
/// model: `ptq.quantize` and `ptq.dequantize` become QuantizeLinear and
/// DequantizeLinear. Fails with an error at the op that ONNX, or the exporter,
/// has no operator for; nothing is written then.
LogicalResult exportONNX(ModuleOp module, raw_ostream &output);

/// Registers `ptq-translate --export-onnx`.
void registerONNXExport();

} // namespace mlir::ptq

#endif // PTQ_TARGET_ONNX_EXPORTONNX_H
