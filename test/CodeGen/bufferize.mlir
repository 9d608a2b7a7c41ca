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

// Constants are in the order of their first use, in every run, and are
// numbered in it. What was there before keeps its name.

// CHECK: memref.global "private" constant @__constant_2xf32 : memref<2xf32> = dense<[1.000000e+00, 2.000000e+00]>
// CHECK: memref.global "private" constant @__constant_3xf32 : memref<3xf32>
// CHECK: memref.global "private" constant @__constant_2xf32_1 : memref<2xf32> = dense<[3.000000e+00, 4.000000e+00]>
// CHECK: memref.global "private" constant @__constant_2xf32_2 : memref<2xf32> = dense<[5.000000e+00, 6.000000e+00]>
// CHECK: memref.global "private" constant @__constant_2xf32_0 : memref<2xf32> = dense<[7.000000e+00, 8.000000e+00]>
// CHECK-LABEL: func.func @constants()
// CHECK: memref.get_global @__constant_2xf32 :
// CHECK: memref.get_global @__constant_3xf32 :
// CHECK: memref.get_global @__constant_2xf32_1 :
// CHECK: memref.get_global @__constant_2xf32_2 :
// CHECK: memref.get_global @__constant_2xf32_0 :
memref.global "private" constant @__constant_2xf32_0 : memref<2xf32> = dense<[7.0, 8.0]>
func.func private @use(tensor<2xf32>, tensor<3xf32>, tensor<2xf32>, tensor<2xf32>, memref<2xf32>)
func.func @constants() {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %c = arith.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %d = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %e = memref.get_global @__constant_2xf32_0 : memref<2xf32>
  call @use(%a, %b, %c, %d, %e)
    : (tensor<2xf32>, tensor<3xf32>, tensor<2xf32>, tensor<2xf32>, memref<2xf32>) -> ()
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

// -----

// Two results begin with the same zeros. Neither is computed where the other
// one is written in the end.

// CHECK-LABEL: func.func @shared(
// CHECK-SAME: %[[X:.*]]: memref<2x4xf32>, %[[W:.*]]: memref<4x4xf32>, %[[A:[^:]*]]: memref<2x4xf32>, %[[B:[^:]*]]: memref<2x4xf32>)
// CHECK: linalg.fill {{.*}} outs(%[[B]] : memref<2x4xf32>)
// CHECK: linalg.fill {{.*}} outs(%[[FIRST:.*]] : memref<2x4xf32>)
// CHECK: linalg.matmul {{.*}} outs(%[[FIRST]] :
// CHECK: linalg.matmul {{.*}} outs(%[[B]] :
// CHECK: linalg.copy ins(%[[FIRST]] : memref<2x4xf32>) outs(%[[A]] : memref<2x4xf32>)
func.func @shared(%x: tensor<2x4xf32>, %w: tensor<4x4xf32>,
                  %out0: memref<2x4xf32>, %out1: memref<2x4xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %a = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x4xf32>)
                     outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  %b = linalg.matmul ins(%a, %w : tensor<2x4xf32>, tensor<4x4xf32>)
                     outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  bufferization.materialize_in_destination %a in restrict writable %out0
      : (tensor<2x4xf32>, memref<2x4xf32>) -> ()
  bufferization.materialize_in_destination %b in restrict writable %out1
      : (tensor<2x4xf32>, memref<2x4xf32>) -> ()
  return
}

// -----

// A loop may carry a new buffer in each iteration.

// CHECK-LABEL: func.func @carried(
// CHECK: scf.for
// CHECK: memref.alloc
// CHECK: scf.yield
func.func @carried(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%c = %x) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    %m = linalg.mul ins(%c, %x : tensor<8xf32>, tensor<8xf32>)
                    outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %m : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

// Weights that are dequantized have buffers of their own, however many of them
// begin with the same empty tensor: a kernel can then compute its own on the way.

// CHECK-LABEL: func @weights
// CHECK-COUNT-3: memref.alloc() {{.*}} : memref<2x2xf32>
// CHECK-NOT:     memref.alloc() {{.*}} : memref<2x2xf32>
// CHECK:         return
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @weights(%x: tensor<1x2xf32>, %zeros: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %a = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %b = arith.constant dense<[[5, 6], [7, 8]]> : tensor<2x2xi8>
  %c = arith.constant dense<[[9, 8], [7, 6]]> : tensor<2x2xi8>
  %empty = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<2x2xi8>) outs(%empty : tensor<2x2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %w = arith.sitofp %in : i8 to f32
    linalg.yield %w : f32
  } -> tensor<2x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<2x2xi8>) outs(%empty : tensor<2x2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %w = arith.sitofp %in : i8 to f32
    linalg.yield %w : f32
  } -> tensor<2x2xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%c : tensor<2x2xi8>) outs(%empty : tensor<2x2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %w = arith.sitofp %in : i8 to f32
    linalg.yield %w : f32
  } -> tensor<2x2xf32>
  %3 = linalg.matmul ins(%x, %0 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%zeros : tensor<1x2xf32>) -> tensor<1x2xf32>
  %4 = linalg.matmul ins(%3, %1 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%zeros : tensor<1x2xf32>) -> tensor<1x2xf32>
  %5 = linalg.matmul ins(%4, %2 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%zeros : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %5 : tensor<1x2xf32>
}
