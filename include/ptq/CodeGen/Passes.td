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
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::ptq::PTQDialect"];
  let statistics = [
    Statistic<"numResults", "num-results",
              "Results that became destination arguments">,
    Statistic<"numPrivateTwins", "num-private-twins",
              "Functions kept with their old signature for internal calls">
  ];
}

def BufferizePass : Pass<"ptq-bufferize", "::mlir::ModuleOp"> {
  let summary = "Tensors become buffers, copies become linalg ops";
  let description = [{
    One-shot bufferization of the whole module with identity layouts at function
    boundaries. Copies are `linalg.copy`, which is vectorized like any other
    elementwise op and needs no run-time library.

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

#endif // PTQ_CODEGEN_PASSES_TD
