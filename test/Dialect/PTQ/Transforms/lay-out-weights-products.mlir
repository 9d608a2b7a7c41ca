// RUN: ptq-opt %s --ptq-lay-out-weights --canonicalize | FileCheck %s

// A product whose output has neighbours along the rows of its weights gets them
// as columns.
// CHECK-DAG:   #[[$WMAP:.+]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-LABEL: func @rows_of_weights
// CHECK:         %[[F:.+]] = linalg.generic {{.*}} ins(%{{.+}} : tensor<2x3xi8>) outs(%{{.+}} : tensor<2x3xf32>)
// CHECK:         linalg.generic {indexing_maps = [#{{.+}}, #[[$WMAP]], #{{.+}}], {{.*}} ins(%{{.+}}, %[[F]] : tensor<?x2xf32>, tensor<2x3xf32>)
// CHECK-NOT:     linalg.transpose
func.func @rows_of_weights(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c = arith.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>
  %e = tensor.empty() : tensor<3x2xf32>
  %w = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%c : tensor<3x2xi8>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%a: i8, %out: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  } -> tensor<3x2xf32>
  %z = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
      affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<?x2xf32>, tensor<3x2xf32>) outs(%y : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}
