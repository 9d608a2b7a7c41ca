// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-insert-observers --remarks-filter=ptq-insert-observers

#scheme = #ptq.scheme<activations = <i8, asymmetric>>

func.func @not_quantizable(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-warning @+1 {{has a ptq.scheme but cannot be quantized; it stays in float}}
  %0 = math.exp %x {ptq.scheme = #scheme} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric, granularity = token, source = dynamic>>

// The rows of the right factor are not what is summed over.
func.func @no_tokens(%x: tensor<3x4xf32>, %y: tensor<4x3xf32>, %init: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // expected-remark @+1 {{no scale per token: what the op sums over are not the rows of the activation}}
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %y : tensor<3x4xf32>, tensor<4x3xf32>) outs(%init : tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric, granularity = token, source = dynamic>>

// Rows of nothing.
func.func @no_elements(%x: tensor<3x0xf32>, %init: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<0x2xf32>
  // expected-remark @+1 {{no scale per token: the activation has no elements}}
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<3x0xf32>, tensor<0x2xf32>) outs(%init : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, symmetric, granularity = block, block_size = 2, narrow_range = true, source = dynamic>>

// No rows.
func.func @no_rows(%x: tensor<0x4xf32>, %init: tensor<0x2xf32>) -> tensor<0x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  // expected-remark @+1 {{no scale per block: the activation has no elements}}
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<0x4xf32>, tensor<4x2xf32>) outs(%init : tensor<0x2xf32>) -> tensor<0x2xf32>
  return %0 : tensor<0x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, symmetric, granularity = block, block_size = 2, narrow_range = true, source = dynamic>>

func.func @no_activation_blocks(%x: tensor<1x4x4x2xf32>, %init: tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2x2x2xf32>
  // expected-remark @+1 {{no scale per block: what the op sums over is not one dimension of the activation}}
  %0 = linalg.conv_2d_nhwc_hwcf {ptq.scheme = #scheme} ins(%x, %w : tensor<1x4x4x2xf32>, tensor<2x2x2x2xf32>) outs(%init : tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32>
  return %0 : tensor<1x3x3x2xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i8, symmetric, granularity = block, block_size = 2, narrow_range = true>>
#a = affine_map<(m, n, k, l) -> (m, k, l)>
#b = affine_map<(m, n, k, l) -> (k, n, l)>
#c = affine_map<(m, n, k, l) -> (m, n)>

func.func @no_blocks(%x: tensor<3x4x4xf32>, %init: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2x4xf32>
  // expected-remark @+1 {{no scale per block: what the op sums over does not lie along neighbouring axes of the constant}}
  %0 = linalg.contract indexing_maps = [#a, #b, #c] {ptq.scheme = #scheme} ins(%x, %w : tensor<3x4x4xf32>, tensor<4x2x4xf32>) outs(%init : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

// Codes do not stand for f64; such an op never fails a network.
#double = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric>>

func.func @double(%x: tensor<2x4xf64>, %y: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %w = arith.constant dense<1.0> : tensor<4x3xf64>
  // expected-remark @+1 {{it computes on f64, and codes stand for f32, f16 or bf16}}
  %0 = linalg.matmul {ptq.scheme = #double} ins(%x, %w : tensor<2x4xf64>, tensor<4x3xf64>) outs(%y : tensor<2x3xf64>) -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}

// -----

#mixed = #ptq.scheme<activations = <i8, asymmetric>>
#id = affine_map<(d0) -> (d0)>

func.func @mixed(%n: tensor<4xi32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{it computes on i32, and codes stand for f32, f16 or bf16}}
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"], ptq.scheme = #mixed}
      ins(%n, %y : tensor<4xi32>, tensor<4xf32>) outs(%y : tensor<4xf32>) {
  ^bb0(%a: i32, %b: f32, %out: f32):
    %f = arith.sitofp %a : i32 to f32
    %p = arith.mulf %f, %b : f32
    linalg.yield %p : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
