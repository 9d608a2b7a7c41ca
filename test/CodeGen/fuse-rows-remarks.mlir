// RUN: ptq-opt %s -split-input-file -ptq-fuse-rows=cache-bytes=8000 -remarks-filter='ptq-fuse.*' -verify-diagnostics

// Rows that are not reduced beside what makes them are no error; a remark says
// why.

func.func @unknown(%x: memref<?x80xf32>, %z: memref<?xf32>) {
  // expected-remark@+1 {{rows are reduced in a loop of their own: its sizes are not known before the call}}
  linalg.reduce {arith.addf} ins(%x : memref<?x80xf32>) outs(%z : memref<?xf32>) dimensions = [1]
  return
}

// -----

func.func @small(%x: memref<4x80xf32>, %y: memref<4x80xf32>, %z: memref<4xf32>) {
  linalg.exp ins(%x : memref<4x80xf32>) outs(%y : memref<4x80xf32>)
  // expected-remark@+1 {{rows are reduced in a loop of their own: all of it is in the cache anyway}}
  linalg.reduce {arith.addf} ins(%y : memref<4x80xf32>) outs(%z : memref<4xf32>) dimensions = [1]
  return
}

// -----

func.func @whole(%x: memref<64x80xf32>, %y: memref<64x80xf32>, %z: memref<f32>) {
  linalg.exp ins(%x : memref<64x80xf32>) outs(%y : memref<64x80xf32>)
  // expected-remark@+1 {{rows are reduced in a loop of their own: it has no rows, or others than the ops before it}}
  linalg.reduce {arith.maximumf} ins(%y : memref<64x80xf32>) outs(%z : memref<f32>) dimensions = [0, 1]
  return
}

// -----

func.func @alone(%x: memref<64x80xf32>, %z: memref<64xf32>) {
  // expected-remark@+1 {{rows are reduced in a loop of their own: no op around it is on the same rows}}
  linalg.reduce {arith.addf} ins(%x : memref<64x80xf32>) outs(%z : memref<64xf32>) dimensions = [1]
  return
}

// -----

func.func @fused(%x: memref<64x80xf32>, %y: memref<64x80xf32>, %z: memref<64xf32>) {
  linalg.exp ins(%x : memref<64x80xf32>) outs(%y : memref<64x80xf32>)
  linalg.reduce {arith.addf} ins(%y : memref<64x80xf32>) outs(%z : memref<64xf32>) dimensions = [1]
  return
}

// -----

func.func @huge(%x: memref<4611686018427387904x4xf32>, %z: memref<4611686018427387904xf32>) {
  // expected-remark@+1 {{rows are reduced in a loop of their own: it is too large}}
  linalg.reduce {arith.addf} ins(%x : memref<4611686018427387904x4xf32>) outs(%z : memref<4611686018427387904xf32>) dimensions = [1]
  return
}
