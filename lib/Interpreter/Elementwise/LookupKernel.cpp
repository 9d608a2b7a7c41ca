//===- LookupKernel.cpp - Functions of a byte
//--------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include <cstdint>

using namespace mlir;
using namespace mlir::ptq;

/// The immediate is the attribute that holds the table.
static bool lookUp(const KernelArguments &args) {
  auto table = cast<DenseIntElementsAttr>(Attribute::getFromOpaquePointer(
      reinterpret_cast<const void *>(static_cast<intptr_t>(args.immediate))));
  // A splat has one element in memory.
  auto entries = table.getValues<int8_t>();
  const auto *codes = args.get<int8_t>(0);
  auto *results = args.getResult<int8_t>();
  for (size_t i = 0; i < args.count; ++i)
    results[i] = entries[codes[i] + 128];
  return true;
}

std::optional<KernelCall> mlir::ptq::getLookupKernelCall(Operation *op) {
  auto lookup = dyn_cast<LookupByteOp>(op);
  if (!lookup)
    return std::nullopt;
  return KernelCall{lookUp, reinterpret_cast<intptr_t>(
                                lookup.getTable().getAsOpaquePointer())};
}
