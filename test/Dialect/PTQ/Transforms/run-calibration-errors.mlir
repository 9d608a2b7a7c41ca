// REQUIRES: numpy
// RUN: rm -rf %t && split-file %s %t
// RUN: %python %S/Inputs/write_samples.py %t/data

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration 2>&1 | FileCheck %s --check-prefix=NODATA
// NODATA: net.mlir:1:1: error: calibration needs samples: pass data=FILE.npz

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/absent.npz 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: net.mlir:1:1: error: {{.*}}absent.npz: cannot be read as a .npz archive: No such file

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/net.mlir 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: error: {{.*}}samples come from a .npz or .npy file, a directory of .npy files, or 'random'

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/keys.npz 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: error: {{.*}}keys.npz: has no array 'x'; it has 'a', 'b'

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/shape.npz 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: error: {{.*}}shape.npz: array 'x': has shape [2, 2], but one sample of input 'x' has shape [3]

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/type.npz 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: {{.*}}has elements of type float64, but input 'x' needs float32

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/none.npz 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: {{.*}}array 'x': has no samples

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/endian.npz 2>&1 | FileCheck %s --check-prefix=ENDIAN
// ENDIAN: error: {{.*}}big-endian elements ('>f4') are not supported

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/fortran.npz 2>&1 | FileCheck %s --check-prefix=FORTRAN
// FORTRAN: error: {{.*}}arrays in Fortran order are not supported

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/object.npz 2>&1 | FileCheck %s --check-prefix=OBJECT
// OBJECT: error: {{.*}}arrays of Python objects are not supported

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/nan.npz 2>&1 | FileCheck %s --check-prefix=NAN
// NAN: error: {{.*}}array 'x': element 4 is NaN or infinite

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/truncated.npz 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// TRUNCATED: error: {{.*}}truncated.npz: cannot be read as a .npz archive: Not a zip archive

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/corrupted.npz 2>&1 | FileCheck %s --check-prefix=CORRUPTED
// CORRUPTED: error: {{.*}}array 'x' is corrupted: CRC error

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/junk.npy 2>&1 | FileCheck %s --check-prefix=JUNK
// JUNK: error: {{.*}}junk.npy: not a .npy array

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=data=%t/data/empty 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: {{.*}}empty: has no .npy files

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random samples=-1" 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: error: the number of samples must not be negative

// RUN: not ptq-opt %t/no-entry.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: no-entry.mlir:{{.*}}error: there is no entry function

// RUN: not ptq-opt %t/dynamic.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: dynamic.mlir:1:1: error: input 'x' of type 'tensor<?x?xf32>' has a dynamic dimension besides its sample axis

// RUN: ptq-opt %t/batch.mlir --ptq-run-calibration="data=random samples=5" 2>&1 | FileCheck %s --check-prefix=BATCH
// BATCH: batch.mlir:1:1: warning: the last 1 of 5 samples do not fill a batch of 2 and are left out
// BATCH: samples = 4

// RUN: not ptq-opt %t/batch.mlir --ptq-run-calibration="data=random samples=1" 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: error: needs at least 2 samples for its fixed batch, got 1

// RUN: ptq-opt %t/unreached.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=UNREACHED
// UNREACHED: warning: no sample reached edge 'other'; its range is [0, 0]

// RUN: not ptq-opt %t/nan.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=ONLYNAN
// ONLYNAN: error: edge 'root' has only NaN or infinite values

// RUN: not ptq-opt %t/no-model.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=MODEL
// MODEL: no-model.mlir:2:{{.*}} error: {{.*}}EvaluableOpInterface

// What statistics say of an edge without being wrong.
// RUN: ptq-opt %t/concerns.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=CONCERNS
// CONCERNS-DAG: concerns.mlir:4:{{.*}} warning: edge 'w' has 1 of 3 channels that are always zero
// CONCERNS-DAG: concerns.mlir:6:{{.*}} warning: edge 'constant' is constant: always 2
// CONCERNS-DAG: concerns.mlir:7:{{.*}} warning: 2 edges have fewer than 10 nonzero elements for each bin of the histogram, the least is edge 'few' with 48 in all: 'kl' may clip too much of them
// CONCERNS-NOT: edge 'table'

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random moving-average-weight=0" 2>&1 | FileCheck %s --check-prefix=WEIGHT
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random moving-average-weight=nan" 2>&1 | FileCheck %s --check-prefix=WEIGHT
// WEIGHT: error: the weight of a moving average must lie in (0, 1]

// RUN: not ptq-opt %t/dynamic-blocks.mlir --ptq-run-calibration=data=random 2>&1 | FileCheck %s --check-prefix=BLOCKS
// BLOCKS: dynamic-blocks.mlir:2:{{.*}} error: {{.*}}has blocks of 'tensor<?x4xf32>', whose shape is not static

//--- concerns.mlir
func.func @forward(%x: tensor<?x3xf32>, %y: tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x6xf32>, tensor<2x2xf32>) {
  %w = arith.constant dense<[[1.0, 0.0, 2.0]]> : tensor<1x3xf32>
  %two = arith.constant dense<2.0> : tensor<2xf32>
  %wo = ptq.observe %w name("w") encoding(<i8, symmetric, granularity = axis, axis = 1>) : tensor<1x3xf32>
  %t = math.absf %two : tensor<2xf32>
  %to = ptq.observe %t name("constant") encoding(<i8, asymmetric>) : tensor<2xf32>
  %0 = ptq.observe %x name("few") encoding(<i8, asymmetric>) estimator(kl) : tensor<?x3xf32>
  %1 = ptq.observe %y name("more") encoding(<i8, asymmetric>) estimator(kl) : tensor<?x6xf32>
  %rows = arith.constant dense<[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]> : tensor<3x2xf32>
  %table = ptq.observe %rows name("table") encoding(<i8, symmetric, granularity = axis, axis = 0>) : tensor<3x2xf32>
  %ids = arith.constant dense<[0, 2]> : tensor<2xindex>
  %empty = tensor.empty() : tensor<2x2xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(t, i) -> (t)>, affine_map<(t, i) -> (t, i)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<2xindex>) outs(%empty : tensor<2x2xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<3x2xf32>
      linalg.yield %e : f32
  } -> tensor<2x2xf32>
  return %0, %0, %1, %2 : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x6xf32>, tensor<2x2xf32>
}
//--- net.mlir
func.func @forward(%x: tensor<?x3xf32> loc("x")) -> tensor<?x3xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
//--- no-entry.mlir
func.func private @helper(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
//--- dynamic.mlir
func.func @forward(%x: tensor<?x?xf32> loc("x")) -> tensor<?x?xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
//--- batch.mlir
func.func @forward(%x: tensor<2x3xf32> loc("x")) -> tensor<2x3xf32> attributes {
    ptq.signature = {version = 1 : i64, inputs = [{name = "x", type = tensor<2x3xf32>, sample_axis = 0 : i64}],
                     outputs = [{name = "y", type = tensor<2x3xf32>, sample_axis = 0 : i64}]}} {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
//--- unreached.mlir
func.func private @other(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = ptq.observe %x name("other") encoding(<i8, asymmetric>) : tensor<3xf32>
  return %0 : tensor<3xf32>
}
func.func @forward(%x: tensor<3xf32>) -> tensor<3xf32> {
  return %x : tensor<3xf32>
}
//--- nan.mlir
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %c = arith.constant dense<-1.0> : tensor<1xf32>
  %0 = arith.mulf %x, %x : tensor<1xf32>
  %1 = arith.subf %c, %0 : tensor<1xf32>
  %2 = math.sqrt %1 : tensor<1xf32>
  %3 = ptq.observe %2 name("root") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %3 : tensor<1xf32>
}
//--- no-model.mlir
func.func @forward(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = bufferization.alloc_tensor() copy(%x) : tensor<3xf32>
  %1 = ptq.observe %0 name("copy") encoding(<i8, asymmetric>) : tensor<3xf32>
  return %1 : tensor<3xf32>
}
//--- dynamic-blocks.mlir
func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = block, axis = 1, block_size = 2>) : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
