// Whatever still moves in float says why.
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-propagate-qdq --remarks-filter='ptq-propagate.*' -o /dev/null

func.func @constant_scales_split(%q: tensor<4x6xi8>) -> tensor<2x12xf32> {
  %s = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %x = ptq.dequantize %q, %s axis 0 : tensor<4x6xi8>, tensor<4xf32> -> tensor<4x6xf32>
  %f = tensor.collapse_shape %x [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  // expected-remark@-1 {{tensor.collapse_shape moves dequantized elements: constant scales do not move}}
  %r = tensor.expand_shape %f [[0, 1]] output_shape [2, 12] : tensor<24xf32> into tensor<2x12xf32>
  return %r : tensor<2x12xf32>
}

// -----

func.func @also_in_float(%x: tensor<2x3xf32>) -> (tensor<6xi8>, tensor<6xf32>) {
  %s = arith.constant 0.5 : f32
  %f = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  // expected-remark@+1 {{what tensor.collapse_shape gives is quantized behind it: its input is also used in float}}
  %q = ptq.quantize %f, %s : tensor<6xf32>, f32 -> tensor<6xi8>
  return %q, %f : tensor<6xi8>, tensor<6xf32>
}

// -----

func.func @channels_of_concat(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) -> tensor<4x3xi8> {
  %s = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %c = tensor.concat dim(0) %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // expected-remark@+1 {{what tensor.concat gives is quantized behind it: its parameters are no constants of the whole tensor}}
  %q = ptq.quantize %c, %s axis 1 : tensor<4x3xf32>, tensor<3xf32> -> tensor<4x3xi8>
  return %q : tensor<4x3xi8>
}

// -----

func.func @loop_in_float(%a: tensor<4xf32>, %n: index) -> tensor<4xi8> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 0.5 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%h = %a) -> tensor<4xf32> {
    %t = math.tanh %h : tensor<4xf32>
    scf.yield %t : tensor<4xf32>
  }
  // expected-remark@+1 {{what scf.for gives is quantized behind it: what the loop carries is not quantized alike wherever it is read}}
  %q = ptq.quantize %r, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// Nothing is moved here.
func.func @nothing_to_move(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = arith.constant 0.5 : f32
  %t = math.tanh %x : tensor<4xf32>
  %q = ptq.quantize %t, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %y = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return %y : tensor<4xf32>
}
