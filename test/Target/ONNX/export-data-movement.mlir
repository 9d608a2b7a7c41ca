// REQUIRES: onnx
// RUN: ptq-translate --export-onnx %s | %python %S/Inputs/print_onnx.py | FileCheck %s

// The dimensions that a slice leaves alone may be dynamic; ends are as near as
// they can be.
// CHECK-DAG: constant [[STARTS:.*]] INT64 [1] [1]
// CHECK-DAG: constant [[ENDS:.*]] INT64 [1] [6]
// CHECK-DAG: constant [[AXES:.*]] INT64 [1] [1]
// CHECK-DAG: constant [[STEPS:.*]] INT64 [1] [2]
// CHECK-DAG: constant [[TABLE:.*]] FLOAT [2, 2]
// CHECK: Slice x [[STARTS]] [[ENDS]] [[AXES]] [[STEPS]] -> [[SLICE:.*]]
// CHECK: Concat [[SLICE]] x -> [[CONCAT:.*]] axis=1
// CHECK: Elu [[CONCAT]] -> [[ELU:.*]]
// CHECK: Less [[CONCAT]] {{.*}} -> [[LESS:.*]]
// CHECK: Where [[LESS]] [[ELU]] [[CONCAT]] -> y
// CHECK: Gather [[TABLE]] i -> z axis=1

#map = affine_map<(d0, d1) -> (d0, d1)>
#last = affine_map<(d0, d1) -> (d1)>
func.func @forward(%x: tensor<?x6xf32> loc("x"), %i: tensor<3xi64> loc("i")) -> (tensor<?x9xf32>, tensor<2x3xf32>) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<?x6xf32>}, {name = "i", type = tensor<3xi64>}], outputs = [{name = "y", type = tensor<?x9xf32>}, {name = "z", type = tensor<2x3xf32>}]}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x6xf32>
  %slice = tensor.extract_slice %x[0, 1] [%n, 3] [1, 2] : tensor<?x6xf32> to tensor<?x3xf32> loc("slice")
  %concat = tensor.concat dim(1) %slice, %x : (tensor<?x3xf32>, tensor<?x6xf32>) -> tensor<?x9xf32> loc("concat")
  %e = tensor.empty(%n) : tensor<?x9xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%concat : tensor<?x9xf32>) outs(%e : tensor<?x9xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = math.expm1 %in : f32
    %b = arith.cmpf olt, %in, %zero : f32
    %c = arith.select %b, %a, %in : f32
    linalg.yield %c : f32
  } -> tensor<?x9xf32> loc("y")
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("table")
  %f = tensor.empty() : tensor<2x3xf32>
  %z = linalg.generic {indexing_maps = [#last, #map], iterator_types = ["parallel", "parallel"]} ins(%i : tensor<3xi64>) outs(%f : tensor<2x3xf32>) {
  ^bb0(%in: i64, %out: f32):
    %row = linalg.index 0 : index
    %index = arith.index_cast %in : i64 to index
    %end = arith.addi %index, %c2 : index
    %negative = arith.cmpi slt, %index, %c0 : index
    %wrapped = arith.select %negative, %end, %index : index
    %raised = arith.maxsi %wrapped, %c0 : index
    %position = arith.minsi %raised, %c1 : index
    %element = tensor.extract %table[%row, %position] : tensor<2x2xf32>
    linalg.yield %element : f32
  } -> tensor<2x3xf32> loc("z")
  return %y, %z : tensor<?x9xf32>, tensor<2x3xf32>
}
