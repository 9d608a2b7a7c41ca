//===- HostProcessor.h - What this machine can run --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_HOSTPROCESSOR_H
#define PTQ_EXECUTION_HOSTPROCESSOR_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::ptq {

/// The instruction sets that code for processor `cpu` with `features` needs and
/// that this machine lacks, sorted. `features` is what the code was checked to
/// need, in LLVM's spelling ("+avx2,+fma"); where it is empty, everything that
/// `cpu` has counts. Both may be empty: such code runs everywhere. An unknown
/// `cpu` is an error.
llvm::Expected<SmallVector<std::string>>
getMissingHostFeatures(StringRef cpu, StringRef features);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_HOSTPROCESSOR_H
