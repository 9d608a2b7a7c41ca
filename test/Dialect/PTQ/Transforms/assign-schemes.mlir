// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes | FileCheck %s

// CHECK-LABEL: func @matmul_gets_the_default
// CHECK:         linalg.matmul
// CHECK-SAME:      ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
func.func @matmul_gets_the_default(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>

// What an op is follows from its structure.
// CHECK-LABEL: func @generic_like_a_matmul
// CHECK:         linalg.generic
// CHECK-SAME:      ptq.scheme
func.func @generic_like_a_matmul(%x: tensor<4x8xf32>, %y: tensor<2x8xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0 = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %y : tensor<4x8xf32>, tensor<2x8xf32>) outs(%init : tensor<4x2xf32>) {
    ^bb0(%l: f32, %r: f32, %acc: f32):
      %m = arith.mulf %l, %r : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
  } -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// An empty scheme keeps the op in float; a given one is kept.
// CHECK-LABEL: func @given_schemes_are_kept
// CHECK:         linalg.matmul {ptq.scheme = #ptq.scheme<>}
// CHECK:         linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i4, symmetric, narrow_range = true>>}
func.func @given_schemes_are_kept(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<>} ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i4, symmetric, narrow_range = true>>} ins(%0, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// Residual additions are quantized; a bias, a movement, a softmax and integer
// arithmetic are not.
// CHECK-LABEL: func @elementwise_ops
// CHECK:         linalg.add {ptq.scheme
// CHECK:         linalg.generic
// CHECK-NOT:       ptq.scheme
// CHECK:         linalg.softmax
// CHECK-NOT:       ptq.scheme
// CHECK:         return
func.func @elementwise_ops(%x: tensor<4xf32>, %y: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %bias = arith.constant dense<1.0> : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.add ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %bias : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%l: f32, %r: f32, %out: f32):
      %s = arith.addf %l, %r : f32
      linalg.yield %s : f32
  } -> tensor<4xf32>
  %2 = linalg.softmax dimension(0) ins(%1 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %ei = tensor.empty() : tensor<4xi32>
  %3 = linalg.add ins(%i, %i : tensor<4xi32>, tensor<4xi32>) outs(%ei : tensor<4xi32>) -> tensor<4xi32>
  return %2, %3 : tensor<4xf32>, tensor<4xi32>
}
