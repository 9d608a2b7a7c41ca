// Tables that are damaged or of something else, and parts that do not exist.

// RUN: rm -rf %t && split-file %s %t
// RUN: ptq-opt %t/net.mlir --ptq-run-calibration="data=random table-out=%t/table" -o /dev/null

// RUN: sed 's/calibration-table 1/calibration-table 2/' %t/table > %t/version
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/version 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: error: calibration table '{{.*}}version' has format version 2; this program reads version 1

// RUN: sed 's/^samples 16/samples 17/' %t/table > %t/checksum
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/checksum 2>&1 | FileCheck %s --check-prefix=CHECKSUM
// CHECKSUM: error: calibration table '{{.*}}checksum' is damaged: its checksum does not match

// RUN: sed 's/^end .*/end 0000000000000000/' %t/table > %t/end
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/end 2>&1 | FileCheck %s --check-prefix=CHECKSUM-END
// CHECKSUM-END: error: calibration table '{{.*}}end' is damaged: its checksum does not match

// RUN: sed '$d' %t/table > %t/truncated
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/truncated 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// TRUNCATED: error: calibration table '{{.*}}truncated' is truncated

// RUN: cp /dev/null %t/nothing
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: '{{.*}}nothing' is not a calibration table

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/net.mlir 2>&1 | FileCheck %s --check-prefix=OTHERFILE
// OTHERFILE: error: '{{.*}}net.mlir' is not a calibration table

// The first edge that differs is the second one.
// RUN: not ptq-opt %t/behind.mlir --ptq-run-calibration=table-in=%t/table 2>&1 | FileCheck %s --check-prefix=BEHIND
// BEHIND: error: calibration table '{{.*}}table' is of another model: it has edge 'y' behind other operations
// RUN: not ptq-opt %t/name.mlir --ptq-run-calibration=table-in=%t/table 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: calibration table '{{.*}}table' is of another model: it has edge 'y' where the model has 'z'
// RUN: not ptq-opt %t/fewer.mlir --ptq-run-calibration=table-in=%t/table 2>&1 | FileCheck %s --check-prefix=FEWER
// FEWER: error: calibration table '{{.*}}table' is of another model: it has edge 'y', which the model has not
// One of several tables is enough.
// RUN: ptq-opt %t/name.mlir --ptq-run-calibration="data=random table-out=%t/name" -o /dev/null
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration=table-in=%t/table,%t/name 2>&1 | FileCheck %s --check-prefix=SECOND
// SECOND: error: calibration table '{{.*}}name' is of another model: it has edge 'z' where the model has 'y'

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random percentile=100.5" 2>&1 | FileCheck %s --check-prefix=ABOVE
// ABOVE: error: the percentile must lie in (0, 100], got 1.005000e+02
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random percentile=-1" 2>&1 | FileCheck %s --check-prefix=BELOW
// BELOW: error: the percentile must lie in (0, 100], got -1
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random percentile=nan" 2>&1 | FileCheck %s --check-prefix=NONUMBER
// NONUMBER: error: the percentile must lie in (0, 100], got

// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random shard=0/3" 2>&1 | FileCheck %s --check-prefix=SHARD
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random shard=1/0" 2>&1 | FileCheck %s --check-prefix=SHARD
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random shard=1" 2>&1 | FileCheck %s --check-prefix=SHARD
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random shard=a/b" 2>&1 | FileCheck %s --check-prefix=SHARD
// RUN: not ptq-opt %t/net.mlir --ptq-run-calibration="data=random shard=-1/3" 2>&1 | FileCheck %s --check-prefix=SHARD
// SHARD: error: shard '{{.*}}' is not I/N with I from 1 to N

// Values that are not finite are counted and left out.
// RUN: ptq-opt %t/infinite.mlir --ptq-run-calibration="data=random samples=2" 2>&1 | FileCheck %s --check-prefix=INFINITE
// INFINITE: warning: edge 'quotient' has 4 NaN or infinite values, which are left out of its range
// INFINITE: name("quotient"){{.*}}range(<min = [5.000000e-01], max = [1.000000e+00]

//--- net.mlir
func.func @forward(%x: tensor<?x8xf32> loc("x")) -> tensor<?x8xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  %1 = math.absf %0 : tensor<?x8xf32>
  %2 = ptq.observe %1 name("y") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}
//--- behind.mlir
func.func @forward(%x: tensor<?x8xf32> loc("x")) -> tensor<?x8xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  %1 = math.exp %0 : tensor<?x8xf32>
  %2 = ptq.observe %1 name("y") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}
//--- name.mlir
func.func @forward(%x: tensor<?x8xf32> loc("x")) -> tensor<?x8xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  %1 = math.absf %0 : tensor<?x8xf32>
  %2 = ptq.observe %1 name("z") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}
//--- fewer.mlir
func.func @forward(%x: tensor<?x8xf32> loc("x")) -> tensor<?x8xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x8xf32>
  %1 = math.absf %0 : tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}
//--- infinite.mlir
func.func @forward(%x: tensor<4xf32> loc("x")) -> tensor<4xf32> {
  %c = arith.constant dense<[0.0, 1.0, 2.0, -0.0]> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %0 = arith.subf %x, %x : tensor<4xf32>
  %1 = arith.addf %0, %c : tensor<4xf32>
  %2 = arith.divf %one, %1 : tensor<4xf32>
  %3 = ptq.observe %2 name("quotient") encoding(<i8, asymmetric>) : tensor<4xf32>
  return %3 : tensor<4xf32>
}
