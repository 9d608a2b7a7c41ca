// RUN: ptq-opt %s -split-input-file --ptq-plan-memory | FileCheck %s

// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[X:.*]]: memref<8xf32>, %[[Y:.*]]: memref<8xf32>, %[[W:.*]]: memref<64xi8>)
// CHECK-SAME: workspace_bytes = 64
// CHECK: %[[O:.*]] = arith.constant 0 : index
// CHECK: %[[A:.*]] = memref.view %[[W]][%[[O]]][] : memref<64xi8> to memref<16xf32>
// CHECK-NOT: memref.alloc
func.func @forward(%x: memref<8xf32>, %y: memref<8xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [{name = "x", type = tensor<8xf32>}], outputs = [{name = "y", type = tensor<8xf32>}]}} {
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<16xf32>
  linalg.fill ins(%zero : f32) outs(%a : memref<16xf32>)
  %v = memref.subview %a[4] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 4>>
  linalg.copy ins(%v : memref<8xf32, strided<[1], offset: 4>>) outs(%y : memref<8xf32>)
  return
}

// -----

// The first and the third are never in use together, the second with both; a
// view keeps its buffer alive. Sizes are rounded up to 64 bytes.

// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<192xi8>)
// CHECK-SAME: workspace_bytes = 192
// CHECK: %[[O0:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[W]][%[[O0]]][] : memref<192xi8> to memref<100xi8>
// CHECK: %[[O1:.*]] = arith.constant 128 : index
// CHECK: memref.view %[[W]][%[[O1]]][] : memref<192xi8> to memref<10xi8>
// CHECK: %[[O2:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[W]][%[[O2]]][] : memref<192xi8> to memref<70xi8>
func.func @chain(%y: memref<10xi8>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<10xi8>}]}} {
  %zero = arith.constant 0 : i8
  %a = memref.alloc() : memref<100xi8>
  linalg.fill ins(%zero : i8) outs(%a : memref<100xi8>)
  %b = memref.alloc() : memref<10xi8>
  %v = memref.subview %a[0] [10] [1] : memref<100xi8> to memref<10xi8, strided<[1]>>
  linalg.copy ins(%v : memref<10xi8, strided<[1]>>) outs(%b : memref<10xi8>)
  %c = memref.alloc() : memref<70xi8>
  linalg.fill ins(%zero : i8) outs(%c : memref<70xi8>)
  %u = memref.subview %c[0] [10] [1] : memref<70xi8> to memref<10xi8, strided<[1]>>
  linalg.add ins(%b, %u : memref<10xi8>, memref<10xi8, strided<[1]>>) outs(%y : memref<10xi8>)
  return
}

// -----

// A buffer in a loop has one place for all iterations, and keeps it while the
// loop runs.

// CHECK-LABEL: func.func @in_loop(
// CHECK-SAME: memref<128xi8>)
// CHECK: scf.for
// CHECK: memref.view %{{.*}} : memref<128xi8> to memref<16xf32>
func.func @in_loop(%y: memref<16xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<16xf32>}]}} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc() : memref<16xf32>
  linalg.fill ins(%zero : f32) outs(%a : memref<16xf32>)
  scf.for %i = %c0 to %c4 step %c1 {
    %b = memref.alloc() : memref<16xf32>
    linalg.copy ins(%a : memref<16xf32>) outs(%b : memref<16xf32>)
    linalg.copy ins(%b : memref<16xf32>) outs(%y : memref<16xf32>)
  }
  return
}

// -----

// Two arms of a branch share their places.

// CHECK-LABEL: func.func @branch(
// CHECK-SAME: memref<64xi8>)
func.func @branch(%y: memref<16xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<16xf32>}]}} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %first = memref.load %y[%c0] : memref<16xf32>
  %p = arith.cmpf ogt, %first, %zero : f32
  %b = memref.alloc() : memref<16xf32>
  linalg.fill ins(%zero : f32) outs(%b : memref<16xf32>)
  linalg.copy ins(%b : memref<16xf32>) outs(%y : memref<16xf32>)
  scf.if %p {
    %c = memref.alloc() : memref<16xf32>
    linalg.fill ins(%zero : f32) outs(%c : memref<16xf32>)
    linalg.copy ins(%c : memref<16xf32>) outs(%y : memref<16xf32>)
  }
  return
}

// -----

// Only callers of the entry function know of a workspace.

// CHECK-LABEL: func.func @not_entry(
// CHECK: memref.alloc
func.func @not_entry(%y: memref<16xf32>) {
  %a = memref.alloc() : memref<16xf32>
  linalg.copy ins(%a : memref<16xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

// Each iteration of a loop that threads share has a place of its own.

// CHECK-LABEL: func.func @divided(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<320xi8>)
// CHECK-SAME: workspace_bytes = 320
// CHECK: memref.view
// CHECK: scf.forall (%[[I:.*]]) in (4) {
// CHECK: %[[FIRST:.*]] = arith.constant 0 : index
// CHECK: %[[SIZE:.*]] = arith.constant 64 : index
// CHECK: %[[BEFORE:.*]] = arith.muli %[[I]], %[[SIZE]]
// CHECK: %[[PLACE:.*]] = arith.addi %[[FIRST]], %[[BEFORE]]
// CHECK: memref.view %[[W]][%[[PLACE]]][] : memref<320xi8> to memref<2xf32>
func.func @divided(%y: memref<8xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = [{name = "y", type = tensor<8xf32>}]}} {
  %b = memref.alloc() : memref<2xf32>
  scf.forall (%i) in (4) {
    %a = memref.alloc() : memref<2xf32>
    linalg.copy ins(%b : memref<2xf32>) outs(%a : memref<2xf32>)
    %p = affine.apply affine_map<(d0) -> (d0 * 2)>(%i)
    %s = memref.subview %y[%p] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: ?>>
    linalg.copy ins(%a : memref<2xf32>) outs(%s : memref<2xf32, strided<[1], offset: ?>>)
  }
  return
}
