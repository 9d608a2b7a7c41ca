// RUN: ptq-opt %s -ptq-decompose-aggregated-ops | FileCheck %s

// CHECK-LABEL: func.func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: arith.maxnumf
// CHECK: math.exp
// CHECK: arith.divf
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>)
       outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// On buffers it stays.
// CHECK-LABEL: func.func @softmax_of_buffer
// CHECK: linalg.softmax
func.func @softmax_of_buffer(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
  return
}

// Softmax of narrower floats is computed in f32 and rounded once.
// CHECK-LABEL: func.func @half_softmax
// CHECK: %[[X:.*]] = arith.extf %{{.*}} : tensor<?x8xf16> to tensor<?x8xf32>
// CHECK-NOT: linalg.softmax
// CHECK: ins(%[[X]] : tensor<?x8xf32>)
// CHECK: arith.divf {{.*}} : f32
// CHECK: arith.truncf %{{.*}} : tensor<?x8xf32> to tensor<?x8xf16>
func.func @half_softmax(%x: tensor<?x8xf16>, %e: tensor<?x8xf16>) -> tensor<?x8xf16> {
  %y = linalg.softmax dimension(1) ins(%x : tensor<?x8xf16>)
       outs(%e : tensor<?x8xf16>) -> tensor<?x8xf16>
  return %y : tensor<?x8xf16>
}
