//===- WeightPool.cpp - Constants as shared resources ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightPool.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// The alignment of weights in memory, which bytecode records. It is read back
/// only from a buffer of at least this alignment; pipes and small files are
/// read into memory that guarantees 16.
static constexpr size_t kAlignment = 16;

/// `name` as the key of a resource.
static std::string sanitize(StringRef name) {
  std::string result;
  for (char c : name)
    result.push_back(llvm::isAlnum(c) || c == '.' || c == '-' ? c : '_');
  return result.empty() ? "constant" : result;
}

TypedAttr WeightPool::getAttribute(const ConstantTensor &tensor) {
  RankedTensorType type = tensor.getType();
  ArrayRef<char> data = tensor.getRawData();
  // Not every reader of resources knows how booleans lie there.
  if (type.getElementType().isInteger(1)) {
    FailureOr<SmallVector<int64_t>> elements = tensor.getIntegers();
    SmallVector<bool> bits;
    for (int64_t element : *elements)
      bits.push_back(element != 0);
    return cast<TypedAttr>(DenseElementsAttr::get(type, bits));
  }
  if (type.getNumElements() == 1)
    return cast<TypedAttr>(DenseElementsAttr::getFromRawBuffer(type, data));

  uint64_t hash = llvm::hash_combine(
      llvm::xxh3_64bits(ArrayRef<uint8_t>(
          reinterpret_cast<const uint8_t *>(data.data()), data.size())),
      type.getElementType().getAsOpaquePointer());
  SmallVector<DenseResourceElementsAttr, 1> &candidates = resources[hash];
  for (DenseResourceElementsAttr attr : candidates)
    if (attr.getElementType() == type.getElementType() &&
        attr.getData() == data)
      return cast<TypedAttr>(
          DenseResourceElementsAttr::get(type, attr.getRawHandle()));

  auto attr = DenseResourceElementsAttr::get(
      type, sanitize(tensor.getName()),
      HeapAsmResourceBlob::allocateAndCopyWithAlign(data, kAlignment));
  candidates.push_back(attr);
  return cast<TypedAttr>(attr);
}
