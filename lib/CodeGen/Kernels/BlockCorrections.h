//===- BlockCorrections.h - What an offset of weights adds ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With u = w + c, a sum of products is
//
//   sum x w  =  sum x u  -  c sum x
//
// whose last term is one number for each block of activations.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKCORRECTIONS_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKCORRECTIONS_H

#include "BlockProduct.h"

namespace mlir::ptq {

/// Emits the sums of the activations of each block of `product`, times
/// -`offset`, into a new buffer, and gives the op that writes them; its loops
/// are the dimensions of the activations. With `ofLowBytes` these are summed,
/// as unsigned, in place of activations of 16 bits.
linalg::GenericOp emitOffsetCorrections(RewriterBase &builder,
                                        const BlockProduct &product,
                                        int64_t offset, bool ofLowBytes);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKCORRECTIONS_H
