// Doubles samples of three elements.
func.func @forward(%x: tensor<?x3xf32>) -> tensor<?x3xf32> attributes {
    ptq.entry, ptq.signature = {version = 1 : i64,
    inputs = [{name = "input", type = tensor<?x3xf32>, sample_axis = 0 : i64}],
    outputs = [{name = "doubled", type = tensor<?x3xf32>, sample_axis = 0 : i64}]}} {
  %y = arith.addf %x, %x : tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
