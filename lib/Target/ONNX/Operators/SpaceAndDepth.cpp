//===- SpaceAndDepth.cpp - Import of blocks of pixels as channels ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SpaceAndDepth.h"
#include "../OperatorRegistry.h"

using namespace mlir;
using namespace mlir::ptq::importer;

namespace {
/// A reshape to more dimensions, a transpose and a reshape to fewer.
struct Rearrangement {
  SmallVector<int64_t> expanded, permutation, collapsed;

  /// Adds a dimension of `size`, which must not be written if it is 1, to those
  /// that are moved; returns its number.
  std::optional<int64_t> add(int64_t size) {
    if (size == 1)
      return std::nullopt;
    expanded.push_back(size);
    return expanded.size() - 1;
  }
  void place(std::optional<int64_t> dim) {
    if (dim)
      permutation.push_back(*dim);
  }
  Value create(TensorBuilder &builder, Value tensor) const {
    tensor = builder.createReshape(tensor, expanded);
    return builder.createReshape(builder.createTranspose(tensor, permutation),
                                 collapsed);
  }
};
} // namespace

Value mlir::ptq::importer::createDepthToSpace(TensorBuilder &builder,
                                              Value image, int64_t numOuter,
                                              ArrayRef<int64_t> blocks) {
  if (llvm::all_of(blocks, [](int64_t block) { return block == 1; }))
    return image;
  SmallVector<int64_t> shape(getShape(image));
  int64_t numInner = shape[1] / numOuter / llvm::product_of(blocks);
  Rearrangement moved;
  moved.expanded = {shape[0]};
  moved.permutation = {0};
  std::optional<int64_t> outer = moved.add(numOuter);
  SmallVector<std::optional<int64_t>> inBlocks;
  for (int64_t block : blocks)
    inBlocks.push_back(moved.add(block));
  std::optional<int64_t> inner = moved.add(numInner);
  moved.place(outer);
  moved.place(inner);
  // A tensor without channels has no dimension of them so far.
  if (!outer && !inner) {
    moved.expanded.push_back(1);
    moved.permutation.push_back(moved.expanded.size() - 1);
  }
  moved.collapsed = {shape[0], numOuter * numInner};
  for (auto [dim, block] : llvm::enumerate(blocks)) {
    moved.expanded.push_back(shape[2 + dim]);
    moved.permutation.push_back(moved.expanded.size() - 1);
    moved.place(inBlocks[dim]);
    moved.collapsed.push_back(shape[2 + dim] * block);
  }
  return moved.create(builder, image);
}

/// Reads input 0, a tensor N, C, H, W, and the attribute 'blocksize'.
static LogicalResult readBlocks(Node &node, Value &image, int64_t &block) {
  block = 0;
  if (failed(node.readInput(0, image)) ||
      failed(node.readAttribute("blocksize", block)))
    return failure();
  ArrayRef<int64_t> shape = getShape(image);
  if (shape.size() != 4 ||
      llvm::is_contained(shape.drop_front(), ShapedType::kDynamic))
    return node.emitError() << "needs an input N, C, H, W with static C, H and "
                               "W, got "
                            << image.getType();
  constexpr int64_t kLargest = int64_t(1) << 12;
  if (block < 1 || block > kLargest)
    return node.emitError()
           << "attribute 'blocksize': " << block << " is out of range";
  return success();
}

static LogicalResult importDepthToSpace(Node &node) {
  Value image;
  int64_t block;
  std::string mode = "DCR";
  if (failed(readBlocks(node, image, block)) ||
      failed(node.readAttribute("mode", mode)))
    return failure();
  if (mode != "DCR" && mode != "CRD")
    return node.emitError() << "unknown mode '" << mode << "'";
  int64_t channels = getShape(image)[1];
  if (channels % (block * block) != 0)
    return node.emitError() << channels << " channels are no blocks of "
                            << block << " x " << block;
  int64_t numOuter = mode == "DCR" ? 1 : channels / (block * block);
  return node.setOutput(0, createDepthToSpace(node.getBuilder(), image,
                                              numOuter, {block, block}));
}

static LogicalResult importSpaceToDepth(Node &node) {
  Value image;
  int64_t block;
  if (failed(readBlocks(node, image, block)))
    return failure();
  ArrayRef<int64_t> shape = getShape(image);
  if (shape[2] % block != 0 || shape[3] % block != 0)
    return node.emitError() << "an image of " << shape[2] << " x " << shape[3]
                            << " is no blocks of " << block << " x " << block;
  TensorBuilder &builder = node.getBuilder();
  int64_t height = shape[2] / block, width = shape[3] / block;
  // Channels become those of the first pixel of a block, of the second, ...
  Rearrangement moved;
  moved.expanded = {shape[0], shape[1], height, block, width, block};
  moved.permutation = {0, 3, 5, 1, 2, 4};
  moved.collapsed = {shape[0], shape[1] * block * block, height, width};
  return node.setOutput(0, block == 1 ? image : moved.create(builder, image));
}

void mlir::ptq::importer::populateSpaceAndDepthImporters(
    OperatorRegistry &registry) {
  registry.add(
      "DepthToSpace",
      {kAllOpsets, {1, 1}, importDepthToSpace, /*movesElements=*/true});
  registry.add(
      "SpaceToDepth",
      {kAllOpsets, {1, 1}, importSpaceToDepth, /*movesElements=*/true});
}
