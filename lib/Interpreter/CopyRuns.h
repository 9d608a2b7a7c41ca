//===- CopyRuns.h - Copies of many short runs -------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rows of small images are so short that a call of memcpy for each would
// cost several times the copy.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_COPYRUNS_H
#define PTQ_LIB_INTERPRETER_COPYRUNS_H

#include <cstdint>
#include <cstring>

namespace mlir::ptq {

/// Copies `numRuns` runs of `length` bytes, which begin `toPitch` and
/// `fromPitch` bytes apart.
inline void copyRuns(char *to, int64_t toPitch, const char *from,
                     int64_t fromPitch, int64_t length, int64_t numRuns) {
  auto forEachRun = [&](auto copyRun) {
    for (int64_t i = 0; i < numRuns; ++i, to += toPitch, from += fromPitch)
      copyRun();
  };
  // From either end: what lies in the middle is copied twice.
  if (length >= 4 && length <= 8)
    return forEachRun([&] {
      std::memcpy(to, from, 4);
      std::memcpy(to + length - 4, from + length - 4, 4);
    });
  if (length > 8 && length <= 16)
    return forEachRun([&] {
      std::memcpy(to, from, 8);
      std::memcpy(to + length - 8, from + length - 8, 8);
    });
  if (length > 16 && length <= 32)
    return forEachRun([&] {
      std::memcpy(to, from, 16);
      std::memcpy(to + length - 16, from + length - 16, 16);
    });
  if (length > 32 && length <= 64)
    return forEachRun([&] {
      std::memcpy(to, from, 32);
      std::memcpy(to + length - 32, from + length - 32, 32);
    });
  forEachRun([&] { std::memcpy(to, from, length); });
}

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_COPYRUNS_H
