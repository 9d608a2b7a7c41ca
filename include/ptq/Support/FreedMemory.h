//===- FreedMemory.h - What becomes of memory that is freed -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_FREEDMEMORY_H
#define PTQ_SUPPORT_FREEDMEMORY_H

namespace mlir::ptq {

/// Lets this process keep freed memory for what it allocates next. Otherwise
/// the C library returns every large block to the system, which clears its
/// pages before they come back: calibration and rounding allocate large tensors
/// and matrices over and over. To be called by programs, at their start; does
/// nothing where the C library has no such choice.
void keepFreedMemory();

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_FREEDMEMORY_H
