// RUN: split-file %s %t
// RUN: ptq-opt %t/left.mlir -split-input-file --ptq-equalize-channels --remarks-filter='ptq-equalize.*' 2>&1 >%t.mlir | FileCheck %s
// RUN: FileCheck %s --check-prefix=LEFT < %t.mlir
// RUN: not ptq-opt %t/smooth.mlir --ptq-equalize-channels 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not ptq-opt %t/smooth.mlir --ptq-equalize-channels="data=%t/absent.npz" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not ptq-opt %t/smooth.mlir --ptq-equalize-channels="smoothing=1.5" 2>&1 | FileCheck %s --check-prefix=SMOOTHING
// RUN: not ptq-opt %t/smooth.mlir --ptq-equalize-channels="data=random samples=-1" 2>&1 | FileCheck %s --check-prefix=SAMPLES
// RUN: not ptq-opt %t/smooth.mlir --ptq-equalize-channels="data=random threads=-1" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not ptq-opt %t/smooth.mlir --ptq-calibrate="data=random recipe=%t/edge.json" 2>&1 | FileCheck %s --check-prefix=EDGE

// DATA: smooth.mlir:{{.*}} error: calibration needs samples: pass data=FILE.npz
// ABSENT: absent.npz
// SMOOTHING: error: smoothing must lie in [0, 1], got 1.5
// SAMPLES: error: the number of samples must not be negative
// THREADS: error: the number of threads must not be negative
// EDGE: edge.json:2:3: error: equalization is for an op and what comes before it, not for one edge

// Where factors cannot pass, everything stays as it is, and a remark says why.
// CHECK-DAG: 'clamped' reads stay as they are: they come from 'linalg.generic', through which no factor passes
// CHECK-DAG: 'returned' reads stay as they are: 'func.return' consumes them
// CHECK-DAG: 'disagreed' reads stay as they are: not all that read them ask for the same
// CHECK-DAG: 'input' reads stay as they are: no weights produce them
// CHECK-DAG: 'shared' reads stay as they are: they come from 'linalg.matmul', through which no factor passes
// CHECK-DAG: 'shifted' reads stay as they are: they come from 'linalg.generic', through which no factor passes
// CHECK-DAG: 'rows' reads stay as they are: 'linalg.matmul' consumes them and does not scale with them
// LEFT-COUNT-7: arith.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00]]>

//--- edge.json
{"version": 1, "rules": [
  {"edge": "x", "equalization": "crosslayer"}]}

//--- smooth.mlir
func.func @smooth(%x: tensor<3x2xf32>, %e: tensor<3x1xf32>) -> tensor<3x1xf32> {
  %w = arith.constant dense<[[1.0], [4.0]]> : tensor<2x1xf32>
  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = smoothquant>}
       ins(%x, %w : tensor<3x2xf32>, tensor<2x1xf32>) outs(%e : tensor<3x1xf32>) -> tensor<3x1xf32>
  return %0 : tensor<3x1xf32>
}

//--- left.mlir
func.func @clamped(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<3x2xf32>) outs(%e2 : tensor<3x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %six = arith.constant 6.0 : f32
      %r = arith.minimumf %in, %six : f32
      linalg.yield %r : f32
  } -> tensor<3x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%1, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("clamped")
  return %y, %e2 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

func.func @returned(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("returned")
  return %y, %0 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

func.func @disagreed(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %w2 = arith.constant dense<[[8.0], [2.0]]> : tensor<2x1xf32>
  %z = linalg.matmul ins(%0, %w2 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("disagreed")
  return %y, %e2 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

func.func @input(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%e2, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("input")
  return %y, %0 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

func.func @shared(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %s = linalg.matmul ins(%e1, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("shared")
  return %y, %s : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

func.func @shifted(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<3x2xf32>) outs(%e2 : tensor<3x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %one = arith.constant 1.0 : f32
      %r = arith.addf %in, %one : f32
      linalg.yield %r : f32
  } -> tensor<3x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%1, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("shifted")
  return %y, %e2 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

// The channels are read as rows by another op.
func.func @rows(%x: tensor<3x1xf32>, %e2: tensor<3x2xf32>, %e1: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w0 = arith.constant dense<[[1.0, 4.0]]> : tensor<1x2xf32>
  %w1 = arith.constant dense<[[64.0], [2.0]]> : tensor<2x1xf32>
  %zero = arith.constant 0.0 : f32
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x1xf32>) -> tensor<3x1xf32>
  %0 = linalg.matmul ins(%x, %w0 : tensor<3x1xf32>, tensor<1x2xf32>) outs(%f2 : tensor<3x2xf32>) -> tensor<3x2xf32>
  %w2 = arith.constant dense<[[8.0, 1.0, 1.0], [2.0, 1.0, 1.0]]> : tensor<2x3xf32>
  %e22 = tensor.empty() : tensor<2x2xf32>
  %q = linalg.matmul ins(%w2, %0 : tensor<2x3xf32>, tensor<3x2xf32>) outs(%e22 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<equalization = crosslayer>}
       ins(%0, %w1 : tensor<3x2xf32>, tensor<2x1xf32>) outs(%f1 : tensor<3x1xf32>) -> tensor<3x1xf32> loc("rows")
  return %y, %e2 : tensor<3x1xf32>, tensor<3x2xf32>
}
