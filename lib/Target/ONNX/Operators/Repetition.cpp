//===- Repetition.cpp - Import of operators that repeat elements ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// A constant repeated to `shape`.
static ConstantTensor repeat(ConstantTensor constant, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> aligned(shape.size() - constant.getRank(), 1);
  llvm::append_range(aligned, constant.getShape());
  constant = constant.reshaped(aligned);
  for (auto [dim, size] : llvm::enumerate(shape))
    if (aligned[dim] != size)
      constant = constant.taken(dim, SmallVector<int64_t>(size, 0));
  return constant;
}

/// Both shapes broadcast: the input may also stretch what is asked for.
static LogicalResult importExpand(Node &node) {
  SmallVector<int64_t> source, requested;
  if (failed(node.readShape(0, source)) || failed(node.readSizes(1, requested)))
    return failure();
  auto emitMismatch = [&]() -> LogicalResult {
    InFlightDiagnostic diag = node.emitError();
    diag << "cannot expand a tensor of shape ";
    auto print = [&](ArrayRef<int64_t> shape) {
      diag << "[";
      llvm::interleaveComma(shape, diag, [&](int64_t size) {
        if (ShapedType::isDynamic(size))
          diag << "?";
        else
          diag << size;
      });
      diag << "]";
    };
    print(source);
    diag << " to ";
    print(requested);
    return diag;
  };
  for (int64_t size : requested)
    if (size < 1 && !ShapedType::isDynamic(size))
      return emitMismatch();
  std::optional<SmallVector<int64_t>> shape =
      inferBroadcastShape({source, requested});
  if (!shape || llvm::count_if(*shape, ShapedType::isDynamic) > 1)
    return emitMismatch();
  if (ArrayRef<int64_t>(source) == ArrayRef<int64_t>(*shape) &&
      !llvm::is_contained(requested, ShapedType::kDynamic))
    return node.forwardInput(0, 0);
  const ConstantTensor *constant = node.getConstantInput(0);
  if (constant && ConstantTensor::mayFold(*shape))
    return node.setOutput(0, repeat(*constant, *shape));

  Value input;
  if (failed(node.readInput(0, input)))
    return failure();
  // A size that is symbolic in both is the batch in both.
  bool namesBatch = llvm::is_contained(requested, ShapedType::kDynamic);
  bool isDynamic = !cast<RankedTensorType>(input.getType()).hasStaticShape();
  if (namesBatch && isDynamic && getBatchMultiple(input) != BatchMultiple())
    return emitMismatch();
  TensorBuilder &builder = node.getBuilder();
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(builder.getContext(), *shape);
  SmallVector<OpFoldResult> inputSizes = builder.getSizes(input);
  size_t offset = sizes.size() - inputSizes.size();
  for (auto [dim, size] : llvm::enumerate(*shape)) {
    if (!ShapedType::isDynamic(size))
      continue;
    bool isInput = dim >= offset && ShapedType::isDynamic(source[dim - offset]);
    sizes[dim] = isInput ? inputSizes[dim - offset] : builder.createBatch();
  }
  return node.setOutput(0, builder.createBroadcastTo(input, sizes));
}

void mlir::ptq::importer::populateRepetitionImporters(
    OperatorRegistry &registry) {
  registry.add("Expand", {{8, kMaxOpset}, {2, 2}, importExpand});
}
