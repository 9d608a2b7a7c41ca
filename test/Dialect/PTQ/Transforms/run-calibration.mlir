// REQUIRES: numpy
// RUN: %python %S/Inputs/write_samples.py %t
// RUN: ptq-opt %s --ptq-run-calibration=data=%t/samples.npz | FileCheck %s
// RUN: ptq-opt %s --ptq-run-calibration=data=%t/deflated.npz | FileCheck %s
// RUN: ptq-opt %s --ptq-run-calibration=data=%t/single.npy | FileCheck %s
// RUN: ptq-opt %s --ptq-run-calibration=data=%t/directory | FileCheck %s
// RUN: ptq-opt %s --ptq-run-calibration="data=%t/samples.npz samples=1" | FileCheck %s --check-prefix=FIRST
// RUN: ptq-opt %s --ptq-run-calibration="data=%t/samples.npz reduction=sample-mean" | FileCheck %s --check-prefix=MEAN
// RUN: ptq-opt %s --ptq-run-calibration="data=%t/samples.npz reduction=moving-average moving-average-weight=0.25" | FileCheck %s --check-prefix=MOVING

// The samples are [[-1, 0, 0.5], [2, 3.25, 0]]: an activation gets the range of
// all samples, a constant its own, a channel the range of its elements.
// CHECK-LABEL: func @forward
// CHECK:         ptq.observe %{{.*}} name("x") {{.*}} range(<min = [-1.000000e+00], max = [3.250000e+00], samples = 2>)
// CHECK:         ptq.observe %{{.*}} name("w") {{.*}} range(<min = [-4.000000e+00, 0.000000e+00, 1.000000e+00], max = [1.000000e+00, 2.000000e+00, 5.000000e+00]>)
// CHECK:         ptq.observe %{{.*}} name("columns") {{.*}} range(<min = [-2.000000e+00, 0.000000e+00, 0.000000e+00], max = [4.000000e+00, 6.500000e+00, 1.000000e+00], samples = 2>)

// FIRST:         name("x") {{.*}} range(<min = [-1.000000e+00], max = [5.000000e-01], samples = 1>)

// Averages over samples: of minima -1 and 0, of maxima 0.5 and 3.25. Constants
// have no samples.
// MEAN:          name("x") {{.*}} range(<min = [-5.000000e-01], max = [1.875000e+00], samples = 2>)
// MEAN:          name("w") {{.*}} range(<min = [-4.000000e+00, 0.000000e+00, 1.000000e+00]
// MOVING:        name("x") {{.*}} range(<min = [-7.500000e-01], max = [1.187500e+00], samples = 2>)
func.func @forward(%x: tensor<?x3xf32> loc("x")) -> tensor<?x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 5.0], [-4.0, 0.0, 1.0]]> : tensor<2x3xf32>
  %xo = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x3xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1, narrow_range = true>) : tensor<2x3xf32>
  %0 = arith.addf %xo, %xo : tensor<?x3xf32>
  %1 = ptq.observe %0 name("columns") encoding(<i8, asymmetric, granularity = axis, axis = 1>) : tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}
