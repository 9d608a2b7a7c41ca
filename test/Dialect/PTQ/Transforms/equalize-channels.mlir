// REQUIRES: numpy
// RUN: %python -c "import numpy as np; np.savez('%t.npz', x=np.float32([[4, 1], [-16, 0.25]]))"
// RUN: ptq-opt %s -split-input-file --ptq-equalize-channels="data=%t.npz" | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-equalize-channels="data=%t.npz factors=powers-of-two" | FileCheck %s --check-prefix=POWERS
// RUN: ptq-opt %s -split-input-file --ptq-equalize-channels="data=%t.npz smoothing=1" | FileCheck %s --check-prefix=ALL
// RUN: ptq-opt %s -split-input-file --ptq-equalize-channels="data=%t.npz" --remarks-filter='ptq-equalize.*' 2>&1 | FileCheck %s --check-prefix=REMARKS

// Both sides of a channel get the same largest magnitude: channel 0 is divided
// by 1/2, channel 1 by 2.
// CHECK-LABEL: func @matmuls
// CHECK-DAG:     %[[W0:.+]] = arith.constant dense<{{\[\[}}2.000000e+00, 8.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG:     %[[W1:.+]] = arith.constant dense<{{\[\[}}2.000000e+00], [8.000000e+00]]> : tensor<2x1xf32>
// CHECK:         linalg.matmul ins(%arg0, %[[W0]] :
// CHECK:         linalg.matmul {{.*}} ins(%{{.+}}, %[[W1]] :
// REMARKS: [Passed] Equalized {{.*}}the 2 channels that 'y' reads are divided by factors from 0.50 to 2.00 (crosslayer)
func.func @matmuls(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> tensor<3x1xf32> {
  %w0 = arith.constant dense<[[1.0, 16.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[4.0], [4.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("y")
  return %1 : tensor<3x1xf32>
}

// -----

// The bias scales with the weights; ReLU and reshapes let factors pass. A dead
// channel keeps its weights. The factors are 3/2 and 1 (1 of a dead channel),
// powers of two 2 and 1.
// CHECK-LABEL: func @bias_and_relu
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[2.000000e+00, 5.000000e+00]> : tensor<2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[}}6.000000e+00, 0.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[}}6.000000e+00], [7.000000e+00]]> : tensor<2x1xf32>
// CHECK:         %[[I:.+]] = linalg.broadcast ins(%[[B]] : tensor<2xf32>)
// CHECK:         linalg.matmul {{.*}} outs(%[[I]] : tensor<?x2xf32>)
// POWERS-LABEL: func @bias_and_relu
// POWERS-DAG:     arith.constant dense<[1.500000e+00, 5.000000e+00]> : tensor<2xf32>
// POWERS-DAG:     arith.constant dense<{{\[\[}}4.500000e+00, 0.000000e+00]]> : tensor<1x2xf32>
// POWERS-DAG:     arith.constant dense<{{\[\[}}8.000000e+00], [7.000000e+00]]> : tensor<2x1xf32>
func.func @bias_and_relu(%x: tensor<?x1xf32>, %e2: tensor<?x2xf32>, %e1: tensor<?x1xf32>, %n: index) -> tensor<?x1xf32> {
  %w0 = arith.constant dense<[[9.0, 0.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[4.0], [7.0]]> : tensor<2x1xf32>
  %b = arith.constant dense<[3.0, 5.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e2 : tensor<?x2xf32>) dimensions = [0]
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<?x1xf32>, tensor<1x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [%n, 1, 2] : tensor<?x2xf32> into tensor<?x1x2xf32>
  %e3 = tensor.empty(%n) : tensor<?x1x2xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1 : tensor<?x1x2xf32>) outs(%e3 : tensor<?x1x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %above = arith.cmpf ugt, %in, %zero : f32
      %r = arith.select %above, %in, %zero : f32
      linalg.yield %r : f32
  } -> tensor<?x1x2xf32>
  %3 = tensor.collapse_shape %2 [[0, 1], [2]] : tensor<?x1x2xf32> into tensor<?x2xf32>
  %4 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%3, %w1 : tensor<?x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %4 : tensor<?x1xf32>
}

// -----

// Three layers share what they have: 1 * 8 * 64 in channel 0 becomes 8, 8, 8.
// CHECK-LABEL: func @depthwise
// CHECK-DAG:     arith.constant dense<{{.*}}8.000000e+00]]], {{.*}}1.000000e+00{{.*}}> : tensor<2x1x1x1xf32>
// CHECK-DAG:     arith.constant dense<{{.*}}8.000000e+00]], {{.*}}1.000000e+00{{.*}}> : tensor<2x1x1xf32>
// CHECK-DAG:     arith.constant dense<{{.*}}8.000000e+00]], {{.*}}1.000000e+00{{.*}}> : tensor<1x2x1x1xf32>
func.func @depthwise(%x: tensor<1x1x4x4xf32>, %e2: tensor<1x2x4x4xf32>, %e1: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = arith.constant dense<[[[[1.0]]], [[[1.0]]]]> : tensor<2x1x1x1xf32>
  %w1 = arith.constant dense<[[[8.0]], [[1.0]]]> : tensor<2x1x1xf32>
  %w2 = arith.constant dense<[[[[64.0]], [[1.0]]]]> : tensor<1x2x1x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %w0 : tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) outs(%f2 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = linalg.depthwise_conv_2d_nchw_chw {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) outs(%f2 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%1, %w2 : tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) outs(%f1 : tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  return %2 : tensor<1x1x4x4xf32>
}

// -----

// The terms of a residual sum have one unit: both producers are divided, and
// both consumers, one of the sum and one of a term, multiplied. Largest
// magnitudes: 16 and 4 before, 4 and 1 behind.
// CHECK-LABEL: func @residual
// CHECK-DAG:     arith.constant dense<{{\[\[}}8.000000e+00, 1.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[}}8.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[}}2.000000e+00], [-2.000000e+00]]> : tensor<2x1xf32>
func.func @residual(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %w0 = arith.constant dense<[[16.0, 2.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %w2 = arith.constant dense<[[4.0], [1.0]]> : tensor<2x1xf32>
  %w3 = arith.constant dense<[[1.0], [-1.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = linalg.matmul ins(%x, %w1 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %2 = linalg.add ins(%0, %1 : tensor<3x2xf32>, tensor<3x2xf32>) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %3 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%2, %w2 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %4 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w3 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  return %3, %4 : tensor<3x1xf32>, tensor<3x1xf32>
}

// -----

// An input of the network is multiplied where it comes in. Its channels reach
// 16 and 1, their weights 1 and 4: factors sqrt(16 / 1) and sqrt(1 / 4), or all
// of the 16 and 1.
// CHECK-LABEL: func @smooth_input
// CHECK:         %[[F:.+]] = arith.constant dense<[2.500000e-01, 2.000000e+00]> : tensor<2xf32>
// CHECK:         %[[X:.+]] = linalg.generic {{.*}} ins(%arg0, %[[F]] : tensor<?x2xf32>, tensor<2xf32>)
// CHECK:           arith.mulf
// CHECK:         %[[W:.+]] = arith.constant dense<{{\[\[}}4.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>
// CHECK:         linalg.matmul {{.*}} ins(%[[X]], %[[W]] :
// ALL-LABEL: func @smooth_input
// ALL-DAG:     arith.constant dense<[6.250000e-02, 1.000000e+00]> : tensor<2xf32>
// ALL-DAG:     arith.constant dense<{{\[\[}}1.600000e+01], [4.000000e+00]]> : tensor<2x1xf32>
func.func @smooth_input(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0], [4.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = smoothquant>}
       ins(%x, %w : tensor<?x2xf32>, tensor<2x1xf32>) outs(%f : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// -----

// No factor passes through a pad of other numbers than 0, which would not be
// multiplied: what is padded is.
// CHECK-LABEL: func @smooth_padded
// CHECK:         %[[P:.+]] = tensor.pad %arg0
// CHECK:         %[[X:.+]] = linalg.generic {{.*}} ins(%[[P]], %{{.+}} : tensor<?x2xf32>, tensor<2xf32>)
// CHECK:         arith.mulf
// CHECK:         linalg.matmul {{.*}} ins(%[[X]],
func.func @smooth_padded(%x: tensor<?x2xf32>) -> tensor<?x1xf32> attributes {ptq.entry} {
  %w = arith.constant dense<[[1.0], [4.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %five = arith.constant 5.0 : f32
  %c0 = arith.constant 0 : index
  %p = tensor.pad %x low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %five : f32
  } : tensor<?x2xf32> to tensor<?x2xf32>
  %n = tensor.dim %p, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = smoothquant>}
       ins(%p, %w : tensor<?x2xf32>, tensor<2x1xf32>) outs(%f : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}
