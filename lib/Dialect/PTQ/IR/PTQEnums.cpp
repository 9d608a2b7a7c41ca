//===- PTQEnums.cpp - Names of the modes ----------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include "llvm/ADT/StringSwitch.h"

#include "ptq/Dialect/PTQ/IR/PTQEnums.cpp.inc"
