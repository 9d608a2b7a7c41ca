//===- PTQEnums.h - Modes of quantization and calibration -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The enums of the dialect, apart from the dialect: pure C++ code includes this
// without any op header.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQENUMS_H
#define PTQ_DIALECT_PTQ_IR_PTQENUMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

#include "ptq/Dialect/PTQ/IR/PTQEnums.h.inc"

#endif // PTQ_DIALECT_PTQ_IR_PTQENUMS_H
