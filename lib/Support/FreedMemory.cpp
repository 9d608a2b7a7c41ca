//===- FreedMemory.cpp - What becomes of memory that is freed -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Support/FreedMemory.h"
#include <cstdlib>
#ifdef __GLIBC__
#include <climits>
#include <malloc.h>
#endif

void mlir::ptq::keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}
