// RUN: ptq-opt %s --ptq-fold-constants | FileCheck %s

// The matrix product, on what it starts from, named and as a generic.
// CHECK-LABEL: @matmul
// CHECK-DAG: dense<{{\[}}[5.900000e+01, 6.400000e+01], [1.390000e+02, 1.540000e+02]]> : tensor<2x2xf32>
// CHECK-DAG: dense<{{\[}}[58, 64], [139, 154]]> : tensor<2x2xi32>
// CHECK-DAG: dense<{{\[}}[16129, -16256]]> : tensor<1x2xi32>
func.func @matmul() -> (tensor<2x2xf32>, tensor<2x2xi32>, tensor<1x2xi32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[1.0, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>) outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  %d = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %e = arith.constant dense<[[7, 8], [9, 10], [11, 12]]> : tensor<3x2xi8>
  %z = arith.constant dense<0> : tensor<2x2xi32>
  %1 = linalg.generic {
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%d, %e : tensor<2x3xi8>, tensor<3x2xi8>) outs(%z : tensor<2x2xi32>) {
  ^bb0(%x: i8, %y: i8, %s: i32):
    %xw = arith.extsi %x : i8 to i32
    %yw = arith.extsi %y : i8 to i32
    %p = arith.muli %xw, %yw : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<2x2xi32>
  %f = arith.constant dense<127> : tensor<1x1xi8>
  %g = arith.constant dense<[[127, -128]]> : tensor<1x2xi8>
  %h = arith.constant dense<0> : tensor<1x2xi32>
  %2 = linalg.matmul ins(%f, %g : tensor<1x1xi8>, tensor<1x2xi8>) outs(%h : tensor<1x2xi32>) -> tensor<1x2xi32>
  return %0, %1, %2 : tensor<2x2xf32>, tensor<2x2xi32>, tensor<1x2xi32>
}

// Windows move by strides and reach by dilations.
// CHECK-LABEL: @convolutions
// CHECK-DAG: dense<{{\[\[\[\[}}12, 16], [24, 28]]]]> : tensor<1x1x2x2xi32>
// CHECK-DAG: dense<{{\[\[\[\[}}12, 16], [32, 36]]]]> : tensor<1x1x2x2xi32>
// CHECK-DAG: dense<{{\[\[\[\[}}3], [7]], {{\[\[}}-1], [-1]]]]> : tensor<1x2x2x1xi32>
func.func @convolutions() -> (tensor<1x1x2x2xi32>, tensor<1x1x2x2xi32>, tensor<1x2x2x1xi32>) {
  %x = arith.constant dense<[[[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]]> : tensor<1x1x3x3xi8>
  %w = arith.constant dense<1> : tensor<1x1x2x2xi8>
  %four = arith.constant dense<4> : tensor<1x1x2x2xi32>
  %0 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x1x3x3xi8>, tensor<1x1x2x2xi8>) outs(%four : tensor<1x1x2x2xi32>) -> tensor<1x1x2x2xi32>
  %y = arith.constant dense_resource<ramp> : tensor<1x1x5x5xi8>
  %d = arith.constant dense<[[[[1, 0], [0, 1]]]]> : tensor<1x1x2x2xi8>
  %zero = arith.constant dense<0> : tensor<1x1x2x2xi32>
  %1 = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>, dilations = dense<2> : tensor<2xi64>}
      ins(%y, %d : tensor<1x1x5x5xi8>, tensor<1x1x2x2xi8>) outs(%zero : tensor<1x1x2x2xi32>) -> tensor<1x1x2x2xi32>
  %z = arith.constant dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]> : tensor<1x2x2x2xi8>
  %v = arith.constant dense<[[[1, 1]], [[1, -1]]]> : tensor<2x1x2xi8>
  %none = arith.constant dense<0> : tensor<1x2x2x1xi32>
  %2 = linalg.depthwise_conv_2d_nchw_chw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%z, %v : tensor<1x2x2x2xi8>, tensor<2x1x2xi8>) outs(%none : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %0, %1, %2 : tensor<1x1x2x2xi32>, tensor<1x1x2x2xi32>, tensor<1x2x2x1xi32>
}

// A maximum with NaN is NaN.
// CHECK-LABEL: @pooling
// CHECK-DAG: dense<{{\[\[\[\[}}0x7FC00000, 5.000000e+00], [7.000000e+00, 8.000000e+00]]]]> : tensor<1x1x2x2xf32>
// CHECK-DAG: dense<{{\[\[\[\[}}1.400000e+01], [2.300000e+01]]]]> : tensor<1x1x2x1xf32>
func.func @pooling() -> (tensor<1x1x2x2xf32>, tensor<1x1x2x1xf32>) {
  %x = arith.constant dense<[[[[0x7FC00000, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]]]> : tensor<1x1x3x3xf32>
  %window = tensor.empty() : tensor<2x2xf32>
  %low = arith.constant dense<0xFF800000> : tensor<1x1x2x2xf32>
  %0 = linalg.pooling_nchw_max {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %window : tensor<1x1x3x3xf32>, tensor<2x2xf32>) outs(%low : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %row = tensor.extract_slice %x[0, 0, 1, 0] [1, 1, 2, 3] [1, 1, 1, 1] : tensor<1x1x3x3xf32> to tensor<1x1x2x3xf32>
  %wide = tensor.empty() : tensor<1x3xf32>
  %two = arith.constant dense<2.0> : tensor<1x1x2x1xf32>
  %1 = linalg.pooling_nchw_sum {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%row, %wide : tensor<1x1x2x3xf32>, tensor<1x3xf32>) outs(%two : tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32>
  return %0, %1 : tensor<1x1x2x2xf32>, tensor<1x1x2x1xf32>
}

// CHECK-LABEL: @named
// CHECK-DAG: dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
// CHECK-DAG: dense<[6, 15]> : tensor<2xi32>
// CHECK-DAG: dense<{{\[\[}}2, 4, 6], [8, 10, 12]]> : tensor<2x3xi32>
// CHECK-DAG: dense<{{\[\[}}11, 22, 33], [14, 25, 36]]> : tensor<2x3xi32>
func.func @named() -> (tensor<3x2xi32>, tensor<2xi32>, tensor<2x3xi32>, tensor<2x3xi32>) {
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %t = tensor.empty() : tensor<3x2xi32>
  %0 = linalg.transpose ins(%a : tensor<2x3xi32>) outs(%t : tensor<3x2xi32>) permutation = [1, 0]
  %z = arith.constant dense<0> : tensor<2xi32>
  %1 = linalg.reduce { arith.addi } ins(%a : tensor<2x3xi32>) outs(%z : tensor<2xi32>) dimensions = [1]
  %e = tensor.empty() : tensor<2x3xi32>
  %2 = linalg.map { arith.addi } ins(%a, %a : tensor<2x3xi32>, tensor<2x3xi32>) outs(%e : tensor<2x3xi32>)
  %v = arith.constant dense<[10, 20, 30]> : tensor<3xi32>
  %b = linalg.broadcast ins(%v : tensor<3xi32>) outs(%e : tensor<2x3xi32>) dimensions = [0]
  %3 = arith.addi %a, %b : tensor<2x3xi32>
  return %0, %1, %2, %3 : tensor<3x2xi32>, tensor<2xi32>, tensor<2x3xi32>, tensor<2x3xi32>
}

// Broadcast operands, several results, constants from outside of the block,
// indices, a diagonal and a permuted output.
// CHECK-LABEL: @generic
// CHECK-DAG: dense<{{\[\[}}0, 1, 2], [10, 11, 12]]> : tensor<2x3xindex>
// CHECK-DAG: dense<{{\[\[}}11, 14], [22, 25], [33, 36]]> : tensor<3x2xi32>
// CHECK-DAG: dense<[1, 5]> : tensor<2xi32>
// CHECK-DAG: dense<{{\[\[}}true, false, true], [false, true, false]]> : tensor<2x3xi1>
func.func @generic() -> (tensor<2x3xindex>, tensor<3x2xi32>, tensor<2xi32>, tensor<2x3xi1>) {
  %e = tensor.empty() : tensor<2x3xindex>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<2x3xindex>) {
  ^bb0(%o: index):
    %ten = arith.constant 10 : index
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %t = arith.muli %i, %ten : index
    %s = arith.addi %t, %j : index
    linalg.yield %s : index
  } -> tensor<2x3xindex>
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %v = arith.constant dense<[10, 20, 30]> : tensor<3xi32>
  %odd = tensor.empty() : tensor<2x3xi1>
  %sum = tensor.empty() : tensor<3x2xi32>
  %1:2 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                       affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a, %v : tensor<2x3xi32>, tensor<3xi32>) outs(%sum, %odd : tensor<3x2xi32>, tensor<2x3xi1>) {
  ^bb0(%x: i32, %y: i32, %o: i32, %p: i1):
    %s = arith.addi %x, %y : i32
    %bit = arith.trunci %x : i32 to i1
    linalg.yield %s, %bit : i32, i1
  } -> (tensor<3x2xi32>, tensor<2x3xi1>)
  %d = tensor.empty() : tensor<2xi32>
  %q = tensor.extract_slice %a[0, 0] [2, 2] [1, 1] : tensor<2x3xi32> to tensor<2x2xi32>
  %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%q : tensor<2x2xi32>) outs(%d : tensor<2xi32>) {
  ^bb0(%x: i32, %o: i32):
    linalg.yield %x : i32
  } -> tensor<2xi32>
  return %0, %1#0, %2, %1#1 : tensor<2x3xindex>, tensor<3x2xi32>, tensor<2xi32>, tensor<2x3xi1>
}

// A reduction goes through its elements in order and may start anywhere; one
// over nothing is what it starts from.
// CHECK-LABEL: @reductions
// CHECK-DAG: dense<{{\[}}0.000000e+00, 1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<7> : tensor<i8>
func.func @reductions() -> (tensor<2xf32>, tensor<i8>) {
  %a = arith.constant dense<[[1.0, 1.0e8, -1.0e8], [1.0e8, -1.0e8, 1.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<2x3xf32>) outs(%z : tensor<2xf32>) dimensions = [1]
  %none = arith.constant dense<> : tensor<0xi8>
  %seven = arith.constant dense<7> : tensor<i8>
  %1 = linalg.reduce { arith.addi } ins(%none : tensor<0xi8>) outs(%seven : tensor<i8>) dimensions = [0]
  return %0, %1 : tensor<2xf32>, tensor<i8>
}

// A body with control flow is evaluated as a region.
// CHECK-LABEL: @region
// CHECK-DAG: dense<[-1, 0, 3]> : tensor<3xi32>
func.func @region() -> tensor<3xi32> {
  %a = arith.constant dense<[-5, 0, 3]> : tensor<3xi32>
  %e = tensor.empty() : tensor<3xi32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<3xi32>) outs(%e : tensor<3xi32>) {
  ^bb0(%x: i32, %o: i32):
    %zero = arith.constant 0 : i32
    %minus = arith.constant -1 : i32
    %c = arith.cmpi slt, %x, %zero : i32
    %r = scf.if %c -> i32 {
      scf.yield %minus : i32
    } else {
      scf.yield %x : i32
    }
    linalg.yield %r : i32
  } -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// Quotients and remainders of loops index an input: a scale for each pair of
// columns, and the columns turned around.
// CHECK-LABEL: @divided_indices
// CHECK-DAG: dense<{{\[\[}}12, 11, 23], [14, 13, 25]]> : tensor<2x3xi32>
func.func @divided_indices() -> tensor<2x3xi32> {
  %x = arith.constant dense<[1, 2, 3, 4, 5]> : tensor<5xi32>
  %s = arith.constant dense<[10, 20]> : tensor<2xi32>
  %e = tensor.empty() : tensor<2x3xi32>
  %0 = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0 * 2 + (d1 + 1) mod 2 + (d1 floordiv 2) * 1)>,
      affine_map<(d0, d1) -> (d1 floordiv 2)>,
      affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : tensor<5xi32>, tensor<2xi32>) outs(%e : tensor<2x3xi32>) {
  ^bb0(%a: i32, %b: i32, %out: i32):
    %r = arith.addi %a, %b : i32
    linalg.yield %r : i32
  } -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// The largest is taken away first: no overflow.
// CHECK-LABEL: @softmax
// CHECK-DAG: dense<{{\[\[}}5.000000e-01, 5.000000e-01], [0.000000e+00, 1.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 0.7310{{[0-9]*}}], [0.000000e+00, 0.2689{{[0-9]*}}]]> : tensor<2x2xf32>
func.func @softmax() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %a = arith.constant dense<[[1000.0, 1000.0], [-1000.0, 1000.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.softmax dimension(1) ins(%a : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = arith.constant dense<[[1000.0, 1.0], [-1000.0, 0.0]]> : tensor<2x2xf32>
  %1 = linalg.softmax dimension(0) ins(%b : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0, %1 : tensor<2x2xf32>, tensor<2x2xf32>
}

// In f32, and rounded once.
// CHECK-LABEL: @half_softmax
// CHECK: dense<[9.002680e-02, 2.447510e-01, 6.650390e-01]> : tensor<3xf16>
func.func @half_softmax() -> tensor<3xf16> {
  %a = arith.constant dense<[0.0, 1.0, 2.0]> : tensor<3xf16>
  %e = tensor.empty() : tensor<3xf16>
  %0 = linalg.softmax dimension(0) ins(%a : tensor<3xf16>) outs(%e : tensor<3xf16>) -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// Sums of narrow floats are made in f32, of exact products, and rounded once: in bf16,
// 256 + 1 is 256.
// CHECK-LABEL: @narrow_sums
// CHECK-DAG: dense<3.000000e+02> : tensor<1x1xbf16>
// CHECK-DAG: dense<3.040000e+02> : tensor<bf16>
// CHECK-DAG: dense<2.304000e+03> : tensor<1x1x1x1xf16>
// CHECK-DAG: dense<3.010000e+02> : tensor<f32>
func.func @narrow_sums()
    -> (tensor<1x1xbf16>, tensor<bf16>, tensor<1x1x1x1xf16>, tensor<f32>) {
  %a = arith.constant dense<1.0> : tensor<1x300xbf16>
  %b = arith.constant dense<1.0> : tensor<300x1xbf16>
  %c = arith.constant dense<0.0> : tensor<1x1xbf16>
  %0 = linalg.matmul ins(%a, %b : tensor<1x300xbf16>, tensor<300x1xbf16>)
                     outs(%c : tensor<1x1xbf16>) -> tensor<1x1xbf16>
  %flat = tensor.collapse_shape %a [[0, 1]] : tensor<1x300xbf16> into tensor<300xbf16>
  %start = arith.constant dense<4.0> : tensor<bf16>
  %1 = linalg.reduce { arith.addf } ins(%flat : tensor<300xbf16>)
                     outs(%start : tensor<bf16>) dimensions = [0]
  %image = arith.constant dense<1.0> : tensor<1x48x48x1xf16>
  %window = tensor.empty() : tensor<48x48xf16>
  %none = arith.constant dense<0.0> : tensor<1x1x1x1xf16>
  %2 = linalg.pooling_nhwc_sum ins(%image, %window : tensor<1x48x48x1xf16>, tensor<48x48xf16>)
                               outs(%none : tensor<1x1x1x1xf16>) -> tensor<1x1x1x1xf16>
  // A sum that is in f32 already.
  %one = arith.constant dense<1.0> : tensor<f32>
  %3 = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
      iterator_types = ["reduction"]} ins(%flat : tensor<300xbf16>) outs(%one : tensor<f32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    %sum = arith.addf %out, %wide : f32
    linalg.yield %sum : f32
  } -> tensor<f32>
  return %0, %1, %2, %3 : tensor<1x1xbf16>, tensor<bf16>, tensor<1x1x1x1xf16>, tensor<f32>
}

// Products are exact where they are added up, rounded where they are not:
// (1 + 2^-10)^2 is 1 + 2^-9 + 2^-20, of which f16 has no 2^-20.
// CHECK-LABEL: @narrow_products
// CHECK-DAG: dense<9.536740e-07> : tensor<f16>
// CHECK-DAG: dense<0.000000e+00> : tensor<1xf16>
func.func @narrow_products() -> (tensor<f16>, tensor<1xf16>) {
  %a = arith.constant dense<1.0009765625> : tensor<1xf16>
  %start = arith.constant dense<-1.001953125> : tensor<f16>
  %starts = arith.constant dense<-1.001953125> : tensor<1xf16>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
      iterator_types = ["reduction"]} ins(%a, %a : tensor<1xf16>, tensor<1xf16>)
                                      outs(%start : tensor<f16>) {
  ^bb0(%x: f16, %y: f16, %out: f16):
    %p = arith.mulf %x, %y : f16
    %sum = arith.addf %out, %p : f16
    linalg.yield %sum : f16
  } -> tensor<f16>
  %1 = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%a, %a : tensor<1xf16>, tensor<1xf16>)
                                     outs(%starts : tensor<1xf16>) {
  ^bb0(%x: f16, %y: f16, %out: f16):
    %p = arith.mulf %x, %y : f16
    %sum = arith.addf %out, %p : f16
    linalg.yield %sum : f16
  } -> tensor<1xf16>
  return %0, %1 : tensor<f16>, tensor<1xf16>
}

{-#
  dialect_resources: {
    builtin: { ramp: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718" }
  }
#-}
