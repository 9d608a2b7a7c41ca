"""Cuts networks open at the codes between layers.

Works on the entry function in MLIR's own form, as ptq-opt prints it: operations
of its body are indented by four spaces.
"""

import re

RETURN = re.compile(r"^    return(?: (.*) : (.*))?$")
ENTRY = re.compile(r"^  func\.func @\w+\((.*)\) -> (\(.*?\)|\S+)( attributes .*)? \{$")
QUANTIZE = re.compile(
    r"^    (%\w+) = ptq\.quantize (%\w+), (%[\w-]+)(?:, (%[\w-]+))?(.*) : "
    r"(tensor<[\w?]+>), (.*) -> (tensor<[\w?]+>)$"
)
CONSTANT = re.compile(r"^    (%[\w-]+) = arith\.constant (\S+) : (f32|i8|i32)$")


class Edge:
    """A quantize: its line, the value before it, the codes behind it."""

    def __init__(self, line, match):
        self.line = line
        self.codes, self.value, self.scale, self.zero = match.group(1, 2, 3, 4)
        self.value_type, self.codes_type = match.group(6, 8)
        self.is_per_tensor = "axis" not in match[5] and "block" not in match[5]


class Function:
    """The entry function of a module in text."""

    def __init__(self, text):
        self.lines = text.splitlines()
        (self.entry,) = (i for i, line in enumerate(self.lines) if "ptq.entry" in line)
        self.end = next(
            i for i in range(self.entry, len(self.lines)) if RETURN.match(self.lines[i])
        )
        self.edges, self.constants = [], {}
        for i in range(self.entry + 1, self.end):
            if match := QUANTIZE.match(self.lines[i]):
                self.edges.append(Edge(i, match))
            elif match := CONSTANT.match(self.lines[i]):
                number = match[2]
                if number.startswith("0x"):
                    number = "nan"
                self.constants[match[1]] = float(number)
        # Only what constants quantize is known here.
        self.edges = [
            edge
            for edge in self.edges
            if edge.is_per_tensor
            and edge.scale in self.constants
            and (edge.zero is None or edge.zero in self.constants)
        ]

    def parameters(self, edge):
        zero = self.constants[edge.zero] if edge.zero else 0.0
        return self.constants[edge.scale], zero

    def change(self, arguments, results, body=None):
        """The module with further (name, type) arguments and results."""
        lines = list(self.lines)
        if body:
            lines[self.entry + 1 : self.end] = body
        match = ENTRY.match(lines[self.entry])
        all_arguments = ", ".join(
            [text for text in [match[1]] if text] + [f"{n}: {t}" for n, t in arguments]
        )
        values, types = RETURN.match(self.lines[self.end]).groups()
        values = ", ".join([v for v in [values] if v] + [n for n, _ in results])
        types = ", ".join([t for t in [types] if t] + [t for _, t in results])
        head = lines[self.entry].split("(")[0]
        lines[self.entry] = f"{head}({all_arguments}) -> ({types}){match[3] or ''} {{"
        end = lines.index(self.lines[self.end])
        lines[end] = f"    return {values} : {types}"
        return "\n".join(lines) + "\n"

    def expose(self):
        """The codes of all edges are results too, in order."""
        return self.change([], [(edge.codes, edge.codes_type) for edge in self.edges])

    def cut(self):
        """All that read codes read arguments (codes0, codes1, ...) instead; the
        values before each edge and their codes are results behind the others."""
        renamed = {edge.codes: f"%codes{i}" for i, edge in enumerate(self.edges)}

        def rename(line):
            left, equals, right = line.partition(" = ")
            if not equals:
                left, right = "", line
            right = re.sub(r"%[\w-]+", lambda m: renamed.get(m[0], m[0]), right)
            return left + equals + right

        body = [rename(line) for line in self.lines[self.entry + 1 : self.end]]
        arguments = [(renamed[edge.codes], edge.codes_type) for edge in self.edges]
        results = [(edge.value, edge.value_type) for edge in self.edges]
        results += [(edge.codes, edge.codes_type) for edge in self.edges]
        return self.change(arguments, results, body)
