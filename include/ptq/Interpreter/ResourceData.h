//===- ResourceData.h - Checked access to dense resources -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A `dense_resource` whose blob is missing or of the wrong size is parsed and
// verified without a word. Whoever reads one does it through here.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_RESOURCEDATA_H
#define PTQ_INTERPRETER_RESOURCEDATA_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace mlir::ptq {

/// The bytes of `resource`. Reports through `emitError`, naming the resource,
/// that its data is missing or has another size than its type needs.
FailureOr<ArrayRef<char>>
getResourceData(DenseResourceElementsAttr resource,
                function_ref<InFlightDiagnostic()> emitError);

/// Checks the data of all resources that are attributes of `root` and of ops in
/// it, which no parser or verifier of MLIR does. Reports an error at the first
/// op whose resource `getResourceData` refuses.
LogicalResult verifyResourceData(Operation *root);

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_RESOURCEDATA_H
