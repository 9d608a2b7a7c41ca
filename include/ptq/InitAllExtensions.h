//===- InitAllExtensions.h - How upstream ops answer ptq --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INITALLEXTENSIONS_H
#define PTQ_INITALLEXTENSIONS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::ptq {

/// Adds the external models of ptq's interfaces for upstream ops to `registry`.
/// They are attached as the dialects are loaded.
void registerAllExtensions(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_INITALLEXTENSIONS_H
