// RUN: ptq-opt %s -split-input-file --ptq-fold-batch-norm | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#channel = affine_map<(d0, d1) -> (d1)>

// Scale and shift become weights times scale, and the shift as bias.
// CHECK-LABEL: func @scale_and_shift_after_matmul
// CHECK-DAG:     %[[BIAS:.*]] = arith.constant dense<[5.000000e-01, -1.000000e+00]>
// CHECK-DAG:     %[[WEIGHT:.*]] = arith.constant dense<{{\[\[}}2.000000e+00, 6.000000e+00], [4.000000e+00, 1.200000e+01]]>
// CHECK:         %[[INIT:.*]] = linalg.broadcast ins(%[[BIAS]] : tensor<2xf32>) {{.*}} dimensions = [0]
// CHECK:         %[[RESULT:.*]] = linalg.matmul ins(%{{.*}}, %[[WEIGHT]] : {{.*}}) outs(%[[INIT]] : tensor<?x2xf32>)
// CHECK-NOT:     linalg.generic
// CHECK:         return %[[RESULT]]
func.func @scale_and_shift_after_matmul(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %a = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %b = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x2xf32>, tensor<2x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #channel, #channel, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %a, %b : tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<?x2xf32>) {
    ^bb0(%in: f32, %s: f32, %t: f32, %out: f32):
      %m = arith.mulf %in, %s : f32
      %r = arith.addf %m, %t : f32
      linalg.yield %r : f32
  } -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

#id4 = affine_map<(n, c, h, w) -> (n, c, h, w)>
#c4 = affine_map<(n, c, h, w) -> (c)>

// The old bias is scaled too: 10 * 2 + 1 and 20 * 0.5 - 1. The body may subtract
// and divide.
// CHECK-LABEL: func @normalization_after_depthwise_convolution
// CHECK-DAG:     arith.constant dense<[2.100000e+01, 9.000000e+00]> : tensor<2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}5.000000e-01]]]> : tensor<2x1x1xf32>
// CHECK:         %[[CONV:.*]] = linalg.depthwise_conv_2d_nchw_chw
// CHECK-NEXT:    return %[[CONV]]
func.func @normalization_after_depthwise_convolution(%x: tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %bias = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %inverse = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
  %mean = arith.constant dense<[-0.5, 2.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<1x2x3x3xf32>
  %init = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<1x2x3x3xf32>) dimensions = [0, 2, 3]
  %0 = linalg.depthwise_conv_2d_nchw_chw ins(%x, %w : tensor<1x2x3x3xf32>, tensor<2x1x1xf32>) outs(%init : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %1 = linalg.generic {indexing_maps = [#id4, #c4, #c4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%0, %mean, %inverse : tensor<1x2x3x3xf32>, tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<1x2x3x3xf32>) {
    ^bb0(%in: f32, %m: f32, %d: f32, %out: f32):
      %s = arith.subf %in, %m : f32
      %r = arith.divf %s, %d : f32
      linalg.yield %r : f32
  } -> tensor<1x2x3x3xf32>
  return %1 : tensor<1x2x3x3xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#channel = affine_map<(d0, d1) -> (d1)>

// Another consumer needs the value before the scale.
// CHECK-LABEL: func @second_use
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
func.func @second_use(%x: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  %w = arith.constant dense<[[1.0, 2.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %a = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %a : tensor<4x2xf32>, tensor<2xf32>) outs(%e : tensor<4x2xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %m = arith.mulf %in, %s : f32
      linalg.yield %m : f32
  } -> tensor<4x2xf32>
  return %0, %1 : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A factor for each row is not one for each output channel.
// CHECK-LABEL: func @scale_along_rows
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
func.func @scale_along_rows(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %a = arith.constant dense<[2.0, 3.0, 4.0, 5.0]> : tensor<4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %a : tensor<4x2xf32>, tensor<4xf32>) outs(%e : tensor<4x2xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %m = arith.mulf %in, %s : f32
      linalg.yield %m : f32
  } -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// A ReLU is not affine.
// CHECK-LABEL: func @relu_stays
// CHECK:         linalg.matmul
// CHECK:         arith.maximumf
func.func @relu_stays(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %m = arith.maximumf %in, %zero : f32
      linalg.yield %m : f32
  } -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

#id4 = affine_map<(n, c, h, w) -> (n, c, h, w)>
#c4 = affine_map<(n, c, h, w) -> (c)>

// A grouped convolution has its channels along two dimensions; the affine op
// sees them collapsed into one.
// CHECK-LABEL: func @grouped_convolution
// CHECK-DAG:     arith.constant dense<{{\[\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}2.000000e+00]]]], {{\[\[\[\[}}3.000000e+00]]], {{\[\[\[}}4.000000e+00]]]]]> : tensor<2x2x1x1x1xf32>
// CHECK:         %[[CONV:.*]] = linalg.conv_2d_ngchw_gfchw
// CHECK:         %[[RESULT:.*]] = tensor.collapse_shape %[[CONV]]
// CHECK-NEXT:    return %[[RESULT]]
func.func @grouped_convolution(%x: tensor<1x2x1x3x3xf32>) -> tensor<1x4x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x1x1x1xf32>
  %a = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %zero = arith.constant 0.0 : f32
  %e5 = tensor.empty() : tensor<1x2x2x3x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e5 : tensor<1x2x2x3x3xf32>) -> tensor<1x2x2x3x3xf32>
  %wg = tensor.expand_shape %w [[0, 1], [2], [3], [4]] output_shape [2, 2, 1, 1, 1] : tensor<4x1x1x1xf32> into tensor<2x2x1x1x1xf32>
  %0 = linalg.conv_2d_ngchw_gfchw ins(%x, %wg : tensor<1x2x1x3x3xf32>, tensor<2x2x1x1x1xf32>) outs(%init : tensor<1x2x2x3x3xf32>) -> tensor<1x2x2x3x3xf32>
  %1 = tensor.collapse_shape %0 [[0], [1, 2], [3], [4]] : tensor<1x2x2x3x3xf32> into tensor<1x4x3x3xf32>
  %e = tensor.empty() : tensor<1x4x3x3xf32>
  %2 = linalg.generic {indexing_maps = [#id4, #c4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%1, %a : tensor<1x4x3x3xf32>, tensor<4xf32>) outs(%e : tensor<1x4x3x3xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %m = arith.mulf %in, %s : f32
      linalg.yield %m : f32
  } -> tensor<1x4x3x3xf32>
  return %2 : tensor<1x4x3x3xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#channel = affine_map<(d0, d1) -> (d1)>

// Weights that would overflow are left alone.
// CHECK-LABEL: func @overflow
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
func.func @overflow(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0e30> : tensor<2x2xf32>
  %a = arith.constant dense<1.0e30> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %a : tensor<4x2xf32>, tensor<2xf32>) outs(%e : tensor<4x2xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %m = arith.mulf %in, %s : f32
      linalg.yield %m : f32
  } -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#channel = affine_map<(d0, d1) -> (d1)>

// Asking for a dynamic size is no use of the values.
// CHECK-LABEL: func @dynamic_batch
// CHECK:         linalg.matmul
// CHECK-NOT:     linalg.generic
func.func @dynamic_batch(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %a = arith.constant dense<2.0> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x2xf32>, tensor<2x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  %m = tensor.dim %0, %c0 : tensor<?x2xf32>
  %f = tensor.empty(%m) : tensor<?x2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %a : tensor<?x2xf32>, tensor<2xf32>) outs(%f : tensor<?x2xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %p = arith.mulf %in, %s : f32
      linalg.yield %p : f32
  } -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
