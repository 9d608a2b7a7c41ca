//===- OutputFile.h - Files that are written or not there -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_OUTPUTFILE_H
#define PTQ_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::ptq {

/// Writes the file at `path` by `write`. Errors, of `write` too, leave no file;
/// a disk that is full is one, which a stream that is just closed dies of.
llvm::Error
writeOutputFile(llvm::StringRef path,
                llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_OUTPUTFILE_H
