// RUN: ptq-opt %s -split-input-file -ptq-make-destination-passing | FileCheck %s

// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32> {bufferization.writable = false},
// CHECK-SAME: %[[OUT:.*]]: memref<?x8xf32>)
// CHECK-SAME: ptq.entry
// CHECK-SAME: inputs = [{name = "arg0", sample_axis = 0 : i64, type = tensor<?x8xf32>}]
// CHECK-SAME: outputs = [{name = "result0", sample_axis = 0 : i64, type = tensor<?x8xf32>}]
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[Y:.*]] = math.absf %[[X]]
  // CHECK: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[OUT]]
  // CHECK: return{{$}}
  %y = math.absf %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Results that no memref can hold are still returned, and every return writes.

// CHECK-LABEL: func.func @mixed(
// CHECK-SAME: %[[A:.*]]: tensor<2xi8> {bufferization.writable = false}, %[[B:.*]]: i32,
// CHECK-SAME: %[[OUT0:.*]]: memref<2xi8>, %[[OUT1:.*]]: memref<2xi8>) -> i32
func.func @mixed(%a: tensor<2xi8>, %b: i32) -> (tensor<2xi8>, i32, tensor<2xi8>) {
  // CHECK: materialize_in_destination %[[A]] in restrict writable %[[OUT0]]
  // CHECK: materialize_in_destination %[[A]] in restrict writable %[[OUT1]]
  // CHECK: return %[[B]] : i32
  return %a, %b, %a : tensor<2xi8>, i32, tensor<2xi8>
}

// -----

// The signature that the importer wrote is kept.

// CHECK: ptq.signature = {inputs = [{name = "image"
// CHECK-SAME: outputs = [{name = "logits"
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> attributes {
  ptq.entry,
  ptq.signature = {version = 1 : i64,
                   inputs = [{name = "image", type = tensor<4xf32>}],
                   outputs = [{name = "logits", type = tensor<4xf32>}]}} {
  return %x : tensor<4xf32>
}

// -----

// Calls from within the module go to a private twin, and a declaration is left
// alone.

// CHECK: func.func private @outside(tensor<4xf32>) -> tensor<4xf32>
func.func private @outside(tensor<4xf32>) -> tensor<4xf32>

// CHECK: func.func @callee(%{{.*}}, %{{.*}}: memref<4xf32>)
// CHECK-NOT: ptq.entry
func.func @callee(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @outside(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK: func.func @caller(
// CHECK: call @[[TWIN:callee_.*]](%{{.*}}) : (tensor<4xf32>) -> tensor<4xf32>
func.func @caller(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @callee(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
// CHECK: func.func private @[[TWIN]](%{{.*}}: tensor<4xf32>) -> tensor<4xf32>

// -----

// A size that follows from an argument's is known to the caller.

// CHECK-LABEL: func.func @known(
// CHECK-NOT: cf.assert
func.func @known(%x: tensor<?x4xf32>) -> tensor<?x2x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x2x4xf32>
  %y = linalg.broadcast ins(%x : tensor<?x4xf32>)
                        outs(%e : tensor<?x2x4xf32>) dimensions = [1]
  return %y : tensor<?x2x4xf32>
}

// -----

// Others are checked.

// CHECK-LABEL: func.func @merged(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x5xf32> {{.*}}, %[[OUT:[^:]*]]: memref<?xf32>)
// CHECK: %[[Y:.*]] = tensor.collapse_shape
// CHECK: %[[SIZE:.*]] = tensor.dim %[[Y]]
// CHECK: %[[PROVIDED:.*]] = memref.dim %[[OUT]]
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[SIZE]], %[[PROVIDED]]
// CHECK: cf.assert %[[SAME]]
// CHECK: bufferization.materialize_in_destination %[[Y]]
func.func @merged(%x: tensor<?x5xf32>) -> tensor<?xf32> {
  %y = tensor.collapse_shape %x [[0, 1]] : tensor<?x5xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}
