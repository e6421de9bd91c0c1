//! Columns and rows of a file that are the sums of others.
//!
//! Numbers decide: a total equals the sum of others in every row, within the rounding of the terms. How unlikely that is
//! by chance is counted in powers of ten, and has to outweigh the number of sums that were tried. A label that says that it is
//! a total makes the equality alone enough.

use super::matrix::{Label, Matrix};
use std::collections::{HashMap, HashSet};

/// Which lines of a matrix may be totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Columns,
    Rows,
}

/// A line that is the sum of others.
#[derive(Debug)]
pub(super) struct Total {
    pub(super) line: usize,
    /// Its terms, in words.
    pub(super) of: String,
    /// Whether chance is no explanation.
    pub(super) sure: bool,
}

/// Relative error of a sum of numbers that are given in full.
const FLOATING: f64 = 1e-9;
/// Powers of ten by which a sum has to be less likely than one in as many sums as were tried.
const SURE: f64 = 2.0;
/// Powers of ten from which on a sum is worth a word.
const PERHAPS: f64 = 1.0;

/// Words that totals are called by.
const WORDS: [&str; 12] = [
    "total",
    "totals",
    "subtotal",
    "sum",
    "tot",
    "summe",
    "insgesamt",
    "somme",
    "totale",
    "合計",
    "合计",
    "总计",
];

/// Whether a label says that it is a total.
pub(super) fn says_total(label: &Label) -> bool {
    let text = label.text().to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// A search for totals in a matrix of which some lines are left out.
pub(super) struct Search<'a, 'm> {
    matrix: &'a Matrix<'m>,
    axis: Axis,
    /// The columns and the rows that are left, in this order.
    live: [Vec<bool>; 2],
    /// Regions of industries: a column that bears the name of one is no sum over regions.
    regions: &'a HashSet<String>,
}

impl<'a, 'm> Search<'a, 'm> {
    pub(super) fn new(matrix: &'a Matrix<'m>, axis: Axis, regions: &'a HashSet<String>) -> Self {
        let live = [vec![true; matrix.columns.len()], vec![true; matrix.rows.len()]];
        Search { matrix, axis, live, regions }
    }

    /// Leaves lines of the other axis out of account.
    pub(super) fn without(mut self, lines: impl IntoIterator<Item = usize>) -> Self {
        let across = match self.axis {
            Axis::Columns => &mut self.live[1],
            Axis::Rows => &mut self.live[0],
        };
        for line in lines {
            if let Some(live) = across.get_mut(line) {
                *live = false;
            }
        }
        self
    }

    fn label(&self, line: usize) -> &'a Label {
        match self.axis {
            Axis::Columns => &self.matrix.columns[line],
            Axis::Rows => &self.matrix.rows[line].label,
        }
    }

    fn lives(&self) -> &[bool] {
        &self.live[usize::from(self.axis == Axis::Rows)]
    }

    /// All totals among some of the lines, sums of totals among them; then the doubtful ones.
    pub(super) fn totals(mut self, may_be: impl Fn(usize) -> bool) -> Vec<Total> {
        let mut totals: Vec<Total> = Vec::new();
        loop {
            let sums = Sums::new(&self);
            let lines: Vec<usize> = (0..self.lives().len()).filter(|&line| self.lives()[line]).collect();
            let mut perhaps = Vec::new();
            let found =
                lines.iter().enumerate().filter(|(_, line)| may_be(**line)).find_map(|(at, &line)| {
                    self.total(line, at, &lines, &sums).and_then(|total| {
                        if total.sure {
                            return Some(total);
                        }
                        perhaps.push(total);
                        None
                    })
                });
            let Some(total) = found else {
                totals.extend(perhaps);
                return totals;
            };
            self.live[usize::from(self.axis == Axis::Rows)][total.line] = false;
            totals.push(total);
        }
    }

    /// Whether a line is a total of others, the surest first.
    fn total(&self, line: usize, at: usize, lines: &[usize], sums: &Sums<'_>) -> Option<Total> {
        let label = self.label(line);
        let said = says_total(label);
        let least = if said { 1 } else { 2 };
        let a_region = self.axis == Axis::Columns && self.regions.contains(&label.first);
        let mut best: Option<Total> = None;
        let mut consider = |others: &[usize], of: &dyn Fn() -> String| {
            let over_regions = || others.iter().any(|&other| self.label(other).first != label.first);
            if others.len() < least || (a_region && over_regions()) || best.as_ref().is_some_and(|b| b.sure) {
                return;
            }
            let Some(decades) = self.evidence(line, others, said) else { return };
            let tried = (lines.len() * lines.len().max(4)) as f64;
            let sure = if said { decades > 0.0 } else { decades >= SURE + tried.log10() };
            if sure || (best.is_none() && decades >= PERHAPS) {
                best = Some(Total { line, of: of(), sure });
            }
        };
        let others = |keep: &dyn Fn(&Label) -> bool| -> Vec<usize> {
            lines.iter().copied().filter(|&other| other != line && keep(self.label(other))).collect()
        };
        if sums.may_be(line, sums.all) {
            consider(&others(&|_| true), &|| "the others".to_owned());
        }
        if !label.rest.is_empty() {
            if sums
                .of_region
                .get(&*label.first)
                .is_some_and(|of| of.lines < lines.len() && sums.may_be(line, *of))
            {
                let of = || format!("the others of `{}`", label.first);
                consider(&others(&|other| other.first == label.first), &of);
            }
            if sums
                .of_category
                .get(&*label.rest)
                .is_some_and(|of| of.lines < lines.len() && sums.may_be(line, *of))
            {
                let of = || format!("the others of `{}`", label.rest);
                consider(&others(&|other| other.rest == label.rest), &of);
            }
        }
        let mut run = |from: usize, to: usize| {
            let others = lines.get(from..to).unwrap_or_default();
            let name = |line: Option<&usize>| line.map(|l| self.label(*l).text()).unwrap_or_default();
            consider(others, &|| format!("`{}` to `{}`", name(others.first()), name(others.last())));
        };
        for from in (0..at).rev().take_while(|&from| !sums.beyond(line, from, at)) {
            if at - from >= least && sums.run(line, from, at) {
                run(from, at);
            }
        }
        for to in (at + 2..=lines.len()).take_while(|&to| !sums.beyond(line, at + 1, to)) {
            if to - at > least && sums.run(line, at + 1, to) {
                run(at + 1, to);
            }
        }
        best
    }

    /// By how many powers of ten it is unlikely that a line is the sum of others by chance; nothing if it is not the sum.
    fn evidence(&self, line: usize, others: &[usize], said: bool) -> Option<f64> {
        let mut decades = 0.0;
        let mut judge = |cross: &Cross| {
            let (value, difference) = (cross.value.abs(), (cross.value - cross.sum).abs());
            if difference > cross.slack + FLOATING * (value + cross.size) {
                return None;
            }
            // The sum of one number says nothing, but that two columns are the same.
            if cross.parts >= 2 || (said && cross.parts >= 1) {
                let near = 2.0 * difference + (2.0 * self.matrix.digits.half(value)).max(FLOATING * value);
                decades -= (near / (value + near)).log10();
            }
            Some(())
        };
        let zero = self.matrix.digits.half(0.0);
        let start = Cross { slack: zero * (others.len() + 1) as f64, ..Cross::default() };
        let add = |cross: &mut Cross, x: f64, own: bool| {
            let half = self.matrix.digits.half(x);
            cross.slack += half - zero;
            if own {
                cross.value = x;
            } else {
                cross.sum += x;
                cross.size += x.abs();
                cross.parts += usize::from(x.abs() > half);
            }
        };
        let rows = self.matrix.rows.iter().enumerate().filter(|(r, _)| self.live[1][*r]);
        match self.axis {
            Axis::Columns => {
                let mut of = vec![false; self.matrix.columns.len()];
                others.iter().for_each(|&other| of[other] = true);
                for (_, row) in rows {
                    let mut cross = start;
                    row.cells
                        .iter()
                        .filter(|(c, _)| *c == line || of[*c])
                        .for_each(|(c, x)| add(&mut cross, x, c == line));
                    judge(&cross)?;
                }
            }
            Axis::Rows => {
                let mut crosses = vec![start; self.matrix.columns.len()];
                let of: HashSet<usize> = others.iter().copied().collect();
                for (r, row) in rows.filter(|(r, _)| *r == line || of.contains(r)) {
                    row.cells.iter().for_each(|(c, x)| add(&mut crosses[c], x, r == line));
                }
                for (cross, _) in crosses.iter().zip(&self.live[0]).filter(|(_, live)| **live) {
                    judge(cross)?;
                }
            }
        }
        Some(decades)
    }
}

/// A line and others where one line of the other axis crosses them.
#[derive(Debug, Clone, Copy, Default)]
struct Cross {
    value: f64,
    sum: f64,
    /// How far the two may be apart by rounding.
    slack: f64,
    /// Sum of the sizes of the terms.
    size: f64,
    /// How many of the others are not 0.
    parts: usize,
}

/// Sums along the lines, by which most lines are seen at once to be no totals.
struct Sums<'a> {
    /// Of each line, with what rounding and floating point can have done to it.
    sum: Vec<Sum>,
    all: Sum,
    of_region: HashMap<&'a str, Sum>,
    of_category: HashMap<&'a str, Sum>,
    /// Of all live lines before each of them, in order, and before the end.
    before: Vec<Sum>,
    /// Whether no sum of a line is negative.
    rising: bool,
}

/// A sum of lines.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: f64,
    slack: f64,
    lines: usize,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.value += other.value;
        self.slack += other.slack;
        self.lines += other.lines;
    }
}

impl<'a> Sums<'a> {
    fn new(search: &Search<'a, '_>) -> Self {
        let matrix = search.matrix;
        let zero = matrix.digits.half(0.0);
        let across =
            search.live[usize::from(search.axis == Axis::Columns)].iter().filter(|live| **live).count();
        let n = search.lives().len();
        let mut sum = vec![Sum { value: 0.0, slack: zero * across as f64, lines: 1 }; n];
        for (r, row) in matrix.rows.iter().enumerate().filter(|(r, _)| search.live[1][*r]) {
            for (c, x) in row.cells.iter().filter(|(c, _)| search.live[0][*c]) {
                let own = &mut sum[if search.axis == Axis::Columns { c } else { r }];
                own.value += x;
                own.slack += matrix.digits.half(x) - zero + FLOATING * x.abs();
            }
        }
        let (mut of_region, mut of_category) = (HashMap::<_, Sum>::new(), HashMap::<_, Sum>::new());
        let (mut all, mut before, mut rising) = (Sum::default(), vec![Sum::default()], true);
        for line in (0..n).filter(|&line| search.lives()[line]) {
            let (own, label) = (sum[line], search.label(line));
            of_region.entry(label.first.as_str()).or_default().add(own);
            of_category.entry(label.rest.as_str()).or_default().add(own);
            all.add(own);
            before.push(all);
            rising &= own.value >= 0.0;
        }
        Sums { sum, all, of_region, of_category, before, rising }
    }

    /// Whether a line can be the sum of the others among those that it is one of.
    fn may_be(&self, line: usize, among: Sum) -> bool {
        (2.0 * self.sum[line].value - among.value).abs() <= among.slack
    }

    /// The difference of a line and the live lines from one place to another, and its tolerance.
    fn over(&self, line: usize, from: usize, to: usize) -> (f64, f64) {
        let (a, b, own) = (self.before[from], self.before[to], self.sum[line]);
        // Differences of sums have the errors of the sums.
        let floating = FLOATING * 1e-3 * (a.value.abs() + b.value.abs());
        (b.value - a.value - own.value, own.slack + b.slack - a.slack + floating)
    }

    /// Whether a line can be the sum of the live lines from one place to another.
    fn run(&self, line: usize, from: usize, to: usize) -> bool {
        let (over, slack) = self.over(line, from, to);
        over.abs() <= slack
    }

    /// Whether these lines are more than it, and so are those with any more of them.
    fn beyond(&self, line: usize, from: usize, to: usize) -> bool {
        let (over, slack) = self.over(line, from, to);
        // Lines of next to nothing may widen the slack still, but prove nothing.
        self.rising && over > 2.0 * slack
    }
}
