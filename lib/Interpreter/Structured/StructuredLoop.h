//===- StructuredLoop.h - Any structured op, block by block -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_STRUCTURED_STRUCTUREDLOOP_H
#define PTQ_LIB_INTERPRETER_STRUCTURED_STRUCTUREDLOOP_H

#include "../Elementwise/Program.h"
#include "IterationSpace.h"

namespace mlir::ptq {

/// Runs `program`, the body of `op`, over `space`. `inputs` are the input
/// operands; `outputs` hold the initial values and receive the results.
///
/// One parallel loop runs inside the kernels, on blocks of elements, the others
/// and the reductions outside. Every element of a result is accumulated in the
/// order of the loops, so the result is the one of the plain loop nest, bit for
/// bit.
LogicalResult runStructuredLoop(Operation *op, const EvaluationFrame &frame,
                                const ElementwiseProgram &program,
                                IterationSpace space,
                                ArrayRef<TensorValue> inputs,
                                MutableArrayRef<TensorValue> outputs);

/// As above, for a body that is no program: evaluates the region for every
/// element. Slow.
LogicalResult runStructuredRegion(linalg::LinalgOp op, EvaluationFrame &frame,
                                  const IterationSpace &space,
                                  ArrayRef<TensorValue> inputs,
                                  MutableArrayRef<TensorValue> outputs);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_STRUCTURED_STRUCTUREDLOOP_H
