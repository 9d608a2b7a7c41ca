//===- ThreadCount.h - How many threads to use ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_THREADCOUNT_H
#define PTQ_SUPPORT_THREADCOUNT_H

#include "mlir/IR/MLIRContext.h"
#include <algorithm>

namespace mlir::ptq {

/// The threads of `context`, at most `maxThreads` of them where that is not 0.
inline int64_t getThreadCount(MLIRContext *context, int64_t maxThreads) {
  int64_t count = context->isMultithreadingEnabled()
                      ? static_cast<int64_t>(context->getNumThreads())
                      : 1;
  return maxThreads > 0 ? std::min(count, maxThreads) : count;
}

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_THREADCOUNT_H
