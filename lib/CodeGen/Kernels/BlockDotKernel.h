//===- BlockDotKernel.h - Dot products with scales for blocks ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sums of a block are in registers as i32, the total of all blocks beside
// them as f32. Behind each block its sums are converted, scaled, and added to
// the total: there is no buffer of sums.
//
// Weights of 4 bits are unpacked on the way. Where the target multiplies bytes
// and adds pairs of products into 16 bits, as many of these are added there as
// are certain to fit before they are added to the i32. Activations of 16 bits
// are multiplied as two bytes each (BlockPlanes.h), whose sums become one
// behind each block.
//
// Where the dot product reads weights as unsigned, an offset makes them so. The
// offset times the sum of the activations of a block is taken from the block's
// sums at the start; it is computed before the kernel.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTKERNEL_H

#include "BlockDotPlan.h"

namespace mlir::ptq {

/// Emits the kernel of `product` according to `plan` at the insertion point,
/// which is before the total, or what is fused behind it. The packed weights
/// become a global of the module. The ops stay.
void emitBlockDotKernel(RewriterBase &rewriter, const BlockProduct &product,
                        const BlockDotPlan &plan,
                        SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTKERNEL_H
