//===- Models.h - How upstream ops answer the quantizer ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// External models of QuantizableOpInterface and
// QuantizationTransparentOpInterface for the ops of linalg and tensor. What a
// structured op is follows from its indexing maps and its body, so that a named
// op and an equivalent linalg.generic get the same answers.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_MODELS_H
#define PTQ_DIALECT_PTQ_MODELS_MODELS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::ptq {

/// Attaches the model of QuantizableOpInterface to the op that reads a table.
void registerGatherQuantizationModel(DialectRegistry &registry);

/// Attaches the models of both interfaces to all structured ops of linalg.
void registerLinalgQuantizationModels(DialectRegistry &registry);

/// Attaches the models of QuantizationTransparentOpInterface to the ops of the
/// tensor dialect that move elements.
void registerTensorQuantizationModels(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_MODELS_H
