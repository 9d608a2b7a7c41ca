//===- ResourceData.cpp - Checked access to dense resources ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/ResourceData.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<ArrayRef<char>>
mlir::ptq::getResourceData(DenseResourceElementsAttr resource,
                           function_ref<InFlightDiagnostic()> emitError) {
  StringRef name = resource.getRawHandle().getKey();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return emitError() << "resource '" << name
                       << "' has no data: the file does not define it";

  ShapedType type = resource.getType();
  std::optional<unsigned> elementSize =
      getElementByteSize(type.getElementType());
  if (!elementSize)
    return emitError() << "resource '" << name << "' has elements of type "
                       << type.getElementType() << ", which are not supported";
  int64_t expected = *elementSize;
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(expected, size, expected))
      return emitError() << "resource '" << name << "' is too large: " << type;
  auto actual = static_cast<int64_t>(blob->getData().size());
  if (actual != expected)
    return emitError() << "resource '" << name << "' has " << actual
                       << " bytes, but " << type << " needs " << expected;
  return blob->getData();
}

LogicalResult mlir::ptq::verifyResourceData(Operation *root) {
  WalkResult result = root->walk([](Operation *op) {
    for (NamedAttribute attr : op->getAttrs())
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr.getValue()))
        if (failed(getResourceData(resource, [&] { return op->emitError(); })))
          return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
