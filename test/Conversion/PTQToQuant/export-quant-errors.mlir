// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-export-quant --remarks-filter=ptq-export-quant

func.func @computed(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{'ptq.choose_parameters' stays: the quant dialect has no such op}}
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>) : tensor<4xf32> -> f32, i8
  // expected-remark @+1 {{'ptq.quantize' stays: a type has constant scales, and these are not known}}
  %q = ptq.quantize %x, %s, %z : tensor<4xf32>, f32, i8 -> tensor<4xi8>
  // expected-remark @+1 {{'ptq.dequantize' stays: a type has constant scales, and these are not known}}
  %y = ptq.dequantize %q, %s, %z : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @computed_zero_point(%q: tensor<4xi8>, %z: i8) -> tensor<4xf32> {
  %s = arith.constant 0.5 : f32
  // expected-remark @+1 {{'ptq.dequantize' stays: a type has constant zero points, and these are not known}}
  %y = ptq.dequantize %q, %s, %z : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @wide(%q: tensor<4xi64>) -> tensor<4xf32> {
  %s = arith.constant 0.5 : f32
  // expected-remark @+1 {{no type has codes of 64 bits}}
  %y = ptq.dequantize %q, %s : tensor<4xi64>, f32 -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @shape(%x: tensor<?xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  // expected-remark @+1 {{a cast keeps the sizes that its type tells}}
  %q = ptq.quantize %x, %s : tensor<?xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

func.func @short_block(%q: tensor<3xi8>) -> tensor<3xf32> {
  %s = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  // expected-remark @+1 {{dimension 0 of size 3 may end with a short block, which no type has}}
  %y = ptq.dequantize %q, %s block [2] : tensor<3xi8>, tensor<2xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @dynamic_block(%q: tensor<?xi8>) -> tensor<?xf32> {
  %s = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  // expected-remark @+1 {{dimension 0 of size ? may end with a short block, which no type has}}
  %y = ptq.dequantize %q, %s block [2] : tensor<?xi8>, tensor<2xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @inexact(%q: tensor<4xi8>) -> tensor<4xf16> {
  %s = arith.constant dense<[0.1, 0.25]> : tensor<2xf32>
  // expected-remark @+1 {{block-wise types have scales of the expressed type, and not all of these are}}
  %y = ptq.dequantize %q, %s block [2] : tensor<4xi8>, tensor<2xf32> -> tensor<4xf16>
  return %y : tensor<4xf16>
}

// -----

func.func @small(%q: tensor<4xi8>) -> tensor<4xf16> {
  %s = arith.constant 1.0e-10 : f32
  // expected-remark @+1 {{out of expressed type range}}
  %y = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf16>
  return %y : tensor<4xf16>
}

// -----

func.func @missing_resource(%q: tensor<2x3xi8>) -> tensor<2x3xf32> {
  %s = arith.constant dense_resource<nothing> : tensor<2xf32>
  // expected-remark @+1 {{a type has constant scales, and these are not known}}
  %y = ptq.dequantize %q, %s axis 0 : tensor<2x3xi8>, tensor<2xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
