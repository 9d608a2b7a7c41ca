//===- BlockPlanes.h - Activations as planes of bytes -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An activation of 16 bits is two bytes, a signed one and an unsigned one:
//
//   x = 256 * high + low,    sum x w  =  256 * sum high w  +  sum low w
//
// A dot product of bytes needs those of its neighbours next to each other, so
// that the bytes of a block lie apart: the low ones first. They stay in one
// buffer, since rows of several would compete for the same lines of a cache.
//
// Weights from 0 to 15 are the same with and without sign, and either sum is
// one that vpdpbusd has. Others are read as w + 128, without sign, for the low
// bytes and as w, with it, for the high ones; 128 times the sum of the low
// bytes is taken off again.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKPLANES_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKPLANES_H

#include "BlockProduct.h"

namespace mlir::ptq {

/// Emits the bytes of the activations of `product` into a new buffer, and gives
/// the op that writes them: its loops are the dimensions of the activations,
/// its outputs the low bytes and the high ones.
linalg::GenericOp emitBytePlanes(RewriterBase &builder,
                                 const BlockProduct &product);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKPLANES_H
