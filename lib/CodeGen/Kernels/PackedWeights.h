//===- PackedWeights.h - Weights in the order of the kernels ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_PACKEDWEIGHTS_H
#define PTQ_LIB_CODEGEN_KERNELS_PACKEDWEIGHTS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::ptq {

/// How a contraction walks through its weights: for each batch, of which every
/// one has weights of its own, `columns` output channels, and for each of them
/// the reduction, as outer loops around one run. All strides are in elements of
/// the unpacked weights.
struct WeightWalk {
  struct Loop {
    int64_t range;
    int64_t stride;
  };
  /// The loops over batches (say, groups of a convolution), outermost first.
  SmallVector<Loop> batches;
  Loop columns;
  /// Which column is in each place of the packed weights; empty if in order.
  SmallVector<int64_t> columnOrder;
  /// The outer reduction loops, outermost first.
  SmallVector<Loop> outer;
  /// The loops of the run, outermost first.
  SmallVector<Loop> run;

  int64_t getNumBatches() const;
  int64_t getNumOuterSteps() const;
  int64_t getRunLength() const;
};

/// Constant weights of i8 or i16, packed for a dot product of `factor`
/// neighbours in `lanes` lanes:
///   [batches][columns / lanes][outer][shifts][run / factor][lanes][factor].
/// Each run is there once for every shift, behind that many zeros. Columns and
/// runs that do not fill a vector are padded with zeros.
template <typename T>
struct PackedWeights {
  std::vector<T> data;
  /// The sum of the weights of each place, padded to whole vectors, batch by
  /// batch.
  std::vector<int32_t> columnSums;
};

/// The elements behind `value`, one after the other, if it is a constant buffer
/// of whole bytes: a memref.get_global of a dense constant that is no splat or
/// of a dense_resource, of identity layout.
FailureOr<ArrayRef<char>> getConstantData(Value value,
                                          SymbolTableCollection &symbols);

/// The integers behind `value` if it is a constant buffer of the width of `T`,
/// i8, i16 or i32.
template <typename T>
FailureOr<ArrayRef<T>> getConstantIntegers(Value value,
                                           SymbolTableCollection &symbols);

/// The values behind `value` if it is a constant f32 buffer, as above.
FailureOr<SmallVector<float>> getConstantFloats(Value value,
                                                SymbolTableCollection &symbols);

/// Whether every one of `weights` fits 4 bits.
bool areNibbles(ArrayRef<int8_t> weights);

/// Halves packed weights that fit 4 bits: of every `size` bytes the first half
/// becomes the low nibbles of `size / 2` bytes, the second half the high ones.
std::vector<int8_t> packNibbles(ArrayRef<int8_t> weights, int64_t size);

/// How many vectors a run takes, the largest of `shifts` included.
int64_t getNumSteps(const WeightWalk &walk, int64_t factor,
                    ArrayRef<int64_t> shifts = {0});

template <typename T>
PackedWeights<T> packWeights(ArrayRef<T> weights, const WeightWalk &walk,
                             int64_t factor, int64_t lanes,
                             ArrayRef<int64_t> shifts = {0});

/// Adds a private constant global of `type` with the elements `data` to the
/// module around `op`, and returns a reference to it.
Value createGlobalConstant(RewriterBase &rewriter, Operation *op,
                           StringRef name, MemRefType type, ArrayRef<char> data,
                           SymbolTableCollection &symbols);

/// The same for a one-dimensional memref of `values`.
template <typename T>
Value createGlobalConstant(RewriterBase &rewriter, Operation *op,
                           StringRef name, ArrayRef<T> values,
                           SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_PACKEDWEIGHTS_H
