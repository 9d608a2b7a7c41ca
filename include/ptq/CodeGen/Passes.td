//===- Passes.td - From linalg to vectorized LLVM ----------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_PASSES_TD
#define PTQ_CODEGEN_PASSES_TD

include "ptq/CodeGen/TensorPasses.td"
include "ptq/CodeGen/BufferPasses.td"
include "ptq/CodeGen/LLVMPasses.td"

#endif // PTQ_CODEGEN_PASSES_TD
