// REQUIRES: numpy
// RUN: rm -rf %t && split-file %s %t
// RUN: %python %S/Inputs/write_sensitivity_samples.py %t

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity 2>&1 | FileCheck %s --check-prefix=NODATA
// NODATA: net.mlir:1:1: error: calibration needs samples: pass data=FILE.npz

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity=data=%t/absent.npz 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}absent.npz: cannot be read as a .npz archive

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random recipe-out=%t/r.json" 2>&1 | FileCheck %s --check-prefix=NOTARGET
// NOTARGET: error: a recipe needs a target to meet: pass target-sqnr, target-agreement or target-accuracy
// RUN: not ls %t/r.json

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random target-agreement=98" 2>&1 | FileCheck %s --check-prefix=SHARE
// SHARE: error: the target of agreement must lie in [0, 1], got 9.8{{0*}}e+01
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random target-sqnr=nan" 2>&1 | FileCheck %s --check-prefix=NAN
// NAN: error: the target of the signal-to-noise ratio must be a number of dB

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random target-accuracy=0.9" 2>&1 | FileCheck %s --check-prefix=NOLABELS
// NOLABELS: error: a target of accuracy needs labels
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random labels=labels" 2>&1 | FileCheck %s --check-prefix=LABELFILE
// LABELFILE: error: labels are an array of the samples' file, which must be a .npz file
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=%t/samples.npz labels=absent" 2>&1 | FileCheck %s --check-prefix=LABELKEY
// LABELKEY: error: {{.*}}samples.npz: has no array 'absent'
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=%t/few-labels.npz labels=labels" 2>&1 | FileCheck %s --check-prefix=FEWLABELS
// FEWLABELS: error: array 'labels' has 3 labels, fewer than there are predictions
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=%t/wrong-labels.npz labels=labels" 2>&1 | FileCheck %s --check-prefix=WRONGLABELS
// WRONGLABELS: error: array 'labels': label 4{{.*}} is not one of the 4 classes

// A target beyond what the float network reaches; the figures are written
// nevertheless, the recipe is not.
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=%t/samples.npz labels=labels target-accuracy=1 recipe-out=%t/r.json report=%t/report.json" 2>&1 | FileCheck %s --check-prefix=UNREACHED
// UNREACHED: error: the target cannot be met: with all 1 ops in float, the outputs have 999.0 dB, 100.00% agreement, {{[0-9.]+}}% accuracy
// RUN: not ls %t/r.json
// RUN: ls %t/report.json

// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random report=%t/absent/r.json" 2>&1 | FileCheck %s --check-prefix=REPORT
// REPORT: error: cannot write '{{.*}}absent/r.json'
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random report=/dev/full" 2>&1 | FileCheck %s --check-prefix=FULL
// FULL: error: cannot write '/dev/full': No space left on device
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random recipe=%t/bad.json" 2>&1 | FileCheck %s --check-prefix=RECIPE
// RECIPE: bad.json:1:{{[0-9]+}}: error: {{.*}}unknown field 'rulez'
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random block=4 weights-per=tensor" 2>&1 | FileCheck %s --check-prefix=CONTRADICTION
// CONTRADICTION: error: weights in blocks cannot share one scale per tensor

// Nothing to choose: the options or the IR have decided.
// RUN: not ptq-opt %t/net.mlir --ptq-analyze-sensitivity="data=random scheme=float" 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not ptq-opt %t/given.mlir --ptq-analyze-sensitivity="data=random" 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: the scheme quantizes no op that a recipe could leave in float
// RUN: not ptq-opt %t/integers.mlir --ptq-analyze-sensitivity="data=random" 2>&1 | FileCheck %s --check-prefix=INTEGERS
// INTEGERS: error: has no f32 output to compare with

//--- net.mlir
func.func @forward(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> {
  %w = arith.constant dense<[[0.9, -0.4, 0.3, 0.8], [0.2, 0.7, -0.5, 0.1],
                             [-0.6, 0.3, 0.8, -0.2], [0.5, -0.9, 0.4, 0.6]]> : tensor<4x4xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

//--- given.mlir
func.func @forward(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> {
  %w = arith.constant dense<0.5> : tensor<4x4xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, weights = <i8, symmetric>>}
       ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

//--- integers.mlir
func.func @forward(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xi32> {
  %w = arith.constant dense<0.5> : tensor<4x4xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>)
       outs(%i : tensor<?x4xf32>) -> tensor<?x4xf32>
  %z = arith.fptosi %y : tensor<?x4xf32> to tensor<?x4xi32>
  return %z : tensor<?x4xi32>
}

//--- bad.json
{"version": 1, "rulez": []}
