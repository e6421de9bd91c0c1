"""The step of a network with an economy in numpy, 256 trials at a time on one thread, to set
`cargo bench --bench hot_loop -- economy/283` against.

The network is that of `benches/common/economy.rs`, and the mechanism the crate's as far as that network has use for it:
overtime, partly critical inputs, rationing, final demand that waits, limits of lanes, second offers, lead times that
follow where orders go, prices, and accounts of what is lost, directly or not, of bills and of barred sales. Losses by step
are not gathered, and no mass is balanced. With every uncertain figure in the middle of its range it gives what
`tests/suite/second_implementation.rs` holds the crate to.

    OMP_NUM_THREADS=1 python benches/numpy_economy.py
"""

import time

import numpy as np

TRIALS, STEPS, STEP_DAYS = 256, 156, 7.0
MINES, PLANTS, MAKERS, SECTORS = 6, 6, 8, 20
FIRST = np.cumsum([0, MINES, PLANTS, MAKERS, SECTORS])
SITES = FIRST[-1]
ONSET, END = 7.0, 372.0
MONTH, TWO_MONTHS, QUARTER = STEP_DAYS / 28.0, STEP_DAYS / 56.0, STEP_DAYS / 90.0


def network():
    """Inputs by site, lanes by input: those of materials first, then those of goods, of one lane each."""
    inputs, lanes = [], []
    for tier, bought in [(1, 3), (2, 5), (3, 5)]:
        for k in range(FIRST[tier + 1] - FIRST[tier]):
            count = FIRST[tier] - FIRST[tier - 1]
            for j in range(bought):
                lanes.append((FIRST[tier - 1] + (k + 5 * j) % count, len(inputs), 1 + j % 3))
            inputs.append((FIRST[tier] + k, 1e-10 if tier == 3 else 0.5))
    materials, left = len(inputs), 125
    for k in range(SECTORS):
        others = left // (SECTORS - k)
        left -= others
        for j in range(others):
            lanes.append((FIRST[3] + (k + 1 + 3 * j) % SECTORS, len(inputs), 1))
            inputs.append((FIRST[3] + k, 0.05))
    return materials, np.array([i[0] for i in inputs]), np.array([i[1] for i in inputs]), np.array(lanes)


MATERIALS, site_of, use, lanes = network()
supplier, input_of, lead = lanes.T
LINKS, INPUTS = len(lanes), len(use)
FAR = np.searchsorted(input_of, MATERIALS)  # Lanes of materials come first, and all else is near.
of, seller, ahead = input_of[:FAR], supplier[:FAR], lead[:FAR]
starts = np.searchsorted(of, np.arange(MATERIALS))
goods = slice(MATERIALS, INPUTS)
buyers, sectors = slice(FIRST[1], SITES), slice(FIRST[3], SITES)
served = np.argsort(supplier, kind="stable")
served_starts = np.searchsorted(supplier[served], np.arange(SITES))
goods_starts = np.searchsorted(site_of[goods], np.arange(FIRST[3], SITES))
north = np.ones(SITES, bool)
north[: FIRST[3]] = np.concatenate([np.arange(n) % 2 == 1 for n in (MINES, PLANTS, MAKERS)])
tier = np.repeat(np.arange(4), np.diff(FIRST))
barred = ~north[seller] & north[site_of[of]]
price = np.array([1e6, 8e6, 10e6])
price_of_seller = price[tier[seller]]
# Markets: a material where it is imported; its inputs lie together, and so do its lanes, once sorted.
markets = [(g, n) for g in range(3) for n in (False, True) if not (g == 2 and not n)]
market_of_input = np.array([markets.index((tier[s] - 1, bool(north[s]))) for s in site_of[:MATERIALS]])
market_of = market_of_input[of]
into, needing = np.argsort(market_of, kind="stable"), np.argsort(market_of_input, kind="stable")
into_starts = np.searchsorted(market_of[into], np.arange(len(markets)))
needing_starts = np.searchsorted(market_of_input[needing], np.arange(len(markets)))
abroad = (north[seller] != north[site_of[of]])[into][:, None]
price_of_market = price[[g for g, _ in markets]][:, None]
to_north = np.array([n for _, n in markets])
elsewhere = np.flatnonzero(~north[seller] & ~barred)
forgone = np.flatnonzero(barred)


def by_material(rows):
    return np.add.reduceat(rows, starts, axis=0)


def asked_of(rows):
    return np.add.reduceat(rows[served], served_starts, axis=0)


def column(numbers):
    return numbers[:, None]


class Middle:
    """In place of a generator: the middle of each range."""

    def triangular(self, low, mode, high, shape):
        return np.full(shape, float(mode))

    def uniform(self, low, high, shape):
        return np.full(shape, 0.5 * (low + high))


def trial_block(rng):
    def triangular(low, mode, high):
        return rng.triangular(low, mode, high, TRIALS)

    def uniform(low, high, shape=TRIALS):
        return rng.uniform(low, high, shape)

    # The baseline: what sectors sell to each other, then tier by tier upstream.
    final = np.zeros(SITES)
    final[sectors] = 1e12 / 365.0 * STEP_DAYS
    sold = np.zeros((SITES, SITES))
    share = 1.0 / np.bincount(input_of)[input_of]
    np.add.at(sold, (supplier, site_of[input_of]), use[input_of] * share)
    usual = np.linalg.solve(np.eye(SITES) - sold, final)
    volume = column((use * usual[site_of])[input_of] * share)
    usual, need_of = column(usual), column(use)
    final = column(final)[sectors]

    cover = np.empty((INPUTS, TRIALS))
    cover[:PLANTS] = 20.0
    cover[PLANTS : PLANTS + MAKERS] = triangular(10, 20, 45)
    cover[PLANTS + MAKERS : MATERIALS] = triangular(14, 28, 60)
    cover[goods] = triangular(15, 30, 60)
    critical = np.ones((INPUTS, TRIALS))
    critical[PLANTS + MAKERS : MATERIALS] = uniform(0.05, 0.45, (SECTORS, TRIALS))
    critical[goods] = uniform(0.5, 1.0)
    spare = np.full((SITES, TRIALS), 0.15)
    spare[: FIRST[3]][north[: FIRST[3]]] = uniform(0.2, 0.6)
    spare[sectors] = 0.05
    capacity = (1.0 + spare) * usual
    surge = np.full((FAR, TRIALS), 1.5)
    surge[north[seller]] = uniform(1.2, 3.0)
    most = surge * volume[:FAR]
    leakage = triangular(0, 0.05, 0.2)
    waiting, staying = triangular(0, 0.15, 0.4), 1.0 - uniform(0.01, 0.05)
    spot = triangular(0.01, 0.03, 0.05)
    short_run, long_run, cap = triangular(0.05, 0.15, 0.35), triangular(0.4, 0.6, 0.8), triangular(3, 10, 26)
    value_added = np.full((SITES, 1), 1e6)
    value_added[sectors] = 0.5

    target = cover / STEP_DAYS + 1.0
    stock = (target - 1.0) * (need_of * usual[site_of])
    order = np.repeat(volume, TRIALS, axis=1)
    transit = np.repeat(column(np.bincount(input_of, weights=volume[:, 0] * lead)), TRIALS, axis=1)
    pipeline = np.bincount(of, weights=(volume[:FAR, 0] * (ahead - 1))) / np.bincount(of, weights=volume[:FAR, 0])
    pipeline = np.repeat(column(pipeline), TRIALS, axis=1)
    ring, near = np.repeat(order[None, :FAR], 3, axis=0), order[FAR:]
    expected = np.repeat(usual, TRIALS, axis=1)
    expected_use = need_of * expected[site_of]
    overtime, backlog = np.ones((SITES, TRIALS)), np.zeros((SECTORS, TRIALS))
    availability = np.ones((len(markets), TRIALS))
    lost, direct = np.zeros((SITES, TRIALS)), np.zeros((SITES, TRIALS))
    bill, no_sales, other_sales = np.zeros(TRIALS), np.zeros(TRIALS), np.zeros(TRIALS)
    columns, steps_away = np.arange(FAR), column(ahead - 1)
    gain = column(np.where(np.arange(INPUTS) < MATERIALS, MONTH, TWO_MONTHS))
    in_all = np.empty((INPUTS, TRIALS))
    known = None  # The share of a step under control that shares and limits hold for.

    for t in range(STEPS):
        # Arrivals and demand.
        in_all[:MATERIALS] = by_material(ring[(t - ahead) % 3, columns])
        in_all[goods] = near
        stock += in_all
        transit -= in_all
        asked = asked_of(order)
        need = asked.copy()
        need[sectors] += final + backlog
        # Overtime and production.
        overtime += (np.clip(need / capacity, 1.0, 1.05) - overtime) * QUARTER
        possible = np.minimum(overtime * capacity, need)
        required = need_of * possible[site_of]
        ratio = np.where(required > stock, stock / np.where(required > 0.0, required, 1.0), 1.0)
        passes = 1.0 - critical * (1.0 - ratio)
        lowest, of_goods = passes[:MATERIALS].copy(), np.minimum.reduceat(passes[goods], goods_starts, axis=0)
        by_goods = np.zeros((MATERIALS, TRIALS), bool)
        by_goods[PLANTS + MAKERS :] = of_goods < lowest[PLANTS + MAKERS :]
        lowest[PLANTS + MAKERS :] = np.minimum(lowest[PLANTS + MAKERS :], of_goods)
        actual = possible.copy()
        actual[buyers] *= lowest
        stock -= np.minimum(stock, required * np.minimum(ratio, lowest[site_of - FIRST[1]]))
        # Rationing: orders, then final demand, part of which waits.
        met = np.where(asked > actual, actual / np.where(asked > 0.0, asked, 1.0), 1.0)
        left = np.maximum(actual - asked, 0.0)[sectors]
        wanted = final + backlog
        unmet = 1.0 - np.minimum(left / wanted, 1.0)
        backlog = (staying * backlog + waiting * final) * unmet
        # Dispatch.
        sent = order * met[supplier]
        ring[t % 3], near = sent[:FAR], sent[FAR:]
        in_all[:MATERIALS], in_all[goods] = by_material(sent[:FAR]), near
        transit += in_all
        # Accounts.
        lost += value_added * (usual - actual)
        direct[buyers] += value_added[buyers] * np.where(by_goods, 0.0, possible[buyers] - actual[buyers])
        no_sales += price_of_seller[forgone] @ (volume[forgone] - sent[forgone])
        other_sales += price_of_seller[elsewhere] @ (sent[elsewhere] - volume[elsewhere])
        # Prices.
        goods_in = sent[into]
        delivered = np.add.reduceat(goods_in, into_starts, axis=0)
        needed = np.add.reduceat(expected_use[:MATERIALS][needing], needing_starts, axis=0)
        availability += (np.minimum(delivered / needed, 1.0) - availability) * MONTH
        since = min(max(((t + 0.5) * STEP_DAYS - ONSET) / 730.0, 0.0), 1.0)
        elasticity = short_run + (long_run - short_run) * since
        factor = np.minimum(cap, availability ** (-1.0 / elasticity))
        imported = np.add.reduceat(goods_in * abroad, into_starts, axis=0)
        extra = spot * (price_of_market * (factor - 1.0)) * imported
        bill += extra[to_north].sum(0) - extra[~to_north].sum(0)
        # Orders of the next step.
        expected += (possible - expected) * MONTH
        expected_use = need_of * expected[site_of]
        aim = target * expected_use
        aim[:MATERIALS] += pipeline * expected_use[:MATERIALS]
        want = np.maximum(expected_use + (aim - stock - transit) * gain, 0.0)
        order[FAR:] = want[goods]
        begin, end = (t + 1) * STEP_DAYS, (t + 2) * STEP_DAYS
        covered = max(min(end, END) - max(begin, ONSET), 0.0) / STEP_DAYS
        if covered != known:
            known, passing, limit = covered, covered * leakage, most.copy()
            planned = np.repeat(volume[:FAR], TRIALS, axis=1)
            limit[forgone] = (1.0 - covered) * most[forgone] + passing * volume[forgone]
            planned[forgone] *= 1.0 - covered + passing
            shares = planned / by_material(planned)[of]
        first = np.minimum(want[of] * shares, limit)
        room = limit - first
        rest = np.maximum(want[:MATERIALS] - by_material(first), 0.0)
        rooms = by_material(room)
        again = np.where(rooms > rest, rest / np.where(rooms > 0.0, rooms, 1.0), 1.0)
        placed = first + room * again[of]
        order[:FAR] = placed
        total = by_material(placed)
        mean = by_material(placed * steps_away) / np.where(total > 0.0, total, 1.0)
        pipeline += np.where(total > 0.0, mean - pipeline, 0.0) * MONTH
    return lost, direct, bill, no_sales, other_sales


ACCOUNTS = ["output", "output_direct", "price", "sales_forgone", "sales_elsewhere"]


def accounts(rng):
    """Output lost in the north, of it directly, its extra bill, and sales of the south, barred and elsewhere [JPY]."""
    lost, direct, *money = trial_block(rng)
    return np.array([lost[north].sum(0), direct[north].sum(0), *money])


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    results, best = [], float("inf")
    for _ in range(16):
        begun = time.perf_counter()
        results.append(accounts(rng))
        best = min(best, time.perf_counter() - begun)
    rate = TRIALS * STEPS * LINKS / best
    print(f"{LINKS} links, {TRIALS} trials at once: {rate:.3e} link-steps a second")
    middle = accounts(Middle())[:, 0]
    for name, trials, one in zip(ACCOUNTS, np.concatenate(results, 1), middle):
        error = trials.std(ddof=1) / trials.size**0.5
        print(f"{name}: mean of {trials.size} trials {trials.mean():.4e} ± {error:.1e} JPY, in the middle of all ranges {float(one)}")
