// What does not fit on a disk is an error, whoever writes it.

// REQUIRES: full-disk

// RUN: not ptq-translate --export-onnx %s -o /dev/full 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: ptq-opt %s --ptq-lower -o %t.mlir
// RUN: not ptq-translate --emit-object %t.mlir -o /dev/full 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: not ptq-translate --emit-assembly %t.mlir -o /dev/full 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: not ptq-translate --emit-c-header %t.mlir -o /dev/full 2>&1 | FileCheck %s --check-prefix=OUTPUT
// OUTPUT: {{^}}error: cannot write the output: No space left on device

// RUN: not ptq-opt %s --ptq-calibrate="data=random report=/dev/full" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: not ptq-opt %s -o /dev/full 2>&1 | FileCheck %s --check-prefix=OPT
// REPORT: error: {{.*}}No space left on device
// OPT: No space left on device

#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.exp %in : f32
    linalg.yield %1 : f32
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
