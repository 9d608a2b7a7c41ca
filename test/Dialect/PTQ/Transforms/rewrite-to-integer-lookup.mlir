// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer | FileCheck %s
// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer="requantize=fixed-point" | FileCheck %s --check-prefix=FIXED
// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer --remarks-filter='ptq-rewrite.*' -o /dev/null

// x * 0.5 for codes of scale 1: half of each code, ties to even, as a table of
// resources; the code -128 gives -64, 127 gives 64 (63.5).
// CHECK-LABEL: func @half
// CHECK: %[[T:.+]] = arith.constant dense_resource<{{.+}}> : tensor<256xi8>
// CHECK: %[[Y:.+]] = ptq.lookup %arg0, %[[T]] : tensor<?x4xi8>, tensor<256xi8> -> tensor<?x4xi8>
// CHECK: return %[[Y]]
func.func @half(%q: tensor<?x4xi8>, %n: index) -> tensor<?x4xi8> {
  %s = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s : tensor<?x4xi8>, f32 -> tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %h = linalg.fill ins(%half : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.mul ins(%x, %h : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %c = ptq.quantize %y, %s : tensor<?x4xf32>, f32 -> tensor<?x4xi8>
  return %c : tensor<?x4xi8>
}

// -----

// Swish, of two paths from the same codes, and ops on tensors as well as
// structured ones: one table.
// CHECK-LABEL: func @swish
// CHECK-NOT: math.exp
// CHECK: ptq.lookup %arg0, %{{.+}} : tensor<4xi8>, tensor<256xi8> -> tensor<4xi8>
// CHECK-NOT: ptq.dequantize
#id = affine_map<(i) -> (i)>
func.func @swish(%q: tensor<4xi8>) -> tensor<4xi8> {
  %s = arith.constant 0.05 : f32
  %z = arith.constant -3 : i8
  %one = arith.constant 1.0 : f32
  %x = ptq.dequantize %q, %s, %z : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %n = arith.negf %x : tensor<4xf32>
  %p = math.exp %n : tensor<4xf32>
  %g = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%p, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.addf %a, %one : f32
    %r = arith.divf %b, %d : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %c = ptq.quantize %g, %s, %z : tensor<4xf32>, f32, i8 -> tensor<4xi8>
  return %c : tensor<4xi8>
}

// -----

// Another scale is a multiplication; without floats it is a table.
// CHECK-LABEL: func @rescale
// CHECK: ptq.requantize
// FIXED-LABEL: func @rescale
// FIXED: %[[Y:.+]] = ptq.lookup
// FIXED-NEXT: return %[[Y]]
func.func @rescale(%q: tensor<4xi8>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.75 : f32
  %x = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %c = ptq.quantize %x, %t : tensor<4xf32>, f32 -> tensor<4xi8>
  return %c : tensor<4xi8>
}

// -----

// Two tensors, 16-bit codes, neighbouring elements, parameters per channel: no
// tables.
// CHECK-LABEL: func @no_tables
// CHECK-NOT: ptq.lookup
// CHECK: return
func.func @no_tables(%q: tensor<4x4xi8>, %p: tensor<4x4xi8>, %w: tensor<4x4xi16>, %k: tensor<4xf32>)
    -> (tensor<4x4xi8>, tensor<4x4xi8>, tensor<4x4xi8>, tensor<4x4xi8>) {
  %s = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %x = ptq.dequantize %q, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %y = ptq.dequantize %p, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %d = arith.divf %x, %y : tensor<4x4xf32>
  %a = ptq.quantize %d, %s : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  %v = ptq.dequantize %w, %s : tensor<4x4xi16>, f32 -> tensor<4x4xf32>
  %t = math.tanh %v : tensor<4x4xf32>
  %b = ptq.quantize %t, %s : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  %h = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
       ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.divf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  %c = ptq.quantize %h, %s : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  %u = ptq.dequantize %q, %k axis 0 : tensor<4x4xi8>, tensor<4xf32> -> tensor<4x4xf32>
  %f = math.tanh %u : tensor<4x4xf32>
  %g = ptq.quantize %f, %s : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  return %a, %b, %c, %g : tensor<4x4xi8>, tensor<4x4xi8>, tensor<4x4xi8>, tensor<4x4xi8>
}

// -----

// A chain whose parts are in several blocks.
// CHECK-LABEL: func @across_blocks
// CHECK: scf.if
// CHECK: ptq.lookup %arg0, %{{.+}} : tensor<4xi8>, tensor<256xi8> -> tensor<4xi8>
func.func @across_blocks(%q: tensor<4xi8>, %c: i1) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %w = arith.negf %x : tensor<4xf32>
  %v = arith.addf %w, %x : tensor<4xf32>
  %y = math.tanh %v : tensor<4xf32>
  %r = scf.if %c -> tensor<4xi8> {
    %0 = math.absf %y : tensor<4xf32>
    %1 = math.exp %0 : tensor<4xf32>
    %2 = ptq.quantize %1, %s : tensor<4xf32>, f32 -> tensor<4xi8>
    scf.yield %2 : tensor<4xi8>
  } else {
    scf.yield %q : tensor<4xi8>
  }
  return %r : tensor<4xi8>
}
