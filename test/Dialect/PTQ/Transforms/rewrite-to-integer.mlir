// RUN: ptq-opt %s -split-input-file -ptq-rewrite-to-integer | FileCheck %s
// The result lowers further and verifies on the way.
// RUN: ptq-opt %s -split-input-file -ptq-rewrite-to-integer -ptq-convert-to-linalg -canonicalize -o %t

// The example of the pass description: the bias becomes [10, 20, 30, 40] less 5
// times the column sums [6, -1, 0, 3].
// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x3xi8>)
// CHECK-DAG: %[[M:.+]] = arith.constant dense<[1.250000e-01, 2.500000e-01, 5.000000e-01, 1.000000e+00]> : tensor<4xf32>
// CHECK-DAG: %[[C:.+]] = arith.constant dense<[-20, 25, 30, 25]> : tensor<4xi32>
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{.*}}> : tensor<3x4xi8>
// CHECK-DAG: %[[ZY:.+]] = arith.constant -8 : i8
// CHECK: %[[INIT:.+]] = linalg.broadcast ins(%[[C]] : tensor<4xi32>) outs(%{{.+}} : tensor<?x4xi32>) dimensions = [0]
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[Q]], %[[W]] : tensor<?x3xi8>, tensor<3x4xi8>) outs(%[[INIT]] : tensor<?x4xi32>)
// CHECK: %[[Y:.+]] = ptq.requantize %[[ACC]], %[[M]], %[[ZY]] axis 1 low -8 :
// CHECK: return %[[Y]]
func.func @matmul(%q: tensor<?x3xi8>) -> tensor<?x4xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 5 : i8
  %sy = arith.constant 2.0 : f32
  %zy = arith.constant -8 : i8
  %w = arith.constant dense<[[1, -2, 3, 1], [2, 0, -3, 1], [3, 1, 0, 1]]> : tensor<3x4xi8>
  %sw = arith.constant dense<[0.5, 1.0, 2.0, 4.0]> : tensor<4xf32>
  %b = arith.constant dense<[10, 20, 30, 40]> : tensor<4xi32>
  %sb = arith.constant dense<[0.25, 0.5, 1.0, 2.0]> : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %q, %sx, %zx : tensor<?x3xi8>, f32, i8 -> tensor<?x3xf32>
  %wf = ptq.dequantize %w, %sw axis 1 : tensor<3x4xi8>, tensor<4xf32> -> tensor<3x4xf32>
  %bf = ptq.dequantize %b, %sb axis 0 : tensor<4xi32>, tensor<4xf32> -> tensor<4xf32>
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %i = linalg.broadcast ins(%bf : tensor<4xf32>) outs(%e : tensor<?x4xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %wf : tensor<?x3xf32>, tensor<3x4xf32>) outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = ptq.quantize %y, %sy, %zy low -8 : tensor<?x4xf32>, f32, i8 -> tensor<?x4xi8>
  return %r : tensor<?x4xi8>
}

// -----

// Zero points of weights are taken off the constant: 1 - 5, -2 + 1, and so on. From
// 4 bits they become bytes, and sums are those of the differences.
// CHECK-LABEL: func @asymmetric_weights
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{\[\[}}-4, -1], [-3, 1], [-13, 8]]> : tensor<3x2xi8>
// CHECK-DAG: %[[C:.+]] = arith.constant dense<[100, -40]> : tensor<2xi32>
// CHECK: %[[INIT:.+]] = linalg.broadcast ins(%[[C]] : tensor<2xi32>)
// CHECK: linalg.matmul ins(%{{.+}}, %[[W]] : tensor<2x3xi8>, tensor<3x2xi8>) outs(%[[INIT]] : tensor<2x2xi32>)
func.func @asymmetric_weights(%q: tensor<2x3xi8>) -> tensor<2x2xf32> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 5 : i8
  %w = arith.constant dense<[[1, -2], [2, 0], [-8, 7]]> : tensor<3x2xi4>
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %zw = arith.constant dense<[5, -1]> : tensor<2xi8>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %sx, %zx : tensor<2x3xi8>, f32, i8 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw, %zw axis 1 : tensor<3x2xi4>, tensor<2xf32>, tensor<2xi8> -> tensor<3x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// 127 + 128 needs more than a byte. One zero point may be that of all channels.
// CHECK-LABEL: func @wide_differences
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{\[\[}}255, 128], [0, 129]]> : tensor<2x2xi16>
// CHECK: linalg.matmul ins(%{{.+}}, %[[W]] : tensor<2x2xi8>, tensor<2x2xi16>) outs(%{{.+}} : tensor<2x2xi32>)
func.func @wide_differences(%q: tensor<2x2xi8>) -> tensor<2x2xf32> {
  %s = arith.constant 0.5 : f32
  %w = arith.constant dense<[[127, 0], [-128, 1]]> : tensor<2x2xi8>
  %zw = arith.constant -128 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<2x2xi8>, f32 -> tensor<2x2xf32>
  %wf = ptq.dequantize %w, %s, %zw : tensor<2x2xi8>, f32, i8 -> tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x2xf32>, tensor<2x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// The last layer: its result is a float, computed from the accumulator. Neither
// a bias nor a zero point: the accumulator starts from 0.
// CHECK-LABEL: func @float_tail
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<2x3xi8>)
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0 : i32
// CHECK-DAG: %[[S:.+]] = arith.constant dense<[2.500000e-01, 5.000000e-01]> : tensor<2xf32>
// CHECK: %[[INIT:.+]] = linalg.fill ins(%[[ZERO]] : i32)
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[Q]], %{{.+}} : tensor<2x3xi8>, tensor<3x2xi8>) outs(%[[INIT]] : tensor<2x2xi32>)
// CHECK: %[[Y:.+]] = ptq.dequantize %[[ACC]], %[[S]] axis 1 : tensor<2x2xi32>, tensor<2xf32> -> tensor<2x2xf32>
// CHECK: return %[[Y]]
func.func @float_tail(%q: tensor<2x3xi8>) -> tensor<2x2xf32> {
  %sx = arith.constant 0.5 : f32
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %sx : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw axis 1 : tensor<3x2xi8>, tensor<2xf32> -> tensor<3x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// Several users of one accumulator: two quantizes and one float.
// CHECK-LABEL: func @fan_out
// CHECK: %[[ACC:.+]] = linalg.matmul
// CHECK-DAG: %[[A:.+]] = ptq.requantize %[[ACC]], %{{[^,]+}} : tensor<2x2xi32>, f32 -> tensor<2x2xi8>
// CHECK-DAG: %[[B:.+]] = ptq.requantize %[[ACC]], %{{[^,]+}} low 0 : tensor<2x2xi32>, f32 -> tensor<2x2xi16>
// CHECK-DAG: %[[F:.+]] = ptq.dequantize %[[ACC]], %{{[^,]+}} : tensor<2x2xi32>, f32 -> tensor<2x2xf32>
// CHECK-DAG: %[[E:.+]] = math.exp %[[F]]
// CHECK: return %[[A]], %[[B]], %[[E]], %[[F]]
func.func @fan_out(%q: tensor<2x3xi8>) -> (tensor<2x2xi8>, tensor<2x2xi16>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %sx = arith.constant 0.5 : f32
  %sy = arith.constant 0.125 : f32
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %sx : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sx : tensor<3x2xi8>, f32 -> tensor<3x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  %a = ptq.quantize %y, %sx : tensor<2x2xf32>, f32 -> tensor<2x2xi8>
  %b = ptq.quantize %y, %sy low 0 : tensor<2x2xf32>, f32 -> tensor<2x2xi16>
  %c = math.exp %y : tensor<2x2xf32>
  return %a, %b, %c, %y : tensor<2x2xi8>, tensor<2x2xi16>, tensor<2x2xf32>, tensor<2x2xf32>
}

// -----

// A bias that is no code of the accumulator is added in float, afterwards.
// CHECK-LABEL: func @float_bias
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x3xi8>, %[[B:[a-z0-9]+]]: tensor<?x2xf32>)
// CHECK: %[[ACC:.+]] = linalg.matmul
// CHECK: %[[F:.+]] = ptq.dequantize %[[ACC]]
// CHECK: %[[Y:.+]] = linalg.generic {{.*}} ins(%[[F]], %[[B]] :
// CHECK: arith.addf
// CHECK: ptq.quantize %[[Y]]
func.func @float_bias(%q: tensor<?x3xi8>, %b: tensor<?x2xf32>) -> tensor<?x2xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 3 : i8
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<?x3xi8>, f32, i8 -> tensor<?x3xf32>
  %wf = ptq.dequantize %w, %sx : tensor<3x2xi8>, f32 -> tensor<3x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<?x3xf32>, tensor<3x2xf32>) outs(%b : tensor<?x2xf32>) -> tensor<?x2xf32>
  %r = ptq.quantize %y, %sx : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  return %r : tensor<?x2xi8>
}

// -----

// Strides and dilations stay; channels last. The bias is a splat, and has moved
// below the broadcast.
// CHECK-LABEL: func @conv_nhwc
// CHECK-DAG: %[[INIT0:.+]] = arith.constant dense<[9, 13]> : tensor<2xi32>
// CHECK: %[[INIT:.+]] = linalg.broadcast ins(%[[INIT0]] : tensor<2xi32>) outs(%{{.+}} : tensor<1x2x2x2xi32>) dimensions = [0, 1, 2]
// CHECK: linalg.conv_2d_nhwc_hwcf {dilations = dense<2> : {{.+}}, strides = dense<3> : {{.+}}} ins(%{{.+}}, %{{.+}} : tensor<1x6x6x1xi8>, tensor<2x2x1x2xi8>) outs(%[[INIT]] : tensor<1x2x2x2xi32>)
// CHECK: ptq.requantize %{{.+}}, %{{.+}} axis 3
func.func @conv_nhwc(%q: tensor<1x6x6x1xi8>) -> tensor<1x2x2x2xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant -1 : i8
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %sb = arith.constant dense<[0.25, 0.5]> : tensor<2xf32>
  %w = arith.constant dense<[[[[1, 2]], [[1, 2]]], [[[1, 2]], [[1, 2]]]]> : tensor<2x2x1x2xi8>
  %b = arith.constant dense<5> : tensor<2xi32>
  %x = ptq.dequantize %q, %sx, %zx : tensor<1x6x6x1xi8>, f32, i8 -> tensor<1x6x6x1xf32>
  %wf = ptq.dequantize %w, %sw axis 3 : tensor<2x2x1x2xi8>, tensor<2xf32> -> tensor<2x2x1x2xf32>
  %e = tensor.empty() : tensor<1x2x2x2xi32>
  %bi = linalg.broadcast ins(%b : tensor<2xi32>) outs(%e : tensor<1x2x2x2xi32>) dimensions = [0, 1, 2]
  %bf = ptq.dequantize %bi, %sb axis 3 : tensor<1x2x2x2xi32>, tensor<2xf32> -> tensor<1x2x2x2xf32>
  %y = linalg.conv_2d_nhwc_hwcf {dilations = dense<2> : vector<2xi64>, strides = dense<3> : vector<2xi64>} ins(%x, %wf : tensor<1x6x6x1xf32>, tensor<2x2x1x2xf32>) outs(%bf : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %r = ptq.quantize %y, %sx : tensor<1x2x2x2xf32>, f32 -> tensor<1x2x2x2xi8>
  return %r : tensor<1x2x2x2xi8>
}

// -----

// CHECK-LABEL: func @depthwise
// CHECK-DAG: arith.constant dense<[-7, -14]> : tensor<2xi32>
// CHECK: linalg.depthwise_conv_2d_nchw_chw ins(%{{.+}}, %{{.+}} : tensor<1x2x3x3xi8>, tensor<2x1x1xi8>) outs(%{{.+}} : tensor<1x2x3x3xi32>)
// CHECK: ptq.requantize %{{.+}}, %{{.+}} axis 1
func.func @depthwise(%q: tensor<1x2x3x3xi8>) -> tensor<1x2x3x3xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 7 : i8
  %zero = arith.constant 0.0 : f32
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %w = arith.constant dense<[[[1]], [[2]]]> : tensor<2x1x1xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<1x2x3x3xi8>, f32, i8 -> tensor<1x2x3x3xf32>
  %wf = ptq.dequantize %w, %sw axis 0 : tensor<2x1x1xi8>, tensor<2xf32> -> tensor<2x1x1xf32>
  %e = tensor.empty() : tensor<1x2x3x3xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %y = linalg.depthwise_conv_2d_nchw_chw ins(%x, %wf : tensor<1x2x3x3xf32>, tensor<2x1x1xf32>) outs(%i : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %r = ptq.quantize %y, %sx : tensor<1x2x3x3xf32>, f32 -> tensor<1x2x3x3xi8>
  return %r : tensor<1x2x3x3xi8>
}

// -----

// The channels of a grouped convolution lie along two dimensions of the result,
// which a requantize sees as one.
// CHECK-LABEL: func @grouped
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x2x1x3x3xi8>)
// CHECK-DAG: %[[C:.+]] = arith.constant dense<{{\[}}[0, -2], [-4, -6]]> : tensor<2x2xi32>
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{.*}}> : tensor<2x2x1x1x1xi8>
// CHECK: %[[INIT:.+]] = linalg.broadcast ins(%[[C]] : tensor<2x2xi32>) outs(%{{.+}} : tensor<?x2x2x3x3xi32>) dimensions = [0, 3, 4]
// CHECK: %[[ACC:.+]] = linalg.conv_2d_ngchw_gfchw ins(%[[Q]], %[[W]] : tensor<?x2x1x3x3xi8>, tensor<2x2x1x1x1xi8>) outs(%[[INIT]] :
// CHECK: %[[FLAT:.+]] = tensor.collapse_shape %[[ACC]] {{\[\[}}0], [1, 2], [3], [4]]
// CHECK: %[[Y:.+]] = ptq.requantize %[[FLAT]], %{{.+}} axis 1 : tensor<?x4x3x3xi32>, tensor<4xf32> -> tensor<?x4x3x3xi8>
// CHECK: tensor.expand_shape %[[Y]] {{\[\[}}0], [1, 2], [3], [4]]
func.func @grouped(%q: tensor<?x2x1x3x3xi8>) -> tensor<?x2x2x3x3xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 3 : i8
  %sw = arith.constant dense<[0.5, 1.0, 0.5, 1.0]> : tensor<4xf32>
  %sb = arith.constant dense<[0.25, 0.5, 0.25, 0.5]> : tensor<4xf32>
  %w = arith.constant dense<[[[[1]]], [[[2]]], [[[3]]], [[[4]]]]> : tensor<4x1x1x1xi8>
  %b = arith.constant dense<[3, 4, 5, 6]> : tensor<4xi32>
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %q, %sx, %zx : tensor<?x2x1x3x3xi8>, f32, i8 -> tensor<?x2x1x3x3xf32>
  %wd = ptq.dequantize %w, %sw axis 0 : tensor<4x1x1x1xi8>, tensor<4xf32> -> tensor<4x1x1x1xf32>
  %wf = tensor.expand_shape %wd [[0, 1], [2], [3], [4]] output_shape [2, 2, 1, 1, 1] : tensor<4x1x1x1xf32> into tensor<2x2x1x1x1xf32>
  %bd = ptq.dequantize %b, %sb axis 0 : tensor<4xi32>, tensor<4xf32> -> tensor<4xf32>
  %be = tensor.expand_shape %bd [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x2x1x3x3xf32>
  %e = tensor.empty(%n) : tensor<?x2x2x3x3xf32>
  %i = linalg.broadcast ins(%be : tensor<2x2xf32>) outs(%e : tensor<?x2x2x3x3xf32>) dimensions = [0, 3, 4]
  %y = linalg.conv_2d_ngchw_gfchw ins(%x, %wf : tensor<?x2x1x3x3xf32>, tensor<2x2x1x1x1xf32>) outs(%i : tensor<?x2x2x3x3xf32>) -> tensor<?x2x2x3x3xf32>
  %r = ptq.quantize %y, %sx : tensor<?x2x2x3x3xf32>, f32 -> tensor<?x2x2x3x3xi8>
  return %r : tensor<?x2x2x3x3xi8>
}

// -----

// A generic with the structure of a contraction, its weights first and
// transposed, its result transposed.
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func @generic
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<4x3xi8>)
// CHECK-DAG: arith.constant dense<[-6, -3]> : tensor<2xi32>
// CHECK: linalg.broadcast {{.*}} dimensions = [1]
// CHECK: %[[ACC:.+]] = linalg.generic {{.*}} ins(%{{.+}}, %[[Q]] : tensor<2x3xi8>, tensor<4x3xi8>)
// CHECK: ^bb0(%[[A:.+]]: i8, %[[B:.+]]: i8, %[[O:.+]]: i32):
// CHECK: %[[A32:.+]] = arith.extsi %[[A]] : i8 to i32
// CHECK: %[[B32:.+]] = arith.extsi %[[B]] : i8 to i32
// CHECK: %[[P:.+]] = arith.muli %[[A32]], %[[B32]] : i32
// CHECK: %[[S:.+]] = arith.addi %[[O]], %[[P]] : i32
// CHECK: linalg.yield %[[S]] : i32
// CHECK: ptq.requantize %[[ACC]], %{{.+}} axis 0
func.func @generic(%q: tensor<4x3xi8>) -> tensor<2x4xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 1 : i8
  %zero = arith.constant 0.0 : f32
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %w = arith.constant dense<[[1, 2, 3], [4, 0, -1]]> : tensor<2x3xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<4x3xi8>, f32, i8 -> tensor<4x3xf32>
  %wf = ptq.dequantize %w, %sw axis 0 : tensor<2x3xi8>, tensor<2xf32> -> tensor<2x3xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%wf, %x : tensor<2x3xf32>, tensor<4x3xf32>) outs(%i : tensor<2x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %p = arith.mulf %l, %r : f32
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  %r = ptq.quantize %y, %sx : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %r : tensor<2x4xi8>
}

// -----

// Weights that differ between batches: their sums do as well.
// CHECK-LABEL: func @batch_matmul
// CHECK-DAG: arith.constant dense<{{\[}}[-2, -4], [-6, -8]]> : tensor<2x2xi32>
// CHECK: linalg.broadcast {{.*}} outs(%{{.+}} : tensor<2x3x2xi32>) dimensions = [1]
// CHECK: linalg.batch_matmul ins(%{{.+}}, %{{.+}} : tensor<2x3x1xi8>, tensor<2x1x2xi8>)
func.func @batch_matmul(%q: tensor<2x3x1xi8>) -> tensor<2x3x2xf32> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 2 : i8
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<2x3x1xi8>, f32, i8 -> tensor<2x3x1xf32>
  %wf = ptq.dequantize %w, %sx : tensor<2x1x2xi8>, f32 -> tensor<2x1x2xf32>
  %e = tensor.empty() : tensor<2x3x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x3x2xf32>) -> tensor<2x3x2xf32>
  %y = linalg.batch_matmul ins(%x, %wf : tensor<2x3x1xf32>, tensor<2x1x2xf32>) outs(%i : tensor<2x3x2xf32>) -> tensor<2x3x2xf32>
  return %y : tensor<2x3x2xf32>
}

// -----

// A vector by a matrix: the accumulator's start has the shape of the result.
// CHECK-LABEL: func @vecmat
// CHECK-DAG: arith.constant dense<[-2, -4]> : tensor<2xi32>
// CHECK: linalg.vecmat ins(%{{.+}}, %{{.+}} : tensor<1xi8>, tensor<1x2xi8>) outs(%{{.+}} : tensor<2xi32>)
func.func @vecmat(%q: tensor<1xi8>) -> tensor<2xf32> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 2 : i8
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1, 2]]> : tensor<1x2xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<1xi8>, f32, i8 -> tensor<1xf32>
  %wf = ptq.dequantize %w, %sx : tensor<1x2xi8>, f32 -> tensor<1x2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.vecmat ins(%x, %wf : tensor<1xf32>, tensor<1x2xf32>) outs(%i : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// Weights that were transposed after quantization are laid out anew.
// CHECK-LABEL: func @transposed_weights
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{\[}}[1, 3], [2, 4]]> : tensor<2x2xi8>
// CHECK-NOT: linalg.transpose
// CHECK: linalg.matmul ins(%{{.+}}, %[[W]] : tensor<1x2xi8>, tensor<2x2xi8>)
// CHECK: ptq.dequantize %{{.+}} axis 1
func.func @transposed_weights(%q: tensor<1x2xi8>) -> tensor<1x2xf32> {
  %sx = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %we = tensor.empty() : tensor<2x2xi8>
  %wt = linalg.transpose ins(%w : tensor<2x2xi8>) outs(%we : tensor<2x2xi8>) permutation = [1, 0]
  %x = ptq.dequantize %q, %sx : tensor<1x2xi8>, f32 -> tensor<1x2xf32>
  %wf = ptq.dequantize %wt, %sw axis 1 : tensor<2x2xi8>, tensor<2xf32> -> tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// Large weights are resources; bytes 0x01 to 0x12, 18 weights in 2 channels.
// CHECK-LABEL: func @resource
// CHECK-DAG: arith.constant dense<[-81, -90]> : tensor<2xi32>
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x9xi8>, tensor<9x2xi8>)
func.func @resource(%q: tensor<1x9xi8>) -> tensor<1x2xf32> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 1 : i8
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<w> : tensor<9x2xi8>
  %x = ptq.dequantize %q, %sx, %zx : tensor<1x9xi8>, f32, i8 -> tensor<1x9xf32>
  %wf = ptq.dequantize %w, %sx : tensor<9x2xi8>, f32 -> tensor<9x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<1x9xf32>, tensor<9x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

{-#
  dialect_resources: { builtin: {
    w: "0x010000000102030405060708090a0b0c0d0e0f101112"
  } }
#-}

// -----

// Two activations with symmetric codes.
// CHECK-LABEL: func @activations
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<?x4xi8>, %[[B:[a-z0-9]+]]: tensor<4x2xi8>)
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[A]], %[[B]] : tensor<?x4xi8>, tensor<4x2xi8>)
// CHECK: ptq.requantize %[[ACC]]
func.func @activations(%a: tensor<?x4xi8>, %b: tensor<4x2xi8>) -> tensor<?x2xi8> {
  %s = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %a, %s : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  %w = ptq.dequantize %b, %s : tensor<4x2xi8>, f32 -> tensor<4x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  %q = ptq.quantize %y, %s : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  return %q : tensor<?x2xi8>
}

// -----

// With zero points 3 and -5, the accumulator starts from 4 * 3 * -5, less -5
// times the sums of the rows and 3 times those of the columns.
// CHECK-LABEL: func @asymmetric_activations
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<?x4xi8>, %[[B:[a-z0-9]+]]: tensor<4x2xi8>)
// CHECK-DAG: %[[K:.+]] = arith.constant -60 : i32
// CHECK-DAG: %[[ZA:.+]] = arith.constant 3 : i32
// CHECK-DAG: %[[ZB:.+]] = arith.constant -5 : i32
// CHECK: %[[ROWS:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%[[A]] : tensor<?x4xi8>) outs(%{{.+}} : tensor<?xi32>)
// CHECK: %[[COLUMNS:.+]] = linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]} ins(%[[B]] : tensor<4x2xi8>) outs(%{{.+}} : tensor<2xi32>)
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[ROWS]], %[[COLUMNS]] :
// CHECK: ^bb0(%[[R:.+]]: i32, %[[C:.+]]: i32, %{{.+}}: i32):
// CHECK: %[[RZ:.+]] = arith.muli %[[R]], %[[ZB]] : i32
// CHECK: %[[S:.+]] = arith.subi %[[K]], %[[RZ]] : i32
// CHECK: %[[CZ:.+]] = arith.muli %[[C]], %[[ZA]] : i32
// CHECK: arith.subi %[[S]], %[[CZ]] : i32
// CHECK: linalg.matmul ins(%[[A]], %[[B]] : tensor<?x4xi8>, tensor<4x2xi8>) outs(%[[INIT]] : tensor<?x2xi32>)
func.func @asymmetric_activations(%a: tensor<?x4xi8>, %b: tensor<4x2xi8>) -> tensor<?x2xf32> {
  %s = arith.constant 0.5 : f32
  %za = arith.constant 3 : i8
  %zb = arith.constant -5 : i8
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %a, %s, %za : tensor<?x4xi8>, f32, i8 -> tensor<?x4xf32>
  %w = ptq.dequantize %b, %s, %zb : tensor<4x2xi8>, f32, i8 -> tensor<4x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Equal scales of the channels are one scale, of the bias as well.
// CHECK-LABEL: func @equal_scales
// CHECK: linalg.broadcast
// CHECK: %[[ACC:.+]] = linalg.matmul
// CHECK: ptq.dequantize %[[ACC]], %{{[^,]+}} : tensor<1x2xi32>, f32 -> tensor<1x2xf32>
// CHECK-NOT: arith.addf
func.func @equal_scales(%q: tensor<1x2xi8>) -> tensor<1x2xf32> {
  %sx = arith.constant 0.5 : f32
  %sw = arith.constant dense<[0.5, 0.5]> : tensor<2xf32>
  %sb = arith.constant dense<[0.25, 0.25]> : tensor<2xf32>
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %b = arith.constant dense<[5, 6]> : tensor<2xi32>
  %x = ptq.dequantize %q, %sx : tensor<1x2xi8>, f32 -> tensor<1x2xf32>
  %wf = ptq.dequantize %w, %sw axis 1 : tensor<2x2xi8>, tensor<2xf32> -> tensor<2x2xf32>
  %bf = ptq.dequantize %b, %sb axis 0 : tensor<2xi32>, tensor<2xf32> -> tensor<2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%bf : tensor<2xf32>) outs(%e : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %wf : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// A quantize that also casts the shape is a user like any other.
// CHECK-LABEL: func @casting_quantize
// CHECK: %[[ACC:.+]] = linalg.matmul
// CHECK: %[[F:.+]] = ptq.dequantize %[[ACC]]
// CHECK: ptq.quantize %[[F]], %{{.+}} : tensor<?x2xf32>, f32 -> tensor<3x2xi8>
func.func @casting_quantize(%a: tensor<?x4xi8>, %b: tensor<4x2xi8>, %i: tensor<?x2xf32>) -> tensor<3x2xi8> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  %w = ptq.dequantize %b, %s : tensor<4x2xi8>, f32 -> tensor<4x2xf32>
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%f : tensor<?x2xf32>) -> tensor<?x2xf32>
  %q = ptq.quantize %y, %s : tensor<?x2xf32>, f32 -> tensor<3x2xi8>
  return %q : tensor<3x2xi8>
}

// -----

#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

// The division by 4 is in the multiplier: 0.5 / (4 * 0.25). The accumulator
// starts from -4 * 3.
// CHECK-LABEL: func @average_pool
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<1x2x4x4xi8>)
// CHECK-DAG: %[[M:.+]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG: %[[START:.+]] = arith.constant -12 : i32
// CHECK: %[[F:.+]] = linalg.fill ins(%[[START]] : i32)
// CHECK: %[[ACC:.+]] = linalg.pooling_nchw_sum {strides = dense<2> : vector<2xi64>} ins(%[[Q]], %{{.+}} : tensor<1x2x4x4xi8>, tensor<2x2xi8>) outs(%[[F]] : tensor<1x2x2x2xi32>)
// CHECK-NOT: arith.divf
// CHECK: %[[Y:.+]] = ptq.requantize %[[ACC]], %[[M]], %{{.+}} : tensor<1x2x2x2xi32>, f32, i8 -> tensor<1x2x2x2xi8>
// CHECK: return %[[Y]]
func.func @average_pool(%q: tensor<1x2x4x4xi8>) -> tensor<1x2x2x2xi8> {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 3 : i8
  %sy = arith.constant 0.25 : f32
  %zero = arith.constant 0.0 : f32
  %four = arith.constant 4.0 : f32
  %x = ptq.dequantize %q, %sx, %zx : tensor<1x2x4x4xi8>, f32, i8 -> tensor<1x2x4x4xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x2x2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %s = linalg.pooling_nchw_sum {strides = dense<2> : vector<2xi64>} ins(%x, %w : tensor<1x2x4x4xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %d = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x2x2x2xf32>) outs(%e : tensor<1x2x2x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.divf %a, %four : f32
    linalg.yield %v : f32
  } -> tensor<1x2x2x2xf32>
  %r = ptq.quantize %d, %sy, %zx : tensor<1x2x2x2xf32>, f32, i8 -> tensor<1x2x2x2xi8>
  return %r : tensor<1x2x2x2xi8>
}

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>

// A global average, by linalg.reduce and a product with the reciprocal; its
// result is needed as a float as well.
// CHECK-LABEL: func @global_average
// CHECK: %[[ACC:.+]] = linalg.reduce ins(%{{.+}} : tensor<?x2x8xi8>) outs(%{{.+}} : tensor<?x2xi32>) dimensions = [2]
// CHECK: (%[[IN:.+]]: i8, %[[OUT:.+]]: i32) {
// CHECK: %[[EXT:.+]] = arith.extsi %[[IN]] : i8 to i32
// CHECK: arith.addi %[[OUT]], %[[EXT]] : i32
// CHECK-DAG: ptq.requantize %[[ACC]], %{{.+}} : tensor<?x2xi32>, f32 -> tensor<?x2xi8>
// CHECK-DAG: ptq.dequantize %[[ACC]], %{{.+}} : tensor<?x2xi32>, f32 -> tensor<?x2xf32>
func.func @global_average(%q: tensor<?x2x8xi8>) -> (tensor<?x2xi8>, tensor<?x2xf32>) {
  %sx = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %eighth = arith.constant 0.125 : f32
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %q, %sx : tensor<?x2x8xi8>, f32 -> tensor<?x2x8xf32>
  %n = tensor.dim %x, %c0 : tensor<?x2x8xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %s = linalg.reduce ins(%x : tensor<?x2x8xf32>) outs(%i : tensor<?x2xf32>) dimensions = [2]
    (%in: f32, %out: f32) {
      %v = arith.addf %in, %out : f32
      linalg.yield %v : f32
    }
  %d = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<?x2xf32>) outs(%e : tensor<?x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.mulf %eighth, %a : f32
    linalg.yield %v : f32
  } -> tensor<?x2xf32>
  %r = ptq.quantize %d, %sx : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  return %r, %d : tensor<?x2xi8>, tensor<?x2xf32>
}

// -----

// Counts that differ between windows: the sum is an integer, the division is
// not.
#id1 = affine_map<(d0) -> (d0)>
// CHECK-LABEL: func @average_of_counts
// CHECK: %[[ACC:.+]] = linalg.reduce ins(%{{.+}} : tensor<2x8xi8>)
// CHECK: ptq.dequantize %[[ACC]]
// CHECK: arith.divf
// CHECK: ptq.quantize
func.func @average_of_counts(%q: tensor<2x8xi8>) -> tensor<2xi8> {
  %sx = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %counts = arith.constant dense<[7.0, 8.0]> : tensor<2xf32>
  %x = ptq.dequantize %q, %sx : tensor<2x8xi8>, f32 -> tensor<2x8xf32>
  %e = tensor.empty() : tensor<2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %s = linalg.reduce ins(%x : tensor<2x8xf32>) outs(%i : tensor<2xf32>) dimensions = [1]
    (%in: f32, %out: f32) {
      %v = arith.addf %in, %out : f32
      linalg.yield %v : f32
    }
  %d = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%s, %counts : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %v = arith.divf %a, %b : f32
    linalg.yield %v : f32
  } -> tensor<2xf32>
  %r = ptq.quantize %d, %sx : tensor<2xf32>, f32 -> tensor<2xi8>
  return %r : tensor<2xi8>
}

// -----

// A residual sum reads and writes codes: 0.5 / 0.25 and 2.0 / 0.25.
// CHECK-LABEL: func @residual
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<?x4xi8>, %[[B:[a-z0-9]+]]: tensor<?x4xi8>)
// CHECK-DAG: %[[MA:.+]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG: %[[MB:.+]] = arith.constant 8.000000e+00 : f32
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]] : tensor<?x4xi8>, tensor<?x4xi8>) outs(%{{.+}} : tensor<?x4xi8>)
// CHECK: ^bb0(%[[X:.+]]: i8, %[[Y:.+]]: i8, %{{.+}}: i8):
// CHECK: %[[X32:.+]] = arith.extsi %[[X]] : i8 to i32
// CHECK: %[[XC:.+]] = arith.subi %[[X32]], %{{.+}} : i32
// CHECK: %[[XF:.+]] = arith.sitofp %[[XC]] : i32 to f32
// CHECK: %[[YF:.+]] = arith.sitofp %[[Y]] : i8 to f32
// CHECK: %[[XM:.+]] = arith.mulf %[[XF]], %[[MA]] : f32
// CHECK: %[[YM:.+]] = arith.mulf %[[YF]], %[[MB]] : f32
// CHECK: %[[S:.+]] = arith.addf %[[XM]], %[[YM]] : f32
// CHECK: %[[R:.+]] = math.roundeven %[[S]]
// CHECK: arith.fptosi %[[R]]
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.trunci %{{.+}} : i32 to i8
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @residual(%a: tensor<?x4xi8>, %b: tensor<?x4xi8>) -> tensor<?x4xi8> {
  %sa = arith.constant 0.5 : f32
  %za = arith.constant 3 : i8
  %sb = arith.constant 2.0 : f32
  %sy = arith.constant 0.25 : f32
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %a, %sa, %za : tensor<?x4xi8>, f32, i8 -> tensor<?x4xf32>
  %y = ptq.dequantize %b, %sb : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %y : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %v = arith.addf %l, %r : f32
    linalg.yield %v : f32
  } -> tensor<?x4xf32>
  %q = ptq.quantize %s, %sy, %za low 3 : tensor<?x4xf32>, f32, i8 -> tensor<?x4xi8>
  return %q : tensor<?x4xi8>
}

// -----

// A product with a gate that is broadcast; the named op, and a float user.
// CHECK-LABEL: func @gate
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<2x4xi8>, %[[B:[a-z0-9]+]]: tensor<4xi8>)
// CHECK-DAG: %[[M:.+]] = arith.constant 4.000000e+00 : f32
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]] : tensor<2x4xi8>, tensor<4xi8>)
// CHECK: %[[P:.+]] = arith.mulf
// CHECK: arith.mulf %[[P]], %[[M]] : f32
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
func.func @gate(%a: tensor<2x4xi8>, %b: tensor<4xi8>) -> (tensor<2x4xi8>, tensor<2x4xf32>) {
  %sa = arith.constant 0.5 : f32
  %sb = arith.constant 2.0 : f32
  %sy = arith.constant 0.25 : f32
  %x = ptq.dequantize %a, %sa : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %y = ptq.dequantize %b, %sb : tensor<4xi8>, f32 -> tensor<4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %y : tensor<2x4xf32>, tensor<4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %v = arith.mulf %l, %r : f32
    linalg.yield %v : f32
  } -> tensor<2x4xf32>
  %q = ptq.quantize %s, %sy : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %q, %s : tensor<2x4xi8>, tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @named_add
// CHECK: linalg.generic {{.*}}xi8>
// CHECK-NOT: linalg.add
func.func @named_add(%a: tensor<2x4xi8>, %b: tensor<2x4xi8>) -> tensor<2x4xi8> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %y = ptq.dequantize %b, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %r = linalg.add ins(%x, %y : tensor<2x4xf32>, tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %q = ptq.quantize %r, %s : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %q : tensor<2x4xi8>
}

// -----

// A conversion that a float op would make does not apply to codes.
// CHECK-LABEL: func @unsigned_cast
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x2xi8>, tensor<2x1xi8>)
// CHECK-NOT: cast_unsigned
func.func @unsigned_cast(%q: tensor<1x2xi8>) -> tensor<1x1xf32> {
  %sx = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1], [2]]> : tensor<2x1xi8>
  %x = ptq.dequantize %q, %sx : tensor<1x2xi8>, f32 -> tensor<1x2xf32>
  %wf = ptq.dequantize %w, %sx : tensor<2x1xi8>, f32 -> tensor<2x1xf32>
  %e = tensor.empty() : tensor<1x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul {cast = #linalg.type_fn<cast_unsigned>} ins(%x, %wf : tensor<1x2xf32>, tensor<2x1xf32>) outs(%i : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// Parameters from run time, for each sample: the start takes the zero point times
// the sums of the weights (6, -1) off, the scale of the result is a product, and
// the bias stays in float, read where it is.
// CHECK-DAG: #[[$ROW:.+]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[$COLUMN:.+]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @dynamic_matmul
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x3xi8>, %[[SX:[a-z0-9]+]]: tensor<?xf32>, %[[Z:[a-z0-9]+]]: tensor<?xi8>,
// CHECK-DAG: %[[SUMS:.+]] = arith.constant dense<[6, -1]> : tensor<2xi32>
// CHECK-DAG: %[[SW:.+]] = arith.constant dense<[5.000000e-01, 1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{.*}}> : tensor<3x2xi8>
// CHECK-DAG: %[[B:.+]] = arith.constant dense<[2.500000e-01, -2.500000e-01]> : tensor<2xf32>
// CHECK: %[[INIT:.+]] = linalg.generic {indexing_maps = [#[[$ROW]], #[[$COLUMN]], #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%[[Z]], %[[SUMS]] : tensor<?xi8>, tensor<2xi32>) outs(%{{.+}} : tensor<?x2xi32>)
// CHECK: arith.subi
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[Q]], %[[W]] : tensor<?x3xi8>, tensor<3x2xi8>) outs(%[[INIT]] : tensor<?x2xi32>)
// CHECK: %[[S:.+]] = linalg.generic {indexing_maps = [#[[$ROW]], #[[$COLUMN]], #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%[[SX]], %[[SW]] : tensor<?xf32>, tensor<2xf32>) outs(%{{.+}} : tensor<?x2xf32>)
// CHECK: %[[Y:.+]] = ptq.dequantize %[[ACC]], %[[S]] block [1, 1] : tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]], %[[B]] : tensor<?x2xf32>, tensor<2xf32>)
// CHECK: arith.addf
func.func @dynamic_matmul(%q: tensor<?x3xi8>, %s: tensor<?xf32>, %z: tensor<?xi8>, %n: index) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %b = arith.constant dense<[0.25, -0.25]> : tensor<2xf32>
  %x = ptq.dequantize %q, %s, %z axis 0 : tensor<?x3xi8>, tensor<?xf32>, tensor<?xi8> -> tensor<?x3xf32>
  %wf = ptq.dequantize %w, %sw axis 1 : tensor<3x2xi8>, tensor<2xf32> -> tensor<3x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<?x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %wf : tensor<?x3xf32>, tensor<3x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// One scale for everything is a scalar; symmetric activations start from 0.
// CHECK-LABEL: func @dynamic_scalar
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<2x3xi8>, %[[SX:[a-z0-9]+]]: f32)
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0 : i32
// CHECK-DAG: %[[SW:.+]] = arith.constant 5.000000e-01 : f32
// CHECK: linalg.fill ins(%[[ZERO]] : i32)
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[Q]], %{{.+}} : tensor<2x3xi8>, tensor<3x2xi8>)
// CHECK: %[[S:.+]] = arith.mulf %[[SX]], %[[SW]] : f32
// CHECK: %[[Y:.+]] = ptq.dequantize %[[ACC]], %[[S]] : tensor<2x2xi32>, f32
// CHECK: return %[[Y]]
func.func @dynamic_scalar(%q: tensor<2x3xi8>, %s: f32) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %sw = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x3xf32>
  %wf = ptq.dequantize %w, %sw : tensor<3x2xi8>, f32 -> tensor<3x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x3xf32>, tensor<3x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// A convolution: scales of samples times scales of channels are one number for
// each of these images. A quantize of the result stays, with its parameters.
// CHECK-LABEL: func @dynamic_conv
// CHECK: %[[ACC:.+]] = linalg.conv_2d_nchw_fchw {{.*}} : tensor<?x1x4x4xi8>, tensor<2x1x2x2xi8>) outs(%{{.+}} : tensor<?x2x3x3xi32>)
// CHECK: %[[S:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<?x2x1x1xf32>)
// CHECK: %[[Y:.+]] = ptq.dequantize %[[ACC]], %[[S]] block [1, 1, 3, 3] : tensor<?x2x3x3xi32>, tensor<?x2x1x1xf32>
// CHECK: ptq.quantize %[[Y]]
func.func @dynamic_conv(%q: tensor<?x1x4x4xi8>, %s: tensor<?xf32>, %z: tensor<?xi8>, %n: index) -> tensor<?x2x3x3xi8> {
  %w = arith.constant dense<[[[[1, -2], [2, 0]]], [[[3, 1], [0, 1]]]]> : tensor<2x1x2x2xi8>
  %sw = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %sy = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s, %z axis 0 : tensor<?x1x4x4xi8>, tensor<?xf32>, tensor<?xi8> -> tensor<?x1x4x4xf32>
  %wf = ptq.dequantize %w, %sw axis 0 : tensor<2x1x2x2xi8>, tensor<2xf32> -> tensor<2x1x2x2xf32>
  %e = tensor.empty(%n) : tensor<?x2x3x3xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2x3x3xf32>) -> tensor<?x2x3x3xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %wf : tensor<?x1x4x4xf32>, tensor<2x1x2x2xf32>) outs(%i : tensor<?x2x3x3xf32>) -> tensor<?x2x3x3xf32>
  %r = ptq.quantize %y, %sy : tensor<?x2x3x3xf32>, f32 -> tensor<?x2x3x3xi8>
  return %r : tensor<?x2x3x3xi8>
}

// -----

// Two activations, of which the first has tokens and the second a constant
// scale: sums of the second are computed.
// CHECK-LABEL: func @dynamic_activations
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<2x3x5xi8>, %[[SA:[a-z0-9]+]]: tensor<2x3x1xf32>, %[[ZA:[a-z0-9]+]]: tensor<2x3x1xi8>, %[[B:[a-z0-9]+]]: tensor<2x5x4xi8>
// CHECK-DAG: %[[SB:.+]] = arith.constant 5.000000e-01 : f32
// CHECK: %[[SUMS:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[B]] : tensor<2x5x4xi8>) outs(%{{.+}} : tensor<2x4xi32>)
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[ZA]], %[[SUMS]] : tensor<2x3x1xi8>, tensor<2x4xi32>)
// CHECK: %[[ACC:.+]] = linalg.batch_matmul ins(%[[A]], %[[B]] : tensor<2x3x5xi8>, tensor<2x5x4xi8>) outs(%[[INIT]] : tensor<2x3x4xi32>)
// CHECK: %[[S:.+]] = linalg.generic {{.*}} ins(%[[SA]] : tensor<2x3x1xf32>) outs(%{{.+}} : tensor<2x3x1xf32>)
// CHECK: arith.mulf %{{.+}}, %[[SB]]
// CHECK: ptq.dequantize %[[ACC]], %[[S]] block [1, 1, 4] : tensor<2x3x4xi32>, tensor<2x3x1xf32>
func.func @dynamic_activations(%a: tensor<2x3x5xi8>, %sa: tensor<2x3x1xf32>, %za: tensor<2x3x1xi8>, %b: tensor<2x5x4xi8>) -> tensor<2x3x4xf32> {
  %sb = arith.constant 0.5 : f32
  %zb = arith.constant 0 : i8
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %a, %sa, %za block [1, 1, 5] : tensor<2x3x5xi8>, tensor<2x3x1xf32>, tensor<2x3x1xi8> -> tensor<2x3x5xf32>
  %y = ptq.dequantize %b, %sb, %zb : tensor<2x5x4xi8>, f32, i8 -> tensor<2x5x4xf32>
  %e = tensor.empty() : tensor<2x3x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %r = linalg.batch_matmul ins(%x, %y : tensor<2x3x5xf32>, tensor<2x5x4xf32>) outs(%i : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// 16-bit activations: sums of few products fit i32, and codes of any width come
// after them.
// CHECK-LABEL: func @wide_activation
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x3xi16>,
// CHECK-DAG: %[[C:.+]] = arith.constant dense<[-6000, 1000]> : tensor<2xi32>
// CHECK-DAG: %[[Z:.+]] = arith.constant -700 : i32
// CHECK: %[[INIT:.+]] = linalg.broadcast ins(%[[C]] : tensor<2xi32>)
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%[[Q]], %{{.+}} : tensor<?x3xi16>, tensor<3x2xi8>) outs(%[[INIT]] : tensor<?x2xi32>)
// CHECK-DAG: ptq.requantize %[[ACC]], %{{.+}} : tensor<?x2xi32>, f32 -> tensor<?x2xi8>
// CHECK-DAG: ptq.requantize %[[ACC]], %{{.+}}, %[[Z]] : tensor<?x2xi32>, f32, i32 -> tensor<?x2xi16>
func.func @wide_activation(%q: tensor<?x3xi16>, %n: index) -> (tensor<?x2xi8>, tensor<?x2xi16>) {
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 1000 : i32
  %zy = arith.constant -700 : i32
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %sx, %zx : tensor<?x3xi16>, f32, i32 -> tensor<?x3xf32>
  %wf = ptq.dequantize %w, %sx : tensor<3x2xi8>, f32 -> tensor<3x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<?x3xf32>, tensor<3x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  %a = ptq.quantize %y, %sx : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  %b = ptq.quantize %y, %sx, %zy : tensor<?x2xf32>, f32, i32 -> tensor<?x2xi16>
  return %a, %b : tensor<?x2xi8>, tensor<?x2xi16>
}

// -----

// 600 products of 32768 * 127 need more than i32.
// CHECK-LABEL: func @wide_sums
// CHECK: %[[ZERO:.+]] = arith.constant 0 : i64
// CHECK: %[[INIT:.+]] = linalg.fill ins(%[[ZERO]] : i64)
// CHECK: %[[ACC:.+]] = linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<2x600xi16>, tensor<600x2xi8>) outs(%[[INIT]] : tensor<2x2xi64>)
// CHECK: ptq.requantize %[[ACC]], %{{.+}} : tensor<2x2xi64>, f32 -> tensor<2x2xi16>
func.func @wide_sums(%q: tensor<2x600xi16>) -> tensor<2x2xi16> {
  %s = arith.constant 0.5 : f32
  %sy = arith.constant 1024.0 : f32
  %w = arith.constant dense<127> : tensor<600x2xi8>
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<2x600xi16>, f32 -> tensor<2x600xf32>
  %wf = ptq.dequantize %w, %s : tensor<600x2xi8>, f32 -> tensor<600x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<2x600xf32>, tensor<600x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = ptq.quantize %y, %sy : tensor<2x2xf32>, f32 -> tensor<2x2xi16>
  return %r : tensor<2x2xi16>
}

// -----

// Two activations of 16 bits: any number of products is too much for i32. The
// sum for the zero point is as wide.
// CHECK-LABEL: func @wide_products
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%{{.+}} : tensor<2x3xi16>) outs(%{{.+}} : tensor<2xi64>)
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<2x3xi16>, tensor<3x4xi16>) outs(%{{.+}} : tensor<2x4xi64>)
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<2x3xi16>, tensor<3x4xi8>) outs(%{{.+}} : tensor<2x4xi32>)
func.func @wide_products(%a: tensor<2x3xi16>, %b: tensor<3x4xi16>, %c: tensor<3x4xi8>, %i: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 300 : i32
  %x = ptq.dequantize %a, %s : tensor<2x3xi16>, f32 -> tensor<2x3xf32>
  %y = ptq.dequantize %b, %s, %z : tensor<3x4xi16>, f32, i32 -> tensor<3x4xf32>
  %w = ptq.dequantize %c, %s : tensor<3x4xi8>, f32 -> tensor<3x4xf32>
  %r = linalg.matmul ins(%x, %y : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  %t = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r, %t : tensor<2x4xf32>, tensor<2x4xf32>
}

// -----

// A residual sum of different widths, and an average.
// CHECK-LABEL: func @wide_sum_and_average
// CHECK: linalg.generic {{.*}} ins(%{{.+}}, %{{.+}} : tensor<2x8xi16>, tensor<2x8xi8>) outs(%{{.+}} : tensor<2x8xi8>)
// CHECK: linalg.reduce ins(%{{.+}} : tensor<2x8xi16>) outs(%{{.+}} : tensor<2xi32>)
// CHECK: ptq.requantize {{.*}} : tensor<2xi32>, f32 -> tensor<2xi16>
func.func @wide_sum_and_average(%a: tensor<2x8xi16>, %b: tensor<2x8xi8>) -> (tensor<2x8xi8>, tensor<2xi16>) {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %a, %s : tensor<2x8xi16>, f32 -> tensor<2x8xf32>
  %y = ptq.dequantize %b, %t : tensor<2x8xi8>, f32 -> tensor<2x8xf32>
  %e = tensor.empty() : tensor<2x8xf32>
  %z = linalg.add ins(%x, %y : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  %q = ptq.quantize %z, %s : tensor<2x8xf32>, f32 -> tensor<2x8xi8>
  %v = tensor.empty() : tensor<2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%v : tensor<2xf32>) -> tensor<2xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<2x8xf32>) outs(%i : tensor<2xf32>) dimensions = [1]
  %p = ptq.quantize %sum, %s : tensor<2xf32>, f32 -> tensor<2xi16>
  return %q, %p : tensor<2x8xi8>, tensor<2xi16>
}

// -----

// Parameters from run time go with 16 bits as well.
// CHECK-LABEL: func @dynamic_wide
// CHECK: %[[INIT:.+]] = linalg.generic {{.*}} ins(%{{.+}}, %{{.+}} : tensor<?xi32>, tensor<2xi32>) outs(%{{.+}} : tensor<?x2xi32>)
// CHECK-NOT: arith.extsi
// CHECK: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<?x3xi16>, tensor<3x2xi8>) outs(%[[INIT]] : tensor<?x2xi32>)
func.func @dynamic_wide(%q: tensor<?x3xi16>, %s: tensor<?xf32>, %z: tensor<?xi32>, %n: index) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1, -2], [2, 0], [3, 1]]> : tensor<3x2xi8>
  %sw = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s, %z axis 0 : tensor<?x3xi16>, tensor<?xf32>, tensor<?xi32> -> tensor<?x3xf32>
  %wf = ptq.dequantize %w, %sw : tensor<3x2xi8>, f32 -> tensor<3x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %wf : tensor<?x3xf32>, tensor<3x2xf32>) outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// One token and one channel: the scale measured for the token is one number, like
// that of the result.

// CHECK-LABEL: func @one_token_one_channel
// CHECK:         %[[S:.*]], %{{.*}} = ptq.choose_parameters
// CHECK:         %[[SUMS:.*]] = linalg.matmul {{.*}} -> tensor<1x1xi32>
// CHECK:         %[[TOKEN:.*]] = tensor.extract %[[S]]
// CHECK:         %[[SCALE:.*]] = arith.mulf %[[TOKEN]], %{{.*}} : f32
// CHECK:         ptq.dequantize %[[SUMS]], %[[SCALE]] : tensor<1x1xi32>, f32 -> tensor<1x1xf32>
func.func @one_token_one_channel(%x: tensor<1x4xf32>) -> tensor<1x1xf32> {
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, granularity = token, source = dynamic>) : tensor<1x4xf32> -> tensor<1x1xf32>, tensor<1x1xi8>
  %q = ptq.quantize %x, %s, %z block [1, 4] : tensor<1x4xf32>, tensor<1x1xf32>, tensor<1x1xi8> -> tensor<1x4xi8>
  %d = ptq.dequantize %q, %s, %z block [1, 4] : tensor<1x4xi8>, tensor<1x1xf32>, tensor<1x1xi8> -> tensor<1x4xf32>
  %c = arith.constant dense<[[1], [-2], [3], [-4]]> : tensor<4x1xi8>
  %ws = arith.constant dense<0.5> : tensor<1xf32>
  %w = ptq.dequantize %c, %ws axis 1 : tensor<4x1xi8>, tensor<1xf32> -> tensor<4x1xf32>
  %zero = arith.constant dense<0.0> : tensor<1x1xf32>
  %0 = linalg.matmul ins(%d, %w : tensor<1x4xf32>, tensor<4x1xf32>) outs(%zero : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
