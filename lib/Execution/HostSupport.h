//===- HostSupport.h - Whether this process can run code --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_HOSTSUPPORT_H
#define PTQ_LIB_EXECUTION_HOSTSUPPORT_H

#include "ptq/MachineCode/EntryPoint.h"

namespace mlir::ptq {

/// Reports an error naming what the code needs and this machine lacks.
LogicalResult verifyHostSupports(const EntryPoint &entry);

/// Reports an error at the first function that `module` calls but neither
/// defines nor finds in this process.
LogicalResult verifyCallees(ModuleOp module);

/// Loads the OpenMP runtime into this process, for code that uses it. Reports
/// an error at the entry function if there is none.
LogicalResult loadOpenMPRuntime(const EntryPoint &entry);

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_HOSTSUPPORT_H
