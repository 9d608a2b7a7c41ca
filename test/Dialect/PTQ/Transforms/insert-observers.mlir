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

// -----

#scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, block_size = 32, narrow_range = true>, rounding = gptq>

// Blocks run along what is summed over: the rows of the constant here.
// CHECK-LABEL: func @blocks_of_a_matmul
// CHECK:         ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 32, narrow_range = true>) rounding({{ ?}}gptq) : tensor<40x2xf32>
func.func @blocks_of_a_matmul(%x: tensor<4x40xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<40x2xf32>
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<4x40xf32>, tensor<40x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i8, symmetric, granularity = block, block_size = 32, narrow_range = true>>
#static = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = block, block_size = 32, narrow_range = true>>

// A block that holds the whole sum is a channel where activations are quantized
// as well: integer products can use its scale. Otherwise it has the scale of a
// block, which is smaller.
// CHECK-LABEL: func @one_block_is_a_channel
// CHECK:         ptq.observe %{{.*}} encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) : tensor<32x2xf32>
// CHECK-LABEL: func @one_block
// CHECK:         ptq.observe %{{.*}} encoding(<i8, symmetric, granularity = block, axis = 0, block_size = 32, narrow_range = true>) : tensor<32x2xf32>
func.func @one_block_is_a_channel(%x: tensor<4x32xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<32x2xf32>
  %0 = linalg.matmul {ptq.scheme = #static} ins(%x, %w : tensor<4x32xf32>, tensor<32x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
func.func @one_block(%x: tensor<4x32xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<32x2xf32>
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<4x32xf32>, tensor<32x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i8, symmetric, granularity = block, block_size = 4, narrow_range = true>>

// The constant stands transposed; its blocks run along its own axis.
// CHECK-LABEL: func @blocks_before_a_transpose
// CHECK:         ptq.observe %{{.*}} encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 4, narrow_range = true>) : tensor<2x8xf32>
func.func @blocks_before_a_transpose(%x: tensor<4x8xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %t = linalg.transpose ins(%w : tensor<2x8xf32>) outs(%e : tensor<8x2xf32>) permutation = [1, 0]
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %t : tensor<4x8xf32>, tensor<8x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, block_size = 5, narrow_range = true>>

// A convolution sums over input channels and a window: they are made one. Those
// of a 1x1 window are one already, and a depthwise one has one short block.
// CHECK-LABEL: func @blocks_of_convolutions
// CHECK:         %[[W:.*]] = ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 5, narrow_range = true>) : tensor<2x12xf32>
// CHECK:         tensor.expand_shape %[[W]] {{\[\[}}0], [1, 2, 3]] output_shape [2, 3, 2, 2]
// CHECK:         ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 5, narrow_range = true>) : tensor<2x8x1x1xf32>
// CHECK:         %[[D:.*]] = ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 5, narrow_range = true>) : tensor<2x4xf32>
// CHECK:         tensor.expand_shape %[[D]] {{\[\[}}0], [1, 2]] output_shape [2, 2, 2]
func.func @blocks_of_convolutions(%x: tensor<1x3x4x4xf32>, %y: tensor<1x8x4x4xf32>, %z: tensor<1x2x4x4xf32>, %i3: tensor<1x2x3x3xf32>, %i4: tensor<1x2x4x4xf32>)
    -> (tensor<1x2x3x3xf32>, tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<2x3x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%x, %w0 : tensor<1x3x4x4xf32>, tensor<2x3x2x2xf32>) outs(%i3 : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %w1 = arith.constant dense<1.0> : tensor<2x8x1x1xf32>
  %1 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%y, %w1 : tensor<1x8x4x4xf32>, tensor<2x8x1x1xf32>) outs(%i4 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %w2 = arith.constant dense<1.0> : tensor<2x2x2xf32>
  %2 = linalg.depthwise_conv_2d_nchw_chw {ptq.scheme = #scheme} ins(%z, %w2 : tensor<1x2x4x4xf32>, tensor<2x2x2xf32>) outs(%i3 : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  return %0, %1, %2 : tensor<1x2x3x3xf32>, tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i4, symmetric, granularity = block, block_size = 5, narrow_range = true>>

// Where activations are quantized, too, blocks run along the channels of each
// position of the window, unless they would be shorter than half of what they may.
// CHECK-LABEL: func @blocks_of_channels
// CHECK:         ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 5, narrow_range = true>) : tensor<2x3x2x2xf32>
// CHECK:         ptq.observe %{{.*}} encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 5, narrow_range = true>) : tensor<2x8xf32>
func.func @blocks_of_channels(%x: tensor<1x3x4x4xf32>, %y: tensor<1x2x4x4xf32>, %i: tensor<1x2x3x3xf32>)
    -> (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<2x3x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%x, %w0 : tensor<1x3x4x4xf32>, tensor<2x3x2x2xf32>) outs(%i : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %w1 = arith.constant dense<1.0> : tensor<2x2x2x2xf32>
  %1 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%y, %w1 : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) outs(%i : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  return %0, %1 : tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i8, symmetric, granularity = block, block_size = 2, narrow_range = true>>
#a = affine_map<(m, n, k, l) -> (m, k, l)>
#b = affine_map<(m, n, k, l) -> (k, n, l)>
#c = affine_map<(m, n, k, l) -> (m, n)>

// What is summed over lies apart in the constant: channels take its place.
// CHECK-LABEL: func @sums_that_lie_apart
// CHECK:         ptq.observe %{{.*}} encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) : tensor<4x2x4xf32>
func.func @sums_that_lie_apart(%x: tensor<3x4x4xf32>, %init: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2x4xf32>
  %0 = linalg.contract indexing_maps = [#a, #b, #c] {ptq.scheme = #scheme} ins(%x, %w : tensor<3x4x4xf32>, tensor<4x2x4xf32>) outs(%init : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric, granularity = token, source = dynamic>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// The rows of the input are what is summed over, before a reshape that merges
// the others.
// CHECK-LABEL: func @tokens_at_the_root
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x8xf32>
// CHECK:         ptq.observe %[[X]] name("arg0") encoding(<i8, asymmetric, granularity = token, source = dynamic>) : tensor<2x3x8xf32>
func.func @tokens_at_the_root(%x: tensor<2x3x8xf32>, %init: tensor<6x2xf32>) -> tensor<6x2xf32> {
  %w = arith.constant dense<1.0> : tensor<8x2xf32>
  %r = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x3x8xf32> into tensor<6x8xf32>
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%r, %w : tensor<6x8xf32>, tensor<8x2xf32>) outs(%init : tensor<6x2xf32>) -> tensor<6x2xf32>
  return %0 : tensor<6x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, symmetric, granularity = token, narrow_range = true, source = dynamic>>

// Attention: heads are split off the rows of the queries, so the tokens are
// those after the reshape; the keys are transposed afterwards.
// CHECK-LABEL: func @tokens_of_attention
// CHECK:         %[[Q:.*]] = tensor.expand_shape %arg0
// CHECK:         ptq.observe %[[Q]] {{.*}}granularity = token{{.*}} : tensor<3x2x4xf32>
// CHECK:         %[[K:.*]] = tensor.expand_shape %arg1
// CHECK:         ptq.observe %[[K]] {{.*}}granularity = token{{.*}} : tensor<3x2x4xf32>
#q = affine_map<(h, m, n, k) -> (m, h, k)>
#k = affine_map<(h, m, n, k) -> (h, k, n)>
#s = affine_map<(h, m, n, k) -> (h, m, n)>
func.func @tokens_of_attention(%q: tensor<3x8xf32>, %k: tensor<3x8xf32>, %init: tensor<2x3x3xf32>) -> tensor<2x3x3xf32> {
  %qh = tensor.expand_shape %q [[0], [1, 2]] output_shape [3, 2, 4] : tensor<3x8xf32> into tensor<3x2x4xf32>
  %kh = tensor.expand_shape %k [[0], [1, 2]] output_shape [3, 2, 4] : tensor<3x8xf32> into tensor<3x2x4xf32>
  %e = tensor.empty() : tensor<2x4x3xf32>
  %kt = linalg.transpose ins(%kh : tensor<3x2x4xf32>) outs(%e : tensor<2x4x3xf32>) permutation = [1, 2, 0]
  %0 = linalg.contract indexing_maps = [#q, #k, #s] {ptq.scheme = #scheme} ins(%qh, %kt : tensor<3x2x4xf32>, tensor<2x4x3xf32>) outs(%init : tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %0 : tensor<2x3x3xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric, granularity = token, source = dynamic>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// The rows of an image are not what a convolution sums over, nor are those of
// the right factor of a product of activations.
// CHECK-LABEL: func @no_tokens
// CHECK-DAG:     ptq.observe %arg0 {{.*}} encoding(<i8, asymmetric, source = dynamic>)
// CHECK-DAG:     ptq.observe %arg1 {{.*}} encoding(<i8, asymmetric, granularity = token, source = dynamic>)
// CHECK-DAG:     ptq.observe %arg2 {{.*}} encoding(<i8, asymmetric, source = dynamic>)
func.func @no_tokens(%x: tensor<1x1x4x4xf32>, %a: tensor<3x4xf32>, %b: tensor<4x3xf32>, %i0: tensor<1x2x3x3xf32>, %i1: tensor<3x3xf32>) -> (tensor<1x2x3x3xf32>, tensor<3x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x1x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw {ptq.scheme = #scheme} ins(%x, %w : tensor<1x1x4x4xf32>, tensor<2x1x2x2xf32>) outs(%i0 : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %1 = linalg.matmul {ptq.scheme = #scheme} ins(%a, %b : tensor<3x4xf32>, tensor<4x3xf32>) outs(%i1 : tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0, %1 : tensor<1x2x3x3xf32>, tensor<3x3xf32>
}

// -----

#scheme = #ptq.scheme<weights = <i4, symmetric, granularity = axis, narrow_range = true>, float_type = f16>

// Activations of half the width: rounded once for both ops, and f32 for the op
// that asks for nothing.
// CHECK-LABEL: func @half_width_activations
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x2xf32>
// CHECK:         %[[HALF:.*]] = arith.truncf %[[X]] : tensor<4x2xf32> to tensor<4x2xf16>
// CHECK:         %[[ROUNDED:.*]] = arith.extf %[[HALF]] : tensor<4x2xf16> to tensor<4x2xf32>
// CHECK-NOT:     arith.truncf
// CHECK:         linalg.matmul ins(%[[ROUNDED]],
// CHECK:         linalg.matmul ins(%[[ROUNDED]],
// CHECK:         linalg.matmul ins(%[[X]],
func.func @half_width_activations(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %2 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0, %1, %2 : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

#i8 = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
#i16 = #ptq.scheme<activations = <i16, symmetric, narrow_range = true>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// Three ops read the same padded value, each in its own way: each gets data
// movement of its own.
// CHECK-LABEL: func @shared_movement
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<1x1x2x2xf32>
// CHECK-DAG:     %[[WIDE:.*]] = ptq.observe %[[X]] name("arg0") encoding(<i16, symmetric, narrow_range = true>)
// CHECK-DAG:     %[[BYTE:.*]] = ptq.observe %[[X]] name("arg0") encoding(<i8, asymmetric>)
// CHECK-DAG:     %[[PAD:.*]] = tensor.pad %[[X]]
// CHECK-DAG:     %[[PAD_WIDE:.*]] = tensor.pad %[[WIDE]]
// CHECK-DAG:     %[[PAD_BYTE:.*]] = tensor.pad %[[BYTE]]
// CHECK:         linalg.conv_2d_nchw_fchw ins(%[[PAD_BYTE]],
// CHECK:         linalg.conv_2d_nchw_fchw ins(%[[PAD_WIDE]],
// CHECK:         linalg.conv_2d_nchw_fchw ins(%[[PAD]],
func.func @shared_movement(%x: tensor<1x1x2x2xf32>, %init: tensor<1x1x3x3xf32>) -> (tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<1x1x2x2xf32>
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %zero : f32
  } : tensor<1x1x2x2xf32> to tensor<1x1x4x4xf32>
  %0 = linalg.conv_2d_nchw_fchw {ptq.scheme = #i8} ins(%p, %w : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) outs(%init : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  %1 = linalg.conv_2d_nchw_fchw {ptq.scheme = #i16} ins(%p, %w : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) outs(%init : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  %2 = linalg.conv_2d_nchw_fchw ins(%p, %w : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) outs(%init : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  return %0, %1, %2 : tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>
}

// -----

// One operand in its own way, one not at all; a bias is nobody's edge.
// CHECK-LABEL: func @single_operands
// CHECK-SAME:    %[[A:[a-z0-9]+]]: tensor<2x2xf32>, %[[B:[a-z0-9]+]]: tensor<2x2xf32>, %[[C:[a-z0-9]+]]: tensor<2x2xf32>
// CHECK-NOT:     ptq.observe
// CHECK:         %[[OBSERVED:.*]] = ptq.observe %[[A]] name("arg0") encoding(<i16, symmetric>) estimator({{ ?}}kl)
// CHECK-NOT:     ptq.observe
// CHECK:         linalg.matmul ins(%[[OBSERVED]], %[[B]] : {{.*}}) outs(%[[C]] :
func.func @single_operands(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, operands = [
      #ptq.operand<0, encoding = <i16, symmetric>, estimator = kl>, #ptq.operand<1>, #ptq.operand<2, encoding = <i8, symmetric>>]>}
      ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// A range per sample is measured where samples are told apart by whole indices:
// not among the rows of all samples, but after these have been split.
// CHECK-LABEL: func @samples
// CHECK: %[[Y:.+]] = linalg.matmul {{.*}} -> tensor<?x6xf32>
// CHECK: %[[E:.+]] = tensor.expand_shape %[[Y]] {{.+}} into tensor<?x4x6xf32>
// CHECK: ptq.observe %[[E]] {{.*}}encoding(<i8, asymmetric, source = dynamic>)
func.func @samples(%x: tensor<?x4x3xf32>, %w: tensor<3x6xf32>, %k: tensor<?x5x4xf32>, %n: index, %rows: index) -> tensor<?x5x6xf32> {
  %zero = arith.constant 0.0 : f32
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x4x3xf32> into tensor<?x3xf32>
  %e0 = tensor.empty(%rows) : tensor<?x6xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %v = linalg.matmul ins(%c, %w : tensor<?x3xf32>, tensor<3x6xf32>) outs(%f0 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %s = tensor.expand_shape %v [[0, 1], [2]] output_shape [%n, 4, 6] : tensor<?x6xf32> into tensor<?x4x6xf32>
  %e1 = tensor.empty(%n) : tensor<?x5x6xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<?x5x6xf32>) -> tensor<?x5x6xf32>
  %y = linalg.batch_matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric, source = dynamic>>}
       ins(%k, %s : tensor<?x5x4xf32>, tensor<?x4x6xf32>) outs(%f1 : tensor<?x5x6xf32>) -> tensor<?x5x6xf32>
  return %y : tensor<?x5x6xf32>
}

// -----

#channels = #ptq.scheme<weights = <i4, symmetric, granularity = axis, narrow_range = true>>
#blocks = #ptq.scheme<activations = <i8, asymmetric>, weights = <i4, symmetric, granularity = block, block_size = 3, narrow_range = true>>

// A table has a scale for each of the rows that are picked, or for each block
// along them.
// CHECK-LABEL: func @gathers
// CHECK-DAG:     %[[ROWS:.+]] = ptq.observe %{{.+}} name("rows") encoding(<i4, symmetric, granularity = axis, axis = 0, narrow_range = true>)
// CHECK-DAG:     %[[BLOCKS:.+]] = ptq.observe %{{.+}} name("columns") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 3, narrow_range = true>)
// CHECK:         tensor.extract %[[ROWS]]
// CHECK:         tensor.extract %[[BLOCKS]]
func.func @gathers(%ids: tensor<?xindex>, %init: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %rows = arith.constant dense<1.0> : tensor<8x4xf32> loc("rows")
  %columns = arith.constant dense<1.0> : tensor<4x8xf32> loc("columns")
  %0 = linalg.generic {indexing_maps = [affine_map<(t, i) -> (t)>, affine_map<(t, i) -> (t, i)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%init : tensor<?x4xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %rows[%id, %i] {ptq.scheme = #channels} : tensor<8x4xf32>
      linalg.yield %e : f32
  } -> tensor<?x4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(t, i) -> (t)>, affine_map<(t, i) -> (t, i)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%init : tensor<?x4xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %columns[%i, %id] {ptq.scheme = #blocks} : tensor<4x8xf32>
      linalg.yield %e : f32
  } -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// A function of each element is quantized where its result is: before a product,
// not at the end, and not the clamp, which the quantizer moves.
// CHECK-LABEL: func @functions
// CHECK: ptq.observe %arg0
// CHECK: math.tanh
// CHECK: ptq.observe %{{.+}} name("tanh")
// CHECK: %[[Y:.+]] = linalg.matmul
// CHECK-NOT: ptq.observe
// CHECK: linalg.generic {{.*}} ins(%[[Y]] : tensor<2x2xf32>)
#id = affine_map<(a, b) -> (a, b)>
func.func @functions(%x: tensor<2x2xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %t = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"], ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>>}
      ins(%x : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %r = math.tanh %in : f32
      linalg.yield %r : f32
  } -> tensor<2x2xf32> loc("tanh")
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric>>}
      ins(%t, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"], ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>>}
      ins(%y : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %r = math.tanh %in : f32
      linalg.yield %r : f32
  } -> tensor<2x2xf32>
  return %s : tensor<2x2xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>

// What is quantized already stays so, through data movement too; the rest is
// observed.
// CHECK-LABEL: func @quantized_before
// CHECK-SAME:    %[[CODES:.*]]: tensor<2x2x2xi8>, %[[W:.*]]: tensor<4x2xf32>
// CHECK:         %[[OBSERVED:.*]] = ptq.observe %[[W]]
// CHECK:         %[[X:.*]] = ptq.dequantize %[[CODES]]
// CHECK:         %[[ROWS:.*]] = tensor.collapse_shape %[[X]]
// CHECK:         linalg.matmul ins(%[[ROWS]], %[[OBSERVED]]
func.func @quantized_before(%codes: tensor<2x2x2xi8>, %w: tensor<4x2xf32>, %init: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %scale = arith.constant 0.5 : f32
  %x = ptq.dequantize %codes, %scale : tensor<2x2x2xi8>, f32 -> tensor<2x2x2xf32>
  %rows = tensor.collapse_shape %x [[0], [1, 2]] : tensor<2x2x2xf32> into tensor<2x4xf32>
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%rows, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
