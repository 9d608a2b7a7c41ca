// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer | FileCheck %s
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-rewrite-to-integer --remarks-filter='ptq-rewrite.*'

// Sums of blocks in integers, then the blocks in float, from the initial value on.

// CHECK-DAG:   #[[$X:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
// CHECK-DAG:   #[[$W:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3, d1)>
// CHECK-DAG:   #[[$SUMS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-DAG:   #[[$SUM:.*]] = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// CHECK-DAG:   #[[$SX:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG:   #[[$SW:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG:   #[[$Y:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @blocks
// CHECK-SAME:    %[[Q:.*]]: tensor<?x4xi8>, %[[S:.*]]: tensor<?x2xf32>, %[[I:.*]]: tensor<?x3xf32>
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<{{\[\[\[1, 2, 3\], \[-4, -5, -6\]\], \[\[7, 6, 5\], \[-4, -3, -2\]\]\]}}> : tensor<2x2x3xi8>
// CHECK-DAG:     %[[SCALES:.*]] = arith.constant dense<{{.*}}> : tensor<2x3xf32>
// CHECK-DAG:     %[[BLOCKS:.*]] = tensor.expand_shape %[[Q]] {{\[\[0\], \[1, 2\]\]}} {{.*}} into tensor<?x2x2xi8>
// CHECK:         %[[ZEROS:.*]] = linalg.fill
// CHECK:         %[[A:.*]] = linalg.generic {indexing_maps = [#[[$X]], #[[$W]], #[[$SUMS]]], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%[[BLOCKS]], %[[CODES]] : {{.*}}) outs(%[[ZEROS]] : tensor<?x2x3xi32>)
// CHECK:         linalg.generic {indexing_maps = [#[[$SUM]], #[[$SX]], #[[$SW]], #[[$Y]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[A]], %[[S]], %[[SCALES]] : {{.*}}) outs(%[[I]] : tensor<?x3xf32>)
// CHECK-NEXT:    ^bb0(%[[SUMARG:.*]]: i32, %[[SXARG:.*]]: f32, %[[SWARG:.*]]: f32, %[[OUT:.*]]: f32)
// CHECK-DAG:       %[[SCALE:.*]] = arith.mulf %[[SXARG]], %[[SWARG]] : f32
// CHECK-DAG:       %[[F:.*]] = arith.sitofp %[[SUMARG]] : i32 to f32
// CHECK:           %[[TERM:.*]] = arith.mulf %[[F]], %[[SCALE]] : f32
// CHECK:           %[[NEXT:.*]] = arith.addf %[[OUT]], %[[TERM]] : f32
// CHECK:           linalg.yield %[[NEXT]]
func.func @blocks(%q: tensor<?x4xi8>, %s: tensor<?x2xf32>, %i: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %codes = arith.constant dense<[[1, 2, 3], [-4, -5, -6], [7, 6, 5], [-4, -3, -2]]> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s block [1, 2] : tensor<?x4xi8>, tensor<?x2xf32> -> tensor<?x4xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf32>
  // expected-remark @+1 {{accumulators of 'blocks/matmul.0' are within +-1408}}
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>) outs(%i : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// A scale for each token is that of all its blocks.
// CHECK:       affine_map<(d0, d1, d2) -> (d0, 0)>
// CHECK-LABEL: func @tokens
// CHECK:         tensor<2x2x3xi32>
// CHECK-NOT:     linalg.matmul
func.func @tokens(%q: tensor<2x4xi8>, %s: tensor<2x1xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<3> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s block [1, 4] : tensor<2x4xi8>, tensor<2x1xf32> -> tensor<2x4xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// A constant scale of the whole tensor becomes part of the weights'.
// CHECK-LABEL: func @constant_scale
// CHECK:         %[[SCALES:.*]] = arith.constant dense<{{\[\[}}2.500000e-01, 5.000000e-01, 1.000000e+00], [1.250000e-01, 6.250000e-02, 2.000000e+00]]> : tensor<2x3xf32>
// CHECK:         %[[A:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<2x2x3xi32>)
// CHECK:         linalg.generic {{.*}} ins(%[[A]], %[[SCALES]] : {{.*}}) outs(%{{.*}} : tensor<2x3xf32>)
// CHECK-NEXT:    ^bb0(%[[SUM:.*]]: i32, %[[SCALE:.*]]: f32, %{{.*}}: f32)
// CHECK-NEXT:      %[[F:.*]] = arith.sitofp %[[SUM]]
// CHECK-NEXT:      arith.mulf %[[F]], %[[SCALE]]
// CHECK-NOT:     linalg.matmul
func.func @constant_scale(%q: tensor<2x4xi8>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = arith.constant 0.5 : f32
  %codes = arith.constant dense<3> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// A scale of the whole tensor that is measured is an input without dimensions.
// CHECK-LABEL: func @measured_scale
// CHECK-SAME:    %{{.*}}: tensor<2x4xi8>, %[[S:[^:]*]]: f32
// CHECK:         tensor.from_elements %[[S]] : tensor<f32>
// CHECK:         tensor<2x2x3xi32>
// CHECK-NOT:     linalg.matmul
func.func @measured_scale(%q: tensor<2x4xi8>, %s: f32, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<3> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// The larger blocks hold several of the smaller ones; the last one is short.
// CHECK:       affine_map<(d0, d1, d2) -> (d0, d2 floordiv 2)>
// CHECK-LABEL: func @nested_and_short
// CHECK:         %[[P:.*]] = tensor.pad %arg0 low[0, 0] high[0, 1]
// CHECK:         tensor.expand_shape %[[P]] {{.*}} into tensor<2x3x2xi8>
// CHECK:         tensor<2x3x3xi32>
func.func @nested_and_short(%q: tensor<2x5xi8>, %s: tensor<2x2xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<3> : tensor<5x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0], [1.0, 2.0, 3.0]]> : tensor<3x3xf32>
  %x = ptq.dequantize %q, %s block [1, 4] : tensor<2x5xi8>, tensor<2x2xf32> -> tensor<2x5xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<5x3xi8>, tensor<3x3xf32> -> tensor<5x3xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<2x5xf32>, tensor<5x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// Results of f16 are summed in f32 and rounded once.
// CHECK-LABEL: func @f16
// CHECK:         arith.extf {{.*}} : f16 to f32
// CHECK:         arith.addf {{.*}} : f32
// CHECK:         arith.truncf {{.*}} : f32 to f16
func.func @f16(%q: tensor<2x4xi8>, %s: tensor<2x2xf32>, %i: tensor<2x3xf16>) -> tensor<2x3xf16> {
  %codes = arith.constant dense<3> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s block [1, 2] : tensor<2x4xi8>, tensor<2x2xf32> -> tensor<2x4xf16>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf16>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf16>, tensor<4x3xf16>) outs(%i : tensor<2x3xf16>) -> tensor<2x3xf16>
  return %y : tensor<2x3xf16>
}

// -----

// One block is the whole sum.
// CHECK-LABEL: func @equal_scales
// CHECK:         tensor<2x1x4xi32>
func.func @equal_scales(%q: tensor<2x4xi8>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %sw = arith.constant dense<0.5> : tensor<2x4xf32>
  %w = arith.constant dense<1> : tensor<4x4xi8>
  %x = ptq.dequantize %q, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %wf = ptq.dequantize %w, %sw block [2, 1] : tensor<4x4xi8>, tensor<2x4xf32> -> tensor<4x4xf32>
  // expected-remark@+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %wf : tensor<2x4xf32>, tensor<4x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Zero points are taken off where the sums start: the sums of the weights of each
// block (1 - 4 = -3, ...) with their signs changed, times the zero point.
// CHECK-DAG:   #[[$WEIGHTS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG:   #[[$ZEROS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @zero_point
// CHECK-SAME:    %[[Z:[^:]*]]: tensor<2x2xi8>
// CHECK:         %[[W:.*]] = arith.constant dense<{{\[\[}}3, 3, 3], [-3, -3, -3]]> : tensor<2x3xi8>
// CHECK:         %[[START:.*]] = linalg.generic {indexing_maps = [#[[$WEIGHTS]], #[[$ZEROS]], #{{.*}}], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[W]], %[[Z]] : {{.*}}) outs(%{{.*}} : tensor<2x2x3xi32>)
// CHECK-NEXT:    ^bb0(%[[WARG:.*]]: i8, %[[ZARG:.*]]: i8, %{{.*}}: i32)
// CHECK-DAG:       %[[WIDE:.*]] = arith.extsi %[[WARG]] : i8 to i32
// CHECK-DAG:       %[[ZERO:.*]] = arith.extsi %[[ZARG]] : i8 to i32
// CHECK:           %[[TERM:.*]] = arith.muli %[[WIDE]], %[[ZERO]] : i32
// CHECK:           linalg.yield %[[TERM]]
// CHECK:         linalg.generic {{.*}} outs(%[[START]] : tensor<2x2x3xi32>)
// CHECK-NOT:     linalg.matmul
func.func @zero_point(%q: tensor<2x4xi8>, %s: tensor<2x2xf32>, %z: tensor<2x2xi8>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<[[1, 2, 3], [-4, -5, -6], [7, 6, 5], [-4, -3, -2]]> : tensor<4x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0]]> : tensor<2x3xf32>
  %x = ptq.dequantize %q, %s, %z block [1, 2] : tensor<2x4xi8>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<2x4xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<4x3xi8>, tensor<2x3xf32> -> tensor<4x3xf32>
  // What has a zero point of at most 128 is 128 * (|sum| + sum of magnitudes): 3 + 11.
  // expected-remark @+1 {{accumulators of 'zero_point/matmul.0' are within +-1792}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// Of a constant zero point the product is constant, in as few bits as hold it:
// -(-128) * 300 needs 32. The last block is short.
// CHECK-LABEL: func @constant_zero_point
// CHECK:         %[[W:.*]] = arith.constant dense<{{\[\[}}384, 512], [38400, 38400], [-384, -384]]> : tensor<3x2xi32>
// CHECK:         linalg.generic {{.*}} ins(%[[W]] : tensor<3x2xi32>) outs(%{{.*}} : tensor<?x3x2xi32>)
// CHECK-NOT:     linalg.matmul
func.func @constant_zero_point(%q: tensor<?x7xi8>, %i: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -128 : i8
  %codes = arith.constant dense<[[1, 2], [1, 1], [1, 1], [100, 100], [100, 100], [100, 100], [-3, -3]]> : tensor<7x2xi8>
  %sw = arith.constant dense<[[0.5, 1.0], [0.25, 0.125], [2.0, 4.0]]> : tensor<3x2xf32>
  %x = ptq.dequantize %q, %s, %z : tensor<?x7xi8>, f32, i8 -> tensor<?x7xf32>
  %w = ptq.dequantize %codes, %sw block [3, 1] : tensor<7x2xi8>, tensor<3x2xf32> -> tensor<7x2xf32>
  // expected-remark @+1 {{accumulators of 'constant_zero_point/matmul.0' are within +-76800}}
  %y = linalg.matmul ins(%x, %w : tensor<?x7xf32>, tensor<7x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Zero points of weights are multiplied by the sums of the activations, and taken off
// the weights' own sums: (1 - 4 - 2 * 2) times -3 is 21, and the short block has one
// weight, -3 + 1. They are shorter than the scales' blocks here.
// CHECK-DAG:   #[[$WEIGHTS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG:   #[[$ROWS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @asymmetric_weights
// CHECK-DAG:     %[[SUMS:.*]] = arith.constant dense<{{\[\[}}21], [-27], [6]]> : tensor<3x1xi8>
// CHECK-DAG:     %[[ZEROS:.*]] = arith.constant dense<{{\[\[}}-2], [-1], [1]]> : tensor<3x1xi8>
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<{{\[\[\[}}1], [-4]], {{\[\[}}7], [4]], {{\[\[}}-3], [0]]]> : tensor<3x2x1xi8>
// CHECK:         %[[X:.*]] = tensor.expand_shape %{{.*}} into tensor<?x3x2xi8>
// CHECK:         %[[A:.*]] = linalg.reduce ins(%[[X]] : tensor<?x3x2xi8>) outs(%{{.*}} : tensor<?x3xi32>) dimensions = [2]
// CHECK:         %[[START:.*]] = linalg.generic {indexing_maps = [#[[$WEIGHTS]], #[[$WEIGHTS]], #[[$ROWS]], #{{.*}}], {{.*}}} ins(%[[SUMS]], %[[ZEROS]], %[[A]] : {{.*}}) outs(%{{.*}} : tensor<?x3x1xi32>)
// CHECK-NEXT:    ^bb0(%[[SARG:.*]]: i8, %[[ZARG:.*]]: i8, %[[AARG:.*]]: i32, %{{.*}}: i32)
// CHECK-DAG:       %[[S:.*]] = arith.extsi %[[SARG]] : i8 to i32
// CHECK-DAG:       %[[Z:.*]] = arith.extsi %[[ZARG]] : i8 to i32
// CHECK:           %[[TERM:.*]] = arith.muli %[[Z]], %[[AARG]] : i32
// CHECK:           arith.addi %[[S]], %[[TERM]] : i32
// CHECK:         linalg.generic {{.*}} ins(%[[X]], %[[CODES]] : {{.*}}) outs(%[[START]] : tensor<?x3x1xi32>)
// CHECK-NOT:     linalg.matmul
func.func @asymmetric_weights(%q: tensor<?x5xi8>, %i: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 3 : i8
  %codes = arith.constant dense<[[1], [-4], [7], [4], [-3]]> : tensor<5x1xi8>
  %sw = arith.constant dense<[[0.5], [0.5], [0.25]]> : tensor<3x1xf32>
  %zw = arith.constant dense<[[2], [1], [-1]]> : tensor<3x1xi8>
  %x = ptq.dequantize %q, %s, %z : tensor<?x5xi8>, f32, i8 -> tensor<?x5xf32>
  %w = ptq.dequantize %codes, %sw, %zw block [2, 1] : tensor<5x1xi8>, tensor<3x1xf32>, tensor<3x1xi8> -> tensor<5x1xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.matmul ins(%x, %w : tensor<?x5xf32>, tensor<5x1xf32>) outs(%i : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// CHECK-LABEL: func @not_nested
// CHECK:         linalg.matmul
func.func @not_nested(%q: tensor<2x6xi8>, %s: tensor<2x2xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<3> : tensor<6x3xi8>
  %sw = arith.constant dense<[[0.5, 1.0, 2.0], [0.25, 0.125, 4.0], [1.0, 2.0, 3.0]]> : tensor<3x3xf32>
  %x = ptq.dequantize %q, %s block [1, 3] : tensor<2x6xi8>, tensor<2x2xf32> -> tensor<2x6xf32>
  %w = ptq.dequantize %codes, %sw block [2, 1] : tensor<6x3xi8>, tensor<3x3xf32> -> tensor<6x3xf32>
  // expected-remark @+1 {{the blocks of weights and activations do not nest}}
  %y = linalg.matmul ins(%x, %w : tensor<2x6xf32>, tensor<6x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// 1024 products of 32768 and 127 exceed i32.
// CHECK-LABEL: func @too_large
// CHECK:         linalg.matmul
func.func @too_large(%q: tensor<2x2048xi16>, %s: tensor<2x2xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %codes = arith.constant dense<127> : tensor<2048x3xi8>
  %sw = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s block [1, 1024] : tensor<2x2048xi16>, tensor<2x2xf32> -> tensor<2x2048xf32>
  %w = ptq.dequantize %codes, %sw : tensor<2048x3xi8>, f32 -> tensor<2048x3xf32>
  // expected-remark @+1 {{the sum of a block could exceed i32}}
  %y = linalg.matmul ins(%x, %w : tensor<2x2048xf32>, tensor<2048x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: func @two_activations
// CHECK:         linalg.matmul
func.func @two_activations(%q: tensor<2x4xi8>, %s: tensor<2x2xf32>, %p: tensor<4x3xi8>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %t = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s block [1, 2] : tensor<2x4xi8>, tensor<2x2xf32> -> tensor<2x4xf32>
  %w = ptq.dequantize %p, %t : tensor<4x3xi8>, f32 -> tensor<4x3xf32>
  // expected-remark @+1 {{products of two activations have no integer form with scales for blocks}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// Of two dimensions that are summed over, blocks are those of the one along which
// scales stay the same for longer.
// CHECK-LABEL: func @two_dimensions
// CHECK:         %[[SUMS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<3x2x2x5xi32>)
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%[[SUMS]], %{{.*}} : tensor<3x2x2x5xi32>, tensor<2x2x5xf32>) outs(%{{.*}} : tensor<3x5xf32>)
func.func @two_dimensions(%q: tensor<3x2x6xi8>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %s = arith.constant 0.5 : f32
  %codes = arith.constant dense<3> : tensor<2x6x5xi8>
  %sw = arith.constant dense<[[[0.5], [0.25]], [[0.125], [1.0]]]> : tensor<2x2x1xf32>
  %x = ptq.dequantize %q, %s : tensor<3x2x6xi8>, f32 -> tensor<3x2x6xf32>
  %w = ptq.dequantize %codes, %sw block [1, 3, 5] : tensor<2x6x5xi8>, tensor<2x2x1xf32> -> tensor<2x6x5xf32>
  // expected-remark @+1 {{accumulators}}
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, h, d) -> (m, h, d)>, affine_map<(m, n, h, d) -> (h, d, n)>, affine_map<(m, n, h, d) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<3x2x6xf32>, tensor<2x6x5xf32>) outs(%i : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %c, %p : f32
    linalg.yield %t : f32
  } -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}
