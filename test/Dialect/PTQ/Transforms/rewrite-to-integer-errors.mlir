// RUN: ptq-opt %s -split-input-file -verify-diagnostics -ptq-rewrite-to-integer --remarks-filter='ptq-rewrite.*'
// Whatever stays in float is told by a remark, and the network still works:
// RUN: ptq-opt %s -split-input-file -ptq-rewrite-to-integer | FileCheck %s
//
// The matmuls here differ from the one of rewrite-to-integer.mlir in one thing
// each.

// CHECK-LABEL: func @unquantized
// CHECK: linalg.matmul {{.*}}xf32>
func.func @unquantized(%x: tensor<2x3xf32>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<1.0> : tensor<3x4xf32>
  // expected-remark@+1 {{linalg.matmul: the activation is not quantized to i8}}
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @float_weights
// CHECK: linalg.matmul {{.*}}xf32>
func.func @float_weights(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<1.0> : tensor<3x4xf32>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  // expected-remark@+1 {{the weights are not quantized}}
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @dynamic_scale_of_summed
// CHECK: linalg.matmul {{.*}}xf32>
func.func @dynamic_scale_of_summed(%q: tensor<2x3xi8>, %s: tensor<1x3xf32>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %sw = arith.constant 0.5 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s block [2, 1] : tensor<2x3xi8>, tensor<1x3xf32> -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the scale of an activation changes along a dimension that is summed over}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Whatever the zero point is, 70000 weights of 127 times 256 need more than i32.
// CHECK-LABEL: func @dynamic_too_deep
// CHECK: linalg.matmul {{.*}}xf32>
func.func @dynamic_too_deep(%q: tensor<1x70000xi8>, %s: f32, %z: i8, %i: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %sw = arith.constant 0.5 : f32
  %w = arith.constant dense<127> : tensor<70000x1xi8>
  %x = ptq.dequantize %q, %s, %z : tensor<1x70000xi8>, f32, i8 -> tensor<1x70000xf32>
  %wf = ptq.dequantize %w, %sw : tensor<70000x1xi8>, f32 -> tensor<70000x1xf32>
  // expected-remark@+1 {{the accumulator could exceed i32}}
  %y = linalg.matmul ins(%x, %wf : tensor<1x70000xf32>, tensor<70000x1xf32>) outs(%i : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func @per_channel_activation
// CHECK: linalg.matmul {{.*}}xf32>
func.func @per_channel_activation(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant dense<[0.5, 0.25, 1.0]> : tensor<3xf32>
  %sw = arith.constant 0.5 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s axis 1 : tensor<2x3xi8>, tensor<3xf32> -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the scale of an activation changes along a dimension that is summed over}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @wide_activation
// CHECK: linalg.matmul {{.*}}xf32>
func.func @wide_activation(%q: tensor<2x3xi32>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi32>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the activation is not quantized to i8 or i16}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @zero_point_outside
// CHECK: linalg.matmul {{.*}}xf32>
func.func @zero_point_outside(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %sw = arith.constant dense<0.5> : tensor<4xf32>
  // The verifier looks into constants, not into what is computed from them.
  %narrow = arith.constant dense<[1, 2, 128, 3]> : tensor<4xi16>
  %e = tensor.empty() : tensor<4xi32>
  %zw = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%narrow : tensor<4xi16>) outs(%e : tensor<4xi32>) {
  ^bb0(%in: i16, %out: i32):
    %wide = arith.extsi %in : i16 to i32
    linalg.yield %wide : i32
  } -> tensor<4xi32>
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw, %zw axis 1 : tensor<3x4xi8>, tensor<4xf32>, tensor<4xi32> -> tensor<3x4xf32>
  // expected-remark@+1 {{a zero point of the weights is none of their codes}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @unknown_zero_points
// CHECK: linalg.matmul {{.*}}xf32>
func.func @unknown_zero_points(%q: tensor<2x3xi8>, %z: tensor<4xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %sw = arith.constant dense<0.5> : tensor<4xf32>
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw, %z axis 1 : tensor<3x4xi8>, tensor<4xf32>, tensor<4xi8> -> tensor<3x4xf32>
  // expected-remark@+1 {{the zero points of the weights are not constants that can be read}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @wide_weights
// CHECK: linalg.matmul {{.*}}xf32>
func.func @wide_weights(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<1000> : tensor<3x4xi16>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi16>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the weights have codes of more than 8 bits}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @summed_scales
// CHECK: linalg.matmul {{.*}}xf32>
func.func @summed_scales(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %sw = arith.constant dense<[0.5, 0.25, 1.0]> : tensor<3xf32>
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw axis 0 : tensor<3x4xi8>, tensor<3xf32> -> tensor<3x4xf32>
  // expected-remark@+1 {{the weights have scales along a dimension that is summed over}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// The resource has no data: said here, and reported where it is needed.
// CHECK-LABEL: func @missing_weights
// CHECK: linalg.matmul {{.*}}xf32>
func.func @missing_weights(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense_resource<nothing> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the weights or their scales are not constants that can be read}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (n)>
#result = affine_map<(m, n, k) -> (m, n)>
// The zero point's share would be K times the weight, not a sum of weights.
// CHECK-LABEL: func @unsummed_weights
// CHECK: linalg.generic {{.*}}xf32>
func.func @unsummed_weights(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 1 : i8
  %w = arith.constant dense<1> : tensor<4xi8>
  %x = ptq.dequantize %q, %s, %z : tensor<2x3xi8>, f32, i8 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  // expected-remark@+1 {{a dimension that is summed over does not index the weights}}
  %y = linalg.generic {indexing_maps = [#row, #column, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %wf : tensor<2x3xf32>, tensor<4xf32>) outs(%i : tensor<2x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %p = arith.mulf %l, %r : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @dynamic_channels
// CHECK: linalg.matmul {{.*}}xf32>
func.func @dynamic_channels(%q: tensor<2x3xi8>, %i: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the number of output channels is dynamic}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %y : tensor<2x?xf32>
}

// -----

// A dequantize that also casts the shape is no plain one.
// CHECK-LABEL: func @casting_dequantize
// CHECK: linalg.matmul {{.*}}xf32>
func.func @casting_dequantize(%q: tensor<?x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xi8> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<?x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the activation is not quantized to i8}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = ptq.quantize %y, %s : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %r : tensor<2x4xi8>
}

// -----

// 66000 products of up to 255 * 127 exceed i32.
// CHECK-LABEL: func @too_deep
// CHECK: linalg.matmul {{.*}}xf32>
func.func @too_deep(%q: tensor<1x67000xi8>, %i: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -128 : i8
  %w = arith.constant dense<127> : tensor<67000x1xi8>
  %x = ptq.dequantize %q, %s, %z : tensor<1x67000xi8>, f32, i8 -> tensor<1x67000xf32>
  %wf = ptq.dequantize %w, %s : tensor<67000x1xi8>, f32 -> tensor<67000x1xf32>
  // expected-remark@+1 {{the accumulator could exceed i32}}
  %y = linalg.matmul ins(%x, %wf : tensor<1x67000xf32>, tensor<67000x1xf32>) outs(%i : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func @tiny_scale
// CHECK: linalg.matmul {{.*}}xf32>
func.func @tiny_scale(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 1.0e-30 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{the scale of the accumulator is no normal f32 number}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @huge_multiplier
// CHECK: linalg.matmul {{.*}}xf32>
func.func @huge_multiplier(%q: tensor<2x3xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xi8> {
  %s = arith.constant 1.0e+10 : f32
  %sy = arith.constant 1.0e-30 : f32
  %w = arith.constant dense<1> : tensor<3x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  // expected-remark@+1 {{a requantization multiplier is no normal f32 number}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = ptq.quantize %y, %sy : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %r : tensor<2x4xi8>
}

// -----

// A window moves over both operands, so there is no sum of one of them alone.
// CHECK-LABEL: func @asymmetric_activations
// CHECK: linalg.conv_1d {{.*}}xf32>
func.func @asymmetric_activations(%a: tensor<8xi8>, %b: tensor<3xi8>, %i: tensor<6xf32>) -> tensor<6xf32> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 1 : i8
  %x = ptq.dequantize %a, %s, %z : tensor<8xi8>, f32, i8 -> tensor<8xf32>
  %w = ptq.dequantize %b, %s : tensor<3xi8>, f32 -> tensor<3xf32>
  // expected-remark@+1 {{a zero point cannot be taken out of the sum}}
  %y = linalg.conv_1d ins(%x, %w : tensor<8xf32>, tensor<3xf32>) outs(%i : tensor<6xf32>) -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// -----

// CHECK-LABEL: func @unknown_depth
// CHECK: linalg.matmul {{.*}}xf32>
func.func @unknown_depth(%a: tensor<2x?xi8>, %b: tensor<?x4xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<2x?xi8>, f32 -> tensor<2x?xf32>
  %w = ptq.dequantize %b, %s : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  // expected-remark@+1 {{the number of products in a sum is not known}}
  %y = linalg.matmul ins(%x, %w : tensor<2x?xf32>, tensor<?x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @sum_from_one
// CHECK: linalg.reduce {{.*}}xf32>
func.func @sum_from_one(%q: tensor<2x8xi8>) -> tensor<2xf32> {
  %s = arith.constant 0.5 : f32
  %one = arith.constant dense<1.0> : tensor<2xf32>
  %x = ptq.dequantize %q, %s : tensor<2x8xi8>, f32 -> tensor<2x8xf32>
  // expected-remark@+1 {{linalg.reduce: the sum does not start from 0}}
  %y = linalg.reduce ins(%x : tensor<2x8xf32>) outs(%one : tensor<2xf32>) dimensions = [1]
    (%in: f32, %out: f32) {
      %v = arith.addf %in, %out : f32
      linalg.yield %v : f32
    }
  return %y : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @sum_of_unknown_length
// CHECK: linalg.reduce {{.*}}xf32>
func.func @sum_of_unknown_length(%q: tensor<2x?xi8>) -> tensor<2xf32> {
  %s = arith.constant 0.5 : f32
  %zero = arith.constant dense<0.0> : tensor<2xf32>
  %x = ptq.dequantize %q, %s : tensor<2x?xi8>, f32 -> tensor<2x?xf32>
  // expected-remark@+1 {{the number of elements in a sum is not known}}
  %y = linalg.reduce ins(%x : tensor<2x?xf32>) outs(%zero : tensor<2xf32>) dimensions = [1]
    (%in: f32, %out: f32) {
      %v = arith.addf %in, %out : f32
      linalg.yield %v : f32
    }
  return %y : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @float_result
// CHECK: linalg.add {{.*}}xf32>
func.func @float_result(%a: tensor<2x4xi8>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  // expected-remark@+1 {{linalg.add: the result is not quantized with constant parameters}}
  %r = linalg.add ins(%x, %x : tensor<2x4xf32>, tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// Softmax has no integer form yet; nothing is said of it where nothing is
// quantized.
// CHECK-LABEL: func @softmax
func.func @softmax(%a: tensor<2x4xi8>, %b: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  // expected-remark@+1 {{linalg.softmax: it computes on quantized values but has no integer form}}
  %y = linalg.softmax dimension(1) ins(%x : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = linalg.softmax dimension(1) ins(%b : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
