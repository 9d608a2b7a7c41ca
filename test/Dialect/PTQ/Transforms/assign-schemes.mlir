// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="scheme=dynamic activations-per=token" | FileCheck %s --check-prefix=TOKEN
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="scheme=weight-only weights=i4 block=32 activations=f16 rounding=gptq" | FileCheck %s --check-prefix=W4A16
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="weights=i2 weights-per=tensor weights-symmetry=asymmetric activations=i4 activations-symmetry=symmetric method=kl" | FileCheck %s --check-prefix=CHOSEN
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="activations=i16" | FileCheck %s --check-prefix=A16
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="scheme=weight-only weights-symmetry=asymmetric activations=f32" | FileCheck %s --check-prefix=W8
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="scheme=dynamic weights=i4 block=32 activations-per=block" | FileCheck %s --check-prefix=BLOCKS
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="weights-bits=7" | FileCheck %s --check-prefix=BITS
// RUN: ptq-opt %s -split-input-file --ptq-assign-schemes="scheme=float" | FileCheck %s --check-prefix=FLOAT

// CHECK-LABEL: func @matmul_gets_the_default
// CHECK:         linalg.matmul
// CHECK-SAME:      ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
// TOKEN-LABEL: func @matmul_gets_the_default
// TOKEN:         ptq.scheme = #ptq.scheme<activations = <i8, asymmetric, granularity = token, source = dynamic>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
// W4A16-LABEL: func @matmul_gets_the_default
// W4A16:         ptq.scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, block_size = 32, narrow_range = true>, float_type = f16, rounding = gptq>
// BLOCKS-LABEL: func @matmul_gets_the_default
// BLOCKS:        ptq.scheme = #ptq.scheme<activations = <i8, symmetric, granularity = block, block_size = 32, narrow_range = true, source = dynamic>, weights = <i4, symmetric, granularity = block, block_size = 32, narrow_range = true>>
// CHOSEN-LABEL: func @matmul_gets_the_default
// CHOSEN:        ptq.scheme = #ptq.scheme<activations = <i4, symmetric, narrow_range = true>, weights = <i2, asymmetric>, estimator = kl>
// A16-LABEL:   func @matmul_gets_the_default
// A16:           ptq.scheme = #ptq.scheme<activations = <i16, symmetric, narrow_range = true>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>
// W8-LABEL:    func @matmul_gets_the_default
// W8:            ptq.scheme = #ptq.scheme<weights = <i8, asymmetric, granularity = axis>>
// BITS-LABEL:  func @matmul_gets_the_default
// BITS:          weights = <i8, symmetric, granularity = axis, narrow_range = true, bits = 7>>
// FLOAT-LABEL: func @matmul_gets_the_default
// FLOAT-NOT:     ptq.scheme
func.func @matmul_gets_the_default(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>

// What an op is follows from its structure. A product of two activations has no
// weights to quantize, but is worth measuring both.
// CHECK-LABEL: func @generic_like_a_matmul
// CHECK:         linalg.generic
// CHECK-SAME:      ptq.scheme
// TOKEN-LABEL: func @generic_like_a_matmul
// TOKEN:         ptq.scheme
// W4A16-LABEL: func @generic_like_a_matmul
// W4A16-NOT:     ptq.scheme
// Two activations have no blocks.
// BLOCKS-LABEL: func @generic_like_a_matmul
// BLOCKS:         ptq.scheme = #ptq.scheme<activations = <i8, symmetric, granularity = token, narrow_range = true, source = dynamic>
// FLOAT-LABEL: func @generic_like_a_matmul
func.func @generic_like_a_matmul(%x: tensor<4x8xf32>, %y: tensor<2x8xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0 = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %y : tensor<4x8xf32>, tensor<2x8xf32>) outs(%init : tensor<4x2xf32>) {
    ^bb0(%l: f32, %r: f32, %acc: f32):
      %m = arith.mulf %l, %r : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
  } -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// An empty scheme keeps the op in float; a given one is kept.
// CHECK-LABEL: func @given_schemes_are_kept
// CHECK:         linalg.matmul {ptq.scheme = #ptq.scheme<>}
// CHECK:         linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i4, symmetric, narrow_range = true>>}
// W4A16-LABEL: func @given_schemes_are_kept
// FLOAT-LABEL: func @given_schemes_are_kept
// FLOAT:         ptq.scheme = #ptq.scheme<>
// FLOAT:         ptq.scheme = #ptq.scheme<weights = <i4, symmetric, narrow_range = true>>
func.func @given_schemes_are_kept(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<>} ins(%x, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = linalg.matmul {ptq.scheme = #ptq.scheme<weights = <i4, symmetric, narrow_range = true>>} ins(%0, %w : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// Residual additions are quantized; a bias, a movement, a softmax and integer
// arithmetic are not. Measuring the operands of an addition does not pay.
// TOKEN-LABEL: func @elementwise_ops
// TOKEN-NOT:     ptq.scheme
// FLOAT-LABEL: func @elementwise_ops
// FLOAT-NOT:     ptq.scheme
// CHECK-LABEL: func @elementwise_ops
// CHECK:         linalg.add {ptq.scheme
// CHECK:         linalg.generic
// CHECK-NOT:       ptq.scheme
// CHECK:         linalg.softmax
// CHECK-NOT:       ptq.scheme
// CHECK:         return
func.func @elementwise_ops(%x: tensor<4xf32>, %y: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %bias = arith.constant dense<1.0> : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.add ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %bias : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%l: f32, %r: f32, %out: f32):
      %s = arith.addf %l, %r : f32
      linalg.yield %s : f32
  } -> tensor<4xf32>
  %2 = linalg.softmax dimension(0) ins(%1 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %ei = tensor.empty() : tensor<4xi32>
  %3 = linalg.add ins(%i, %i : tensor<4xi32>, tensor<4xi32>) outs(%ei : tensor<4xi32>) -> tensor<4xi32>
  return %2, %3 : tensor<4xf32>, tensor<4xi32>
}

// -----

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// The table of a gather is a weight; there is no activation beside it. What
// picks single elements, or rows of an activation, stays in float.
// CHECK-LABEL: func @gathers
// CHECK:         tensor.extract {{.*}} {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric, granularity = axis, narrow_range = true>>}
// CHECK-NOT:     ptq.scheme
// TOKEN-LABEL: func @gathers
// TOKEN:         tensor.extract {{.*}} {ptq.scheme = {{.*}} weights = <i8, symmetric, granularity = axis, narrow_range = true>>}
// TOKEN-NOT:     ptq.scheme
// W8-LABEL:    func @gathers
// W8:            tensor.extract {{.*}} {ptq.scheme = #ptq.scheme<weights = <i8, asymmetric, granularity = axis>>}
// W8-NOT:        ptq.scheme
// FLOAT-LABEL: func @gathers
// FLOAT-NOT:     ptq.scheme
func.func @gathers(%ids: tensor<?xindex>, %rows: tensor<?x4xf32>, %elements: tensor<?xf32>, %x: tensor<8x4xf32>) -> (tensor<?x4xf32>, tensor<?xf32>, tensor<?x4xf32>) {
  %table = arith.constant dense<1.0> : tensor<8x4xf32>
  %values = arith.constant dense<1.0> : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%rows : tensor<?x4xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x4xf32>
      linalg.yield %e : f32
  } -> tensor<?x4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(t) -> (t)>, affine_map<(t) -> (t)>], iterator_types = ["parallel"]}
      ins(%ids : tensor<?xindex>) outs(%elements : tensor<?xf32>) {
    ^bb0(%id: index, %out: f32):
      %e = tensor.extract %values[%id] : tensor<8xf32>
      linalg.yield %e : f32
  } -> tensor<?xf32>
  %2 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%rows : tensor<?x4xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %x[%id, %i] : tensor<8x4xf32>
      linalg.yield %e : f32
  } -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?xf32>, tensor<?x4xf32>
}

// -----

// What is a function of each element that bears a quantized argument: sigmoid,
// gelu, hard-swish, leaky ReLU. Not a clamp, an exponential by itself, a square, a
// root, a function of two tensors.
// CHECK-LABEL: func @functions
// CHECK: linalg.generic {{.*}} attrs = {name = "sigmoid", ptq.scheme = #ptq.scheme<activations
// CHECK: linalg.generic {{.*}} attrs = {name = "gelu", ptq.scheme = #ptq.scheme<activations
// CHECK: linalg.generic {{.*}} attrs = {name = "hardswish", ptq.scheme = #ptq.scheme<activations
// CHECK: linalg.generic {{.*}} attrs = {name = "leaky", ptq.scheme = #ptq.scheme<activations
// CHECK: linalg.generic {{.*}} attrs = {name = "clamp"}
// CHECK: linalg.generic {{.*}} attrs = {name = "exponential"}
// CHECK: linalg.generic {{.*}} attrs = {name = "square"}
// CHECK: linalg.generic {{.*}} attrs = {name = "root"}
// CHECK: linalg.generic {{.*}} attrs = {name = "two"}
#id = affine_map<(a) -> (a)>
func.func @functions(%x: tensor<4xf32>, %e: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %tenth = arith.constant 0.1 : f32
  %y0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "sigmoid"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    %p = math.exp %n : f32
    %d = arith.addf %p, %one : f32
    %r = arith.divf %one, %d : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "gelu"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %p = math.erf %in : f32
    %d = arith.addf %p, %one : f32
    %r = arith.mulf %in, %d : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "hardswish"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %d = arith.addf %in, %one : f32
    %p = arith.maximumf %d, %zero : f32
    %q = arith.minimumf %p, %one : f32
    %r = arith.mulf %in, %q : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "leaky"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %d = arith.mulf %in, %tenth : f32
    %c = arith.cmpf oge, %in, %zero : f32
    %r = arith.select %c, %in, %d : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y4 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "clamp"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.maximumf %in, %zero : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y5 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "exponential"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = math.exp %in : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y6 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "square"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.mulf %in, %in : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y7 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], name = "root"} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %p = math.sqrt %in : f32
    %r = arith.maximumf %p, %one : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %y8 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"], name = "two"} ins(%x, %y0 : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %other: f32, %out: f32):
    %r = arith.maximumf %in, %other : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  return %y0, %y1, %y2, %y3, %y4, %y5, %y6, %y7, %y8 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
