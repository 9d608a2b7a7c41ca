"""Processor time of calls in this process."""

import statistics
import time


def time_call(call):
    """The seconds of processor time of a call, from a few milliseconds of them."""
    runs, taken = 1, 0
    while True:
        start = time.process_time()
        for _ in range(runs):
            call()
        taken = time.process_time() - start
        if taken > 5e-3:
            return taken / runs
        runs *= 2


def time_in_turns(ours, theirs, rounds):
    """The median seconds of a call of `ours`, and the median over the rounds, in each
    of which both are called, of the time of `theirs` over that."""
    ours(), theirs()
    pairs = [(time_call(ours), time_call(theirs)) for _ in range(rounds)]
    return (
        statistics.median(our_time for our_time, _ in pairs),
        statistics.median(their_time / our_time for our_time, their_time in pairs),
    )
