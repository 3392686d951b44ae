#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# gauge.py TRIALS - the Monte Carlo of bench_montecarlo as one would write it with numpy: for each line it is sent,
# draws, evaluates, sorts and finds the shortest 95 % interval once, and answers with the seconds that took.
import sys
import time

import numpy

rng = numpy.random.default_rng(20261124)


def curvilinear(half_width, inexact, n):
    return rng.uniform(half_width - inexact, half_width + inexact, n) * rng.uniform(-1, 1, n)


def gauge(n):
    l_s = 50000623 + 25 * rng.standard_t(18, n)
    d = 215 + 6 * rng.standard_t(24, n) + 4 * rng.standard_t(5, n) + 7 * rng.standard_t(8, n)
    alpha_s = rng.uniform(9.5e-6, 13.5e-6, n)
    theta = rng.normal(-0.1, 0.2, n) + 0.5 * numpy.sin(rng.uniform(-numpy.pi, numpy.pi, n))
    length = l_s + d - l_s * (curvilinear(1e-6, 0.1e-6, n) * theta + alpha_s * curvilinear(0.05, 0.025, n))
    length.sort()
    q = round(0.95 * n)
    r = numpy.argmin(length[q:] - length[:n - q])
    return length.mean(), length.std(ddof=1), length[r], length[r + q]


def main():
    trials = int(sys.argv[1])
    for line in sys.stdin:
        begin = time.perf_counter()
        mean, deviation, low, high = gauge(trials)
        took = time.perf_counter() - begin
        print(f"{took:.9f} {mean:.3f} {deviation:.3f} {low:.3f} {high:.3f}", flush=True)


main()
