// RUN: not ptq-opt %s --ptq-assign-schemes=method=maximum 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not ptq-opt %s --ptq-assign-schemes=methode=minmax 2>&1 | FileCheck %s --check-prefix=OPTION

// METHOD: Cannot find option named 'maximum'
// OPTION: no such option methode

func.func @nothing() {
  return
}
