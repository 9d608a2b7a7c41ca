// RUN: ptq-opt %s -split-input-file -ptq-bufferize -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[X:.*]]: memref<8xf32>, %[[OUT:.*]]: memref<8xf32>)
func.func @f(%x: tensor<8xf32>, %out: memref<8xf32>) {
  // CHECK: linalg.copy ins(%[[X]] : memref<8xf32>) outs(%[[OUT]] : memref<8xf32>)
  bufferization.materialize_in_destination %x in restrict writable %out
      : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}

// -----

// Padding copies through linalg as well: no run-time library is needed.

// CHECK-LABEL: func.func @pad
// CHECK-NOT: memref.copy
// CHECK: linalg.copy
// CHECK-NOT: memref.copy
func.func @pad(%x: tensor<?x3xi8>) -> tensor<?x5xi8> {
  %c3 = arith.constant 3 : i8
  %p = tensor.pad %x low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c3 : i8
  } : tensor<?x3xi8> to tensor<?x5xi8>
  return %p : tensor<?x5xi8>
}

// -----

// A result is computed in its destination.

// CHECK-LABEL: func.func @in_place(
// CHECK-SAME: %[[OUT:.*]]: memref<8xf32>
// CHECK-NOT: alloc
// CHECK: linalg.fill {{.*}} outs(%[[OUT]]
// CHECK-NOT: linalg.copy
func.func @in_place(%out: memref<8xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  bufferization.materialize_in_destination %f in restrict writable %out
      : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}
