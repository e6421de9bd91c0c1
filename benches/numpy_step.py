"""The step of a network without an economy in numpy, 256 trials at a time on one thread, to set
`cargo bench --bench hot_loop -- bare/283` against.

The network is that of `benches/common/bare.rs`: 16 mines, 24 plants and 24 users over 283 links, with lead times of one to
three weeks; half the mines are shut off for a year. The mechanism is the crate's: smoothed expectations, stocks in days of
use, pipelines, orders to lanes that are open, proportional rationing, final demand; no draws but covers and no accounts
but what users lose.

    OMP_NUM_THREADS=1 python benches/numpy_step.py
"""

import time

import numpy as np

TRIALS, STEPS, STEP_DAYS = 256, 104, 7.0
MINES, PLANTS, USERS, LINKS = 16, 24, 24, 283
SITES = MINES + PLANTS + USERS
GAIN = STEP_DAYS / 28.0

# Lanes in the order of buyers; mines buy nothing.
counts, left = [], LINKS
for i in range(PLANTS + USERS):
    counts.append(left // (PLANTS + USERS - i))
    left -= counts[-1]
counts = np.array(counts)
buyer = MINES + np.repeat(np.arange(PLANTS + USERS), counts)
starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
tier, column = divmod(buyer - MINES, 24)
place = np.arange(LINKS) - starts[buyer - MINES]
supplier = np.where(tier == 0, (column + 5 * place) % MINES, MINES + (column + 5 * place) % PLANTS)
lead = 1 + column % 3
barred = (supplier < MINES) & (supplier % 2 == 0)
served = np.argsort(supplier, kind="stable")
served_starts = np.searchsorted(supplier[served], np.arange(MINES + PLANTS))
buyers, sellers, users = slice(MINES, SITES), slice(0, MINES + PLANTS), slice(MINES + PLANTS, SITES)


def by_buyer(lanes):
    return np.add.reduceat(lanes, starts, axis=0)


def by_supplier(lanes):
    return np.add.reduceat(lanes[served], served_starts, axis=0)


def trial_block(rng):
    usual = np.zeros(SITES)
    usual[users] = 1e3 / 365.0 * STEP_DAYS
    equal = 1.0 / counts[buyer - MINES]
    for _ in range(2):
        usual[sellers] = by_supplier(usual[buyer] * equal)
    activity = np.repeat(usual[:, None], TRIALS, axis=1)
    order = activity[buyer] * equal[:, None]
    capacity = 1.2 * activity
    final = np.zeros((SITES, TRIALS))
    final[users] = activity[users]
    late = lead[starts][:, None]
    target = rng.uniform(10.0, 40.0, (PLANTS + USERS, TRIALS)) / STEP_DAYS + late
    stock = (target - late) * activity[buyers]
    transit = late * activity[buyers]
    ring = np.repeat(order[None], 3, axis=0)
    expected, held = activity.copy(), np.zeros((SITES, TRIALS))
    lost = np.zeros((USERS, TRIALS))
    rows = np.arange(LINKS)
    # Sellers put nothing on barred lanes, and buyers order on those that are open.
    shares = {}
    for shut in (False, True):
        planned = equal * ~(barred & shut)
        shares[shut] = (planned / by_buyer(planned)[buyer - MINES])[:, None]
    for t in range(STEPS):
        arrived = by_buyer(ring[(t - lead) % 3, rows])
        stock += arrived
        transit -= arrived
        shut = 28.0 <= t * STEP_DAYS < 392.0
        passing = order * ~(barred & shut)[:, None]
        # Demand and production.
        asked = np.zeros((SITES, TRIALS))
        asked[sellers] = by_supplier(passing)
        asked += final
        need = np.maximum(asked - held * GAIN, 0.0)
        possible = np.minimum(capacity, need)
        actual = possible.copy()
        required = possible[buyers]
        actual[buyers] *= np.where(required > stock, stock / np.where(required > 0.0, required, 1.0), 1.0)
        stock -= actual[buyers]
        held += actual
        # Rationing and dispatch.
        share = np.where(asked > held, held / np.where(asked > 0.0, asked, 1.0), 1.0)
        sent = passing * share[supplier]
        held = np.maximum(held - share * asked, 0.0)
        ring[t % 3] = sent
        lost += activity[users] - actual[users]
        # Orders of the next step.
        expected += (possible - expected) * GAIN
        transit += by_buyer(sent)
        use = expected[buyers]
        gap = target * use - stock - transit
        orders = np.maximum(use + gap * GAIN, 0.0)
        order = orders[buyer - MINES] * shares[28.0 <= (t + 1) * STEP_DAYS < 392.0]
    return lost


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    trial_block(rng)
    best = float("inf")
    for _ in range(10):
        begun = time.perf_counter()
        lost = trial_block(rng)
        best = min(best, time.perf_counter() - begun)
    rate = TRIALS * STEPS * LINKS / best
    print(f"{LINKS} links, {TRIALS} trials at once: {rate:.3e} link-steps a second; mean loss {lost.sum(0).mean():.6g} units")
