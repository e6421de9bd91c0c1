//! Numbers by trial: arrays whose columns each lie in one piece of memory.
//!
//! An array is made for all trials of a run at once. Threads write disjoint rows of it, each a block of trials, and views of
//! the same memory are handed out afterwards: no number is copied on its way from a block to a report.

use super::floats::Floats;
use crate::Error;
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, ShapeBuilder, Slice};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::{Index, IndexMut, Range};

/// An array with a row for each trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Every component of the losses of every party \[money\], the components of a party side by side. Total and indirect
    /// output follow from the others; they are held too, as one view could not show all components otherwise.
    Losses,
    /// Value added lost by stage \[money\], and of that directly.
    StageOutput,
    StageDirect,
    /// Value added lost by kept site \[money\], and of that directly.
    SiteOutput,
    SiteDirect,
    /// First line that stops, first stop, days stopped and recovery by sector \[days\].
    FirstLine,
    FirstStop,
    StoppedDays,
    Recovery,
    /// What insurers lost \[money\]; no column where nothing is paid ahead.
    Insurer,
    /// Gross domestic product of the parties of which it is drawn \[money a year\].
    Gdp,
    /// All that is drawn once a trial; no column unless asked for.
    Draws,
}

/// How many there are.
const TABLES: usize = 12;

impl Table {
    const ALL: [Table; TABLES] = [
        Table::Losses,
        Table::StageOutput,
        Table::StageDirect,
        Table::SiteOutput,
        Table::SiteDirect,
        Table::FirstLine,
        Table::FirstStop,
        Table::StoppedDays,
        Table::Recovery,
        Table::Insurer,
        Table::Gdp,
        Table::Draws,
    ];
}

/// One of something for each table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tables<T>([T; TABLES]);

impl<T> Index<Table> for Tables<T> {
    type Output = T;

    fn index(&self, table: Table) -> &T {
        &self.0[table as usize]
    }
}

impl<T> IndexMut<Table> for Tables<T> {
    fn index_mut(&mut self, table: Table) -> &mut T {
        &mut self.0[table as usize]
    }
}

impl<T> Tables<T> {
    pub(super) fn new(of: impl FnMut(Table) -> T) -> Self {
        Tables(Table::ALL.map(of))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}

/// There is no memory for so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoMemory {
    /// Bytes that were asked for.
    pub(super) bytes: u64,
}

impl From<NoMemory> for Error {
    fn from(NoMemory { bytes }: NoMemory) -> Self {
        Error::Memory { bytes }
    }
}

/// Finds whether there is memory for so many rows of so many numbers: allocators end a program where there is not.
pub(super) fn memory_for(rows: u64, width: u64) -> Result<(), NoMemory> {
    let bytes = rows.saturating_mul(width).saturating_mul(size_of::<f64>() as u64);
    let fits = usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
    if fits { Ok(()) } else { Err(NoMemory { bytes }) }
}

impl Tables<Columns> {
    /// Zeros for so many trials, with these numbers of columns.
    pub(super) fn zeros(trials: u64, widths: &Tables<usize>) -> Result<Self, NoMemory> {
        memory_for(trials, widths.iter().fold(0_u64, |sum, width| sum.saturating_add(*width as u64)))?;
        Ok(Tables::new(|table| Columns(Array2::zeros((trials as usize, widths[table]).f()))))
    }

    pub(super) fn view_mut(&mut self) -> Tables<ArrayViewMut2<'_, f64>> {
        Tables(self.0.each_mut().map(|columns| columns.0.view_mut()))
    }

    /// Views of some of the rows.
    pub(super) fn rows_mut(&mut self, rows: Range<usize>) -> Tables<ArrayViewMut2<'_, f64>> {
        let mut rest = self.view_mut();
        rest.take_rows(rows.start);
        rest.take_rows(rows.len())
    }

    /// Rows of several, one piece after another.
    pub(super) fn joined(pieces: &[(&Self, Range<usize>)], widths: &Tables<usize>) -> Result<Self, NoMemory> {
        let trials = pieces.iter().map(|(_, rows)| rows.len() as u64).sum();
        let mut joined = Tables::zeros(trials, widths)?;
        for table in Table::ALL {
            let mut rest = joined[table].0.view_mut();
            for (of, rows) in pieces {
                let (mut here, after) = rest.split_at(Axis(0), rows.len());
                here.assign(&of[table].0.slice_axis(Axis(0), Slice::from(rows.clone())));
                rest = after;
            }
        }
        Ok(joined)
    }

    /// Whether they have so many trials, and these numbers of columns.
    pub(super) fn have(&self, trials: u64, widths: &Tables<usize>) -> bool {
        Table::ALL.iter().all(|&table| {
            let (rows, columns) = self[table].0.dim();
            (rows as u64, columns) == (trials, widths[table])
        })
    }
}

impl<'a> Tables<ArrayViewMut2<'a, f64>> {
    /// Takes off the first so many rows.
    pub(super) fn take_rows(&mut self, rows: usize) -> Self {
        Tables(self.0.each_mut().map(|view| {
            let none: &mut [[f64; 1]] = &mut [];
            let (first, rest) = std::mem::replace(view, none.into()).split_at(Axis(0), rows);
            *view = rest;
            first
        }))
    }
}

/// Trial × column, each column in one piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns(pub(super) Array2<f64>);

impl Columns {
    pub(super) fn view(&self) -> ArrayView2<'_, f64> {
        self.0.view()
    }

    pub(super) fn column(&self, column: usize) -> ArrayView1<'_, f64> {
        self.0.column(column)
    }
}

/// Written as the numbers of rows and columns, and one column after another.
impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.t();
        let values = match columns.as_slice() {
            Some(values) => values.into(),
            None => columns.iter().copied().collect::<Vec<_>>().into(),
        };
        let (rows, width) = self.0.dim();
        (rows as u64, width as u64, Floats(values)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (rows, width, values) = <(u64, u64, Floats<'_>)>::deserialize(deserializer)?;
        let size = |n: u64| usize::try_from(n).map_err(D::Error::custom);
        let shape = (size(rows)?, size(width)?).f();
        Array2::from_shape_vec(shape, values.0.into_owned()).map(Columns).map_err(D::Error::custom)
    }
}

#[cfg(all(test, feature = "report"))]
mod tests {
    use super::*;

    fn three(first: f64, trials: usize) -> Tables<Columns> {
        let widths = Tables::new(|table| table as usize % 3);
        let mut tables = Tables::zeros(trials as u64, &widths).unwrap_or_else(|_| panic!("a few bytes"));
        for view in &mut tables.0 {
            view.0.indexed_iter_mut().for_each(|((row, column), x)| *x = first + (10 * row + column) as f64);
        }
        tables
    }

    #[test]
    fn rows_that_are_taken_off_are_those_of_the_whole() {
        let mut tables = three(0.0, 5);
        let whole = tables.clone();
        let mut rest = tables.view_mut();
        let (first, second) = (rest.take_rows(2), rest.take_rows(3));
        for table in Table::ALL {
            let (head, tail) = whole[table].view().split_at(Axis(0), 2);
            assert_eq!((first[table].view(), second[table].view()), (head, tail));
            assert_eq!(rest[table].nrows(), 0);
        }
    }

    #[test]
    fn pieces_are_joined_in_their_order() {
        let (a, b) = (three(0.0, 4), three(100.0, 3));
        let widths = Tables::new(|table| table as usize % 3);
        let joined = Tables::joined(&[(&b, 1..3), (&a, 0..1), (&b, 0..1)], &widths).expect("a few bytes");
        for table in Table::ALL {
            let rows: Vec<_> =
                [(&b, 1), (&b, 2), (&a, 0), (&b, 0)].map(|(of, row)| of[table].0.row(row)).into();
            assert!(joined[table].0.outer_iter().eq(rows));
        }
    }

    #[test]
    fn columns_are_in_one_piece_and_come_back_as_they_were_written() {
        let mut tables = three(0.5, 4);
        tables[Table::FirstLine].0[[1, 1]] = f64::INFINITY;
        tables[Table::Recovery].0[[2, 0]] = -0.0;
        assert!(tables[Table::FirstLine].column(1).as_slice().is_some());
        let bits = |tables: &Tables<Columns>| {
            let all = tables.iter().flat_map(|columns| columns.0.iter().map(|x| x.to_bits()));
            all.collect::<Vec<u64>>()
        };
        let text = serde_json::to_string(&tables).expect("it is written");
        let read: Tables<Columns> = serde_json::from_str(&text).expect("it is read");
        assert_eq!(bits(&read), bits(&tables));
        let bytes = postcard::to_allocvec(&tables).expect("it is written");
        let read: Tables<Columns> = postcard::from_bytes(&bytes).expect("it is read");
        assert_eq!(bits(&read), bits(&tables));
        assert!(read[Table::FirstLine].column(1).as_slice().is_some());
    }

    #[test]
    fn what_does_not_fit_into_memory_is_refused() {
        let widths = Tables::new(|_| 1 << 20);
        assert!(Tables::zeros(1 << 47, &widths).is_err());
    }
}
