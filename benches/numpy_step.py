"""The step of a lattice in numpy, 256 trials at a time on one thread, to set `cargo bench --bench scaling -- sites/100`
against.

The network is that of `lattice(100, 10, 7, 364)` in `benches/common/mod.rs`: ten tiers of ten sites, each of which buys
of its own chain and of the next, with lead times of one to three weeks; one of the first sites is shut for a time. The
mechanism is the crate's: smoothed expectations, stocks in days of use, pipelines, proportional rationing, final demand
of which a part waits; no prices, no draws but covers and no accounts but what is lost.

    OMP_NUM_THREADS=1 python benches/numpy_step.py
"""

import time

import numpy as np

TRIALS, STEPS, TIERS, COLUMNS, STEP_DAYS = 256, 52, 10, 10, 7.0
SITES = TIERS * COLUMNS
GAIN = STEP_DAYS / 28.0

# Lanes in the order of buyers, two each; sites of the first tier buy nothing.
buyer = np.repeat(np.arange(COLUMNS, SITES), 2)
column = buyer % COLUMNS
supplier = buyer - COLUMNS - column + np.where(np.arange(buyer.size) % 2 == 0, column, (column + 1) % COLUMNS)
lead = 1 + column % 3
served = np.argsort(supplier, kind="stable")
served_starts = np.arange(0, buyer.size, 2)
lanes = buyer.size
buyers = slice(COLUMNS, SITES)
last_tier = slice(SITES - COLUMNS, SITES)


def trial_block(rng):
    per_step = 1e3 / 365.0 * STEP_DAYS
    activity = np.full((SITES, TRIALS), per_step)
    volume = np.full((lanes, TRIALS), per_step / 2.0)
    capacity = 1.2 * activity
    final = np.zeros((SITES, TRIALS))
    final[last_tier] = per_step
    target = rng.uniform(10.0, 40.0, (SITES - COLUMNS, TRIALS)) / STEP_DAYS + 1.0
    stock = (target - 1.0) * per_step
    pipeline = np.repeat(lead[::2, None] - 1.0, TRIALS, axis=1)
    transit = lead[::2, None] * np.full((SITES - COLUMNS, TRIALS), per_step)
    ring = np.repeat(volume[None], 3, axis=0)
    order, expected = volume.copy(), activity.copy()
    held, backlog = np.zeros((SITES, TRIALS)), np.zeros((SITES, TRIALS))
    lost = np.zeros((SITES, TRIALS))
    rows = np.arange(lanes)
    for t in range(STEPS):
        # What arrives: of each lane, what was sent its lead time ago.
        arrived = np.add.reduceat(ring[(t - lead) % 3, rows], served_starts, axis=0)
        stock += arrived
        transit -= arrived
        # Demand and production.
        asked = np.zeros((SITES, TRIALS))
        asked[: SITES - COLUMNS] = np.add.reduceat(order[served], served_starts, axis=0)
        want = final + backlog
        need = np.maximum(asked + want + (0.0 - held) * GAIN, 0.0)
        left = 0.4 if 30.0 <= t * STEP_DAYS < 90.0 else 1.0
        most = capacity.copy()
        most[0] *= left
        possible = np.minimum(most, need)
        actual = possible.copy()
        required = possible[buyers]
        ratio = np.where(required > stock, stock / np.where(required > 0.0, required, 1.0), 1.0)
        actual[buyers] = possible[buyers] * ratio
        stock -= actual[buyers]
        held += actual
        # Rationing and dispatch.
        wanted = asked + want
        share = np.where(wanted > held, held / np.where(wanted > 0.0, wanted, 1.0), 1.0)
        sent = order * share[supplier]
        held = np.maximum(held - share * wanted, 0.0)
        backlog = want * (1.0 - share)
        ring[t % 3] = sent
        lost += activity - actual
        # Orders of the next step.
        expected += (possible - expected) * GAIN
        transit += np.add.reduceat(sent, served_starts, axis=0)
        use = expected[buyers]
        gap = (target + pipeline) * use - stock - transit
        orders = np.maximum(use + gap * GAIN, 0.0)
        order = np.repeat(orders, 2, axis=0) * 0.5
    return lost


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    trial_block(rng)
    best = float("inf")
    for _ in range(10):
        begun = time.perf_counter()
        lost = trial_block(rng)
        best = min(best, time.perf_counter() - begun)
    rate = TRIALS * STEPS * lanes / best
    print(f"{lanes} links, {TRIALS} trials at once: {rate:.3e} link-steps a second; mean loss {lost.sum(0).mean():.4g} units")
