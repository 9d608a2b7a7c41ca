// RUN: ptq-opt %s -split-input-file --ptq-fold-parameters | FileCheck %s

// 0.5 * 127 rounds to even.
// CHECK-LABEL: func @weight_per_tensor
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<[64, -127]> : tensor<2xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant 0.00787401571 : f32
// CHECK:         %[[RESULT:.*]] = ptq.dequantize %[[CODES]], %[[SCALE]] : tensor<2xi8>, f32 -> tensor<2xf32>
// CHECK:         return %[[RESULT]]
func.func @weight_per_tensor() -> tensor<2xf32> {
  %w = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric, narrow_range = true>) range(<min = [-1.0], max = [0.5]>) : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// Codes of 7 bits in bytes: -63 to 63 for weights, and -64 to 63.
// CHECK-LABEL: func @fewer_bits
// CHECK-DAG:     arith.constant dense<[16, -63]> : tensor<2xi8>
// CHECK-DAG:     arith.constant 0.0158730168 : f32
// CHECK-DAG:     %[[S:.*]] = arith.constant 0.0314960629 : f32
// CHECK-DAG:     %[[Z:.*]] = arith.constant -32 : i8
// CHECK:         ptq.quantize %{{.*}}, %[[S]], %[[Z]] low -64 high 63 : tensor<2xf32>, f32, i8 -> tensor<2xi8>
func.func @fewer_bits(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %w = arith.constant dense<[0.25, -1.0]> : tensor<2xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric, narrow_range = true, bits = 7>) range(<min = [-1.0], max = [0.5]>) : tensor<2xf32>
  %1 = ptq.observe %x name("x") encoding(<i8, asymmetric, bits = 7>) range(<min = [-1.0], max = [3.0], samples = 1>) : tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// A channel of zeros gets scale 1.
// CHECK-LABEL: func @weight_per_channel
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<{{\[\[}}127, 0, -127], [64, 0, 64]]> : tensor<2x3xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant dense<[0.0157480314, 1.000000e+00, 3.93700786E-4]> : tensor<3xf32>
// CHECK:         ptq.dequantize %[[CODES]], %[[SCALE]] axis 1
func.func @weight_per_channel() -> tensor<2x3xf32> {
  %w = arith.constant dense<[[2.0, 0.0, -0.05], [1.0, 0.0, 0.025]]> : tensor<2x3xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) range(<min = [0.0, 0.0, -0.05], max = [2.0, 0.0, 0.025]>) : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Hand value of the asymmetric encoding: scale 4/255, zero point -64. The range
// [2, 4] is widened to contain 0.
// CHECK-LABEL: func @activations
// CHECK-SAME:    %[[X:.*]]: tensor<?xf32>
// CHECK-DAG:     %[[S0:.*]] = arith.constant 0.0156862754 : f32
// CHECK-DAG:     %[[Z0:.*]] = arith.constant -64 : i8
// CHECK:         %[[Q0:.*]] = ptq.quantize %[[X]], %[[S0]], %[[Z0]] : tensor<?xf32>, f32, i8 -> tensor<?xi8>
// CHECK:         %[[D0:.*]] = ptq.dequantize %[[Q0]], %[[S0]], %[[Z0]]
// CHECK:         %[[Z1:.*]] = arith.constant -128 : i8
// CHECK:         %[[Q1:.*]] = ptq.quantize %[[D0]], %{{.*}}, %[[Z1]]
// CHECK:         %[[Q2:.*]] = ptq.quantize %{{.*}}, %{{.*}} low -127 : tensor<?xf32>, f32 -> tensor<?xi8>
func.func @activations(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) range(<min = [-1.0], max = [3.0], samples = 1>) : tensor<?xf32>
  %1 = ptq.observe %0 name("y") encoding(<i8, asymmetric>) range(<min = [2.0], max = [4.0], samples = 1>) : tensor<?xf32>
  %2 = ptq.observe %1 name("z") encoding(<i8, symmetric, narrow_range = true>) range(<min = [2.0], max = [4.0], samples = 1>) : tensor<?xf32>
  return %2 : tensor<?xf32>
}

// -----

// The bias gets the scale 0.5 * 0.25 of channel 0 and 0.5 * 0.125 of channel 1.
// CHECK-LABEL: func @bias
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<[8, -16]> : tensor<2xi32>
// CHECK-DAG:     %[[SCALES:.*]] = arith.constant dense<[1.250000e-01, 6.250000e-02]> : tensor<2xf32>
// CHECK:         %[[BIAS:.*]] = ptq.dequantize %[[CODES]], %[[SCALES]] axis 0 : tensor<2xi32>, tensor<2xf32> -> tensor<2xf32>
// CHECK:         %[[INIT:.*]] = linalg.broadcast ins(%[[BIAS]] : tensor<2xf32>)
// CHECK:         linalg.matmul ins({{.*}}) outs(%[[INIT]] : tensor<?x2xf32>)
func.func @bias(%x: tensor<?x1xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[31.75, -15.875]]> : tensor<1x2xf32>
  %b = arith.constant dense<[1.0, -1.0]> : tensor<2xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<?x2xf32>) dimensions = [0]
  %xo = ptq.observe %x name("x") encoding(<i8, asymmetric>) range(<min = [0.0], max = [127.5], samples = 1>) : tensor<?x1xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) range(<min = [31.75, -15.875], max = [31.75, -15.875]>) : tensor<1x2xf32>
  %0 = linalg.matmul ins(%xo, %wo : tensor<?x1xf32>, tensor<1x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

// A bias of 1.0e6 against steps of 7.4e-12 would not fit i32: the scale of that
// channel grows, and its weight becomes 0.
// CHECK-LABEL: func @large_bias
// CHECK-DAG:     arith.constant dense<{{\[\[}}0, 127]]> : tensor<1x2xi8>
// CHECK-DAG:     arith.constant dense<[1073634461, 0]> : tensor<2xi32>
func.func @large_bias(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<[[1.0e-6, 1.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[1.0e6, 0.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<4x2xf32>) dimensions = [0]
  %xo = ptq.observe %x name("x") encoding(<i8, asymmetric>) range(<min = [0.0], max = [0.25], samples = 1>) : tensor<4x1xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) range(<min = [1.0e-6, 1.0], max = [1.0e-6, 1.0]>) : tensor<1x2xf32>
  %0 = linalg.matmul ins(%xo, %wo : tensor<4x1xf32>, tensor<1x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// Dynamic parameters need no range.
// CHECK-LABEL: func @dynamic
// CHECK:         %[[S:.*]], %[[Z:.*]] = ptq.choose_parameters %{{.*}} encoding(<i8, asymmetric, granularity = token, source = dynamic>) : tensor<?x8xf32> -> tensor<?x1xf32>, tensor<?x1xi8>
// CHECK:         ptq.quantize %{{.*}}, %[[S]], %[[Z]] block [1, 8]
func.func @dynamic(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric, granularity = token, source = dynamic>) : tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// Codes of int4 are packed along the innermost even dimension, the first of two
// in the low bits: 7 and -7 are 0x97.
// CHECK-LABEL: func @packed
// CHECK-DAG:     %[[BYTES:.*]] = arith.constant dense<{{\[\[}}-105, 112], [20, -15]]> : tensor<2x2xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant dense<[1.250000e-01, 2.500000e-01]> : tensor<2xf32>
// CHECK-DAG:     %[[CODES:.*]] = ptq.unpack %[[BYTES]] axis 1 : tensor<2x2xi8> -> tensor<2x4xi4>
// CHECK:         ptq.dequantize %[[CODES]], %[[SCALE]] axis 0 : tensor<2x4xi4>, tensor<2xf32> -> tensor<2x4xf32>
func.func @packed() -> tensor<2x4xf32> {
  %w = arith.constant dense<[[0.875, -0.875, 0.0, 0.875], [1.0, 0.25, 0.25, -0.25]]> : tensor<2x4xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = axis, axis = 0, narrow_range = true>) range(<min = [-0.875, -1.75], max = [0.875, 1.75]>) : tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

// Where no dimension is even, all codes are one row.
// CHECK-LABEL: func @packed_odd
// CHECK-DAG:     %[[BYTES:.*]] = arith.constant dense<[33, 67, -25, -16, 7]> : tensor<5xi8>
// CHECK:         %[[ROW:.*]] = ptq.unpack %[[BYTES]] axis 0 : tensor<5xi8> -> tensor<9xi4>
// CHECK:         %[[CODES:.*]] = tensor.expand_shape %[[ROW]] {{\[\[}}0, 1]] {{.*}} : tensor<9xi4> into tensor<3x3xi4>
// CHECK:         ptq.dequantize %[[CODES]], %{{.*}} : tensor<3x3xi4>, f32 -> tensor<3x3xf32>
func.func @packed_odd() -> tensor<3x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 7.0, -2.0], [0.0, -1.0, 7.0]]> : tensor<3x3xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, symmetric, narrow_range = true>) range(<min = [-7.0], max = [7.0]>) : tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// -----

// A scalar, and four codes of int2 in a byte: 1, -2, 0, -1 are 0b11001001.
// CHECK-LABEL: func @packed_small
// CHECK-DAG:     %[[BYTE:.*]] = arith.constant dense<7> : tensor<1xi8>
// CHECK-DAG:     %[[CODE:.*]] = ptq.unpack %[[BYTE]] axis 0 : tensor<1xi8> -> tensor<1xi4>
// CHECK:         tensor.collapse_shape %[[CODE]] [] : tensor<1xi4> into tensor<i4>
// CHECK-DAG:     %[[BYTES:.*]] = arith.constant dense<-55> : tensor<1xi8>
// CHECK:         ptq.unpack %[[BYTES]] axis 0 : tensor<1xi8> -> tensor<4xi2>
func.func @packed_small() -> (tensor<f32>, tensor<4xf32>) {
  %s = arith.constant dense<3.5> : tensor<f32>
  %0 = ptq.observe %s name("s") encoding(<i4, symmetric, narrow_range = true>) range(<min = [0.0], max = [3.5]>) : tensor<f32>
  %w = arith.constant dense<[1.0, -2.0, 0.0, -1.0]> : tensor<4xf32>
  %1 = ptq.observe %w name("w") encoding(<i2, symmetric>) range(<min = [-1.0], max = [1.0]>) : tensor<4xf32>
  return %0, %1 : tensor<f32>, tensor<4xf32>
}

// -----

// Each block has its own range; the last one is short. 0.5 / 7 is rounded to
// f16 before codes are computed; a block of zeros has scale 1.
// CHECK-LABEL: func @blocks
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<{{\[\[}}7, -2, 0, 7, 7], [0, 0, 7, 0, 7]]> : tensor<2x5xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant dense<{{\[\[}}1.250000e-01, 2.500000e-01, 7.141110e-02], [1.000000e+00, 7.812500e-03, 1.000000e+00]]> : tensor<2x3xf16>
// CHECK:         ptq.dequantize %[[CODES]], %[[SCALE]] block [1, 2] : tensor<2x5xi8>, tensor<2x3xf16> -> tensor<2x5xf32>
func.func @blocks() -> tensor<2x5xf32> {
  %w = arith.constant dense<[[0.875, -0.25, 0.0, 1.75, 0.5], [0.0, 0.0, 0.0546875, 0.0, 7.0]]> : tensor<2x5xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 2>) range(<min = [-15.875, 0.0, 0.0, 0.0, 0.0, 0.0], max = [0.0, 31.75, 9.069213867, 0.0, 0.9921875, 127.0]>) : tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// Asymmetric blocks: the zero point is that of the rounded scale. [-1, 3] in 15
// steps: 0.26666 in f16, zero point -8 + 3.75.
// CHECK-LABEL: func @asymmetric_blocks
// CHECK-DAG:     %[[BYTES:.*]] = arith.constant dense<{{\[\[}}120, 12]]> : tensor<1x2xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant dense<{{\[\[}}2.666020e-01, 1.000000e+00]]> : tensor<1x2xf16>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant dense<{{\[\[}}-4, 0]]> : tensor<1x2xi8>
// CHECK:         ptq.dequantize %{{.*}}, %[[SCALE]], %[[ZERO]] block [1, 3] : tensor<1x4xi4>, tensor<1x2xf16>, tensor<1x2xi8> -> tensor<1x4xf32>
func.func @asymmetric_blocks() -> tensor<1x4xf32> {
  %w = arith.constant dense<[[-1.0, 3.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, asymmetric, granularity = block, axis = 1, block_size = 3>) range(<min = [-1.0, 0.0], max = [3.0, 0.0]>) : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

// Scales that f16 cannot hold stay f32: here one too large and one too small.
// CHECK-LABEL: func @wide_scales
// CHECK:         ptq.dequantize %{{.*}}, %{{.*}} block [2] : tensor<4xi4>, tensor<2xf32> -> tensor<4xf32>
// CHECK:         ptq.dequantize %{{.*}}, %{{.*}} block [2] : tensor<4xi4>, tensor<2xf32> -> tensor<4xf32>
func.func @wide_scales() -> (tensor<4xf32>, tensor<4xf32>) {
  %w = arith.constant dense<[1.0, 2.0, 1.0e6, -1.0e6]> : tensor<4xf32>
  %0 = ptq.observe %w name("large") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 2, narrow_range = true>) range(<min = [0.0, -1.0e6], max = [2.0, 1.0e6]>) : tensor<4xf32>
  %v = arith.constant dense<[1.0, 2.0, 1.0e-9, -1.0e-9]> : tensor<4xf32>
  %1 = ptq.observe %v name("small") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 2, narrow_range = true>) range(<min = [0.0, -1.0e-9], max = [2.0, 1.0e-9]>) : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Activations in blocks, of any size that is static. A bias beside weights in
// blocks stays float.
// CHECK-LABEL: func @activation_blocks
// CHECK:         ptq.quantize %{{.*}}, %{{.*}} block [1, 2] : tensor<2x3xf32>, tensor<2x2xf16> -> tensor<2x3xi8>
// CHECK:         %[[BIAS:.*]] = linalg.fill
// CHECK:         linalg.matmul {{.*}} outs(%[[BIAS]] : tensor<2x4xf32>)
func.func @activation_blocks(%x: tensor<2x3xf32>) -> tensor<2x4xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 2>) range(<min = [0.0, 0.0, 0.0, 0.0], max = [1.0, 2.0, 3.0, 4.0]>) : tensor<2x3xf32>
  %1 = ptq.observe %0 name("y") encoding(<i8, asymmetric>) range(<min = [0.0], max = [1.0]>) : tensor<2x3xf32>
  %w = arith.constant dense<1.0> : tensor<3x4xf32>
  %2 = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = block, axis = 0, block_size = 2>) range(<min = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], max = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]>) : tensor<3x4xf32>
  %init = linalg.fill ins(%one : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = linalg.matmul ins(%1, %2 : tensor<2x3xf32>, tensor<3x4xf32>) outs(%init : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %3 : tensor<2x4xf32>
}

// -----

// A range per tensor is one for each sample: samples lie along the dynamic
// dimension, wherever that is.
// CHECK-LABEL: func @per_sample
// CHECK:         %[[S:.*]], %[[Z:.*]] = ptq.choose_parameters %arg0 encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>) : tensor<?x8xf32> -> tensor<?xf32>, tensor<?xi8>
// CHECK:         %[[Q:.*]] = ptq.quantize %arg0, %[[S]], %[[Z]] axis 0 :
// CHECK:         ptq.dequantize %[[Q]], %[[S]], %[[Z]] axis 0 :
// CHECK:         %[[T:.*]] = ptq.choose_parameters %{{.*}} encoding(<i16, symmetric, granularity = axis, axis = 1, narrow_range = true, source = dynamic>) : tensor<8x?xf32> -> tensor<?xf32>
// CHECK:         ptq.quantize %{{.*}}, %[[T]] axis 1 low -32767 :
func.func @per_sample(%x: tensor<?x8xf32>, %e: tensor<8x?xf32>) -> tensor<8x?xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric, source = dynamic>) : tensor<?x8xf32>
  %1 = linalg.transpose ins(%0 : tensor<?x8xf32>) outs(%e : tensor<8x?xf32>) permutation = [1, 0]
  %2 = ptq.observe %1 name("y") encoding(<i16, symmetric, narrow_range = true, source = dynamic>) : tensor<8x?xf32>
  return %2 : tensor<8x?xf32>
}

// -----

// With a fixed batch the signature says where samples lie; the axis is followed
// through the network. Where it is merged with another, each row is finer still.
// CHECK-LABEL: func @fixed_batch
// CHECK:         ptq.choose_parameters %{{.*}} granularity = axis, axis = 0, {{.*}} : tensor<4x2x3xf32> -> tensor<4xf32>, tensor<4xi8>
// CHECK:         ptq.choose_parameters %{{.*}} granularity = axis, axis = 1, {{.*}} : tensor<2x4x3xf32> -> tensor<4xf32>, tensor<4xi8>
func.func @fixed_batch(%x: tensor<4x2x3xf32>) -> tensor<2x4x3xf32> attributes {
    ptq.entry, ptq.signature = {version = 1 : i64,
      inputs = [{name = "x", type = tensor<4x2x3xf32>, sample_axis = 0 : i64}],
      outputs = [{name = "y", type = tensor<2x4x3xf32>, sample_axis = 1 : i64}]}} {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric, source = dynamic>) : tensor<4x2x3xf32>
  %e = tensor.empty() : tensor<2x4x3xf32>
  %1 = linalg.transpose ins(%0 : tensor<4x2x3xf32>) outs(%e : tensor<2x4x3xf32>) permutation = [1, 0, 2]
  %2 = math.exp %1 : tensor<2x4x3xf32>
  %3 = ptq.observe %2 name("y") encoding(<i8, asymmetric, source = dynamic>) : tensor<2x4x3xf32>
  return %3 : tensor<2x4x3xf32>
}

// -----

// A batch of one sample is measured whole, and so is what has no samples.
// CHECK-LABEL: func @one_sample
// CHECK:         ptq.choose_parameters %arg0 encoding(<i8, asymmetric, source = dynamic>) : tensor<1x3xf32> -> f32, i8
// CHECK:         ptq.choose_parameters %arg1 encoding(<i8, asymmetric, source = dynamic>) : tensor<5x3xf32> -> f32, i8
func.func @one_sample(%x: tensor<1x3xf32>, %t: tensor<5x3xf32>) -> (tensor<1x3xf32>, tensor<5x3xf32>) attributes {
    ptq.entry, ptq.signature = {version = 1 : i64,
      inputs = [{name = "x", type = tensor<1x3xf32>, sample_axis = 0 : i64}, {name = "t", type = tensor<5x3xf32>}],
      outputs = [{name = "y", type = tensor<1x3xf32>, sample_axis = 0 : i64}, {name = "u", type = tensor<5x3xf32>}]}} {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric, source = dynamic>) : tensor<1x3xf32>
  %1 = ptq.observe %t name("t") encoding(<i8, asymmetric, source = dynamic>) : tensor<5x3xf32>
  return %0, %1 : tensor<1x3xf32>, tensor<5x3xf32>
}

// -----

// A bias beside a dynamic activation stays in float.
// CHECK-LABEL: func @dynamic_bias
// CHECK-DAG:     %[[B:.*]] = arith.constant dense<[5.000000e-01, -5.000000e-01]> : tensor<2xf32>
// CHECK:         %[[I:.*]] = linalg.broadcast ins(%[[B]] : tensor<2xf32>)
// CHECK:         linalg.matmul {{.*}} outs(%[[I]] :
func.func @dynamic_bias(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<[[1.0, 0.5]]> : tensor<1x2xf32>
  %b = arith.constant dense<[0.5, -0.5]> : tensor<2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<4x2xf32>) dimensions = [0]
  %xo = ptq.observe %x name("x") encoding(<i8, asymmetric, source = dynamic>) : tensor<4x1xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, narrow_range = true>) range(<min = [0.5], max = [1.0]>) : tensor<1x2xf32>
  %0 = linalg.matmul ins(%xo, %wo : tensor<4x1xf32>, tensor<1x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// Halves are divided by the scale as the f32 that they are.
// CHECK-LABEL: func @half_weight
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense<[85, -127, 0]> : tensor<3xi8>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant 0.00787401571 : f32
// CHECK:         ptq.dequantize %[[CODES]], %[[SCALE]] : tensor<3xi8>, f32 -> tensor<3xf16>
func.func @half_weight() -> tensor<3xf16> {
  %w = arith.constant dense<[0.666504, -1.0, 5.96e-08]> : tensor<3xf16>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric, narrow_range = true>) range(<min = [-1.0], max = [0.666504]>) : tensor<3xf16>
  return %0 : tensor<3xf16>
}
