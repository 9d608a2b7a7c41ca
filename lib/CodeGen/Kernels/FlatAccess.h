//===- FlatAccess.h - Operands as strided runs of elements ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels see every buffer as one-dimensional: an indexing map and the strides
// of the memref together give one linear function from loop positions to
// elements. Whether a run of elements is contiguous is then a question about a
// number, wherever the run crosses dimensions of the memref. A dimension may
// also be indexed by quotients and remainders of some loops (the scale of a
// block); the address is still linear in all others.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_FLATACCESS_H
#define PTQ_LIB_CODEGEN_KERNELS_FLATACCESS_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/Builders.h"

namespace mlir::ptq {

class FlatAccess {
public:
  /// An access to nothing.
  FlatAccess() = default;

  /// Whether `operand` of `op` has a linear address: an indexing map without
  /// divisions, on a strided memref (or a scalar).
  static bool isLinear(linalg::LinalgOp op, OpOperand &operand);

  /// Whether `operand` can be accessed with vectors along loop `dim`: no index
  /// that depends on this loop has a division, on a strided memref (or a
  /// scalar).
  static bool isLinearAlong(linalg::LinalgOp op, OpOperand &operand,
                            unsigned dim);

  /// Whether a value of `type`, indexed by `map`, can.
  static bool isLinearAlong(AffineMap map, Type type, unsigned dim);

  /// The distance in elements between neighbouring positions of loop `dim`, if
  /// it is known statically.
  static std::optional<int64_t>
  getStaticStride(linalg::LinalgOp op, OpOperand &operand, unsigned dim);

  /// Whether the linear operand's first element is the one at the origin of the
  /// loops.
  static bool startsAtOrigin(linalg::LinalgOp op, OpOperand &operand);

  /// Whether the linear outputs stay in place while reduction loops run, so
  /// that registers can stand for them.
  static bool areOutputsFixed(linalg::LinalgOp op);

  /// Prepares accesses to an operand; builds its one-dimensional view.
  FlatAccess(OpBuilder &builder, Location loc, linalg::LinalgOp op,
             OpOperand &operand);

  /// Prepares accesses to `operand`, a scalar or a strided memref that is
  /// indexed by `map`.
  FlatAccess(OpBuilder &builder, Location loc, AffineMap map, Value operand);

  bool isScalar() const { return !view; }
  Type getElementType() const { return elementType; }

  /// Whether the address depends on loop `dim`.
  bool dependsOn(unsigned dim) const {
    return !isZero(strides[dim]) ||
           llvm::any_of(dividedTerms, [&](const DividedTerm &term) {
             return term.index.isFunctionOfDim(dim);
           });
  }

  /// Whether neighbours in loop `dim`, along which the operand is linear, are
  /// neighbours in memory.
  bool isContiguous(unsigned dim) const { return isOne(strides[dim]); }

  /// The address of the element at `positions`, one for each loop.
  Value getAddress(OpBuilder &builder, Location loc,
                   ArrayRef<OpFoldResult> positions) const;

  /// `numElements` elements along loop `dim` from `address` on as a vector:
  /// loaded, gathered, or broadcast if the operand does not depend on `dim`.
  Value load(OpBuilder &builder, Location loc, Value address, unsigned dim,
             int64_t numElements) const;

  /// `numElements` contiguous elements from `address` on.
  Value loadContiguous(OpBuilder &builder, Location loc, Value address,
                       int64_t numElements) const;

  /// Stores a vector along a contiguous loop.
  Operation *store(OpBuilder &builder, Location loc, Value vector,
                   Value address) const;

  /// The one-dimensional memref.
  Value getView() const { return view; }

private:
  /// The share of a dimension that is indexed by quotients or remainders.
  struct DividedTerm {
    AffineExpr index;
    OpFoldResult stride;
  };

  static bool isZero(OpFoldResult value);
  static bool isOne(OpFoldResult value);

  Type elementType;
  /// Null for a scalar.
  Value view;
  Value scalar;
  SmallVector<OpFoldResult> strides;
  SmallVector<DividedTerm> dividedTerms;
  OpFoldResult offset;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_FLATACCESS_H
