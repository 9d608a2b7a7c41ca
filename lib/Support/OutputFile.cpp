//===- OutputFile.cpp - Files that are written or not there ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Support/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir::ptq;

llvm::Error mlir::ptq::writeOutputFile(
    llvm::StringRef path,
    llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write) {
  auto makeError = [&](std::error_code code) {
    return llvm::createStringError(code, "cannot write '" + path +
                                             "': " + code.message());
  };
  std::error_code code;
  llvm::ToolOutputFile file(path, code, llvm::sys::fs::OF_None);
  if (code)
    return makeError(code);
  llvm::Error error = write(file.os());
  file.os().flush();
  code = file.os().error();
  file.os().clear_error();
  if (error)
    return error;
  if (code)
    return makeError(code);
  file.keep();
  return llvm::Error::success();
}
