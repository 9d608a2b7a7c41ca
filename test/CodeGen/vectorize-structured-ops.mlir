// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=znver4 -canonicalize | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=x86-64 -canonicalize | FileCheck %s --check-prefix=SSE

// A static remainder is one narrower vector.

// CHECK-LABEL: func.func @f(
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: math.sqrt {{.*}} : vector<16xf32>
// CHECK: vector.store {{.*}} vector<16xf32>
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: math.sqrt {{.*}} : vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// SSE-LABEL: func.func @f(
// SSE: scf.parallel
// SSE: math.sqrt {{.*}} : vector<4xf32>
// SSE-NOT: math.sqrt
func.func @f(%x: memref<20xf32>, %y: memref<20xf32>) {
  linalg.sqrt ins(%x : memref<20xf32>) outs(%y : memref<20xf32>)
  return
}

// -----

// The long chain of an elementary function is computed on two registers at once,
// if it is known that there are elements for that.

// SSE-LABEL: func.func @elementary(
// SSE: math.exp {{.*}} : vector<8xf32>
// SSE: vector.load {{.*}} vector<4xf32>
// SSE: math.exp {{.*}} : vector<4xf32>
func.func @elementary(%x: memref<20xf32>, %y: memref<20xf32>) {
  linalg.exp ins(%x : memref<20xf32>) outs(%y : memref<20xf32>)
  return
}

// -----

// SSE-LABEL: func.func @elementary_dynamic(
// SSE: math.exp {{.*}} : vector<4xf32>
// SSE: math.exp {{.*}} : vector<1xf32>
func.func @elementary_dynamic(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.exp ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// Short inner dimensions are merged; the dynamic one stays a loop.

// CHECK-LABEL: func.func @merge(
// CHECK: scf.parallel
// CHECK: vector.load {{.*}} vector<64xi8>
// CHECK: vector.load {{.*}} vector<6xi8>
func.func @merge(%x: memref<?x7x10xi8>, %y: memref<?x7x10xi8>) {
  linalg.copy ins(%x : memref<?x7x10xi8>) outs(%y : memref<?x7x10xi8>)
  return
}

// -----

// A copy is elementwise as well.

// CHECK-LABEL: func.func @copy(
// CHECK-NOT: memref.copy
// CHECK: vector.load {{.*}} vector<8xf32>
func.func @copy(%x: memref<8xf32>, %y: memref<8xf32>) {
  memref.copy %x, %y : memref<8xf32> to memref<8xf32>
  return
}

// -----

// A dynamic length ends in single elements.

// CHECK-LABEL: func.func @dynamic(
// CHECK: scf.parallel
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: scf.parallel
// CHECK: arith.addf {{.*}} : vector<1xf32>
func.func @dynamic(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.add ins(%x, %x : memref<?xf32>, memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// The rows of a matrix product share a vector of the right-hand side: there is
// one load of it for all rows of the tile.

// CHECK-LABEL: func.func @matmul(
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-1: vector.load {{.*}} vector<16xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-5: arith.addf {{.*}} : vector<16xf32>
// CHECK: scf.yield
func.func @matmul(%a: memref<5x7xf32>, %b: memref<7x16xf32>, %c: memref<5x16xf32>) {
  linalg.matmul ins(%a, %b : memref<5x7xf32>, memref<7x16xf32>) outs(%c : memref<5x16xf32>)
  return
}

// -----

// A number of rows that is not known ends in smaller and smaller tiles.

// SSE-LABEL: func.func @leftover_rows(
// SSE: scf.parallel {{.*}} step (%c6)
// SSE-COUNT-12: arith.addf
// SSE: scf.parallel {{.*}} step (%c3)
// SSE-COUNT-6: arith.addf
// SSE: scf.parallel {{.*}} step (%c2)
// SSE-COUNT-4: arith.addf
// SSE: scf.parallel {{.*}} step (%c1)
// SSE-COUNT-2: arith.addf
// SSE-NOT: arith.addf
// SSE: return
func.func @leftover_rows(%a: memref<?x7xf32>, %b: memref<7x8xf32>, %c: memref<?x8xf32>) {
  linalg.matmul ins(%a, %b : memref<?x7xf32>, memref<7x8xf32>) outs(%c : memref<?x8xf32>)
  return
}

// -----

// Channels are the vectors of a depthwise convolution; pixels of a row share the
// filter.

// CHECK-LABEL: func.func @depthwise(
// CHECK: arith.extsi {{.*}} : vector<16xi8> to vector<16xi32>
// CHECK: arith.muli {{.*}} : vector<16xi32>
func.func @depthwise(%x: memref<?x6x6x16xi8>, %w: memref<3x3x16xi8>, %y: memref<?x4x4x16xi32>) {
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<?x6x6x16xi8>, memref<3x3x16xi8>) outs(%y : memref<?x4x4x16xi32>)
  return
}

// -----

// Elements that lie apart are gathered.

// CHECK-LABEL: func.func @transpose(
// CHECK-COUNT-6: memref.load
// CHECK: vector.from_elements {{.*}} : vector<6xf32>
// CHECK: vector.store {{.*}} vector<6xf32>
func.func @transpose(%x: memref<6x5xf32>, %y: memref<5x6xf32>) {
  linalg.transpose ins(%x : memref<6x5xf32>) outs(%y : memref<5x6xf32>) permutation = [1, 0]
  return
}

// -----

// Few planes become pixels: a vector of each is interleaved with the others. What
// is the same for a plane is read once for each of them. 20 pixels are a vector of
// 16 and one of 4.

// CHECK-LABEL: func.func @interleave(
// CHECK-SAME: %{{.*}}: memref<3x20xf32>, %[[SCALE:.*]]: memref<3xf32>
// CHECK-COUNT-3: vector.load {{.*}} vector<16xf32>
// CHECK-NOT: vector.load
// CHECK: %[[PIXELS:.*]] = vector.shuffle %[[PLANES:.*]], %[[PLANES]] [0, 16, 32, 1, 17, 33, 2, {{.*}}, 15, 31, 47] : vector<48xi8>, vector<48xi8>
// CHECK: vector.store %[[PIXELS]], {{.*}} vector<48xi8>
// CHECK-COUNT-3: vector.load {{.*}} vector<4xf32>
// CHECK: vector.shuffle {{.*}} [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11] : vector<12xi8>, vector<12xi8>
func.func @interleave(%x: memref<3x20xf32>, %scale: memref<3xf32>, %y: memref<20x3xi8>) {
  linalg.generic {
      indexing_maps = [affine_map<(i, c) -> (c, i)>, affine_map<(i, c) -> (c)>, affine_map<(i, c) -> (i, c)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %scale : memref<3x20xf32>, memref<3xf32>) outs(%y : memref<20x3xi8>) {
  ^bb0(%in: f32, %s: f32, %out: i8):
    %product = arith.mulf %in, %s : f32
    %code = arith.fptosi %product : f32 to i8
    linalg.yield %code : i8
  }
  return
}

// -----

// Booleans lie in buffers one to a byte but in vectors one to a bit: such an op
// is left for scalar loops.

// CHECK-LABEL: func.func @booleans(
// CHECK: linalg.generic
#id = affine_map<(d0) -> (d0)>
func.func @booleans(%x: memref<8xf32>, %y: memref<8xi1>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<8xf32>) outs(%y : memref<8xi1>) {
  ^bb0(%in: f32, %out: i1):
    %p = arith.cmpf ogt, %in, %zero : f32
    linalg.yield %p : i1
  }
  return
}

// -----

// So is a payload that reads memory.

// CHECK-LABEL: func.func @table(
// CHECK: linalg.generic
#id = affine_map<(d0) -> (d0)>
func.func @table(%x: memref<8xindex>, %t: memref<256xi8>, %y: memref<8xi8>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<8xindex>) outs(%y : memref<8xi8>) {
  ^bb0(%in: index, %out: i8):
    %v = memref.load %t[%in] : memref<256xi8>
    linalg.yield %v : i8
  }
  return
}

// -----

// Reductions of contiguous elements: dimensions are merged, four vectors
// accumulate side by side, 103 is 6 full vectors and 7 elements of their own.

// CHECK-LABEL: func.func @range(
// CHECK: %[[MIN:.+]] = memref.load
// CHECK: vector.broadcast %[[MIN]] : f32 to vector<16xf32>
// CHECK: vector.broadcast %[[MIN]] : f32 to vector<7xf32>
// CHECK-COUNT-6: vector.load {{.*}} vector<16xf32>
// CHECK: vector.load {{.*}} vector<7xf32>
// CHECK: vector.extract_strided_slice {{.*}} : vector<16xf32> to vector<8xf32>
// CHECK: arith.cmpf olt, {{.*}} : vector<8xf32>
// CHECK: memref.store
// CHECK: arith.cmpf ogt, {{.*}} : vector<8xf32>
// CHECK: memref.store
// CHECK-NOT: linalg
func.func @range(%x: memref<1x103x1xf32>, %min: memref<1xf32>, %max: memref<1xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a)>, affine_map<(a, b, c) -> (a)>],
      iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x : memref<1x103x1xf32>) outs(%min, %max : memref<1xf32>, memref<1xf32>) {
  ^bb0(%in: f32, %low: f32, %high: f32):
    %a = math.absf %in : f32
    %less = arith.cmpf olt, %a, %low : f32
    %l = arith.select %less, %a, %low : f32
    %more = arith.cmpf ogt, %a, %high : f32
    %h = arith.select %more, %a, %high : f32
    linalg.yield %l, %h : f32, f32
  }
  return
}

// -----

// Sums begin with zeros; the start is added at the end.

// CHECK-LABEL: func.func @sums(
// CHECK-DAG: %[[ZERO:.+]] = arith.constant dense<0> : vector<16xi32>
// CHECK: scf.parallel (%{{.+}}) = (%{{.+}}) to (%dim)
// CHECK: memref.load
// CHECK: scf.for {{.*}}%[[ZERO]]
// CHECK-COUNT-4: arith.addi {{.*}} : vector<16xi32>
// CHECK: arith.addi {{.*}} : vector<1xi32>
// CHECK: memref.store
func.func @sums(%x: memref<?x128xi8>, %y: memref<?xi32>) {
  linalg.generic {
      indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x128xi8>) outs(%y : memref<?xi32>) {
  ^bb0(%in: i8, %sum: i32):
    %a = arith.extsi %in : i8 to i32
    %s = arith.addi %sum, %a : i32
    linalg.yield %s : i32
  }
  return
}

// -----

// A difference is no reduction in any order; the outputs of a column sum give
// vectors themselves.

// CHECK-LABEL: func.func @other_reductions(
// CHECK: arith.subf {{.*}} : vector<3xf32>
// CHECK: arith.addf {{.*}} : vector<16xf32>
func.func @other_reductions(%x: memref<3x16xf32>, %y: memref<3xf32>, %z: memref<16xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<3x16xf32>) outs(%y : memref<3xf32>) {
  ^bb0(%in: f32, %sum: f32):
    %s = arith.subf %in, %sum : f32
    linalg.yield %s : f32
  }
  linalg.reduce { arith.addf } ins(%x : memref<3x16xf32>) outs(%z : memref<16xf32>) dimensions = [0]
  return
}

// -----

// The windows of four outputs: 18 pixels and 9 weights are loaded for 36 products,
// of which those of an output are added in the order of its taps. Nothing reads
// the output before it is written.

// CHECK-LABEL: func.func @window(
// CHECK-SAME: %[[X:.*]]: memref<1x6x6x16xf32>, %[[W:.*]]: memref<3x3x16xf32>, %[[Y:.*]]: memref<1x4x4x16xf32>)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK-DAG: %[[P:.*]] = memref.reinterpret_cast %[[X]]
// CHECK-DAG: %[[F:.*]] = memref.reinterpret_cast %[[W]]
// CHECK-DAG: %[[R:.*]] = memref.reinterpret_cast %[[Y]]
// CHECK: scf.parallel
// CHECK-NOT: scf.
// CHECK: %[[P0:.*]] = vector.load %[[P]]
// CHECK: %[[F0:.*]] = vector.load %[[F]]
// CHECK: %[[M0:.*]] = arith.mulf %[[P0]], %[[F0]]
// CHECK: %[[S0:.*]] = arith.addf %[[M0]], %[[ZERO]]
// CHECK: %[[P1:.*]] = vector.load %[[P]]
// CHECK: %[[F1:.*]] = vector.load %[[F]]
// CHECK: %[[M1:.*]] = arith.mulf %[[P1]], %[[F1]]
// CHECK: arith.addf %[[S0]], %[[M1]]
// CHECK: arith.mulf %[[P1]], %[[F0]]
// CHECK-COUNT-23: vector.load
// CHECK-NOT: vector.load
// CHECK-COUNT-4: vector.store {{.*}} %[[R]]
func.func @window(%x: memref<1x6x6x16xf32>, %w: memref<3x3x16xf32>, %y: memref<1x4x4x16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<1x4x4x16xf32>)
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x6x6x16xf32>, memref<3x3x16xf32>) outs(%y : memref<1x4x4x16xf32>)
  return
}

// -----

// Of a large window only a row is unrolled. All channels of a tile are too many
// for the cache: then a tile is followed by the next one of the same channels.

// CHECK-LABEL: func.func @large_window(
// CHECK: scf.parallel {{.*}} to (%c16, %c256, %c16) step (%c1, %c32, %c8)
// CHECK: scf.for
// CHECK-COUNT-80: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK: scf.yield
func.func @large_window(%x: memref<1x20x20x256xf32>, %w: memref<5x5x256xf32>, %y: memref<1x16x16x256xf32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x20x20x256xf32>, memref<5x5x256xf32>) outs(%y : memref<1x16x16x256xf32>)
  return
}

// -----

// Otherwise the channels are the inner loop.

// CHECK-LABEL: func.func @many_pixels(
// CHECK: scf.parallel {{.*}} to (%c16, %c16, %c64) step (%c1, %c8, %c32)
// CHECK-NOT: scf.for
func.func @many_pixels(%x: memref<1x18x18x64xf32>, %w: memref<3x3x64xf32>, %y: memref<1x16x16x64xf32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x18x18x64xf32>, memref<3x3x64xf32>) outs(%y : memref<1x16x16x64xf32>)
  return
}

// -----

// A constant before and a ReLU behind the sums are computed on registers.

// CHECK-LABEL: func.func @fused_depthwise(
// CHECK-NOT: memref.alloc
// CHECK: arith.mulf %{{.*}} : vector<16xf32>
// CHECK: %[[R:.*]] = arith.maximumf %{{.*}} : vector<16xf32>
// CHECK: vector.store %[[R]]
func.func @fused_depthwise(%x: memref<1x6x6x16xf32>, %w: memref<3x3x16xf32>, %y: memref<1x4x4x16xf32>) {
  %half = arith.constant 0.5 : f32
  %a = memref.alloc() : memref<1x4x4x16xf32>
  linalg.fill ins(%half : f32) outs(%a : memref<1x4x4x16xf32>)
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x6x6x16xf32>, memref<3x3x16xf32>) outs(%a : memref<1x4x4x16xf32>)
  linalg.generic {indexing_maps = [affine_map<(n, h, w, c) -> (n, h, w, c)>, affine_map<(n, h, w, c) -> (n, h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a : memref<1x4x4x16xf32>) outs(%y : memref<1x4x4x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  }
  return
}

// -----

// Weights are dequantized where they are multiplied. The codes are laid out in
// panels as wide as a tile for many rows, and what is left over; the first
// row has even codes, the second odd ones.

// SSE-DAG: memref.global "private" constant @[[$RESTS:weight_panels.*]] : memref<4xf32>
// SSE-DAG: memref.global "private" constant @[[$REST:weight_panels.*]] : memref<2x4xi8>
// SSE-DAG: memref.global "private" constant @[[$PANELS:weight_panels.*]] : memref<2x2x8xi8> = dense_resource<[[$PANELSBLOB:weight_panels.*]]> {
// SSE-LABEL: func.func @weights_of_row(
// SSE-DAG: %[[PANELS:.+]] = memref.get_global @[[$PANELS]]
// SSE-DAG: %[[REST:.+]] = memref.get_global @[[$REST]]
// SSE-NOT: memref.alloc
// SSE: %[[SUMS:.+]]:4 = scf.for
// SSE:     %[[X:.+]] = memref.load
// SSE:     %[[XS:.+]] = vector.broadcast %[[X]] : f32 to vector<4xf32>
// SSE:     %[[CODES:.+]] = vector.load {{.*}} vector<4xi8>
// SSE:     %[[FLOATS:.+]] = arith.sitofp %[[CODES]] : vector<4xi8> to vector<4xf32>
// SSE:     %[[W:.+]] = arith.mulf %[[FLOATS]], %{{.+}} : vector<4xf32>
// SSE:     %[[P:.+]] = arith.mulf %[[XS]], %[[W]] : vector<4xf32>
// SSE:     arith.addf %{{.+}}, %[[P]] : vector<4xf32>
// SSE: vector.store %[[SUMS]]#3
// SSE: scf.for
// SSE:     vector.load {{.*}} vector<4xi8>
// SSE-DAG: [[$PANELSBLOB]]: "0x1000000000020406080A0C0E01030507090B0D0F{{.*}}"
memref.global "private" constant @codes : memref<2x20xi8> = dense<[
    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38],
    [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39]]>
memref.global "private" constant @scales : memref<20xf32> = dense<[
    1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12., 13., 14., 15., 16., 17., 18., 19., 20.]>
func.func @weights_of_row(%x: memref<1x2xf32>, %y: memref<1x20xf32>) {
  %q = memref.get_global @codes : memref<2x20xi8>
  %s = memref.get_global @scales : memref<20xf32>
  %w = memref.alloc() : memref<2x20xf32>
  linalg.generic {indexing_maps = [affine_map<(k, n) -> (k, n)>, affine_map<(k, n) -> (n)>, affine_map<(k, n) -> (k, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%q, %s : memref<2x20xi8>, memref<20xf32>) outs(%w : memref<2x20xf32>) {
  ^bb0(%a: i8, %b: f32, %o: f32):
    %0 = arith.sitofp %a : i8 to f32
    %1 = arith.mulf %0, %b : f32
    linalg.yield %1 : f32
  }
  linalg.matmul ins(%x, %w : memref<1x2xf32>, memref<2x20xf32>) outs(%y : memref<1x20xf32>)
  return
}

// -----

// Several tiles have weights in common: those of a tile are dequantized before
// its rows, and stored when those that share a byte have been read.

// CHECK-LABEL: func.func @weights_of_rows(
// CHECK-NOT: memref.alloc() : memref<8x64xf32>
// CHECK: %[[PANEL:.+]] = memref.alloc() {{.*}} : memref<8x16xf32>
// CHECK: scf.for
// CHECK:   vector.load {{.*}} vector<16xi8>
// CHECK-COUNT-2: arith.sitofp {{.*}} to vector<16xf32>
// CHECK-COUNT-2: vector.store {{.*}} vector<16xf32>
// CHECK-NEXT: }
// CHECK: scf.for
// CHECK-NOT: arith.sitofp
func.func @weights_of_rows(%x: memref<24x8xf32>, %y: memref<24x16xf32>) {
  %q = memref.get_global @codes : memref<4x16xi8>
  %w = memref.alloc() : memref<4x2x16xf32>
  linalg.generic {indexing_maps = [affine_map<(k, i, n) -> (k, n)>, affine_map<(k, i, n) -> (k, i, n)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%q : memref<4x16xi8>) outs(%w : memref<4x2x16xf32>) {
  ^bb0(%a: i8, %o: f32):
    %c28 = arith.constant 28 : i32
    %c4 = arith.constant 4 : i32
    %i = linalg.index 1 : index
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.index_cast %i : index to i32
    %2 = arith.muli %1, %c4 : i32
    %3 = arith.subi %c28, %2 : i32
    %4 = arith.shli %0, %3 : i32
    %5 = arith.shrsi %4, %c28 : i32
    %6 = arith.sitofp %5 : i32 to f32
    linalg.yield %6 : f32
  }
  %v = memref.collapse_shape %w [[0, 1], [2]] : memref<4x2x16xf32> into memref<8x16xf32>
  linalg.matmul ins(%x, %v : memref<24x8xf32>, memref<8x16xf32>) outs(%y : memref<24x16xf32>)
  return
}
memref.global "private" constant @codes : memref<4x16xi8> = dense<1>

// -----

// Constant floats are laid out in the same way, and loaded. For one row a tile
// has as many vectors as wait for each other's sums.

// SSE-DAG: memref.global "private" constant @[[$REST:weight_panels.*]] : memref<2x4xf32>
// SSE-DAG: memref.global "private" constant @[[$PANELS:weight_panels.*]] : memref<2x2x8xf32>
// SSE-LABEL: func.func @constant_weights(
// SSE-DAG: memref.get_global @[[$PANELS]]
// SSE-DAG: memref.get_global @[[$REST]]
// SSE: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// SSE: scf.for {{.*}} -> (vector<4xf32>)
memref.global "private" constant @weights : memref<2x20xf32> = dense<[
    [0., 2., 4., 6., 8., 10., 12., 14., 16., 18., 20., 22., 24., 26., 28., 30., 32., 34., 36., 38.],
    [1., 3., 5., 7., 9., 11., 13., 15., 17., 19., 21., 23., 25., 27., 29., 31., 33., 35., 37., 39.]]>
func.func @constant_weights(%x: memref<1x2xf32>, %y: memref<1x20xf32>) {
  %w = memref.get_global @weights : memref<2x20xf32>
  linalg.matmul ins(%x, %w : memref<1x2xf32>, memref<2x20xf32>) outs(%y : memref<1x20xf32>)
  return
}

// -----

// Not if someone else reads them: there would be two copies.

// SSE-LABEL: func.func @shared_constant(
// SSE-NOT: @weight_panels
// SSE: return
memref.global "private" constant @weights : memref<2x20xf32> = dense<[
    [0., 2., 4., 6., 8., 10., 12., 14., 16., 18., 20., 22., 24., 26., 28., 30., 32., 34., 36., 38.],
    [1., 3., 5., 7., 9., 11., 13., 15., 17., 19., 21., 23., 25., 27., 29., 31., 33., 35., 37., 39.]]>
func.func @shared_constant(%x: memref<1x2xf32>, %y: memref<1x20xf32>, %z: memref<2x20xf32>) {
  %w = memref.get_global @weights : memref<2x20xf32>
  linalg.matmul ins(%x, %w : memref<1x2xf32>, memref<2x20xf32>) outs(%y : memref<1x20xf32>)
  linalg.copy ins(%w : memref<2x20xf32>) outs(%z : memref<2x20xf32>)
  return
}

// -----

// What all vectors of a row share is loaded once for the row, unless the row
// might be written over it.

// CHECK-LABEL: func.func @shared(
// CHECK: scf.parallel
// CHECK: %[[S:.*]] = memref.load
// CHECK: scf.parallel
// CHECK-NOT: memref.load
// CHECK: vector.broadcast %[[S]] : f32 to vector<16xf32>
// CHECK: arith.divf {{.*}} : vector<16xf32>
// CHECK-LABEL: func.func @shared_in_place(
// CHECK: scf.parallel (%{{.*}}, %{{.*}})
// CHECK: memref.load
// CHECK: arith.divf {{.*}} : vector<16xf32>
func.func @shared(%x: memref<4x64xf32>, %s: memref<4xf32>, %y: memref<4x64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : memref<4x64xf32>, memref<4xf32>) outs(%y : memref<4x64xf32>) {
  ^bb0(%in: f32, %scale: f32, %out: f32):
    %a = arith.divf %in, %scale : f32
    linalg.yield %a : f32
  }
  return
}
func.func @shared_in_place(%x: memref<4x64xf32>, %y: memref<4x64xf32>) {
  %s = memref.subview %y[0, 63] [4, 1] [1, 1] : memref<4x64xf32> to memref<4xf32, strided<[64], offset: 63>>
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : memref<4x64xf32>, memref<4xf32, strided<[64], offset: 63>>) outs(%y : memref<4x64xf32>) {
  ^bb0(%in: f32, %scale: f32, %out: f32):
    %a = arith.divf %in, %scale : f32
    linalg.yield %a : f32
  }
  return
}

// -----

// There is nothing to compute where a dimension is empty.

// CHECK-LABEL: func.func @empty(
// CHECK-NEXT: return
func.func @empty(%x: memref<0x16xf32>, %w: memref<16x16xf32>, %y: memref<0x16xf32>) {
  linalg.matmul ins(%x, %w : memref<0x16xf32>, memref<16x16xf32>) outs(%y : memref<0x16xf32>)
  return
}

// -----

// Codes are computed for as many elements as fill a register with them, but no
// more than there are.

// CHECK-LABEL: func.func @narrowed(
// CHECK: %[[X:.*]] = vector.load {{.*}} vector<64xf32>
// CHECK: %[[I:.*]] = arith.fptosi %[[X]] : vector<64xf32> to vector<64xi32>
// CHECK: %[[Y:.*]] = arith.trunci %[[I]] : vector<64xi32> to vector<64xi8>
// CHECK: vector.store %[[Y]]
// SSE-LABEL: func.func @narrowed(
// SSE: arith.trunci {{.*}} : vector<16xi32> to vector<16xi8>

// CHECK-LABEL: func.func @few(
// CHECK: arith.trunci {{.*}} : vector<16xi32> to vector<16xi8>
// CHECK: arith.trunci {{.*}} : vector<8xi32> to vector<8xi8>
func.func @narrowed(%x: memref<640xf32>, %y: memref<640xi8>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%x : memref<640xf32>) outs(%y : memref<640xi8>) {
  ^bb0(%in: f32, %out: i8):
    %code = arith.fptosi %in : f32 to i32
    %byte = arith.trunci %code : i32 to i8
    linalg.yield %byte : i8
  }
  return
}

func.func @few(%x: memref<24xf32>, %y: memref<24xi8>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%x : memref<24xf32>) outs(%y : memref<24xi8>) {
  ^bb0(%in: f32, %out: i8):
    %code = arith.fptosi %in : f32 to i32
    %byte = arith.trunci %code : i32 to i8
    linalg.yield %byte : i8
  }
  return
}
