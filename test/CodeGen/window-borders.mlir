// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=znver4 -canonicalize | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions='cpu=cortex-a53 features=+dotprod' -canonicalize | FileCheck %s --check-prefix=SIGNED

// The rows of a window that lie in the border are left out: the first one at the
// top, the last one at the bottom. The dot product would read zeros there, which
// is what the lowest code is as an unsigned one.

// CHECK-DAG: #[[$FIRST:.*]] = affine_map<(d0) -> (-d0 + 1, 3)>
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0) -> (-d0 + 5, 3)>
// CHECK-NOT: @border_sums
// CHECK-LABEL: func.func @zeros(
// CHECK: scf.parallel (%[[ROW:.*]]) =
// CHECK: %[[A:.*]] = affine.min #[[$FIRST]](%[[ROW]])
// CHECK: %[[B:.*]] = affine.max #{{.*}}(%[[A]])
// CHECK: %[[C:.*]] = affine.min #[[$END]](%[[ROW]])
// CHECK: %[[D:.*]] = affine.max #{{.*}}(%[[B]], %[[C]])
// CHECK: %[[SIZE:.*]] = affine.min #{{.*}}(%[[D]])
// CHECK: scf.for %[[K:.*]] = %c0 to %[[SIZE]] step %c1 iter_args
// CHECK: affine.apply #{{.*}}(%[[B]], %[[K]])
// CHECK: ptq.dot

// Signed, it is no zero: what the rows add, from none to three of four columns,
// is in a table, and so is what is left of all without these rows.

// SIGNED: memref.global "private" constant @border_sums : memref<32xi32>
// SIGNED-LABEL: func.func @zeros(
// SIGNED: %[[TABLE:.*]] = memref.get_global @border_sums
// SIGNED: scf.parallel
// SIGNED: affine.min
// SIGNED: %[[FIRST:.*]] = affine.max
// SIGNED: affine.min
// SIGNED: affine.max
// SIGNED: %[[SIZE:.*]] = affine.min
// SIGNED: %[[PLACE:.*]] = affine.apply #{{.*}}(%[[FIRST]])
// SIGNED: %[[ABOVE:.*]] = vector.load %[[TABLE]][%[[PLACE]]]
// SIGNED: %[[PLACE:.*]] = affine.apply #{{.*}}(%[[FIRST]], %[[SIZE]])
// SIGNED: %[[BELOW:.*]] = vector.load %[[TABLE]][%[[PLACE]]]
// SIGNED: arith.addi %[[ABOVE]], %[[BELOW]]
// SIGNED: scf.for {{.*}} to %{{.*}} step %c1 iter_args
// SIGNED: ptq.dot
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @zeros(%x: memref<1x4x5x4xi8>, %y: memref<1x4x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %top = memref.subview %image[0, 0, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%top : memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>)
  %bottom = memref.subview %image[0, 5, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>
  linalg.fill ins(%code : i8) outs(%bottom : memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 4, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>
  linalg.copy ins(%x : memref<1x4x5x4xi8>) outs(%inside : memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>)
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// All of the buffer may be filled before; rows of the window may be apart, and
// so may be its positions.

// CHECK-DAG: #[[$FIRST:.*]] = affine_map<(d0) -> (3, (d0 * -2 + 1) ceildiv 2)>
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0) -> (3, (d0 * -2 + 5) ceildiv 2)>
// CHECK: memref.global "private" constant @border_sums : memref<128xi32>
// CHECK-LABEL: func.func @steps(
// CHECK: scf.parallel (%[[ROW:.*]]) =
// CHECK: affine.min #[[$FIRST]](%[[ROW]])
// CHECK: affine.min #[[$END]](%[[ROW]])
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @steps(%x: memref<1x4x5x4xi8>, %y: memref<1x2x5x2xi32>) {
  %code = arith.constant 5 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x7x5x4xi8>
  linalg.fill ins(%code : i8) outs(%image : memref<1x7x5x4xi8>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 4, 5, 4] [1, 1, 1, 1] : memref<1x7x5x4xi8> to memref<1x4x5x4xi8, strided<[140, 20, 4, 1], offset: 20>>
  linalg.copy ins(%x : memref<1x4x5x4xi8>) outs(%inside : memref<1x4x5x4xi8, strided<[140, 20, 4, 1], offset: 20>>)
  linalg.conv_2d_nhwc_hwcf {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<[2, 1]> : tensor<2xi64>}
                           ins(%image, %w : memref<1x7x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x2x5x2xi32>)
  return
}

// -----

// What a kernel computes may be inside of the border.

// CHECK-LABEL: func.func @chain(
// CHECK: ptq.dot
// CHECK: affine.max
// CHECK: affine.max
// CHECK: ptq.dot
#all = affine_map<(n, h, w, c) -> (n, h, w, c)>
memref.global "private" constant @first : memref<4x4xi8> = dense<[
  [1, 2, 3, 4], [5, 6, 7, 8], [0, -1, -2, -3], [4, 3, 2, 1]]>
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @chain(%x: memref<1x4x5x4xi8>, %y: memref<1x4x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %first = memref.get_global @first : memref<4x4xi8>
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<1x4x5x4xi32>
  %top = memref.subview %image[0, 0, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%top : memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>)
  %bottom = memref.subview %image[0, 5, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>
  linalg.fill ins(%code : i8) outs(%bottom : memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 4, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>
  linalg.fill ins(%zero : i32) outs(%sums : memref<1x4x5x4xi32>)
  linalg.generic {
    indexing_maps = [affine_map<(n, h, w, f, c) -> (n, h, w, c)>,
                     affine_map<(n, h, w, f, c) -> (c, f)>,
                     affine_map<(n, h, w, f, c) -> (n, h, w, f)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]
  } ins(%x, %first : memref<1x4x5x4xi8>, memref<4x4xi8>) outs(%sums : memref<1x4x5x4xi32>) {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %d = arith.extsi %a : i8 to i32
    %e = arith.extsi %b : i8 to i32
    %f = arith.muli %d, %e : i32
    %g = arith.addi %c, %f : i32
    linalg.yield %g : i32
  }
  linalg.generic {
    indexing_maps = [#all, #all],
    iterator_types = ["parallel", "parallel", "parallel", "parallel"]
  } ins(%sums : memref<1x4x5x4xi32>) outs(%inside : memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>) {
  ^bb0(%a: i32, %b: i8):
    %c = arith.trunci %a : i32 to i8
    linalg.yield %c : i8
  }
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// A border that is written to is none, nor is one that is not filled from end to
// end, or nobody knows how far; what else may write to the buffer must be known;
// few rows of many are not worth it.

// CHECK-LABEL: func.func @overwritten(
// CHECK-NOT: affine.max
// CHECK: ptq.dot
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @overwritten(%x: memref<1x6x5x4xi8>, %y: memref<1x4x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %top = memref.subview %image[0, 0, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%top : memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>)
  %bottom = memref.subview %image[0, 5, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>
  linalg.fill ins(%code : i8) outs(%bottom : memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>)
  %inside = memref.subview %image[0, 0, 0, 0] [1, 6, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x6x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.copy ins(%x : memref<1x6x5x4xi8>) outs(%inside : memref<1x6x5x4xi8, strided<[120, 20, 4, 1]>>)
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// CHECK-LABEL: func.func @not_filled_across(
// CHECK-NOT: affine.max
// CHECK: ptq.dot
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @not_filled_across(%x: memref<1x4x5x4xi8>, %y: memref<1x4x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %top = memref.subview %image[0, 0, 0, 0] [1, 1, 4, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x4x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%top : memref<1x1x4x4xi8, strided<[120, 20, 4, 1]>>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 4, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>
  linalg.copy ins(%x : memref<1x4x5x4xi8>) outs(%inside : memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>)
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// CHECK-LABEL: func.func @filled_somewhere(
// CHECK-NOT: affine.max
// CHECK: ptq.dot
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @filled_somewhere(%x: memref<1x4x5x4xi8>, %y: memref<1x4x5x2xi32>, %n: index) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %some = memref.subview %image[0, 0, 0, 0] [1, %n, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x?x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%some : memref<1x?x5x4xi8, strided<[120, 20, 4, 1]>>)
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// CHECK-LABEL: func.func @called(
// CHECK-NOT: affine.max
// CHECK: ptq.dot
func.func private @write(memref<1x6x5x4xi8>)
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @called(%x: memref<1x4x5x4xi8>, %y: memref<1x4x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x6x5x4xi8>
  %top = memref.subview %image[0, 0, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>
  linalg.fill ins(%code : i8) outs(%top : memref<1x1x5x4xi8, strided<[120, 20, 4, 1]>>)
  %bottom = memref.subview %image[0, 5, 0, 0] [1, 1, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>
  linalg.fill ins(%code : i8) outs(%bottom : memref<1x1x5x4xi8, strided<[120, 20, 4, 1], offset: 100>>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 4, 5, 4] [1, 1, 1, 1] : memref<1x6x5x4xi8> to memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>
  linalg.copy ins(%x : memref<1x4x5x4xi8>) outs(%inside : memref<1x4x5x4xi8, strided<[120, 20, 4, 1], offset: 20>>)
  call @write(%image) : (memref<1x6x5x4xi8>) -> ()
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x6x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x4x5x2xi32>)
  return
}

// -----

// CHECK-LABEL: func.func @many_rows(
// CHECK-NOT: affine.max
// CHECK: ptq.dot
memref.global "private" constant @w : memref<3x1x4x2xi8> = dense<[
  [[[1, 2], [3, 4], [5, 6], [7, 8]]], [[[9, 8], [7, 6], [5, 4], [3, 2]]],
  [[[-1, 0], [-2, 0], [-3, 0], [0, -4]]]]>
func.func @many_rows(%x: memref<1x64x5x4xi8>, %y: memref<1x64x5x2xi32>) {
  %code = arith.constant -128 : i8
  %w = memref.get_global @w : memref<3x1x4x2xi8>
  %image = memref.alloc() : memref<1x66x5x4xi8>
  linalg.fill ins(%code : i8) outs(%image : memref<1x66x5x4xi8>)
  %inside = memref.subview %image[0, 1, 0, 0] [1, 64, 5, 4] [1, 1, 1, 1] : memref<1x66x5x4xi8> to memref<1x64x5x4xi8, strided<[1320, 20, 4, 1], offset: 20>>
  linalg.copy ins(%x : memref<1x64x5x4xi8>) outs(%inside : memref<1x64x5x4xi8, strided<[1320, 20, 4, 1], offset: 20>>)
  linalg.conv_2d_nhwc_hwcf ins(%image, %w : memref<1x66x5x4xi8>, memref<3x1x4x2xi8>)
                           outs(%y : memref<1x64x5x2xi32>)
  return
}
