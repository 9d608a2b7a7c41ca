// ptq stands beside the upstream dialects and passes.

// RUN: ptq-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: ptq-opt --help | FileCheck %s --check-prefix=PASSES

// DIALECTS: linalg
// DIALECTS: ptq
// DIALECTS: tosa

// PASSES-DAG: --canonicalize
// PASSES-DAG: --ptq-insert-observers
// PASSES-DAG: --ptq-lower
