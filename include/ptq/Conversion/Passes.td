//===- Passes.td - Between ptq and other dialects ----------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CONVERSION_PASSES_TD
#define PTQ_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // PTQ_CONVERSION_PASSES_TD
