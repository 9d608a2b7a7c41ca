// Installs ptq, builds a small compiler against the installed tree alone, and
// runs ptq's pipelines in it.

// RUN: rm -rf %t
// RUN: cmake --install %ptq_build --prefix %t/prefix
// RUN: cmake -S %S/consumer -B %t/build -G Ninja -DCMAKE_CXX_COMPILER=%cxx \
// RUN:   -DCMAKE_PREFIX_PATH=%t/prefix
// RUN: cmake --build %t/build
// RUN: %t/build/consumer %s random 2> %t/summary | FileCheck %s
// RUN: FileCheck %s --check-prefix=SUMMARY --input-file=%t/summary

// Without samples it fails as ptq-opt does.
// RUN: not %t/build/consumer %s "" 2>&1 | FileCheck %s --check-prefix=ERROR

// SUMMARY: ptq: 1 op{{s?}} quantized, 0 left in float
// ERROR: find-package.mlir{{.*}} error: calibration needs samples

// CHECK: llvm.mlir.global private constant @{{.*}}xi8>
// CHECK: llvm.func @forward
func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[0.5, -1.0, 0.25], [1.0, 0.75, -0.5],
                             [-0.25, 1.0, 0.5], [0.125, -0.5, 1.0]]> : tensor<4x3xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%n) : tensor<?x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>)
                     outs(%init : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
