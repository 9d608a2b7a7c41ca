// RUN: ptq-opt %s -split-input-file --ptq-insert-observers | FileCheck %s

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// The activation is observed before the padding, at the argument that carries
// it; the weights along their output channels.
// CHECK-LABEL: func @convolution
// CHECK-SAME:    %[[X:.*]]: tensor<?x1x5x5xf32>
// CHECK:         %[[INPUT:.*]] = ptq.observe %[[X]] name("input") encoding(<i8, asymmetric>) : tensor<?x1x5x5xf32>
// CHECK:         %[[W:.*]] = arith.constant
// CHECK:         %[[WEIGHT:.*]] = ptq.observe %[[W]] name("conv_w") encoding(<i8, symmetric, granularity = axis, axis = 0, narrow_range = true>) : tensor<2x1x2x2xf32>
// CHECK:         %[[PAD:.*]] = tensor.pad %[[INPUT]]
// CHECK:         linalg.conv_2d_nchw_fchw ins(%[[PAD]], %[[WEIGHT]]
// CHECK-NOT:     ptq.scheme
func.func @convolution(%x: tensor<?x1x5x5xf32> loc("input"), %init: tensor<?x2x6x5xf32>) -> tensor<?x2x6x5xf32> {
  %w = arith.constant dense<1.0> : tensor<2x1x2x2xf32> loc("conv_w")
  %zero = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[0, 0, 1, 0] high[0, 0, 1, 1] {
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %zero : f32
  } : tensor<?x1x5x5xf32> to tensor<?x1x7x6xf32>
  %1 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%0, %w : tensor<?x1x7x6xf32>, tensor<2x1x2x2xf32>) outs(%init : tensor<?x2x6x5xf32>) -> tensor<?x2x6x5xf32>
  return %1 : tensor<?x2x6x5xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// One observer for a value that two ops use alike; the float op beside them
// keeps the original. Names are unique.
// CHECK-LABEL: func @shared_edge
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x2xf32>
// CHECK:         %[[OBSERVED:.*]] = ptq.observe %[[X]] name("arg0")
// CHECK-NOT:     ptq.observe %[[X]]
// CHECK:         ptq.observe %{{.*}} name("w") encoding(<i8, symmetric, granularity = axis, axis = 1
// CHECK:         ptq.observe %{{.*}} name("w.1") encoding(<i8, symmetric, granularity = axis, axis = 1
// CHECK:         linalg.matmul ins(%[[OBSERVED]],
// CHECK:         linalg.matmul ins(%[[OBSERVED]],
// CHECK:         math.exp %[[X]]
func.func @shared_edge(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<2x2xf32> loc("w")
  %w1 = arith.constant dense<2.0> : tensor<2x2xf32> loc("w")
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w0 : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w1 : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %2 = math.exp %x : tensor<4x2xf32>
  return %0, %1, %2 : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// Both factors are activations; the same value for both is observed once.
// CHECK-LABEL: func @square
// CHECK:         %[[OBSERVED:.*]] = ptq.observe
// CHECK-NOT:     ptq.observe
// CHECK:         linalg.matmul ins(%[[OBSERVED]], %[[OBSERVED]]
func.func @square(%x: tensor<4x4xf32>, %init: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// The output channels of a grouped convolution lie along two dimensions: they
// are made one before the observer.
// CHECK-LABEL: func @grouped_convolution
// CHECK:         %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<4x1x1x1xf32>
// CHECK:         %[[WEIGHT:.*]] = ptq.observe %[[W]] {{.*}} axis = 0, {{.*}} : tensor<4x1x1x1xf32>
// CHECK:         %[[EXPANDED:.*]] = tensor.expand_shape %[[WEIGHT]] {{\[\[}}0, 1], [2], [3], [4]]
// CHECK:         linalg.conv_2d_ngchw_gfchw ins(%{{.*}}, %[[EXPANDED]]
func.func @grouped_convolution(%x: tensor<1x2x1x3x3xf32>, %init: tensor<1x2x2x3x3xf32>) -> tensor<1x2x2x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2x1x1x1xf32>
  %0 = linalg.conv_2d_ngchw_gfchw {ptq.scheme = #scheme} ins(%x, %w : tensor<1x2x1x3x3xf32>, tensor<2x2x1x1x1xf32>) outs(%init : tensor<1x2x2x3x3xf32>) -> tensor<1x2x2x3x3xf32>
  return %0 : tensor<1x2x2x3x3xf32>
}

// -----

// Weight-only: no observer on the activation. An asked-for output is observed.
// CHECK-LABEL: func @weight_only_with_output
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x2xf32>
// CHECK:         %[[W:.*]] = ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = axis, axis = 1, narrow_range = true>)
// CHECK:         %[[MATMUL:.*]] = linalg.matmul ins(%[[X]], %[[W]]
// CHECK:         %[[OUT:.*]] = ptq.observe %[[MATMUL]] name("weight_only_with_output/matmul.0") encoding(<i16, symmetric>)
// CHECK:         return %[[OUT]]
func.func @weight_only_with_output(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i4, symmetric, granularity = axis, narrow_range = true>, outputs = <i16, symmetric>>} ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// The weights are on the left and transposed: their channels are found through
// the maps.
// CHECK-LABEL: func @weights_on_the_left
// CHECK:         ptq.observe %{{.*}} encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) : tensor<8x4xf32>
#a = affine_map<(m, n, k) -> (k, m)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @weights_on_the_left(%x: tensor<8x3xf32>, %init: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %w = arith.constant dense<1.0> : tensor<8x4xf32>
  %0 = linalg.contract indexing_maps = [#a, #b, #c] {ptq.scheme = #scheme} ins(%w, %x : tensor<8x4xf32>, tensor<8x3xf32>) outs(%init : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
