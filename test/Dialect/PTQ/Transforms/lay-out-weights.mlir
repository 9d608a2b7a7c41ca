// RUN: ptq-opt %s -split-input-file --ptq-lay-out-weights --canonicalize | FileCheck %s
// The values are those of before.
// RUN: ptq-opt %s -split-input-file --ptq-fold-constants="quantization=true max-growth=64" -o %t.expected
// RUN: ptq-opt %s -split-input-file --ptq-lay-out-weights --ptq-fold-constants="quantization=true max-growth=64" -o %t.actual
// RUN: diff %t.expected %t.actual

// Codes 1 to 8 in pairs along the columns. Rows in pairs: the first of them has
// the low bits, the second the high bits.
// CHECK-DAG:   #[[$BMAP:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG:   #[[$SMAP:.+]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: func @packed
// CHECK-DAG:     %[[BYTES:.+]] = arith.constant dense<{{\[\[}}49, 66], [117, -122]]> : tensor<2x2xi8>
// CHECK:         %[[F:.+]] = linalg.generic {indexing_maps = [#[[$BMAP]], #[[$SMAP]], #{{.+}}], {{.*}}} ins(%[[BYTES]], %{{.+}} : tensor<2x2xi8>, tensor<2xf32>) outs(%{{.+}} : tensor<2x2x2xf32>)
// CHECK:           linalg.index 1
// CHECK:           arith.extsi %{{.*}} : i8 to i32
// CHECK:           arith.shli
// CHECK:           %[[CODE:.+]] = arith.shrsi {{.*}} : i32
// CHECK:           arith.sitofp %[[CODE]] : i32 to f32
// CHECK:         tensor.collapse_shape %[[F]] {{\[\[}}0, 1], [2]] : tensor<2x2x2xf32> into tensor<4x2xf32>
func.func @packed() -> tensor<4x2xf32> {
  %p = arith.constant dense<[[33], [67], [101], [-121]]> : tensor<4x1xi8>
  %s = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %q = ptq.unpack %p axis 1 : tensor<4x1xi8> -> tensor<4x2xi4>
  %e = tensor.empty() : tensor<4x2xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>,
      affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%q, %s : tensor<4x2xi4>, tensor<2xf32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%a: i4, %b: f32, %out: f32):
    %0 = arith.sitofp %a : i4 to f32
    %1 = arith.mulf %0, %b : f32
    linalg.yield %1 : f32
  } -> tensor<4x2xf32>
  return %f : tensor<4x2xf32>
}

// -----

// A filter whose channels move last: the codes are laid out, the scales of
// blocks of 4 along channels and window are found by the flat position.
// CHECK-DAG:   #[[$CMAP:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG:   #[[$SMAP:.+]] = affine_map<(d0, d1, d2) -> ((d0 + d1 * 3) floordiv 4, d2)>
// CHECK-LABEL: func @filter
// CHECK-DAG:     %[[CODES:.+]] = arith.constant dense<{{\[\[\[}}0, 6], [3, 9]], {{\[\[}}1, 7], [4, 10]], {{\[\[}}2, 8], [5, 11]]]> : tensor<3x2x2xi8>
// CHECK-DAG:     %[[SCALES:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 8.000000e+00]]> : tensor<2x2xf16>
// CHECK:         linalg.generic {indexing_maps = [#[[$CMAP]], #[[$SMAP]], #[[$CMAP]]], {{.*}}} ins(%[[CODES]], %[[SCALES]]
// CHECK-NOT:     linalg.transpose
func.func @filter() -> tensor<3x2x2xf32> {
  %q = arith.constant dense<[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]> : tensor<2x6xi8>
  %s = arith.constant dense<[[1.0, 2.0], [4.0, 8.0]]> : tensor<2x2xf16>
  %e = tensor.empty() : tensor<2x6xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1 floordiv 4)>,
      affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%q, %s : tensor<2x6xi8>, tensor<2x2xf16>) outs(%e : tensor<2x6xf32>) {
  ^bb0(%a: i8, %b: f16, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    %1 = arith.extf %b : f16 to f32
    %2 = arith.mulf %0, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x6xf32>
  %x = tensor.expand_shape %f [[0], [1, 2]] output_shape [2, 2, 3] : tensor<2x6xf32> into tensor<2x2x3xf32>
  %et = tensor.empty() : tensor<3x2x2xf32>
  %t = linalg.transpose ins(%x : tensor<2x2x3xf32>) outs(%et : tensor<3x2x2xf32>) permutation = [2, 1, 0]
  return %t : tensor<3x2x2xf32>
}

// -----

// No loop is even: neighbours along the longest one share a byte. A zero point
// is subtracted from the wider code.
// CHECK-DAG:   #[[$BMAP:.+]] = affine_map<(d0, d1) -> (d0, d1 floordiv 2)>
// CHECK-LABEL: func @odd
// CHECK-DAG:     arith.constant dense<{{\[\[}}33, 67, 5], [-121, -87, 11], [-36, -2, 1]]> : tensor<3x3xi8>
// CHECK:         linalg.generic {indexing_maps = [#[[$BMAP]],
// CHECK:           arith.andi
// CHECK:           arith.extsi %{{.+}} : i8 to i32
// CHECK:           %[[CODE:.+]] = arith.shrsi {{.*}} : i32
// CHECK:           arith.subi %[[CODE]], %{{.+}} : i32
func.func @odd() -> tensor<3x5xf32> {
  %p = arith.constant dense<[33, 67, 117, -104, -70, -36, -2, 1]> : tensor<8xi8>
  %q = ptq.unpack %p axis 0 : tensor<8xi8> -> tensor<15xi4>
  %x = tensor.expand_shape %q [[0, 1]] output_shape [3, 5] : tensor<15xi4> into tensor<3x5xi4>
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x5xi4>) outs(%e : tensor<3x5xf32>) {
  ^bb0(%a: i4, %out: f32):
    %z = arith.constant -2 : i32
    %s = arith.constant 0.25 : f32
    %0 = arith.extsi %a : i4 to i32
    %1 = arith.subi %0, %z : i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<3x5xf32>
  return %f : tensor<3x5xf32>
}

// -----

// Codes of 2 bits: the rows are split into groups of four.
// CHECK-LABEL: func @pairs_of_bits
// CHECK:         linalg.generic {{.*}} ins(%{{.+}} : tensor<1x3xi8>) outs(%{{.+}} : tensor<1x4x3xf32>)
func.func @pairs_of_bits() -> tensor<4x3xf32> {
  %p = arith.constant dense<[27, -28, 99]> : tensor<3xi8>
  %q = ptq.unpack %p axis 0 : tensor<3xi8> -> tensor<12xi2>
  %x = tensor.expand_shape %q [[0, 1]] output_shape [4, 3] : tensor<12xi2> into tensor<4x3xi2>
  %e = tensor.empty() : tensor<4x3xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x3xi2>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: i2, %out: f32):
    %0 = arith.sitofp %a : i2 to f32
    linalg.yield %0 : f32
  } -> tensor<4x3xf32>
  return %f : tensor<4x3xf32>
}

// -----

// A scalar, flattened and back; it may be any op that makes floats of codes.
// CHECK-LABEL: func @collapsed
// CHECK-NOT:     tensor.collapse_shape %{{.*}} [] :
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<f32>)
func.func @collapsed() -> (tensor<f32>, tensor<6xf32>) {
  %c = arith.constant dense<5> : tensor<1x1xi8>
  %e = tensor.empty() : tensor<1x1xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%c : tensor<1x1xi8>) outs(%e : tensor<1x1xf32>) {
  ^bb0(%a: i8, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  } -> tensor<1x1xf32>
  %s = tensor.collapse_shape %f [] : tensor<1x1xf32> into tensor<f32>
  %d = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %w = arith.constant dense<[[1.0], [-1.0]]> : tensor<2x1xf32>
  %e2 = tensor.empty() : tensor<2x3xf32>
  %g = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 0)>,
      affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%d, %w : tensor<2x3xi8>, tensor<2x1xf32>) outs(%e2 : tensor<2x3xf32>) {
  ^bb0(%a: i8, %b: f32, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    %1 = arith.mulf %0, %b : f32
    linalg.yield %1 : f32
  } -> tensor<2x3xf32>
  %flat = tensor.collapse_shape %g [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  return %s, %flat : tensor<f32>, tensor<6xf32>
}

// -----

// Only the innermost loop is even: it is split in two, the first half has the
// low bits.
// CHECK-DAG:   #[[$BMAP:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func @innermost
// CHECK:         linalg.generic {indexing_maps = [#[[$BMAP]], {{.*}} ins(%{{.+}} : tensor<3x2xi8>) outs(%{{.+}} : tensor<3x2x2xf32>)
// CHECK:           linalg.index 1
func.func @innermost() -> tensor<3x4xf32> {
  %p = arith.constant dense<[[33, 67], [101, -121], [-36, -2]]> : tensor<3x2xi8>
  %q = ptq.unpack %p axis 1 : tensor<3x2xi8> -> tensor<3x4xi4>
  %e = tensor.empty() : tensor<3x4xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%q : tensor<3x4xi4>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%a: i4, %out: f32):
    %0 = arith.sitofp %a : i4 to f32
    linalg.yield %0 : f32
  } -> tensor<3x4xf32>
  return %f : tensor<3x4xf32>
}

// -----

// An outer loop that is odd but long wastes little.
// CHECK-DAG:   #[[$BMAP:.+]] = affine_map<(d0, d1) -> (d0 floordiv 2, d1)>
// CHECK-LABEL: func @long_and_odd
// CHECK:         linalg.generic {indexing_maps = [#[[$BMAP]], {{.*}} ins(%{{.+}} : tensor<9x2xi8>) outs(%{{.+}} : tensor<17x2xf32>)
func.func @long_and_odd() -> tensor<17x2xf32> {
  %p = arith.constant dense<[[1], [18], [35], [52], [69], [86], [103], [-8], [-119], [-102], [-85], [-68], [-51], [-34], [-17], [0], [16]]> : tensor<17x1xi8>
  %q = ptq.unpack %p axis 1 : tensor<17x1xi8> -> tensor<17x2xi4>
  %e = tensor.empty() : tensor<17x2xf32>
  %f = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%q : tensor<17x2xi4>) outs(%e : tensor<17x2xf32>) {
  ^bb0(%a: i4, %out: f32):
    %0 = arith.sitofp %a : i4 to f32
    linalg.yield %0 : f32
  } -> tensor<17x2xf32>
  return %f : tensor<17x2xf32>
}
