// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=znver4 -canonicalize | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=x86-64 -canonicalize | FileCheck %s --check-prefix=SSE

// A static remainder is one narrower vector.

// CHECK-LABEL: func.func @f(
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: math.exp {{.*}} : vector<16xf32>
// CHECK: vector.store {{.*}} vector<16xf32>
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: math.exp {{.*}} : vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// SSE-LABEL: func.func @f(
// SSE: scf.parallel
// SSE: math.exp {{.*}} : vector<4xf32>
// SSE-NOT: math.exp
func.func @f(%x: memref<20xf32>, %y: memref<20xf32>) {
  linalg.exp ins(%x : memref<20xf32>) outs(%y : memref<20xf32>)
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
// CHECK-COUNT-3: memref.load
// CHECK: vector.from_elements {{.*}} : vector<3xf32>
// CHECK: vector.store {{.*}} vector<3xf32>
func.func @transpose(%x: memref<3x5xf32>, %y: memref<5x3xf32>) {
  linalg.transpose ins(%x : memref<3x5xf32>) outs(%y : memref<5x3xf32>) permutation = [1, 0]
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
