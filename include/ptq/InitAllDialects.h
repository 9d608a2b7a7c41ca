//===- InitAllDialects.h - Dialects ptq reads or writes ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INITALLDIALECTS_H
#define PTQ_INITALLDIALECTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::ptq {

/// Adds the ptq dialect to `registry`. The upstream dialects that networks are
/// written in are added by `mlir::registerAllDialects`.
void registerAllDialects(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_INITALLDIALECTS_H
