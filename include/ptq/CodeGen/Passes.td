//===- Passes.td - From linalg to vectorized LLVM ----------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_PASSES_TD
#define PTQ_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseElementwiseOpsPass : Pass<"ptq-fuse-elementwise-ops", "::mlir::ModuleOp"> {
  let summary = "A chain of elementwise ops becomes one op";
  let description = [{
    A `linalg.generic` without reductions whose result is used once, by another
    one that reads each element once, is computed there: what follows an
    accumulator (its scale, a bias, a ReLU) is one loop. Dimensions that are
    expanded in between, such as those of merged rows, are expanded behind both;
    but not behind elementary functions, which are faster in loops of their own
    than beside accumulators.

    ```mlir
    %1 = linalg.generic {...} ins(%0 : tensor<8xi32>) {  // f32(in) * s
    %2 = linalg.generic {...} ins(%1, %b : tensor<8xf32>, ...) {  // in + b
    ==>
    %2 = linalg.generic {...} ins(%0, %b : tensor<8xi32>, ...) {
    // f32(in) * s + b
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def MakeDestinationPassingPass
    : Pass<"ptq-make-destination-passing", "::mlir::ModuleOp"> {
  let summary = "Results of public functions become trailing memref arguments";
  let description = [{
    Every ranked tensor result of a public function turns into a trailing memref
    argument of identity layout, into which the function writes; the caller owns
    all memory that crosses the boundary. Tensor arguments are marked read-only.
    Runs before bufferization, which then computes results in place.

    A function that other functions of the module call keeps a private twin with
    the old signature for them.

    Dynamic sizes of results are usually sizes of arguments, from which the caller
    knows them. Where that cannot be told, the function checks that its
    destination is as large as its result.

    The entry function is given `ptq.entry` if no function has it, and
    `ptq.signature` if it lacks one.

    ```mlir
    func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = math.absf %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ==>
    func.func @forward(%x: tensor<?x8xf32> {bufferization.writable = false},
                       %out: memref<?x8xf32>) attributes {ptq.entry, ...} {
      %y = math.absf %x : tensor<?x8xf32>
      bufferization.materialize_in_destination %y in restrict writable %out
          : (tensor<?x8xf32>, memref<?x8xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::ptq::PTQDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numResults", "num-results",
              "Results that became destination arguments">,
    Statistic<"numPrivateTwins", "num-private-twins",
              "Functions kept with their old signature for internal calls">
  ];
}

def LowerPaddingPass : Pass<"ptq-lower-padding", "::mlir::ModuleOp"> {
  let summary = "Padding becomes a border around what it pads";
  let description = [{
    A tensor that is padded with a constant is inserted into one whose border has
    been filled before the tensor is computed. `ptq-bufferize` then lets it be
    computed there: only the border is written in addition. A border of very short
    runs is not told from the inside, all of which is filled.

    ```mlir
    %y = linalg.exp ins(%x) outs(%e : tensor<1x16xf32>) -> tensor<1x16xf32>
    %p = tensor.pad %y low[1, 0] high[0, 0] {
    ^bb0(%i: index, %j: index):
      tensor.yield %zero : f32
    } : tensor<1x16xf32> to tensor<2x16xf32>
    ==>
    %0 = tensor.empty() : tensor<2x16xf32>
    %1 = tensor.extract_slice %0[0, 0] [1, 16] [1, 1]
    %2 = linalg.fill ins(%zero : f32) outs(%1)
    %3 = tensor.insert_slice %2 into %0[0, 0] [1, 16] [1, 1]
    %y = linalg.exp ins(%x) outs(%e : tensor<1x16xf32>) -> tensor<1x16xf32>
    %p = tensor.insert_slice %y into %3[1, 0] [1, 16] [1, 1]
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def BufferizePass : Pass<"ptq-bufferize", "::mlir::ModuleOp"> {
  let summary = "Tensors become buffers, copies become linalg ops";
  let description = [{
    One-shot bufferization of the whole module with identity layouts at function
    boundaries. Copies are `linalg.copy`, which is vectorized like any other
    elementwise op and needs no run-time library; a remark `Copy` tells of each.

    ```mlir
    func.func @f(%x: tensor<8xf32>, %out: memref<8xf32>) {
      bufferization.materialize_in_destination %x in restrict writable %out
          : (tensor<8xf32>, memref<8xf32>) -> ()
      return
    }
    ==>
    func.func @f(%x: memref<8xf32>, %out: memref<8xf32>) {
      linalg.copy ins(%x : memref<8xf32>) outs(%out : memref<8xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numCopies", "num-copies", "Tensors that are copied as a whole">
  ];
}

def DecomposeAggregatedOpsPass
    : Pass<"ptq-decompose-aggregated-ops", "::mlir::ModuleOp"> {
  let summary = "Composite linalg ops become the loops that they stand for";
  let description = [{
    Decomposes the ops that stand for several structured ops and that nothing
    else lowers: softmax, the Winograd transforms and packing.

    ```mlir
    %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>)
         outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
    ==>
    // maximum, exponential of the difference, sum, quotient
    %m = linalg.generic ...
    %p = linalg.generic ...
    %s = linalg.generic ...
    %y = linalg.generic ...
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect"];
}

def WidenAccumulatorsPass
    : Pass<"ptq-widen-accumulators", "::mlir::ModuleOp"> {
  let summary = "Sums of f16 and bf16 are computed in f32";
  let description = [{
    Structured ops on tensors that add up f16 or bf16 (products, convolutions,
    pooling, sums) add up f32 and round once, in the end. Products of f16 are
    exact in f32, and so are those of bf16 unless they are subnormal or too
    large. Taken literally, such an op rounds after each addition, which loses
    all digits in long sums (4096 ones come to 2048 in f16, to 256 in bf16) and
    is slow where the target has no such arithmetic.

    ```mlir
    %f = linalg.fill ins(%zero : f16) outs(%e : tensor<4x8xf16>) -> tensor<4x8xf16>
    %y = linalg.matmul ins(%x, %w : tensor<4x16xf16>, tensor<16x8xf16>)
         outs(%f : tensor<4x8xf16>) -> tensor<4x8xf16>
    ==>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
    %s = linalg.matmul ins(%x, %w : tensor<4x16xf16>, tensor<16x8xf16>)
         outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
    %y = arith.truncf %s : tensor<4x8xf32> to tensor<4x8xf16>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ConvertToChannelsLastPass
    : Pass<"ptq-convert-to-channels-last", "::mlir::ModuleOp"> {
  let summary = "Convolution and pooling with channels innermost";
  let description = [{
    Turns convolutions, depthwise convolutions and pooling on N, C, H, W into
    those on N, H, W, C, so that the channels of a pixel are contiguous. The
    transposes that this needs are moved through elementwise ops, padding and
    reductions until they cancel; what is left of them sits at the arguments and
    results of the network and on filters, where constants are folded by
    `ptq-fold-constants`.

    ```mlir
    %y = linalg.conv_2d_nchw_fchw
         ins(%x, %w : tensor<?x8x6x6xi8>, tensor<16x8x3x3xi8>)
         outs(%b : tensor<?x16x4x4xi32>) -> tensor<?x16x4x4xi32>
    ==>
    %x1 = linalg.transpose ins(%x) outs(%e0) permutation = [0, 2, 3, 1]
    %w1 = linalg.transpose ins(%w) outs(%e1) permutation = [2, 3, 1, 0]
    %b1 = linalg.transpose ins(%b) outs(%e2) permutation = [0, 2, 3, 1]
    %y1 = linalg.conv_2d_nhwc_hwcf
          ins(%x1, %w1 : tensor<?x6x6x8xi8>, tensor<3x3x8x16xi8>)
          outs(%b1 : tensor<?x4x4x16xi32>) -> tensor<?x4x4x16xi32>
    %y = linalg.transpose ins(%y1) outs(%b) permutation = [0, 3, 1, 2]
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numTransposes", "num-transposes", "Transposes that are left">
  ];
}

/// A pass whose code depends on the processor.
class PTQ_TargetPass<string name> : Pass<name, "::mlir::ModuleOp"> {
  let options = [
    Option<"cpu", "cpu", "std::string", /*default=*/"\"host\"",
           "Processor to generate code for: host, or its name in LLVM">,
    Option<"features", "features", "std::string", /*default=*/"\"\"",
           "Features to add (+name) to those of the processor or to take away "
           "(-name)">
  ];
}

def FlipActivationSignsPass
    : PTQ_TargetPass<"ptq-flip-activation-signs"> {
  let summary = "Activations become what an unsigned dot product reads";
  let description = [{
    Where the target's dot product reads activations as unsigned bytes, products
    of i8 with constant weights get activations with flipped sign bits, which
    they flip back: kernels of dot products read them as they are. Signs are
    flipped behind what computes the activations, and in front of padding and
    reshapes, so that `ptq-fuse-elementwise-ops` lets it be done there. If
    nothing of the kind is there, it takes a loop of its own, for which there
    have to be enough products for each activation.

    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x512xi8>) outs(%0)
    ==>
    %f = linalg.generic {...} ins(%x : tensor<4x8xi8>) {  // in xor -128
    %y = linalg.generic {...} ins(%f, %w : tensor<4x8xi8>, ...) outs(%0) {
    // out + i32(in xor -128) * i32(w)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numContractions", "num-contractions",
              "Products of activations with flipped signs">
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
    `ptq-vectorize-contractions`. So are weights that are dequantized for a sum of
    products: the codes, scales and zero points are laid out in the order in which
    the kernel reads them, and dequantized in its inner loop where each vector of
    weights is needed for one tile only. Otherwise a tile's weights are dequantized
    once for all rows, to a buffer of their size. A remark `MaterializedWeights`
    tells of weights that are dequantized to memory as a whole. Constant floats
    that only one product reads are laid out in the same order.

    Ops whose payload has no vector form, or whose
    outputs are not contiguous, are left for scalar loops; a remark `ScalarLoops` tells of each.

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
    use at the same time share places. In a `scf.forall` a buffer has a place for
    each iteration, since these may run at the same time. Such a call allocates nothing, and calls
    with workspaces of their own may run at the same time. The size is
    `workspace_bytes` of `ptq.signature`; places are aligned to 64 bytes if the
    workspace is.

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

def VectorizeContractionsPass : PTQ_TargetPass<"ptq-vectorize-contractions"> {
  let summary = "Contractions of codes become dot products";
  let description = [{
    Matrix products and convolutions of i8 or i16 with i8 weights, and i32 sums,
    become register-tiled kernels of `ptq.dot` in the form that suits the target,
    if it has one of several rows and columns that where there are several rows.
    Constant weights are packed at compile time into a new constant, two to a byte
    where all of them fit 4 bits. Of two matrices that change from call to call,
    one is packed before the products. An elementwise op that writes the
    initial sums, such as a bias or what a measured zero point adds, and one that
    reads the sums, such as their requantization, are computed on the registers if
    nobody else needs the buffer of sums.

    Depthwise convolutions whose channels are contiguous sum neighbouring taps,
    whose pixels are interleaved on the way. Where a row of the window does not fill
    its dot products, neighbouring results share pixels, with shifted weights.

    Where blocks of a sum have scales of their own, the kernel keeps the sums of a
    block in i32 registers and the total beside them, in f32, to which they are
    added as they are in `ptq-rewrite-to-integer`.

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
    Statistic<"numFused", "num-fused",
              "Ops before and behind contractions that are computed on registers">,
    Statistic<"numMissed", "num-missed",
              "Contractions of codes without dot products">
  ];
}

def LowerDotPass : PTQ_TargetPass<"ptq-lower-dot"> {
  let summary = "ptq.dot becomes the target's instruction";
  let description = [{
    Replaces `ptq.dot` by an intrinsic that the target is known to have, or by
    portable vector ops where it has none of the right shape.

    ```mlir
    %d = ptq.dot %acc, %a, %b : vector<4xi32>, vector<8xi16>, vector<8xi16>
    ==>
    %0 = llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"(%a, %b)
         : (vector<8xi16>, vector<8xi16>) -> vector<4xi32>
    %d = arith.addi %acc, %0 : vector<4xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numIntrinsics", "num-intrinsics",
              "Dot products that became an instruction">,
    Statistic<"numExpanded", "num-expanded",
              "Dot products that became portable vector ops">
  ];
}

def LowerLookupPass : PTQ_TargetPass<"ptq-lower-lookup"> {
  let summary = "ptq.lookup_byte becomes shuffles of registers";
  let description = [{
    Replaces `ptq.lookup_byte` by instructions that the target is known to have
    and that read bytes from tables in registers. As such tables have 16, 64 or
    128 bytes, it takes several of them. Single bytes, and all of them where the
    target has no such instruction, are loaded from memory.

    ```mlir
    %y = ptq.lookup_byte %q, dense<"0x..."> : tensor<256xi8> : vector<16xi8>
    ==>
    %p = arith.xori %q, %cst_80 : vector<16xi8>
    %0 = llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"(%t0, %t1, %t2, %t3, %p) : ...
    %1 = arith.subi %p, %cst_40 : vector<16xi8>
    %2 = llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%0, %t4, %t5, %t6, %t7, %1) : ...
    ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numShuffles", "num-shuffles",
              "Registers that are looked up in tables in registers">,
    Statistic<"numLoads", "num-loads", "Bytes that are loaded one by one">
  ];
}

def ExpandArithmeticPass
    : Pass<"ptq-expand-arithmetic", "::mlir::ModuleOp"> {
  let summary = "Arithmetic that targets do not have becomes what they have";
  let description = [{
    Arithmetic on bf16, which most targets lack and no library that is always
    there has, becomes that on f32, rounded after each op, and conversions from
    and to bf16 become integer arithmetic on the bits. Divisions that round up
    or down become divisions and comparisons. Unlike upstream's
    `arith-expand`, this leaves maxima and minima of floats alone: a comparison
    and a selection cannot tell -0 from 0, which `llvm.intr.maximum` does.

    ```mlir
    %y = arith.extf %x : bf16 to f32
    ==>
    %a = arith.bitcast %x : bf16 to i16
    %b = arith.extui %a : i16 to i32
    %c = arith.shli %b, %c16 : i32
    %y = arith.bitcast %c : i32 to f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

def ExpandMathPass : Pass<"ptq-expand-math", "::mlir::ModuleOp"> {
  let summary = "Elementary functions become arithmetic";
  let description = [{
    `math.exp`, `exp2`, `expm1`, `log`, `log1p`, `tanh`, `erf` and `rsqrt` of f32
    become arithmetic in a fixed order, on scalars and on vectors of any shape,
    instead of a call of the C library for each element. Each operation rounds
    by itself and none is fused, so that every processor computes the same bits,
    which are those of the interpreter. Errors are at most 1 ulp for exp, exp2 and
    log, and 2 ulp for the others.

    f16 and bf16 are computed in f32 and rounded once; f64 is left to the C
    library, and so are the other functions.

    ```mlir
    %y = math.rsqrt %x : vector<4xbf16>
    ==>
    %0 = arith.extf %x : vector<4xbf16> to vector<4xf32>
    %1 = math.sqrt %0 : vector<4xf32>
    %2 = arith.divf %one, %1 : vector<4xf32>
    %y = arith.truncf %2 : vector<4xf32> to vector<4xbf16>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
  let statistics = [
    Statistic<"numLeft", "num-left",
              "Ops of these kinds on other types, which are left as they are">
  ];
}

def LowerRoundingPass : PTQ_TargetPass<"ptq-lower-rounding"> {
  let summary = "Rounding becomes part of the conversion to integers";
  let description = [{
    Where the target's conversion rounds to nearest even, the sequence of
    rounding, saturation and conversion that quantization consists of becomes
    saturation and a rounding conversion: the same value for every input.

    ```mlir
    %r = math.roundeven %x : vector<16xf32>
    %p = arith.cmpf ogt, %r, %low : vector<16xf32>
    %s = arith.select %p, %r, %low : vector<16xi1>, vector<16xf32>
    %i = arith.fptosi %s : vector<16xf32> to vector<16xi32>
    ==>
    %p = arith.cmpf ogt, %x, %low : vector<16xf32>
    %s = arith.select %p, %x, %low : vector<16xi1>, vector<16xf32>
    %i = llvm.intr.lrint(%s) : (vector<16xf32>) -> vector<16xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect"];
}

def AttachTargetPass : PTQ_TargetPass<"ptq-attach-target"> {
  let summary = "Writes down what processor the code is for";
  let description = [{
    Sets processor and features on every LLVM function and the triple on the
    module, and completes `ptq.signature` by the processor and the features that
    it must have. An op that is not of the LLVM dialect by then is an error.

    ```mlir
    llvm.func @forward() attributes {ptq.entry, ptq.signature = {...}}
    ==>
    llvm.func @forward() attributes {
      ptq.entry, ptq.signature = {..., cpu = "znver4", features = "+avx2,..."},
      target_cpu = "znver4", target_features = #llvm.target_features<["+avx2"]>}
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // PTQ_CODEGEN_PASSES_TD
