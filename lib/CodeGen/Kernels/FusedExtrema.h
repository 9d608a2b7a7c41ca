//===- FusedExtrema.h - Extrema of what a kernel writes ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Activations that are quantized with a scale of their own are measured first:
// a reduction takes the least and the greatest of a whole tensor, which a
// kernel has just written. The extrema can be taken while the results are in
// registers. Then the tensor is read once less.
//
// Each vector of columns has partial extrema in memory, in the nearest cache,
// that every tile of it updates. They are reduced when the kernel is done.
// Outer loops have partial extrema for each of their positions, as long as
// these are few, so that threads can divide them; the iterations of the others
// run one after the other.
//
// An extremum of extrema is the same in any order, and what an output begins
// with may be taken many times.
//
// A measurement counts infinities and NaN as zeros. Comparisons ignore NaN
// anyway, and infinities hardly ever come: the kernel takes them as they are,
// and where an extremum is infinite the tensor is measured once more.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_FUSEDEXTREMA_H
#define PTQ_LIB_CODEGEN_KERNELS_FUSEDEXTREMA_H

#include "Combiner.h"
#include "RegisterTiles.h"
#include "TileVector.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::ptq {

struct FusedNeighbour;

/// A reduction to extrema of all that the epilogue of a kernel writes.
struct FusedExtrema {
  linalg::LinalgOp op;
  /// One for each output, and what the output begins with.
  SmallVector<Combiner> combiners;
  SmallVector<TypedAttr> starts;
  /// The loops of the kernel whose positions have partial extrema of their own;
  /// the last one is that of the vectors.
  SmallVector<unsigned> partDims;
  /// The element in the body of `op` that is zero in place of numbers that are
  /// not finite, and what it is otherwise, if extrema of this are the same or
  /// infinite.
  Value finite;
  Value unchecked;

  /// Finds the extrema of what the `epilogue` of `kernel` writes, if nothing
  /// changes that before they are taken. `kernel` has tiles of `tiling`.
  static std::optional<FusedExtrema> find(linalg::LinalgOp kernel,
                                          const FusedNeighbour &epilogue,
                                          const RegisterTiling &tiling);

  /// Which of `resultLoops`, the parallel loops of the kernel, have iterations
  /// that share partial extrema.
  SmallVector<unsigned> getOrderedDims(ArrayRef<unsigned> resultLoops) const;
};

/// Takes extrema of the results of a kernel.
class ExtremaEmitter {
public:
  /// Builds the partial extrema at the insertion point, in front of the kernel,
  /// and their reduction in front of the op of `extrema`.
  ExtremaEmitter(OpBuilder &builder, const FusedExtrema &extrema,
                 const FusedNeighbour &epilogue);

  /// Includes `results`, one for each row of a tile, in the same columns. The
  /// first one is at `first`.
  void include(const TileVector &first, ArrayRef<Value> results);

private:
  /// Whether each column has extrema of its own.
  bool keepsColumns(const FusedNeighbour &epilogue) const;
  void createPartials(const FusedNeighbour &epilogue);
  /// Reduces those of output `index` of the op, whose loops are `kernelLoops`.
  void reducePartials(unsigned index, ArrayRef<unsigned> kernelLoops);
  /// Has the op measure once more if an extremum is infinite.
  void measureInfinite();
  Value createIsInfinite();

  OpBuilder &builder;
  Location loc;
  const FusedExtrema &extrema;
  bool areColumnsKept;
  /// The buffer of each output.
  SmallVector<Value> partials;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_FUSEDEXTREMA_H
