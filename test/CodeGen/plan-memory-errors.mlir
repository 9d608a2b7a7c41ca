// What stays on the heap is no error; a remark says why.
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-plan-memory --remarks-filter='ptq-plan.*' | FileCheck %s

// CHECK-LABEL: func.func @dynamic
// CHECK: memref.alloc(
func.func @dynamic(%y: memref<?xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<?xf32>}]}} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  // expected-remark@+1 {{a call allocates a buffer of memref<?xf32>: its size is not known before the call, or is too large}}
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.copy ins(%a : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// One that has to stay keeps all the others.

// CHECK-LABEL: func.func @some
// CHECK-SAME: (%{{.*}}: memref<?xf32>) attributes
// CHECK: memref.alloc() : memref<4xf32>
func.func @some(%y: memref<?xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<?xf32>}]}} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %b = memref.alloc() : memref<4xf32>
  // expected-remark@+1 {{its size is not known before the call, or is too large}}
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.copy ins(%a : memref<?xf32>) outs(%y : memref<?xf32>)
  %v = memref.load %b[%c0] : memref<4xf32>
  memref.store %v, %y[%c0] : memref<?xf32>
  return
}

// -----

// The next iteration's buffer lives beside this one.

// CHECK-LABEL: func.func @carried
// CHECK: memref.alloc()
func.func @carried(%y: memref<4xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<4xf32>}]}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%h = %y) -> memref<4xf32> {
    // expected-remark@+1 {{a loop hands it from one iteration to the next}}
    %a = memref.alloc() : memref<4xf32>
    linalg.copy ins(%h : memref<4xf32>) outs(%a : memref<4xf32>)
    scf.yield %a : memref<4xf32>
  }
  linalg.copy ins(%r : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

// CHECK-LABEL: func.func @freed
// CHECK: memref.alloc()
func.func @freed(%y: memref<4xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<4xf32>}]}} {
  // expected-remark@+1 {{another function or op takes care of it}}
  %a = memref.alloc() : memref<4xf32>
  linalg.copy ins(%y : memref<4xf32>) outs(%a : memref<4xf32>)
  memref.dealloc %a : memref<4xf32>
  return
}

// -----

// No byte layout is known of these.

// CHECK-LABEL: func.func @strange
// CHECK: memref.alloc()
func.func @strange(%y: memref<4xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<4xf32>}]}} {
  // expected-remark@+1 {{its size is not known before the call, or is too large}}
  %a = memref.alloc() : memref<4xvector<2xf32>>
  // expected-remark@+1 {{its size is not known before the call, or is too large}}
  %b = memref.alloc() : memref<4611686018427387904xf32>
  return
}

// -----

// Iterations that run at the same time cannot share a place.

// CHECK-LABEL: func.func @divided
// CHECK: memref.alloc()
func.func @divided(%y: memref<?xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<?xf32>}]}} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  scf.forall (%i) in (%n) {
    // expected-remark@+1 {{it is not known how many of it are in use at once, or these are too large}}
    %a = memref.alloc() : memref<1xf32>
    %s = memref.subview %y[%i] [1] [1] : memref<?xf32> to memref<1xf32, strided<[1], offset: ?>>
    linalg.copy ins(%a : memref<1xf32>) outs(%s : memref<1xf32, strided<[1], offset: ?>>)
  }
  return
}
