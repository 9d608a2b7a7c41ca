//===- DotTiles.h - Register tiles of dot products -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels of dot products share, beside what all tiles of accumulators do.
//
// Where the dot product reads activations as unsigned, their sign bits are
// flipped, which adds 128 to each; 128 times the sum of the weights is taken
// from the accumulator at the start. Mostly they have been flipped before,
// where the activations were computed.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H

#include "AccumulatorTiles.h"
#include "CodeContraction.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/CodeGen/TargetDescription.h"

namespace mlir::ptq {

/// Emits the tiles of a kernel whose accumulators are those of a dot product.
class DotTileEmitter : public AccumulatorTileEmitter {
public:
  DotTileEmitter(RewriterBase &rewriter, const CodeContraction &contraction,
                 const RegisterTiling &tiling,
                 const FusedNeighbours &neighbours);

protected:
  /// Makes up for flipped signs, if the dot product needs them, of activations
  /// whose weights have these sums in each column.
  void correctSigns(ArrayRef<int32_t> columnSums,
                    SymbolTableCollection &symbols);

  /// The same with what to add, in a buffer of i32; null if nothing is.
  void correctSigns(Value corrections) { correction = corrections; }

  /// Where the corrections for a vector of a tile's rows begin: at its column,
  /// unless batches of columns have their own.
  virtual Value getCorrectionAddress(int64_t column);

  Value loadCorrection(int64_t column) override;

  /// `codes`, activations, with flipped signs if the dot product reads them as
  /// unsigned and they are not flipped yet.
  Value flipSigns(Value codes);

  /// `sum` plus the products of the factors.
  Value createDot(Value sum, Value activations, Value weights);

  Type getFactorType() { return builder.getIntegerType(dot.elementWidth); }

  const DotInstruction &dot;

private:
  bool haveFlippedSigns;
  /// What to add for the flipped signs, by column; null if nothing is.
  Value correction;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H
