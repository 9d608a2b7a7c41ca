// RUN: ptq-opt %s -split-input-file --ptq-lay-out-weights | FileCheck %s

// Nothing that is not understood is an error: the program stays as it is.

// Codes that only the run knows.
// CHECK-LABEL: func @not_constant
// CHECK:         linalg.generic {{.*}} ins(%arg0 : tensor<4xi8>)
// CHECK:         tensor.expand_shape
func.func @not_constant(%q: tensor<4xi8>) -> tensor<2x2xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%q : tensor<4xi8>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: i8, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  %x = tensor.expand_shape %f [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %x : tensor<2x2xf32>
}

// -----

// Codes without data: who compiles the program reports them.
// CHECK-LABEL: func @missing_data
// CHECK:         ptq.unpack
// CHECK:         linalg.generic {{.*}} tensor<32xi4>
func.func @missing_data() -> tensor<32xf32> {
  %p = arith.constant dense_resource<absent> : tensor<16xi8>
  %q = ptq.unpack %p axis 0 : tensor<16xi8> -> tensor<32xi4>
  %e = tensor.empty() : tensor<32xf32>
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%q : tensor<32xi4>) outs(%e : tensor<32xf32>) {
  ^bb0(%a: i4, %out: f32):
    %0 = arith.sitofp %a : i4 to f32
    linalg.yield %0 : f32
  } -> tensor<32xf32>
  return %f : tensor<32xf32>
}

// -----

// A sum over codes is no dequantization.
// CHECK-LABEL: func @reduction
// CHECK:         linalg.generic {{.*}} ins(%{{.+}} : tensor<4xi8>) outs(%{{.+}} : tensor<f32>)
func.func @reduction() -> tensor<f32> {
  %q = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi8>
  %e = arith.constant dense<0.0> : tensor<f32>
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
      iterator_types = ["reduction"]} ins(%q : tensor<4xi8>) outs(%e : tensor<f32>) {
  ^bb0(%a: i8, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    %1 = arith.addf %0, %out : f32
    linalg.yield %1 : f32
  } -> tensor<f32>
  return %f : tensor<f32>
}
