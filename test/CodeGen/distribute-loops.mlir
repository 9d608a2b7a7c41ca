// RUN: ptq-opt %s -split-input-file -ptq-distribute-loops="threads=2 thread-cost=3000" | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-distribute-loops="threads=8 thread-cost=3000" | FileCheck %s --check-prefix=EIGHT
// RUN: ptq-opt %s -split-input-file -ptq-distribute-loops="threads=0 thread-cost=3000" | FileCheck %s --check-prefix=EIGHT
// RUN: ptq-opt %s -split-input-file -ptq-distribute-loops | FileCheck %s --check-prefix=ONE
// ONE-NOT: scf.forall
// ONE-NOT: scf.parallel

// 28 rows are enough for two threads and for eight; the loop inside is that of
// one thread.

// CHECK-LABEL: func.func @rows
// CHECK: scf.forall (%[[I:.*]]) in (28) {
// CHECK: scf.for %[[J:.*]] = %c0 to %c128 step %c8 {
// CHECK: vector.load %{{.*}}[%[[I]], %[[J]]]
// EIGHT-LABEL: func.func @rows
// EIGHT: scf.forall (%{{.*}}) in (28) {
// ONE-LABEL: func.func @rows
// ONE: scf.for {{.*}} to %c28 step %c1
// ONE: scf.for {{.*}} to %c128 step %c8
func.func @rows(%x: memref<28x128xf32>, %y: memref<28x128xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c28 = arith.constant 28 : index
  %c128 = arith.constant 128 : index
  scf.parallel (%i) = (%c0) to (%c28) step (%c1) {
    scf.parallel (%j) = (%c0) to (%c128) step (%c8) {
      %v = vector.load %x[%i, %j] : memref<28x128xf32>, vector<8xf32>
      %e = math.exp %v : vector<8xf32>
      vector.store %e, %y[%i, %j] : memref<28x128xf32>, vector<8xf32>
    }
  }
  return
}

// -----

// Three rows cannot be divided by two, but their 192 sums can. What does not
// depend on the rows does not stand between the loops.

// CHECK-LABEL: func.func @nest
// CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) in (3, 64) {
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.store %{{.*}}[%[[I]], %[[J]]]
// ONE-LABEL: func.func @nest
func.func @nest(%x: memref<64x128xf32>, %y: memref<3x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c3) step (%c1) {
    %c64 = arith.constant 64 : index
    %c128 = arith.constant 128 : index
    scf.parallel (%j) = (%c0) to (%c64) step (%c1) {
      %sum = scf.for %k = %c0 to %c128 step %c1 iter_args(%s = %zero) -> f32 {
        %v = memref.load %x[%j, %k] : memref<64x128xf32>
        %t = arith.addf %s, %v : f32
        scf.yield %t : f32
      }
      memref.store %sum, %y[%i, %j] : memref<3x64xf32>
    }
  }
  return
}

// -----

// Nor does what depends on the outer loop only.

// EIGHT-LABEL: func.func @address
// EIGHT: scf.forall (%{{.*}}, %{{.*}}) in (3, 64) {
// EIGHT: arith.muli
// ONE-LABEL: func.func @address
func.func @address(%x: memref<64x128xf32>, %y: memref<192xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c3) step (%c1) {
    scf.parallel (%j) = (%c0) to (%c64) step (%c1) {
      %sum = scf.for %k = %c0 to %c128 step %c1 iter_args(%s = %zero) -> f32 {
        %v = memref.load %x[%j, %k] : memref<64x128xf32>
        %t = arith.addf %s, %v : f32
        scf.yield %t : f32
      }
      %first = arith.muli %i, %c64 : index
      %place = arith.addi %first, %j : index
      memref.store %sum, %y[%place] : memref<192xf32>
    }
  }
  return
}

// -----

// Nobody knows how many samples there are: each of them is divided.

// CHECK-LABEL: func.func @samples
// CHECK: scf.for %{{.*}} = %c0 to %arg0 step %c1 {
// CHECK: scf.forall (%{{.*}}) = (0) to (1024) step (8) {
// ONE-LABEL: func.func @samples
func.func @samples(%n: index, %x: memref<?x1024xf32>, %y: memref<?x1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c1024 = arith.constant 1024 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%c1024) step (%c8) {
      %v = vector.load %x[%i, %j] : memref<?x1024xf32>, vector<8xf32>
      %a = math.exp %v : vector<8xf32>
      %b = math.erf %a : vector<8xf32>
      %c = math.tanh %b : vector<8xf32>
      vector.store %c, %y[%i, %j] : memref<?x1024xf32>, vector<8xf32>
    }
  }
  return
}

// -----

// A loop with more in it than another loop: the inner one is divided, once for
// each iteration of the outer one, if the outer one is too short. Reductions
// are never divided.

// CHECK-LABEL: func.func @inside
// CHECK: scf.for %{{.*}} = %c0 to %c1
// CHECK: memref.store
// CHECK: scf.forall (%{{.*}}) in (64) {
// CHECK: scf.for {{.*}} iter_args
// ONE-LABEL: func.func @inside
func.func @inside(%x: memref<64x1024xf32>, %y: memref<64xf32>, %z: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c1024 = arith.constant 1024 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%n) = (%c0) to (%c1) step (%c1) {
    memref.store %zero, %z[%n] : memref<64xf32>
    scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
      %sum = scf.for %k = %c0 to %c1024 step %c1 iter_args(%s = %zero) -> f32 {
        %v = memref.load %x[%i, %k] : memref<64x1024xf32>
        %t = arith.addf %s, %v : f32
        scf.yield %t : f32
      }
      memref.store %sum, %y[%i] : memref<64xf32>
    }
  }
  return
}

// -----

// Iterations whose number changes: as many as there may be.

// CHECK-LABEL: func.func @bounded
// CHECK: scf.forall (%{{.*}}) in (64) {
// CHECK: scf.for {{.*}} iter_args
// ONE-LABEL: func.func @bounded
func.func @bounded(%x: memref<64x1024xf32>, %y: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
    %size = affine.min affine_map<(i) -> (i * 100, 1024)>(%i)
    %sum = scf.for %k = %c0 to %size step %c1 iter_args(%s = %zero) -> f32 {
      %v = memref.load %x[%i, %k] : memref<64x1024xf32>
      %t = arith.addf %s, %v : f32
      scf.yield %t : f32
    }
    memref.store %sum, %y[%i] : memref<64xf32>
  }
  return
}

// -----

// Too short for threads.

// CHECK-LABEL: func.func @short
// CHECK-NOT: scf.forall
// CHECK: scf.for
// ONE-LABEL: func.func @short
func.func @short(%x: memref<128xf32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c128 = arith.constant 128 : index
  scf.parallel (%i) = (%c0) to (%c128) step (%c8) {
    %v = vector.load %x[%i] : memref<128xf32>, vector<8xf32>
    %w = arith.addf %v, %v : vector<8xf32>
    vector.store %w, %x[%i] : memref<128xf32>, vector<8xf32>
  }
  return
}

// -----

// Ten blocks that need a buffer each are two pieces that need one each; with
// eight threads, two have two blocks and the others one.

// CHECK-LABEL: func.func @buffers
// CHECK: scf.forall (%[[I:.*]]) in (2) {
// CHECK: %[[BEGIN:.*]] = affine.apply #[[FIRST:.*]](%[[I]])
// CHECK: %[[END:.*]] = affine.apply #[[LAST:.*]](%[[I]])
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[END]] step %c8 {
// CHECK: memref.alloc
// EIGHT-LABEL: func.func @buffers
// EIGHT: scf.forall (%{{.*}}) in (8) {
// ONE-LABEL: func.func @buffers
func.func @buffers(%x: memref<80xf32>, %y: memref<80xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c80 = arith.constant 80 : index
  %c500 = arith.constant 500 : index
  scf.parallel (%i) = (%c0) to (%c80) step (%c8) {
    %b = memref.alloc() : memref<8xf32>
    %v = vector.load %x[%i] : memref<80xf32>, vector<8xf32>
    vector.store %v, %b[%c0] : memref<8xf32>, vector<8xf32>
    scf.for %k = %c0 to %c500 step %c1 {
      %w = vector.load %b[%c0] : memref<8xf32>, vector<8xf32>
      %t = arith.addf %w, %v : vector<8xf32>
      vector.store %t, %b[%c0] : memref<8xf32>, vector<8xf32>
    }
    %r = vector.load %b[%c0] : memref<8xf32>, vector<8xf32>
    vector.store %r, %y[%i] : memref<80xf32>, vector<8xf32>
  }
  return
}
