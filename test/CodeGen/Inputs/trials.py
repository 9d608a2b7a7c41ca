"""Random networks, each of them run in two ways that must agree."""

import argparse
import itertools
import os
from typing import NamedTuple

from random_networks import CASES, make_network

# Of every network's inputs. Not a multiple of any batch but 1 and 7.
SAMPLES = 7


class Variant(NamedTuple):
    """How a network is made and run."""

    # Options of --ptq-lower.
    processor: str
    # Whether a call takes any number of samples.
    dynamic: bool
    # Of how many samples a call is.
    batch: int = 1


def get_parser():
    """A parser of what every test with random networks can be told by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("cases", nargs="*", help="of random_networks.py; all if there are none")
    parser.add_argument("--seeds", type=int, default=1, help="how many; each is several networks")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--single", action="store_true", help="one case in a network")
    return parser


def run_trials(options, count, get_variant, check):
    """Whether anything is wrong with a network, which is printed.

    Of each group of cases there are `count` networks. `get_variant(number, seed)` says
    how a network is run; `check(path, network, variant)` is what is wrong, or None."""
    os.makedirs(options.directory, exist_ok=True)
    names = options.cases or list(CASES)
    groups = [names[i::4] for i in range(4)] if len(names) > 4 else [names]
    if options.single:
        groups = [[name] for name in names]
    seeds = range(options.first, options.first + options.seeds)
    failures = 0
    for seed, group, index in itertools.product(seeds, range(len(groups)), range(count)):
        number = (seed * len(groups) + group) * count + index
        variant = get_variant(number, seed)
        path = os.path.join(options.directory, f"{number + 1}")
        network = make_network([seed, number + 1], groups[group], variant.dynamic)
        problem = check(path, network, variant)
        if problem:
            failures += 1
            print(f"{groups[group]} {variant} seed {seed}\n{path}: {problem}\n", flush=True)
    print(f"{len(seeds) * len(groups) * count} networks, {failures} of them wrong")
    return failures != 0
