// RUN: not ptq-opt %s --ptq-assign-schemes=method=maximum 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not ptq-opt %s --ptq-assign-schemes=methode=minmax 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not ptq-opt %s --ptq-assign-schemes=scheme=statical 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not ptq-opt %s --ptq-assign-schemes=weights=i16 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// RUN: not ptq-opt %s --ptq-assign-schemes=block=many 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not ptq-opt %s --ptq-assign-schemes=activations=f16 2>&1 | FileCheck %s --check-prefix=STATIC-FLOAT
// RUN: not ptq-opt %s --ptq-assign-schemes="scheme=dynamic activations=f32" 2>&1 | FileCheck %s --check-prefix=DYNAMIC-FLOAT
// RUN: not ptq-opt %s --ptq-assign-schemes="scheme=weight-only activations=i8" 2>&1 | FileCheck %s --check-prefix=WEIGHT-ONLY
// RUN: not ptq-opt %s --ptq-assign-schemes="scheme=weight-only activations-symmetry=symmetric" 2>&1 | FileCheck %s --check-prefix=SYMMETRY
// RUN: not ptq-opt %s --ptq-assign-schemes="activations-per=token" 2>&1 | FileCheck %s --check-prefix=STATIC-TOKEN
// RUN: not ptq-opt %s --ptq-assign-schemes="block=32 activations-per=block" 2>&1 | FileCheck %s --check-prefix=STATIC-BLOCK
// RUN: not ptq-opt %s --ptq-assign-schemes="scheme=dynamic activations-per=block" 2>&1 | FileCheck %s --check-prefix=NO-BLOCK
// RUN: not ptq-opt %s --ptq-assign-schemes="weights-per=tensor block=32" 2>&1 | FileCheck %s --check-prefix=TENSOR-BLOCK
// RUN: not ptq-opt %s --ptq-assign-schemes="block=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not ptq-opt %s --ptq-assign-schemes="weights=i4 weights-bits=7" 2>&1 | FileCheck %s --check-prefix=BITS

// METHOD: Cannot find option named 'maximum'
// OPTION: no such option methode
// SCHEME: Cannot find option named 'statical'
// WEIGHTS: Cannot find option named 'i16'
// NUMBER: 'many' value invalid

// STATIC-FLOAT: assign-schemes-errors.mlir:[[#@LINE + 10]]:1: error: scheme 'static' quantizes activations, and cannot leave them 'f16'; 'weight-only' does
// DYNAMIC-FLOAT: assign-schemes-errors.mlir:[[#@LINE + 9]]:1: error: scheme 'dynamic' quantizes activations, and cannot leave them 'f32'; 'weight-only' does
// WEIGHT-ONLY: assign-schemes-errors.mlir:[[#@LINE + 8]]:1: error: scheme 'weight-only' leaves activations in float, and cannot make them 'i8'
// SYMMETRY: assign-schemes-errors.mlir:[[#@LINE + 7]]:1: error: scheme 'weight-only' leaves activations in float, where they have no symmetry
// STATIC-TOKEN: assign-schemes-errors.mlir:[[#@LINE + 6]]:1: error: scheme 'static' has no scale for each token; 'dynamic' has
// STATIC-BLOCK: assign-schemes-errors.mlir:[[#@LINE + 5]]:1: error: scheme 'static' has no scale for each block; 'dynamic' has
// NO-BLOCK: assign-schemes-errors.mlir:[[#@LINE + 4]]:1: error: activations in blocks need weights in blocks, whose size they have
// TENSOR-BLOCK: assign-schemes-errors.mlir:[[#@LINE + 3]]:1: error: weights in blocks cannot share one scale per tensor
// NEGATIVE: assign-schemes-errors.mlir:[[#@LINE + 2]]:1: error: the block size must not be negative, got -1
// BITS: assign-schemes-errors.mlir:[[#@LINE + 1]]:1: error: codes of 'i4' have 2 to 4 bits, got 7
module {
  func.func @nothing() {
    return
  }
}
