//===- BufferPasses.td - On linalg and loops on buffers ----*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From `linalg` on buffers to loops of vectors, in the order of the pipeline
// ptq-lower.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_BUFFERPASSES_TD
#define PTQ_CODEGEN_BUFFERPASSES_TD

include "mlir/Pass/PassBase.td"
include "ptq/CodeGen/TargetPass.td"

def VectorizeContractionsPass
    : PTQ_TargetPass<"ptq-vectorize-contractions", [
        Option<"winograd", "winograd", "bool", /*default=*/"true",
               "Compute convolutions of 3 by 3 with fewer products and larger "
               "constants where factors have 16 bits anyway">
      ]> {
  let summary = "Contractions of codes become dot products";
  let description = [{
    Matrix products and convolutions of i8 or i16 with i8 weights, or with
    constant weights of i16, and i32 sums, become register-tiled kernels of
    `ptq.dot` in the form that suits the target, if it has one of several rows
    and columns that where there are several rows. Constant weights are packed
    at compile time into a new constant, two to a byte where all of them fit 4
    bits. Of two matrices that change from call to call, one is packed before
    the products. An elementwise op that writes the initial sums, such as a bias
    or what a measured zero point adds, and one that reads the sums, such as
    their requantization, are computed on the registers if nobody else needs the
    buffer of sums.

    Rows of a convolution's window that lie outside of the image, in a border
    that is filled with a constant, are left out of the loop over them; what they
    would add is part of what sums begin with. Image sizes have to be known for
    this, and the rows left out be worth it.

    Weights that a near cache does not hold are gone through once for all rows of
    an image, and otherwise once for each of them.

    Depthwise convolutions whose channels are contiguous sum neighbouring taps,
    whose pixels are interleaved on the way. Where a row of the window does not
    fill its dot products, neighbouring results share pixels, with shifted
    weights.

    Where the target has no dot product of bytes, convolutions with a window of
    3 by 3, at stride 1 or 2 and with enough channels, are computed by
    Winograd's minimal filters: two by two results from 16 or 25 products for
    each pair of channels in place of 36. In integers that is exact. Their
    constants are transformed at compile time, which takes up to five and a half
    times the bytes;
    `winograd=false` does without.

    Where blocks of a sum have scales of their own, the kernel keeps the sums of a
    block in i32 registers and the total beside them, in f32, to which they are
    added as they are in `ptq-rewrite-to-integer`. Activations of i16 and weights
    of 4 bits, or of 8 where nothing else is there for i16, are multiplied as
    bytes, if the target does that: each activation is 256 times a signed byte plus
    an unsigned one. They are written apart before the kernel, block by block,

    ```mlir
    linalg.generic ins(%x : memref<6x2x64xi16>)
                   outs(%bytes, %bytes : memref<6x2x2x64xi8>, memref<6x2x2x64xi8>)
    ```

    and multiplied with weights that an offset makes 0 to 15, so that they may be
    either factor of a dot product of unsigned and signed bytes. Without the bytes
    and with them:

    ```mlir
    %w16 = arith.andi %word, %fifteen : vector<32xi16>
    %s = ptq.dot %sum, %w16, %x16 : vector<16xi32>, vector<32xi16>, vector<32xi16>
    ==>
    %w8 = arith.andi %word, %fifteen : vector<64xi8>
    %l = ptq.dot %low, %x_low, %w8 unsigned_a
         : vector<16xi32>, vector<64xi8>, vector<64xi8>
    %h = ptq.dot %high, %w8, %x_high unsigned_a
         : vector<16xi32>, vector<64xi8>, vector<64xi8>
    ...
    %scaled = arith.muli %h, %c256 : vector<16xi32>
    %s = arith.addi %l, %scaled : vector<16xi32>
    ```

    Everything else is left alone, and a contraction of codes among that is
    reported as a missed remark.

    ```mlir
    %w = memref.get_global @w : memref<4x16xi8>
    linalg.matmul ins(%x, %w : memref<1x4xi8>, memref<4x16xi8>)
                  outs(%y : memref<1x16xi32>)
    ==>
    %p = memref.get_global @packed_weights : memref<64xi8>
    %b = vector.load %p[%c0] : memref<64xi8>, vector<64xi8>
    %a = vector.load %x1[%c0] : memref<?xi8, ...>, vector<4xi8>
    ...
    %d = ptq.dot %acc, %a2, %b unsigned_a
         : vector<16xi32>, vector<64xi8>, vector<64xi8>
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::ptq::PTQDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numContractions", "num-contractions",
              "Contractions that became dot products">,
    Statistic<"numWinograd", "num-winograd",
              "Among these, convolutions with fewer products">,
    Statistic<"numBorders", "num-borders",
              "Among these, convolutions that leave out a border">,
    Statistic<"numFused", "num-fused",
              "Ops before and behind contractions that are computed on registers">,
    Statistic<"numMissed", "num-missed",
              "Contractions of codes without dot products">
  ];
}

def FuseRowsPass : Pass<"ptq-fuse-rows", "::mlir::ModuleOp"> {
  let summary = "Ops on the same rows become one loop over rows";
  let description = [{
    Structured ops on buffers that follow each other and read of each other's
    results nothing but the row that they are at (softmax, normalizations, the
    measuring and quantizing of activations) run together on as many rows as the
    cache holds, then on the next ones. What nobody else reads has the memory of
    these rows. Rows are positions of parallel loops, so that the loop over them
    is parallel; what a reduction adds up stays in one iteration, in its order.

    Sizes must be known. Contractions that are still to become kernels are left
    alone, with the ops around them that they compute on registers. A reduction
    that keeps a loop of its own is reported as a missed remark.

    ```mlir
    linalg.exp ins(%x : memref<128x768xf32>) outs(%y : memref<128x768xf32>)
    linalg.generic {...}  // the maximum of each row
        ins(%y : memref<128x768xf32>) outs(%m : memref<128xf32>) {...}
    ==>
    scf.parallel (%row) = (%c0) to (%c128) step (%c8) {
      %x1 = memref.subview %x[%row, 0] [8, 768] [1, 1]
      %y1 = memref.alloc() : memref<8x768xf32>
      %m1 = memref.subview %m[%row] [8] [1]
      linalg.exp ins(%x1 : ...) outs(%y1 : memref<8x768xf32>)
      linalg.generic {...} ins(%y1 : ...) outs(%m1 : ...)
    }
    ```
  }];
  let options = [
    Option<"cacheBytes", "cache-bytes", "int64_t", /*default=*/"24576",
           "What the rows of an iteration may take, if a single one does not "
           "take more">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numLoops", "num-loops", "Loops over rows">,
    Statistic<"numFused", "num-fused", "Ops that run in these loops">
  ];
}

def VectorizeStructuredOpsPass : PTQ_TargetPass<"ptq-vectorize-structured-ops"> {
  let summary = "Structured ops on buffers become loops of vectors";
  let description = [{
    A parallel loop along which the outputs are contiguous becomes vectors as
    wide as the target's registers. Reductions are carried in registers. Where
    the points of another parallel loop share a vector operand, as in
    contractions and convolutions, a register tile of them is computed at once.
    Where each channel has weights of its own, the taps of a row of the window are
    unrolled in it, and each pixel is loaded once for all of its windows.
    A remainder that is known statically is one narrower vector.

    Elementwise ops around sums of products are computed on registers as in
    `ptq-vectorize-contractions`. So are weights that are dequantized for a sum
    of products: the codes, scales and zero points are laid out in the order in
    which the kernel reads them, and dequantized in its inner loop where each
    vector of weights is needed for one tile only. Otherwise a tile's weights
    are dequantized once for all rows, to a buffer of their size. A remark
    `MaterializedWeights` tells of weights that are dequantized to memory as a
    whole. Constant floats that only one product reads are laid out in the same
    order.

    Ops whose payload has no vector form, or whose outputs are not contiguous,
    are left for scalar loops; a remark `ScalarLoops` tells of each.

    ```mlir
    func.func @f(%x: memref<20xf32>, %y: memref<20xf32>) {
      linalg.exp ins(%x : memref<20xf32>) outs(%y : memref<20xf32>)
      return
    }
    ==>
    %0 = vector.load %x[%c0] : memref<?xf32, ...>, vector<16xf32>
    %1 = math.exp %0 : vector<16xf32>
    vector.store %1, %y[%c0] : memref<?xf32, ...>, vector<16xf32>
    %2 = vector.load %x[%c16] : memref<?xf32, ...>, vector<4xf32>
    ...
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numFused", "num-fused",
              "Ops before and behind sums that are computed on registers">,
    Statistic<"numFusedWeights", "num-fused-weights",
              "Weights that are dequantized by the kernels that need them">,
    Statistic<"numScalar", "num-scalar", "Ops that are left for scalar loops">
  ];
}

def DistributeLoopsPass : Pass<"ptq-distribute-loops", "::mlir::ModuleOp"> {
  let summary = "Parallel loops are divided among threads where that pays";
  let description = [{
    A `scf.parallel` that takes long enough becomes a `scf.forall`, whose
    iterations threads share; every other one becomes `scf.for`, as all of them
    do for one thread. What pays is estimated from the operations that a loop
    runs and from what it costs to start threads; loops of unknown length count as
    one iteration. Perfectly nested loops are divided together where one has too
    few iterations for equal parts. A loop whose iterations allocate is cut into
    as many pieces as there are threads.

    No reduction is divided, so that results do not depend on the number of
    threads. A remark `OneThread` tells of each loop that is too short.

    ```mlir
    scf.parallel (%i) = (%c0) to (%c28) step (%c1) {  // rows of an image
      scf.parallel (%j) = (%c0) to (%c128) step (%c16) {  // channels
    ==>
    scf.forall (%i) in (28) {
      scf.for %j = %c0 to %c128 step %c16 {
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "How many threads share the loops; 0 leaves it to the run time">,
    Option<"threadCost", "thread-cost", "double", /*default=*/"100000",
           "What it costs to divide a loop, in operations of vectors">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numDistributed", "num-distributed",
              "Loops that are divided among threads">
  ];
}

def PlanMemoryPass : Pass<"ptq-plan-memory", "::mlir::ModuleOp"> {
  let summary = "The buffers of a call get places in one workspace";
  let description = [{
    Every buffer of the entry function whose size is known gets a place in a
    workspace that the caller brings as the last argument; those that are not in
    use at the same time share places. In a `scf.forall` a buffer has a place
    for each iteration, since these may run at the same time. Such a call
    allocates nothing, and calls with workspaces of their own may run at the
    same time. The size is `workspace_bytes` of `ptq.signature`; places are
    aligned to 64 bytes if the workspace is.

    A buffer of unknown size, or one that a loop hands from one iteration to the
    next, must be on the heap; a remark `HeapBuffer` tells of it. Then all the
    others stay there as well: a caller brings memory to have no allocation.

    Runs behind whatever changes the order of reads and writes, and before
    deallocations are inserted.

    ```mlir
    func.func @forward(%x: memref<8xf32>, %y: memref<8xf32>)
        attributes {ptq.entry, ptq.signature = {...}} {
      %a = memref.alloc() : memref<16xf32>
    ==>
    func.func @forward(%x: memref<8xf32>, %y: memref<8xf32>,
                       %workspace: memref<64xi8>)
        attributes {ptq.entry, ptq.signature = {..., workspace_bytes = 64}} {
      %c0 = arith.constant 0 : index
      %a = memref.view %workspace[%c0][] : memref<64xi8> to memref<16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numPlannedBuffers", "num-planned-buffers",
              "Buffers that got a place in the workspace">,
    Statistic<"numHeapBuffers", "num-heap-buffers",
              "Buffers that a call still allocates">,
    Statistic<"numWorkspaceBytes", "num-workspace-bytes",
              "Bytes of the workspace">
  ];
}

#endif // PTQ_CODEGEN_BUFFERPASSES_TD
