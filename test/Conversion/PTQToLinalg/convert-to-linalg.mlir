// RUN: ptq-opt %s -split-input-file -ptq-convert-to-linalg | FileCheck %s
// What comes out must verify, and survive the upstream passes that follow.
// RUN: ptq-opt %s -split-input-file -ptq-convert-to-linalg -canonicalize -cse -linalg-fuse-elementwise-ops -o %t

// The example of the pass description.
// CHECK: #[[$ID:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK: #[[$AXIS:.+]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @requantize_axis
// CHECK-SAME: (%[[ACC:.+]]: tensor<?x4xi32>, %[[M:.+]]: tensor<4xf32>)
// CHECK: %[[SIZE:.+]] = tensor.dim %[[ACC]], %{{.+}}
// CHECK: %[[EMPTY:.+]] = tensor.empty(%[[SIZE]]) : tensor<?x4xi8>
// CHECK: linalg.generic {indexing_maps = [#[[$ID]], #[[$AXIS]], #[[$ID]]], iterator_types = ["parallel", "parallel"]}
// CHECK-SAME: ins(%[[ACC]], %[[M]] : tensor<?x4xi32>, tensor<4xf32>)
// CHECK-SAME: outs(%[[EMPTY]] : tensor<?x4xi8>)
// CHECK: ^bb0(%[[A:.+]]: i32, %[[B:.+]]: f32, %{{.+}}: i8):
// CHECK: %[[F:.+]] = arith.sitofp %[[A]] : i32 to f32
// CHECK: %[[P:.+]] = arith.mulf %[[F]], %[[B]] : f32
// CHECK: %[[Z:.+]] = arith.constant -8 : i32
// CHECK: %[[R:.+]] = math.roundeven %[[P]] : f32
// CHECK: %[[LOW:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[R]], %[[LOW]] : f32
// CHECK: %[[R1:.+]] = arith.select %[[ABOVE]], %[[R]], %[[LOW]] : f32
// CHECK: %[[HIGH:.+]] = arith.constant 1.350000e+02 : f32
// CHECK: %[[BELOW:.+]] = arith.cmpf olt, %[[R1]], %[[HIGH]] : f32
// CHECK: %[[R2:.+]] = arith.select %[[BELOW]], %[[R1]], %[[HIGH]] : f32
// CHECK: %[[I:.+]] = arith.fptosi %[[R2]] : f32 to i32
// CHECK: %[[C:.+]] = arith.addi %[[I]], %[[Z]] overflow<nsw> : i32
// CHECK: %[[T:.+]] = arith.trunci %[[C]] : i32 to i8
// CHECK: linalg.yield %[[T]] : i8
func.func @requantize_axis(%acc: tensor<?x4xi32>, %m: tensor<4xf32>) -> tensor<?x4xi8> {
  %z = arith.constant -8 : i8
  %y = ptq.requantize %acc, %m, %z axis 1 low -8 : tensor<?x4xi32>, tensor<4xf32>, i8 -> tensor<?x4xi8>
  return %y : tensor<?x4xi8>
}

// -----

// A small constant multiplier: all products fit i32, and saturate behind the
// conversion.
// CHECK-LABEL: func @requantize_bounded
// CHECK: %[[P:.+]] = arith.mulf
// CHECK: %[[Z:.+]] = arith.constant -8 : i32
// CHECK: %[[R:.+]] = math.roundeven %[[P]] : f32
// CHECK: %[[I:.+]] = arith.fptosi %[[R]] : f32 to i32
// CHECK: %[[C:.+]] = arith.addi %[[I]], %[[Z]] overflow<nsw> : i32
// CHECK: %[[LOW:.+]] = arith.constant -100 : i32
// CHECK: %[[C1:.+]] = arith.maxsi %[[C]], %[[LOW]] : i32
// CHECK: %[[HIGH:.+]] = arith.constant 127 : i32
// CHECK: %[[C2:.+]] = arith.minsi %[[C1]], %[[HIGH]] : i32
// CHECK: arith.trunci %[[C2]] : i32 to i8
func.func @requantize_bounded(%acc: tensor<2xi32>) -> tensor<2xi8> {
  %m = arith.constant dense<[0.25, 0.001]> : tensor<2xf32>
  %z = arith.constant -8 : i8
  %y = ptq.requantize %acc, %m, %z axis 0 low -100 : tensor<2xi32>, tensor<2xf32>, i8 -> tensor<2xi8>
  return %y : tensor<2xi8>
}

// -----

// With one of these the largest sum leaves i32.
// CHECK-LABEL: func @requantize_large
// CHECK: math.roundeven
// CHECK: arith.cmpf ogt
// CHECK-NOT: arith.maxsi
func.func @requantize_large(%acc: tensor<2xi32>) -> tensor<2xi8> {
  %m = arith.constant dense<[0.26, 0.001]> : tensor<2xf32>
  %z = arith.constant -8 : i8
  %y = ptq.requantize %acc, %m, %z axis 0 low -100 : tensor<2xi32>, tensor<2xf32>, i8 -> tensor<2xi8>
  return %y : tensor<2xi8>
}

// -----

// Fixed point: exact products, a shift that rounds half up, clamped in i64.
// CHECK-LABEL: func @requantize_fixed_point
// CHECK-SAME: (%[[ACC:.+]]: tensor<?x4xi32>, %[[M:.+]]: tensor<4xi32>, %[[K:.+]]: tensor<4xi32>)
// CHECK: linalg.generic {{.*}} ins(%[[ACC]], %[[M]], %[[K]] : tensor<?x4xi32>, tensor<4xi32>, tensor<4xi32>)
// CHECK: ^bb0(%[[A:.+]]: i32, %[[B:.+]]: i32, %[[S:.+]]: i32, %{{.+}}: i8):
// CHECK-DAG: %[[A64:.+]] = arith.extsi %[[A]] : i32 to i64
// CHECK-DAG: %[[B64:.+]] = arith.extsi %[[B]] : i32 to i64
// CHECK: %[[P:.+]] = arith.muli %[[A64]], %[[B64]] : i64
// CHECK: %[[S64:.+]] = arith.extsi %[[S]] : i32 to i64
// CHECK: %[[BEFORE:.+]] = arith.subi %[[S64]], %{{.+}} : i64
// CHECK: %[[HALF:.+]] = arith.shli %{{.+}}, %[[BEFORE]] : i64
// CHECK: %[[SUM:.+]] = arith.addi %[[P]], %[[HALF]] : i64
// CHECK: %[[STEPS:.+]] = arith.shrsi %[[SUM]], %[[S64]] : i64
// CHECK: arith.maxsi %[[STEPS]], %{{.+}} : i64
// CHECK: arith.minsi
// CHECK: arith.trunci %{{.+}} : i64 to i32
// CHECK: arith.addi %{{.+}} : i32
// CHECK: arith.trunci %{{.+}} : i32 to i8
func.func @requantize_fixed_point(%acc: tensor<?x4xi32>, %m: tensor<4xi32>, %k: tensor<4xi32>) -> tensor<?x4xi8> {
  %z = arith.constant -8 : i8
  %y = ptq.requantize %acc, %m shift %k, %z axis 1 low -8 : tensor<?x4xi32>, tensor<4xi32> shift tensor<4xi32>, i8 -> tensor<?x4xi8>
  return %y : tensor<?x4xi8>
}

// -----

// A true division, and NaN read as 0.
// CHECK-LABEL: func @quantize_scalar
// CHECK-SAME: (%[[X:.+]]: tensor<2x3xf32>, %[[S:.+]]: f32, %[[ZP:.+]]: i8)
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[X]] : tensor<2x3xf32>)
// CHECK: ^bb0(%[[A:.+]]: f32,
// CHECK: %[[Q:.+]] = arith.divf %[[A]], %[[S]] : f32
// CHECK: %[[NAN:.+]] = arith.cmpf uno, %[[Q]], %[[Q]] : f32
// CHECK: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[V:.+]] = arith.select %[[NAN]], %[[ZERO]], %[[Q]] : f32
// CHECK: %[[Z:.+]] = arith.extsi %[[ZP]] : i8 to i32
// CHECK: math.roundeven %[[V]]
// CHECK: %[[LOW:.+]] = arith.subi %{{.+}}, %[[Z]] : i32
// CHECK: arith.sitofp %[[LOW]] : i32 to f32
func.func @quantize_scalar(%x: tensor<2x3xf32>, %s: f32, %z: i8) -> tensor<2x3xi8> {
  %q = ptq.quantize %x, %s, %z : tensor<2x3xf32>, f32, i8 -> tensor<2x3xi8>
  return %q : tensor<2x3xi8>
}

// -----

// A short last block, one block over a whole dimension, small floats.
// CHECK: #[[$BLOCK:.+]] = affine_map<(d0, d1, d2) -> (0, d1)>
// CHECK-LABEL: func @quantize_blocks
// CHECK: linalg.generic {indexing_maps = [#{{.+}}, #[[$BLOCK]], #{{.+}}]
// CHECK: ^bb0(%[[A:.+]]: bf16, %[[S:.+]]: f16,
// CHECK-DAG: %[[A32:.+]] = arith.extf %[[A]] : bf16 to f32
// CHECK-DAG: %[[S32:.+]] = arith.extf %[[S]] : f16 to f32
// CHECK: arith.divf %[[A32]], %[[S32]] : f32
// CHECK: arith.constant -7.000000e+00 : f32
// CHECK: arith.trunci %{{.+}} : i32 to i4
func.func @quantize_blocks(%x: tensor<8x48xbf16>, %s: tensor<1x2xf16>) -> tensor<8x48xi4> {
  %q = ptq.quantize %x, %s block [8, 32] low -7 : tensor<8x48xbf16>, tensor<1x2xf16> -> tensor<8x48xi4>
  return %q : tensor<8x48xi4>
}

// -----

// 2^31 - 1 is no f32: the code is clamped again after the conversion.
// CHECK-LABEL: func @quantize_i32
// CHECK: %[[I:.+]] = arith.fptosi %{{.+}} : f32 to i64
// CHECK: %[[MIN:.+]] = arith.constant -2147483648 : i64
// CHECK: %[[C:.+]] = arith.maxsi %[[I]], %[[MIN]] : i64
// CHECK: %[[MAX:.+]] = arith.constant 2147483647 : i64
// CHECK: %[[D:.+]] = arith.minsi %[[C]], %[[MAX]] : i64
// CHECK: arith.trunci %[[D]] : i64 to i32
func.func @quantize_i32(%x: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<4xi32> {
  %q = ptq.quantize %x, %s axis 0 : tensor<4xf32>, tensor<4xf32> -> tensor<4xi32>
  return %q : tensor<4xi32>
}

// -----

// CHECK-LABEL: func @dequantize
// CHECK: ^bb0(%[[Q:.+]]: i8,
// CHECK: %[[Z:.+]] = arith.constant -8 : i32
// CHECK: %[[W:.+]] = arith.extsi %[[Q]] : i8 to i32
// CHECK: %[[D:.+]] = arith.subi %[[W]], %[[Z]] : i32
// CHECK: %[[F:.+]] = arith.sitofp %[[D]] : i32 to f32
// CHECK: %[[V:.+]] = arith.mulf %[[F]], %{{.+}} : f32
// CHECK: arith.truncf %[[V]] : f32 to f16
func.func @dequantize(%q: tensor<?xi8>, %s: f32) -> tensor<?xf16> {
  %z = arith.constant -8 : i8
  %x = ptq.dequantize %q, %s, %z : tensor<?xi8>, f32, i8 -> tensor<?xf16>
  return %x : tensor<?xf16>
}

// -----

// Symmetric codes are converted as they are.
// CHECK-LABEL: func @dequantize_symmetric
// CHECK: ^bb0(%[[Q:.+]]: i32, %[[S:.+]]: f32,
// CHECK-NEXT: %[[F:.+]] = arith.sitofp %[[Q]] : i32 to f32
// CHECK-NEXT: arith.mulf %[[F]], %[[S]] : f32
// CHECK-NEXT: linalg.yield
func.func @dequantize_symmetric(%q: tensor<3x?xi32>, %s: tensor<3xf32>) -> tensor<3x?xf32> {
  %x = ptq.dequantize %q, %s axis 0 : tensor<3x?xi32>, tensor<3xf32> -> tensor<3x?xf32>
  return %x : tensor<3x?xf32>
}

// -----

// CHECK-LABEL: func @rank_zero
// CHECK: linalg.generic {{.*}}iterator_types = []
func.func @rank_zero(%x: tensor<f32>, %s: f32) -> tensor<i8> {
  %q = ptq.quantize %x, %s : tensor<f32>, f32 -> tensor<i8>
  return %q : tensor<i8>
}

// -----

// CHECK-LABEL: func @observe
// CHECK-SAME: (%[[X:.+]]: tensor<2xf32>)
// CHECK-NEXT: return %[[X]]
func.func @observe(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// CHECK-LABEL: func @choose_per_tensor
// CHECK: %[[RANGE:.+]]:2 = linalg.generic {{.*}}iterator_types = ["reduction", "reduction"]
// CHECK: math.absf
// CHECK: arith.cmpf olt, %{{.+}}, %{{.+}} : f32
// CHECK: linalg.generic {{.*}}ins(%[[RANGE]]#0, %[[RANGE]]#1 :
// CHECK: arith.truncf %{{.+}} : f64 to f32
// CHECK: tensor.extract %{{.+}}[] : tensor<f32>
// CHECK: tensor.extract %{{.+}}[] : tensor<i8>
func.func @choose_per_tensor(%x: tensor<?x4xf32>) -> (f32, i8) {
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>) : tensor<?x4xf32> -> f32, i8
  return %s, %z : f32, i8
}

// -----

// CHECK-LABEL: func @choose_per_token
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: tensor.expand_shape %{{.+}} {{\[\[}}0], [1, 2]] {{.*}} : tensor<?x4xf16> into tensor<?x4x1xf16>
func.func @choose_per_token(%x: tensor<?x4x8xf16>) -> tensor<?x4x1xf16> {
  %s = ptq.choose_parameters %x encoding(<i8, symmetric, granularity = token, source = dynamic>) : tensor<?x4x8xf16> -> tensor<?x4x1xf16>
  return %s : tensor<?x4x1xf16>
}

// -----

// CHECK: #[[$MIDDLE:.+]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-LABEL: func @choose_along_axis
// CHECK: %[[RANGE:.+]]:2 = linalg.generic {indexing_maps = [#{{.+}}, #[[$MIDDLE]], #[[$MIDDLE]]], iterator_types = ["reduction", "parallel", "reduction"]}
// CHECK: linalg.generic {{.*}}ins(%[[RANGE]]#0, %[[RANGE]]#1 : tensor<?xf32>, tensor<?xf32>)
// CHECK: return %{{.+}}, %{{.+}} : tensor<?xf32>, tensor<?xi8>
func.func @choose_along_axis(%x: tensor<4x?x8xf32>) -> (tensor<?xf32>, tensor<?xi8>) {
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, granularity = axis, axis = 1, source = dynamic>) : tensor<4x?x8xf32> -> tensor<?xf32>, tensor<?xi8>
  return %s, %z : tensor<?xf32>, tensor<?xi8>
}

// -----

// Blocks are a dimension of their own, and a short last one is filled up with
// zeros.
// CHECK-LABEL: func @choose_per_block
// CHECK: %[[P:.+]] = tensor.pad %arg0 low[0, 0] high[0, 2]
// CHECK: %[[B:.+]] = tensor.expand_shape %[[P]] {{\[\[}}0], [1, 2]] {{.*}} : tensor<?x12xf32> into tensor<?x3x4xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[B]] : {{.*}} outs({{.*}} : tensor<?x3xf32>, tensor<?x3xf32>)
func.func @choose_per_block(%x: tensor<?x10xf32>) -> tensor<?x3xf32> {
  %s = ptq.choose_parameters %x encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 4, source = dynamic>) : tensor<?x10xf32> -> tensor<?x3xf32>
  return %s : tensor<?x3xf32>
}

// No loop divides, so that each can become vectors.
// CHECK-LABEL: func @quantize_in_blocks
// CHECK: %[[B:.+]] = tensor.expand_shape %arg0 {{\[\[}}0], [1, 2]] {{.*}} : tensor<?x8xf32> into tensor<?x2x4xf32>
// CHECK: %[[Q:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[B]], %arg1 :
// CHECK: tensor.collapse_shape %[[Q]] {{\[\[}}0], [1, 2]] : tensor<?x2x4xi8> into tensor<?x8xi8>
func.func @quantize_in_blocks(%x: tensor<?x8xf32>, %s: tensor<?x2xf32>) -> tensor<?x8xi8> {
  %q = ptq.quantize %x, %s block [1, 4] : tensor<?x8xf32>, tensor<?x2xf32> -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// CHECK-LABEL: func @quantize_a_short_block
// CHECK: tensor.extract_slice %{{.+}}[0, 0] [2, 10] [1, 1] : tensor<2x12xi8> to tensor<2x10xi8>
func.func @quantize_a_short_block(%x: tensor<2x10xf32>, %s: tensor<2x3xf32>) -> tensor<2x10xi8> {
  %q = ptq.quantize %x, %s block [1, 4] : tensor<2x10xf32>, tensor<2x3xf32> -> tensor<2x10xi8>
  return %q : tensor<2x10xi8>
}

// CHECK-LABEL: func @choose_of_one_token
// CHECK: tensor.expand_shape %{{.+}} [] output_shape [1] : tensor<f32> into tensor<1xf32>
func.func @choose_of_one_token(%x: tensor<8xf32>) -> tensor<1xf32> {
  %s = ptq.choose_parameters %x encoding(<i8, symmetric, granularity = token, source = dynamic>) : tensor<8xf32> -> tensor<1xf32>
  return %s : tensor<1xf32>
}

// -----

// CHECK: #[[$HALF:.+]] = affine_map<(d0, d1) -> (d0, d1 floordiv 2)>
// CHECK-LABEL: func @unpack
// CHECK: linalg.generic {indexing_maps = [#[[$HALF]], #{{.+}}]
// CHECK: linalg.index 1
// CHECK: arith.shrui
// CHECK: arith.trunci %{{.+}} : i8 to i4
func.func @unpack(%p: tensor<2x2xi8>) -> tensor<2x3xi4> {
  %q = ptq.unpack %p axis 1 : tensor<2x2xi8> -> tensor<2x3xi4>
  return %q : tensor<2x3xi4>
}

// -----

// CHECK: #[[$QUARTER:.+]] = affine_map<(d0) -> (d0 floordiv 4)>
// CHECK-LABEL: func @unpack_pairs_of_bits
// CHECK: linalg.generic {indexing_maps = [#[[$QUARTER]], #{{.+}}]
// CHECK-DAG: %[[MASK:.+]] = arith.constant 3 : i8
// CHECK: arith.andi %{{.+}}, %[[MASK]]
// CHECK: arith.trunci %{{.+}} : i8 to i2
func.func @unpack_pairs_of_bits(%p: tensor<2xi8>) -> tensor<5xi2> {
  %q = ptq.unpack %p axis 0 : tensor<2xi8> -> tensor<5xi2>
  return %q : tensor<5xi2>
}

// -----

// CHECK-LABEL: func @lookup
// CHECK-SAME: (%[[Q:.+]]: tensor<?xi8>, %[[T:.+]]: tensor<256xf32>)
// CHECK: ^bb0(%[[A:.+]]: i8,
// CHECK: %[[I:.+]] = arith.index_cast %[[A]] : i8 to index
// CHECK: %[[J:.+]] = arith.addi %[[I]], %{{.+}} : index
// CHECK: tensor.extract %[[T]][%[[J]]] : tensor<256xf32>
func.func @lookup(%q: tensor<?xi8>, %table: tensor<256xf32>) -> tensor<?xf32> {
  %y = ptq.lookup %q, %table : tensor<?xi8>, tensor<256xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// A constant table of bytes goes into the body.
// CHECK-LABEL: func @lookup_of_bytes
// CHECK-NOT: tensor.extract
// CHECK: ^bb0(%[[A:.+]]: i8,
// CHECK: ptq.lookup_byte %[[A]], dense<5> : tensor<256xi8> : i8
func.func @lookup_of_bytes(%q: tensor<?xi8>) -> tensor<?xi8> {
  %table = arith.constant dense<5> : tensor<256xi8>
  %y = ptq.lookup %q, %table : tensor<?xi8>, tensor<256xi8> -> tensor<?xi8>
  return %y : tensor<?xi8>
}

// -----

// CHECK-LABEL: func @lookup_in_resource
// CHECK: ptq.lookup_byte %{{.*}}, dense<"0x000102
func.func @lookup_in_resource(%q: tensor<?xi8>) -> tensor<?xi8> {
  %table = arith.constant dense_resource<table> : tensor<256xi8>
  %y = ptq.lookup %q, %table : tensor<?xi8>, tensor<256xi8> -> tensor<?xi8>
  return %y : tensor<?xi8>
}

{-#
  dialect_resources: {
    builtin: {
      table: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"
    }
  }
#-}

// -----

// A table that is given at run time is read element by element.
// CHECK-LABEL: func @lookup_of_given_bytes
// CHECK: tensor.extract
func.func @lookup_of_given_bytes(%q: tensor<?xi8>, %table: tensor<256xi8>) -> tensor<?xi8> {
  %y = ptq.lookup %q, %table : tensor<?xi8>, tensor<256xi8> -> tensor<?xi8>
  return %y : tensor<?xi8>
}

// -----

// Ops on vectors, and ops inside regions.
// CHECK-LABEL: func @others
// CHECK: scf.for
// CHECK-NOT: ptq.quantize
// CHECK: ptq.dot
func.func @others(%x: tensor<4xf32>, %s: f32, %n: index, %a: vector<4xi32>, %b: vector<16xi8>) -> (tensor<4xi8>, vector<4xi32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xi8>
  %r = scf.for %i = %zero to %n step %one iter_args(%unused = %e) -> tensor<4xi8> {
    %q = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
    scf.yield %q : tensor<4xi8>
  }
  %d = ptq.dot %a, %b, %b : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %r, %d : tensor<4xi8>, vector<4xi32>
}

// -----

// One side may know more of the shape than the other.
// CHECK-LABEL: func @shape_casts
// CHECK: linalg.generic {{.*}} ins(%{{.+}} : tensor<?x3xf32>) outs(%{{.+}} : tensor<2x3xi8>)
// CHECK: linalg.generic {{.*}} ins(%{{.+}} : tensor<2x3xi8>) outs(%{{.+}} : tensor<2x?xf32>)
func.func @shape_casts(%x: tensor<?x3xf32>, %s: f32) -> tensor<2x?xf32> {
  %q = ptq.quantize %x, %s : tensor<?x3xf32>, f32 -> tensor<2x3xi8>
  %y = ptq.dequantize %q, %s : tensor<2x3xi8>, f32 -> tensor<2x?xf32>
  return %y : tensor<2x?xf32>
}
