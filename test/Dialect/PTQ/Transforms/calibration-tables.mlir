// Statistics in tables: any shard split and any number of threads give the same
// bytes, and ranges can be chosen again without running anything.

// RUN: rm -rf %t && mkdir %t
// RUN: ptq-opt %s --ptq-run-calibration="data=random samples=32 threads=1 table-out=%t/all" -o %t/all.mlir
// RUN: ptq-opt %s --ptq-run-calibration="data=random samples=32 threads=2 table-out=%t/threads" -o %t/threads.mlir
// RUN: cmp %t/all %t/threads
// RUN: cmp %t/all.mlir %t/threads.mlir

// RUN: ptq-opt %s --ptq-run-calibration="data=random samples=32 shard=1/3 table-out=%t/1" -o /dev/null
// RUN: ptq-opt %s --ptq-run-calibration="data=random samples=32 shard=2/3 table-out=%t/2" -o /dev/null
// RUN: ptq-opt %s --ptq-run-calibration="data=random samples=32 shard=3/3 table-out=%t/3" -o /dev/null
// RUN: ptq-opt %s --ptq-run-calibration="table-in=%t/3,%t/1,%t/2 table-out=%t/merged" -o %t/merged.mlir
// RUN: cmp %t/all %t/merged
// RUN: cmp %t/all.mlir %t/merged.mlir

// RUN: ptq-opt %s --ptq-run-calibration="table-in=%t/all percentile=100" -o %t/full.mlir
// RUN: ptq-opt %s --ptq-run-calibration="table-in=%t/all percentile=50" | FileCheck %s

// CHECK: estimator({{ ?}}percentile) range(<min = [-{{.*}}], max = [{{.*}}], estimator = percentile, samples = 32>)

// RUN: ptq-opt %s --ptq-run-calibration="table-in=%t/all report=%t/report.html" -o /dev/null
// RUN: FileCheck %s --input-file=%t/report.html --check-prefix=REPORT
// REPORT: <!DOCTYPE html>
// REPORT: "input"

// RUN: ptq-opt %s --ptq-run-calibration="table-in=%t/all" --remarks-filter=ptq-run-calibration -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK: remark: {{.*}}Range | Category:ptq-run-calibration{{.*}}edge 'input' gets {{.*}}by percentile: {{.*}}% clipped, SQNR {{.*}} dB

// Tables that do not fit.
// RUN: head -c 200 %t/all > %t/truncated
// RUN: not ptq-opt %s --ptq-run-calibration=table-in=%t/truncated 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// TRUNCATED: error: {{.*}}truncated
// RUN: sed 's/input/other/' %s > %t/other.mlir
// RUN: not ptq-opt %t/other.mlir --ptq-run-calibration=table-in=%t/all 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: calibration table '{{.*}}all' is of another model: it has edge 'input' where the model has 'other'
// RUN: not ptq-opt %s --ptq-run-calibration=table-in=%t/absent 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}absent
// RUN: not ptq-opt %s --ptq-run-calibration="data=random table-out=%t/no/folder" 2>&1 | FileCheck %s --check-prefix=OUT
// OUT: error: {{.*}}no/folder
// RUN: not ptq-opt %s --ptq-run-calibration="data=random report=%t/no/folder" 2>&1 | FileCheck %s --check-prefix=NOREPORT
// NOREPORT: error: cannot write '{{.*}}no/folder'
// RUN: not ptq-opt %s --ptq-run-calibration="data=random report=/dev/full" 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not ptq-opt %s --ptq-run-calibration="data=random table-out=/dev/full" 2>&1 | FileCheck %s --check-prefix=FULL
// FULL: error: cannot write '/dev/full': No space left on device
// RUN: not ptq-opt %s --ptq-run-calibration="data=random shard=4/3" 2>&1 | FileCheck %s --check-prefix=SHARD
// SHARD: error: shard '4/3' is not I/N with I from 1 to N
// RUN: not ptq-opt %s --ptq-run-calibration="data=random percentile=0" 2>&1 | FileCheck %s --check-prefix=PERCENTILE
// PERCENTILE: error: the percentile must lie in (0, 100], got 0

func.func @forward(%x: tensor<?x64xf32> loc("input")) -> tensor<?x64xf32> {
  %0 = ptq.observe %x name("input") encoding(<i8, asymmetric>) estimator(percentile) : tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}
