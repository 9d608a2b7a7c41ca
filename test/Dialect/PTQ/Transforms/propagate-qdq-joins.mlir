// RUN: ptq-opt %s -split-input-file --ptq-propagate-qdq | FileCheck %s

// CHECK-LABEL: func @concat
// CHECK-DAG: %[[A:.+]] = ptq.quantize %arg0, %{{.+}}, %{{.+}} low -3 : tensor<?x4xf32>, f32, i8 -> tensor<?x4xi8>
// CHECK-DAG: %[[B:.+]] = ptq.quantize %arg1, %{{.+}}, %{{.+}} low -3 : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
// CHECK: %[[C:.+]] = tensor.concat dim(1) %[[A]], %[[B]] : (tensor<?x4xi8>, tensor<?x8xi8>) -> tensor<?x12xi8>
// CHECK: return %[[C]]
func.func @concat(%a: tensor<?x4xf32>, %b: tensor<?x8xf32>) -> tensor<?x12xi8> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -3 : i8
  %c = tensor.concat dim(1) %a, %b : (tensor<?x4xf32>, tensor<?x8xf32>) -> tensor<?x12xf32>
  %q = ptq.quantize %c, %s, %z low -3 : tensor<?x12xf32>, f32, i8 -> tensor<?x12xi8>
  return %q : tensor<?x12xi8>
}

// -----

// Other users need the floats; scales from elsewhere, or one for each channel,
// fit no part.
// CHECK-LABEL: func @concat_in_float
// CHECK-COUNT-3: tensor.concat {{.*}}xf32>
// CHECK-NOT: tensor.concat
func.func @concat_in_float(%a: tensor<2x4xf32>, %r: f32, %t: tensor<8xf32>) -> (tensor<2x8xi8>, tensor<2x8xf32>, tensor<2x8xi8>, tensor<2x8xi8>) {
  %s = arith.constant 0.5 : f32
  %c = tensor.concat dim(1) %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  %q = ptq.quantize %c, %s : tensor<2x8xf32>, f32 -> tensor<2x8xi8>
  %d = tensor.concat dim(1) %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  %p = ptq.quantize %d, %r : tensor<2x8xf32>, f32 -> tensor<2x8xi8>
  %e = tensor.concat dim(1) %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  %o = ptq.quantize %e, %t axis 1 : tensor<2x8xf32>, tensor<8xf32> -> tensor<2x8xi8>
  return %q, %c, %p, %o : tensor<2x8xi8>, tensor<2x8xf32>, tensor<2x8xi8>, tensor<2x8xi8>
}

// -----

// What nobody wrote has no codes, and a fill has one.
// CHECK-LABEL: func @insert
// CHECK-DAG: %[[CODE:.+]] = arith.constant 3 : i8
// CHECK-DAG: %[[E:.+]] = tensor.empty(%{{.+}}) : tensor<?x8xi8>
// CHECK-DAG: %[[F:.+]] = linalg.fill ins(%[[CODE]] : i8) outs(%[[E]] : tensor<?x8xi8>)
// CHECK-DAG: %[[A:.+]] = ptq.quantize %arg0
// CHECK: %[[I:.+]] = tensor.insert_slice %[[A]] into %[[F]][0, 2] [%{{.+}}, 4] [1, 1] : tensor<?x4xi8> into tensor<?x8xi8>
// CHECK: return %[[I]]
func.func @insert(%a: tensor<?x4xf32>, %n: index) -> tensor<?x8xi8> {
  %s = arith.constant 0.5 : f32
  %v = arith.constant 1.5 : f32
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %f = linalg.fill ins(%v : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %i = tensor.insert_slice %a into %f[0, 2] [%n, 4] [1, 1] : tensor<?x4xf32> into tensor<?x8xf32>
  %q = ptq.quantize %i, %s : tensor<?x8xf32>, f32 -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// -----

// CHECK-LABEL: func @maximum
// CHECK: linalg.generic {{.*}} ins(%{{.+}}, %{{.+}} : tensor<2x4xi8>, tensor<4xi8>) outs(%{{.+}} : tensor<2x4xi8>)
// CHECK: ^bb0(%[[X:.+]]: i8, %[[Y:.+]]: i8, %{{.+}}: i8):
// CHECK: %[[M:.+]] = arith.maxsi %[[X]], %[[Y]] : i8
// CHECK: linalg.yield %[[M]]
// CHECK-NOT: f32
// CHECK: return
func.func @maximum(%a: tensor<2x4xi8>, %b: tensor<4xi8>) -> tensor<2x4xi8> {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %x = ptq.dequantize %a, %s : tensor<2x4xi8>, f32 -> tensor<2x4xf32>
  %y = ptq.dequantize %b, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
       ins(%x, %y : tensor<2x4xf32>, tensor<4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %v = arith.maximumf %l, %r : f32
    linalg.yield %v : f32
  } -> tensor<2x4xf32>
  %q = ptq.quantize %m, %t : tensor<2x4xf32>, f32 -> tensor<2x4xi8>
  return %q : tensor<2x4xi8>
}

// -----

// CHECK-LABEL: func @minimum
// CHECK: linalg.min ins(%{{.+}}, %{{.+}} : tensor<4xi8>, tensor<4xi8>)
func.func @minimum(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<4xf32>
  %m = linalg.min ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %q = ptq.quantize %m, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// CHECK-LABEL: func @choice
// CHECK: %[[C:.+]] = arith.select %arg0, %{{.+}}, %{{.+}} : tensor<4xi8>
// CHECK: return %[[C]]
func.func @choice(%c: i1, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %m = arith.select %c, %a, %b : tensor<4xf32>
  %q = ptq.quantize %m, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// Both arms yield codes; the other result stays.
// CHECK-LABEL: func @branch
// CHECK: %[[R:.+]]:2 = scf.if %arg0 -> (tensor<4xi8>, tensor<4xf32>) {
// CHECK:   %[[Q:.+]] = ptq.quantize %arg1
// CHECK:   scf.yield %[[Q]], %arg2 : tensor<4xi8>, tensor<4xf32>
// CHECK: } else {
// CHECK:   scf.yield %arg3, %arg1 : tensor<4xi8>, tensor<4xf32>
// CHECK: }
// CHECK: return %[[R]]#0, %[[R]]#1
func.func @branch(%c: i1, %a: tensor<4xf32>, %b: tensor<4xf32>, %q: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %r:2 = scf.if %c -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %a, %b : tensor<4xf32>, tensor<4xf32>
  } else {
    %x = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
    scf.yield %x, %a : tensor<4xf32>, tensor<4xf32>
  }
  %t = arith.constant 0.5 : f32
  %o = ptq.quantize %r#0, %t : tensor<4xf32>, f32 -> tensor<4xi8>
  return %o, %r#1 : tensor<4xi8>, tensor<4xf32>
}

// -----

// What a loop carries is quantized once before it, and once in each round.
// CHECK-LABEL: func @loop
// CHECK: %[[INIT:.+]] = ptq.quantize %arg0
// CHECK: %[[R:.+]]:2 = scf.for {{.*}} iter_args(%[[Q:.+]] = %[[INIT]], %{{.+}} = %arg1) -> (tensor<4xi8>, tensor<4xf32>) {
// CHECK:   %[[X:.+]] = ptq.dequantize %[[Q]]
// CHECK:   %[[Y:.+]] = math.tanh %[[X]]
// CHECK:   %[[N:.+]] = ptq.quantize %[[Y]]
// CHECK:   scf.yield %[[N]], %{{.+}} : tensor<4xi8>, tensor<4xf32>
// CHECK: return %[[R]]#0, %[[R]]#1
func.func @loop(%a: tensor<4xf32>, %b: tensor<4xf32>, %n: index) -> (tensor<4xi8>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 0.5 : f32
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a, %y = %b) -> (tensor<4xf32>, tensor<4xf32>) {
    %q = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
    %d = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
    %t = math.tanh %d : tensor<4xf32>
    %u = math.exp %y : tensor<4xf32>
    scf.yield %t, %u : tensor<4xf32>, tensor<4xf32>
  }
  %o = ptq.quantize %r#0, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %o, %r#1 : tensor<4xi8>, tensor<4xf32>
}

// -----

// Behind the loop another scale is asked for, so the floats are needed.
// CHECK-LABEL: func @loop_in_float
// CHECK: scf.for {{.*}} -> (tensor<4xf32>)
func.func @loop_in_float(%a: tensor<4xf32>, %n: index) -> tensor<4xi8> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 0.5 : f32
  %v = arith.constant 0.25 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> (tensor<4xf32>) {
    %q = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
    %d = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
    %t = math.tanh %d : tensor<4xf32>
    scf.yield %t : tensor<4xf32>
  }
  %o = ptq.quantize %r, %v : tensor<4xf32>, f32 -> tensor<4xi8>
  return %o : tensor<4xi8>
}

// -----

// A size that is asked of a carried value stands in nobody's way, wherever it
// is asked.
// CHECK-LABEL: func @loop_with_sizes
// CHECK: scf.for {{.*}} -> (tensor<4xi8>)
func.func @loop_with_sizes(%a: tensor<4xf32>, %n: index) -> (tensor<4xi8>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 0.5 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> (tensor<4xf32>) {
    %q = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
    %m = tensor.dim %x, %c0 : tensor<4xf32>
    %e = tensor.empty(%m) : tensor<?xf32>
    %c = tensor.cast %e : tensor<?xf32> to tensor<4xf32>
    %d = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
    %t = arith.addf %d, %c : tensor<4xf32>
    scf.yield %t : tensor<4xf32>
  }
  %o = ptq.quantize %r, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %m = tensor.dim %r, %c0 : tensor<4xf32>
  return %o, %m : tensor<4xi8>, index
}

// -----

// CHECK-LABEL: func @choice_of_elements
// CHECK: %[[C:.+]] = arith.select %arg0, %{{.+}}, %{{.+}} : tensor<4xi1>, tensor<4xi8>
// CHECK: return %[[C]]
func.func @choice_of_elements(%c: tensor<4xi1>, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %m = arith.select %c, %a, %b : tensor<4xi1>, tensor<4xf32>
  %q = ptq.quantize %m, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}
