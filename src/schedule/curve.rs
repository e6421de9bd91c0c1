//! The part of an amount that a force leaves: at a moment, and as a mean over a step, alone in closed form and together with others.

use crate::network::Fading;

/// Recovery times after which an effect that fades for ever is over: less than 2⁻⁵³ of it is left.
const RECOVERED: f64 = 37.5;

/// A time during which an event acts, before it fades.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) severity: f64,
}

/// How an event grows and fades in one trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Time over which the severity grows \[days\].
    pub(crate) growth: f64,
    pub(crate) fading: Fading,
    /// Recovery time \[days\].
    pub(crate) recovery: f64,
    /// Share of the severity that is left at least, from the start of a spell on: that of capital not yet rebuilt. Where it is over 0,
    /// nothing grows, and it stays the same over the days that are asked for.
    pub(crate) unbuilt: f64,
}

impl Shape {
    /// Day on which a spell that ends on day `end` has faded.
    pub(crate) fn over(self, end: f64) -> f64 {
        match self.fading {
            _ if self.unbuilt > 0.0 => f64::INFINITY,
            Fading::None => end,
            Fading::Linear => end + self.recovery,
            Fading::Exponential | Fading::Logistic => end + RECOVERED * self.recovery,
        }
    }

    /// The share of its severity that a spell gets to before it ends.
    fn reached(self, spell: &Spell) -> f64 {
        let length = spell.end - spell.start;
        if self.growth > length { length / self.growth } else { 1.0 }
    }

    /// Whether a spell has any effect at all.
    pub(super) fn acts(self, spell: &Spell) -> bool {
        let fades = self.fading != Fading::None && self.recovery > 0.0 && self.growth <= 0.0;
        spell.severity != 0.0 && (spell.end > spell.start || fades)
    }

    /// Share of its severity that a spell has on a day.
    fn height(self, spell: &Spell, day: f64) -> f64 {
        if day < spell.start { 0.0 } else { f64::max(self.own_height(spell, day), self.unbuilt) }
    }

    /// The same if nothing is to be rebuilt.
    fn own_height(self, spell: &Spell, day: f64) -> f64 {
        if day < spell.start {
            0.0
        } else if day < spell.end {
            if self.growth > 0.0 { f64::min((day - spell.start) / self.growth, 1.0) } else { 1.0 }
        } else if self.recovery > 0.0 {
            self.reached(spell) * left(self.fading, (day - spell.end) / self.recovery)
        } else {
            0.0
        }
    }

    /// The mean of its height over `[from, until)`, in closed form.
    fn mean(self, spell: &Spell, from: f64, until: f64) -> f64 {
        let mut mean = overlap(spell.start, spell.end, from, until);
        if self.unbuilt > 0.0 {
            let held = self.held(spell);
            let fades = f64::min(until, held);
            if fades > from {
                let faded = faded(self.fading, spell.end, self.recovery, from, fades);
                mean += faded * ((fades - from) / (until - from));
            }
            return mean + self.unbuilt * overlap(held, f64::INFINITY, from, until);
        }
        if self.growth > 0.0 {
            mean -= lag(spell.start, spell.end, self.growth, from, until);
        }
        if self.fading != Fading::None {
            // It fades from where it has grown to.
            mean += self.reached(spell) * faded(self.fading, spell.end, self.recovery, from, until);
        }
        mean
    }

    /// Day on which a spell has faded to the share not yet rebuilt.
    fn held(self, spell: &Spell) -> f64 {
        let left = f64::min(self.unbuilt, 1.0);
        let times = match self.fading {
            Fading::None => 0.0,
            Fading::Linear => 1.0 - left,
            Fading::Exponential => -libm::log(left),
            Fading::Logistic => libm::log(2.0 / left - 1.0),
        };
        spell.end + times * self.recovery
    }

    /// Days between which the height of a spell is smooth, and curved so little that [`NODES`] are enough.
    fn corners(self, spell: &Spell, out: &mut Vec<f64>) {
        out.extend([spell.start, spell.end]);
        if self.unbuilt > 0.0 {
            out.push(self.held(spell));
        }
        if self.growth > 0.0 {
            out.push(spell.start + self.growth);
        }
        match self.fading {
            Fading::None => {}
            Fading::Linear => out.push(spell.end + self.recovery),
            Fading::Exponential | Fading::Logistic => {
                let times = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, RECOVERED];
                out.extend(times.map(|times| spell.end + times * self.recovery));
            }
        }
    }
}

/// Share of the step `[from, until)` that lies in `[start, end)`.
#[inline(always)]
pub(super) fn overlap(start: f64, end: f64, from: f64, until: f64) -> f64 {
    f64::max(f64::min(end, until) - f64::max(start, from), 0.0) / (until - from)
}

/// The share of its full height that an effect lacks which grows in a straight line over `growth` days, as a mean over the
/// step.
fn lag(start: f64, end: f64, growth: f64, from: f64, until: f64) -> f64 {
    let (a, b) = (f64::max(start, from), f64::min(f64::min(start + growth, end), until));
    if b > a { (b - a) * (1.0 - (0.5 * (a + b) - start) / growth) / (until - from) } else { 0.0 }
}

/// A recovery curve after `u` recovery times.
fn left(fading: Fading, u: f64) -> f64 {
    match fading {
        Fading::None => 0.0,
        Fading::Linear => f64::max(1.0 - u, 0.0),
        Fading::Exponential | Fading::Logistic if u >= RECOVERED => 0.0,
        Fading::Exponential => libm::exp(-u),
        Fading::Logistic => 2.0 / (1.0 + libm::exp(u)),
    }
}

/// Mean over the step of the recovery curve of an event that ends at `end`, with time scale `tau`.
fn faded(fading: Fading, end: f64, tau: f64, from: f64, until: f64) -> f64 {
    if tau <= 0.0 || until <= end {
        return 0.0;
    }
    let last = if fading == Fading::Linear { 1.0 } else { RECOVERED };
    let (u, v) = ((f64::max(from, end) - end) / tau, (until - end) / tau);
    let (u, v) = (f64::min(u, last), f64::min(v, last));
    let area = match fading {
        Fading::None => 0.0,
        Fading::Linear => (v - u) * (1.0 - 0.5 * (u + v)),
        Fading::Exponential => libm::exp(-u) - libm::exp(-v),
        // The integral of 2/(1 + e^u) is −2 ln(1 + e^(−u)).
        Fading::Logistic => 2.0 * (libm::log1p(libm::exp(-u)) - libm::log1p(libm::exp(-v))),
    };
    area * tau / (until - from)
}

/// The part of an amount that a force leaves over a step, in one trial.
#[derive(Debug, Clone, Copy)]
pub(super) enum Force<'a> {
    /// The same all along.
    Level(f64),
    /// An event, with its spells that act in the step; of one that comes again, these may meet.
    Event { spells: &'a [Spell], shape: Shape, again: bool },
    /// A project whose capacity grows in a straight line from a day on, over some days.
    Ramp { begin: f64, days: f64 },
}

impl Force<'_> {
    /// The part left on a day; below 0 where spells of an event that comes again take more than all.
    fn unbounded(&self, day: f64) -> f64 {
        match self {
            Force::Level(left) => *left,
            Force::Event { spells, shape, .. } => {
                spells.iter().fold(1.0, |left, spell| left - spell.severity * shape.height(spell, day))
            }
            Force::Ramp { begin, days } => {
                let since = day - begin;
                if since < 0.0 {
                    0.0
                } else if since < *days {
                    since / days
                } else {
                    1.0
                }
            }
        }
    }

    fn is_bounded(&self) -> bool {
        matches!(self, Force::Event { again: true, .. })
    }

    /// The part left on a day.
    fn at(&self, day: f64) -> f64 {
        let left = self.unbounded(day);
        if self.is_bounded() { f64::max(left, 0.0) } else { left }
    }

    /// The part left as a mean over `[from, until)`, in closed form; where spells meet of an event that comes again, they
    /// never take more than all.
    pub(super) fn mean(&self, from: f64, until: f64) -> f64 {
        match self {
            Force::Level(left) => *left,
            Force::Event { spells, shape, again } => {
                let mut left = 1.0;
                for spell in *spells {
                    left -= spell.severity * shape.mean(spell, from, until);
                }
                if *again { f64::max(left, 0.0) } else { left }
            }
            Force::Ramp { begin, days } => {
                let full = begin + days;
                let after = f64::max(until - f64::max(from, full), 0.0);
                let (a, b) = (f64::max(from, *begin), f64::min(until, full));
                // Mean height of the straight line between a and b.
                let rising = if b > a { (b - a) * (0.5 * (a + b) - begin) / days } else { 0.0 };
                (after + rising) / (until - from)
            }
        }
    }

    fn corners(&self, out: &mut Vec<f64>) {
        match self {
            Force::Level(_) => {}
            Force::Event { spells, shape, .. } => {
                spells
                    .iter()
                    .filter(|spell| spell.severity != 0.0)
                    .for_each(|spell| shape.corners(spell, out));
            }
            Force::Ramp { begin, days } => out.extend([*begin, begin + days]),
        }
    }

    /// Whether the part left stays the same over `[from, until)`.
    fn is_level(&self, from: f64, until: f64) -> bool {
        match self {
            Force::Level(_) => true,
            Force::Event { spells, shape, .. } => {
                let (growth, acting) = (f64::max(shape.growth, 0.0), |spell: &&Spell| spell.severity != 0.0);
                spells.iter().filter(acting).all(|spell| {
                    let whole = spell.start + growth <= from && spell.end >= until;
                    let held = shape.unbuilt > 0.0 && shape.held(spell) <= from;
                    whole || held || spell.start >= until || shape.over(spell.end) <= from
                })
            }
            Force::Ramp { begin, days } => *begin >= until || begin + days <= from,
        }
    }

    /// Whether its own mean is not to be had in closed form: spells that meet may take more than all at some moments.
    fn may_exceed(&self) -> bool {
        matches!(self, Force::Event { spells: [_, _, ..], again: true, .. })
    }
}

/// Nodes and weights of Gauss and Legendre on either side of the middle of `[−1, 1]`.
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];

/// What forces leave together, moment by moment, as a mean over `[from, until)`. `days` is scratch.
pub(super) fn joint(forces: &[Force<'_>], from: f64, until: f64, days: &mut Vec<f64>) -> f64 {
    let mut bent = forces.iter().filter(|force| !force.is_level(from, until));
    let alone = match (bent.next(), bent.next()) {
        (None, _) => true,
        (Some(one), None) => !one.may_exceed(),
        _ => false,
    };
    if alone {
        // The others leave the same at each moment.
        return forces.iter().fold(1.0, |left, force| left * force.mean(from, until));
    }
    corners(forces, from, until, days);
    let left = |day: f64| forces.iter().fold(1.0, |left, force| left * force.at(day));
    let mut sum = 0.0;
    for piece in days.windows(2) {
        let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
        // Without a curve in it, a piece is its middle, to the bit.
        let mean = if forces.iter().all(|force| force.is_level(piece[0], piece[1])) {
            left(middle)
        } else {
            let nodes = |sum, (x, w): &(f64, f64)| {
                sum + 0.5 * w * (left(middle - x * half) + left(middle + x * half))
            };
            NODES.iter().fold(0.0, nodes)
        };
        sum += mean * ((piece[1] - piece[0]) / (until - from));
    }
    sum
}

/// Days from `from` to `until` between which what each force leaves is smooth.
fn corners(forces: &[Force<'_>], from: f64, until: f64, days: &mut Vec<f64>) {
    days.clear();
    days.extend([from, until]);
    forces.iter().for_each(|force| force.corners(days));
    days.retain(|day| (from..=until).contains(day));
    days.sort_by(f64::total_cmp);
    days.dedup();
    // Where an event begins to take more than all, or ceases to.
    let pieces = days.len() - 1;
    for force in forces.iter().filter(|force| force.may_exceed()) {
        for k in 0..pieces {
            let width = days[k + 1] - days[k];
            let inside = |share: f64| force.unbounded(days[k] + share * width) < 0.0;
            // Between corners it is at most once.
            let (mut low, mut high) = (1e-9, 1.0 - 1e-9);
            let before = inside(low);
            if before != inside(high) {
                for _ in 0..50 {
                    let middle = 0.5 * (low + high);
                    *(if inside(middle) == before { &mut low } else { &mut high }) = middle;
                }
                let crossing = days[k] + 0.5 * (low + high) * width;
                days.push(crossing);
            }
        }
        days.sort_by(f64::total_cmp);
    }
}
