"""Makes every integer tensor that has samples a result of its network.

Works on the entry function in MLIR's generic form (--mlir-print-op-generic),
where each operation ends in its types. Values that no computation made
(SKIPPED) are left out. The new results get names of their own in the signature:
integer0, integer1, ...
"""

import re

# An operation of the function's own body (indented by four spaces) that starts
# on a line, and the types at the end of its last line.
START = re.compile(r'^    (%\w+) = "([\w.]+)"')
TYPES = re.compile(r": \(.*\) -> (tensor<\?x(?:[\d?]+x)*i(?:8|16|32|64)>)$")
SKIPPED = {"tensor.empty", "linalg.fill", "linalg.broadcast"}


def find_integers(body):
    """The (value, type) pairs of integer tensors, in order."""
    found, current = [], None
    for line in body:
        if start := START.match(line):
            current = start.groups()
        if line.startswith("     "):  # Inside of a region.
            continue
        types = TYPES.search(line)
        if current and types and current[1] not in SKIPPED:
            found.append((current[0], types.group(1)))
            current = None
    return found


def expose(text):
    """The changed text, and the names of the added results."""
    lines = text.splitlines()
    entries = [i for i, line in enumerate(lines) if "ptq.signature" in line]
    if len(entries) != 1:
        raise ValueError("needs exactly one function with a signature")
    (end,) = entries
    begin = max(i for i in range(end) if lines[i].startswith('  "func.func"'))
    (last,) = (i for i in range(begin, end) if lines[i].startswith('    "func.return"'))

    found = find_integers(lines[begin:last])
    names = [f"integer{i}" for i in range(len(found))]
    values = "".join(", " + value for value, _ in found)
    types = "".join(", " + kind for _, kind in found)

    lines[last] = lines[last].replace(") : (", values + ") : (", 1)
    lines[last] = lines[last].replace(") -> ()", types + ") -> ()")
    lines[begin] = re.sub(
        r"(function_type = \(.*?\) -> )\(?([^(]*?)\)?(, sym_name|>>?}?>)",
        lambda m: f"{m[1]}({m[2]}{types}){m[3]}",
        lines[begin],
        count=1,
    )
    added = "".join(
        f', {{name = "{name}", type = {kind}, sample_axis = 0 : i64}}'
        for name, (_, kind) in zip(names, found)
    )
    outputs = re.search(r"outputs = \[[^\]]*", lines[end])
    lines[end] = lines[end][: outputs.end()] + added + lines[end][outputs.end() :]
    return "\n".join(lines) + "\n", names
