// RUN: ptq-opt %s --ptq-summarize-quantization -o /dev/null 2>&1 | FileCheck %s

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// CHECK: ptq: 4 ops quantized, 2 left in float (--remarks-filter='ptq.*' says why)
func.func @forward(%x: tensor<4x4xf32>, %q: tensor<4x4xi8>, %acc: tensor<4x4xi32>, %init: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xi32>) {
  %s = arith.constant 0.5 : f32
  %d = ptq.dequantize %q, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %0 = linalg.matmul ins(%d, %d : tensor<4x4xf32>, tensor<4x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.matmul ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = linalg.matmul ins(%q, %q : tensor<4x4xi8>, tensor<4x4xi8>) outs(%acc : tensor<4x4xi32>) -> tensor<4x4xi32>
  return %0, %1, %2 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xi32>
}

// A gather of dequantized rows, one of codes and of their scales, and one in
// float.
func.func @gathers(%ids: tensor<4xindex>, %floats: tensor<4x2xf32>, %bytes: tensor<4x2xi8>, %halves: tensor<4x2xf16>) -> (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) {
  %codes = arith.constant dense<1> : tensor<8x2xi8>
  %scales = arith.constant dense<1.0> : tensor<8x2xf16>
  %values = arith.constant dense<1.0> : tensor<8x2xf32>
  %table = ptq.dequantize %codes, %scales block [1, 1] : tensor<8x2xi8>, tensor<8x2xf16> -> tensor<8x2xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<4xindex>) outs(%floats : tensor<4x2xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x2xf32>
      linalg.yield %e : f32
  } -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<4xindex>) outs(%bytes : tensor<4x2xi8>) {
    ^bb0(%id: index, %out: i8):
      %i = linalg.index 1 : index
      %e = tensor.extract %codes[%id, %i] : tensor<8x2xi8>
      linalg.yield %e : i8
  } -> tensor<4x2xi8>
  %2 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<4xindex>) outs(%halves : tensor<4x2xf16>) {
    ^bb0(%id: index, %out: f16):
      %i = linalg.index 1 : index
      %e = tensor.extract %scales[%id, %i] : tensor<8x2xf16>
      linalg.yield %e : f16
  } -> tensor<4x2xf16>
  %3 = ptq.dequantize %1, %2 block [1, 1] : tensor<4x2xi8>, tensor<4x2xf16> -> tensor<4x2xf32>
  %4 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<4xindex>) outs(%floats : tensor<4x2xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %values[%id, %i] : tensor<8x2xf32>
      linalg.yield %e : f32
  } -> tensor<4x2xf32>
  return %0, %3, %4 : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>
}
