// RUN: ptq-opt %s -split-input-file --ptq-widen-codes | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-widen-codes --ptq-propagate-qdq --ptq-rewrite-to-integer | FileCheck %s --check-prefix=INTEGER

// The codes stay between the bounds of i4, and all that read them read bytes.
// CHECK-LABEL: func @activations
// CHECK:         %[[Q:.*]] = ptq.quantize %arg0, %{{.*}}, %{{.*}} low -8 high 7 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
// CHECK:         %[[D0:.*]] = ptq.dequantize %[[Q]], %{{.*}}, %{{.*}} : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
// CHECK:         %[[D1:.*]] = ptq.dequantize %[[Q]], %{{.*}}, %{{.*}} : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
// CHECK:         return %[[D0]], %[[D1]]
func.func @activations(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -3 : i8
  %q = ptq.quantize %x, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi4>
  %0 = ptq.dequantize %q, %s, %z : tensor<?x8xi4>, f32, i8 -> tensor<?x8xf32>
  %1 = ptq.dequantize %q, %s, %z : tensor<?x8xi4>, f32, i8 -> tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// Bounds that are there already are kept; scales for channels and blocks too.
// CHECK-LABEL: func @bounds_and_scales
// CHECK:         ptq.quantize %{{.*}} axis 1 low -1 high 1 : {{.*}} -> tensor<4x2xi8>
// CHECK:         ptq.quantize %{{.*}} block [1, 2] low -7 high 5 : {{.*}} -> tensor<4x2xi8>
// CHECK-NOT:     tensor<{{.*}}xi{{[24]}}>
func.func @bounds_and_scales(%x: tensor<4x2xf32>, %s: tensor<2xf32>, %t: tensor<4x1xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  %q = ptq.quantize %x, %s axis 1 low -1 : tensor<4x2xf32>, tensor<2xf32> -> tensor<4x2xi2>
  %0 = ptq.dequantize %q, %s axis 1 : tensor<4x2xi2>, tensor<2xf32> -> tensor<4x2xf32>
  %r = ptq.quantize %x, %t block [1, 2] low -7 high 5 : tensor<4x2xf32>, tensor<4x1xf32> -> tensor<4x2xi4>
  %1 = ptq.dequantize %r, %t block [1, 2] : tensor<4x2xi4>, tensor<4x1xf32> -> tensor<4x2xf32>
  return %0, %1 : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

// Constants of weights are no activations, bytes are wide enough, and codes that
// leave the function keep their type.
// CHECK-LABEL: func @left_alone
// CHECK:         ptq.dequantize %{{.*}} : tensor<2xi4>, f32 -> tensor<2xf32>
// CHECK:         ptq.quantize %{{.*}} : tensor<2xf32>, f32 -> tensor<2xi8>
// CHECK:         %[[Q:.*]] = ptq.quantize %{{.*}} : tensor<2xf32>, f32 -> tensor<2xi4>
// CHECK:         return %{{.*}}, %{{.*}}, %[[Q]]
func.func @left_alone(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xi8>, tensor<2xi4>) {
  %w = arith.constant dense<[-7, 7]> : tensor<2xi4>
  %s = arith.constant 0.5 : f32
  %0 = ptq.dequantize %w, %s : tensor<2xi4>, f32 -> tensor<2xf32>
  %1 = ptq.quantize %x, %s : tensor<2xf32>, f32 -> tensor<2xi8>
  %2 = ptq.quantize %x, %s : tensor<2xf32>, f32 -> tensor<2xi4>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xi8>, tensor<2xi4>
}

// -----

// A clamp that becomes bounds does so within those of i4: the lower one is the
// zero point, the upper one that of the codes although the clamp is open.
// INTEGER-LABEL: func @clamp_within_the_bounds
// INTEGER:         linalg.matmul {{.*}} -> tensor<?x2xi32>
// INTEGER:         ptq.requantize %{{.*}} low -3 high 7 : {{.*}} -> tensor<?x2xi8>
// INTEGER:         ptq.requantize %{{.*}} low -3 high 1 : {{.*}} -> tensor<?x2xi8>
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @clamp_within_the_bounds(%x: tensor<?x8xf32>, %init: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -3 : i8
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %w = arith.constant dense<1> : tensor<8x2xi8>
  %q = ptq.quantize %x, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi4>
  %d = ptq.dequantize %q, %s, %z : tensor<?x8xi4>, f32, i8 -> tensor<?x8xf32>
  %dw = ptq.dequantize %w, %s : tensor<8x2xi8>, f32 -> tensor<8x2xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  %m = linalg.matmul ins(%d, %dw : tensor<?x8xf32>, tensor<8x2xf32>) outs(%fill : tensor<?x2xf32>) -> tensor<?x2xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<?x2xf32>) outs(%init : tensor<?x2xf32>) {
    ^bb0(%a: f32, %b: f32):
      %c = arith.maximumf %a, %zero : f32
      linalg.yield %c : f32
  } -> tensor<?x2xf32>
  %q0 = ptq.quantize %r, %s, %z : tensor<?x2xf32>, f32, i8 -> tensor<?x2xi4>
  %0 = ptq.dequantize %q0, %s, %z : tensor<?x2xi4>, f32, i8 -> tensor<?x2xf32>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<?x2xf32>) outs(%init : tensor<?x2xf32>) {
    ^bb0(%a: f32, %b: f32):
      %c = arith.maximumf %a, %zero : f32
      %e = arith.minimumf %c, %two : f32
      linalg.yield %e : f32
  } -> tensor<?x2xf32>
  %q1 = ptq.quantize %n, %s, %z : tensor<?x2xf32>, f32, i8 -> tensor<?x2xi4>
  %1 = ptq.dequantize %q1, %s, %z : tensor<?x2xi4>, f32, i8 -> tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}
