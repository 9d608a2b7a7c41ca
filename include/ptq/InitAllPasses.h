//===- InitAllPasses.h - Every pass and pipeline ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INITALLPASSES_H
#define PTQ_INITALLPASSES_H

namespace mlir::ptq {

/// Registers all passes of ptq and the pipelines `ptq-calibrate` and
/// `ptq-lower`, so that textual pipelines and command lines can name them.
void registerAllPasses();

} // namespace mlir::ptq

#endif // PTQ_INITALLPASSES_H
