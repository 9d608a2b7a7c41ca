// RUN: ptq-opt %s -split-input-file --ptq-quantize-weight-only-activations=products=i8 | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-quantize-weight-only-activations="products=i16 block=16" | FileCheck %s --check-prefix=I16
// RUN: ptq-opt %s -split-input-file --ptq-quantize-weight-only-activations | FileCheck %s --check-prefix=FLOAT

// The example of the pass description: blocks are those of the weights.
// CHECK-LABEL: func @blocks
// CHECK:         %[[S:.*]] = ptq.choose_parameters %arg0
// CHECK-SAME:      encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 32, narrow_range = true, source = dynamic>)
// CHECK-SAME:      : tensor<?x64xf32> -> tensor<?x2xf32>
// CHECK:         %[[Q:.*]] = ptq.quantize %arg0, %[[S]] block [1, 32] low -127 : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xi8>
// CHECK:         %[[D:.*]] = ptq.dequantize %[[Q]], %[[S]] block [1, 32]
// CHECK:         linalg.matmul ins(%[[D]], %
// I16-LABEL: func @blocks
// I16:         encoding(<i16, symmetric, granularity = block, axis = 1, block_size = 32, narrow_range = true, source = dynamic>)
// I16:         ptq.quantize {{.*}} low -32767 : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xi16>
// FLOAT-LABEL: func @blocks
// FLOAT-NOT:   ptq.choose_parameters
func.func @blocks(%x: tensor<?x64xf32>, %i: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %codes = arith.constant dense<3> : tensor<64x4xi4>
  %sw = arith.constant dense<[[0.5, 0.5, 0.25, 0.5], [1.0, 0.5, 0.5, 0.5]]> : tensor<2x4xf32>
  %w = ptq.dequantize %codes, %sw block [32, 1] : tensor<64x4xi4>, tensor<2x4xf32> -> tensor<64x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x4xf32>) outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Weights with a scale for each channel leave the size to the option.
// CHECK-LABEL: func @channels
// CHECK:         block_size = 128, {{.*}} : tensor<2x256xf32> -> tensor<2x2xf32>
// I16-LABEL: func @channels
// I16:         block_size = 16, {{.*}} : tensor<2x256xf32> -> tensor<2x16xf32>
func.func @channels(%x: tensor<2x256xf32>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %codes = arith.constant dense<3> : tensor<256x4xi8>
  %sw = arith.constant dense<[0.5, 0.5, 0.25, 0.5]> : tensor<4xf32>
  %w = ptq.dequantize %codes, %sw axis 1 : tensor<256x4xi8>, tensor<4xf32> -> tensor<256x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x256xf32>, tensor<256x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// f16, and what is summed over in the other order of both factors.
#x = affine_map<(m, n, k) -> (k, m)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func @transposed_f16
// CHECK:         axis = 0, block_size = 2, {{.*}} : tensor<4x3xf16> -> tensor<2x3xf32>
// CHECK:         ptq.quantize {{.*}} block [2, 1] low -127 : tensor<4x3xf16>, tensor<2x3xf32> -> tensor<4x3xi8>
// CHECK:         ptq.dequantize {{.*}} -> tensor<4x3xf16>
func.func @transposed_f16(%x: tensor<4x3xf16>, %i: tensor<3x2xf16>) -> tensor<3x2xf16> {
  %codes = arith.constant dense<3> : tensor<2x4xi4>
  %sw = arith.constant dense<[[0.5, 0.5], [0.25, 0.5]]> : tensor<2x2xf16>
  %w = ptq.dequantize %codes, %sw block [1, 2] : tensor<2x4xi4>, tensor<2x2xf16> -> tensor<2x4xf16>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<4x3xf16>, tensor<2x4xf16>) outs(%i : tensor<3x2xf16>) {
  ^bb0(%a: f16, %b: f16, %c: f16):
    %p = arith.mulf %a, %b : f16
    %s = arith.addf %c, %p : f16
    linalg.yield %s : f16
  } -> tensor<3x2xf16>
  return %y : tensor<3x2xf16>
}

// -----

// What has been quantized already stays as it is, and so does what meets
// float weights.
// CHECK-LABEL: func @others
// CHECK-NOT:     ptq.choose_parameters
func.func @others(%q: tensor<2x4xi8>, %x: tensor<2x4xf32>, %i: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %s = arith.constant 0.5 : f32
  %codes = arith.constant dense<3> : tensor<4x4xi8>
  %v = arith.constant dense<3.0> : tensor<4x4xf32>
  %w = ptq.dequantize %codes, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %d = ptq.dequantize %q, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %y = linalg.matmul ins(%d, %w : tensor<2x4xf32>, tensor<4x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = linalg.matmul ins(%x, %v : tensor<2x4xf32>, tensor<4x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
