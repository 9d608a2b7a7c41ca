//===- DotTiles.cpp - Register tiles of dot products ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotTiles.h"
#include "DotProducts.h"
#include "PackedWeights.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

DotTileEmitter::DotTileEmitter(RewriterBase &rewriter,
                               const CodeContraction &contraction,
                               const RegisterTiling &tiling,
                               const FusedNeighbours &neighbours)
    : AccumulatorTileEmitter(rewriter, contraction.op, tiling, neighbours,
                             rewriter.getI32Type()),
      dot(*contraction.dot), haveFlippedSigns(contraction.haveFlippedSigns) {}

void DotTileEmitter::correctSigns(ArrayRef<int32_t> columnSums,
                                  SymbolTableCollection &symbols) {
  if (!dot.unsignedA)
    return;
  std::vector<int32_t> corrections;
  // Long sums wrap, like the accumulators.
  for (int32_t sum : columnSums)
    corrections.push_back(-128 * static_cast<uint32_t>(sum));
  correction = createGlobalConstant<int32_t>(builder, op, "sign_correction",
                                             corrections, symbols);
}

Value DotTileEmitter::getCorrectionAddress(int64_t column) {
  return getValueOrCreateConstantIndexOp(
      builder, loc, getPositions(/*row=*/0, column)[tiling.vectorDim]);
}

Value DotTileEmitter::loadCorrection(int64_t column) {
  if (!correction)
    return {};
  return vector::LoadOp::create(builder, loc, getAccumulatorType(), correction,
                                getCorrectionAddress(column));
}

Value DotTileEmitter::flipSigns(Value codes) {
  if (!dot.unsignedA || haveFlippedSigns)
    return codes;
  Value signs = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(cast<VectorType>(codes.getType()),
                             builder.getI8IntegerAttr(-128)));
  return arith::XOrIOp::create(builder, loc, codes, signs);
}

Value DotTileEmitter::createDot(Value sum, Value activations, Value weights) {
  return ptq::createDot(builder, loc, dot, sum, activations, weights);
}
