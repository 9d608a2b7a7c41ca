"""Tables as Markdown has them."""


def print_rows(columns, rows):
    """Prints rows of cells, which are strings, below the names of the columns."""
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
