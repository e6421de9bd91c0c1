//! Parquet files of a table, as `pandas` and so `pymrio` save them: columns of text label the rows, all others hold numbers.

use super::cells::{At, Remarks};
use super::matrix::{Cells, Label, Matrix, Row};
use crate::files::access::Access;
use crate::files::numbers::Digits;
use crate::files::rows::composed;
use crate::scenario::{InputRole, TableFault};
use bytes::Bytes;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::io::Read;

/// Values that are read in one piece.
const PIECE: usize = 1 << 12;

/// Whether a file is a Parquet file, by its first bytes. One that may not be read is none.
pub(super) fn is_one(at: &At<'_>, access: &Access) -> bool {
    let mut first = Vec::new();
    let opened = access.open(at.file, InputRole::Table);
    opened.is_ok_and(|file| file.take(4).read_to_end(&mut first).is_ok()) && first == *b"PAR1"
}

/// Reads a file, or records its faults.
pub(super) fn read<'a>(at: At<'a>, found: &mut Remarks) -> Option<Matrix<'a>> {
    match columns(&at, found) {
        Ok(matrix) => matrix,
        Err(e) => {
            found.faults.add(&at, TableFault::CannotRead { error: e.to_string() });
            None
        }
    }
}

fn columns<'a>(at: &At<'a>, found: &mut Remarks) -> Result<Option<Matrix<'a>>, ParquetError> {
    let opened = found.access.open(at.file, InputRole::Table).map_err(std::io::Error::from)?;
    let reader = SerializedFileReader::new(Bytes::from(opened.bytes().map_err(std::io::Error::from)?))?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let (text, numbers): (Vec<usize>, Vec<usize>) =
        (0..schema.num_columns()).partition(|&k| schema.column(k).physical_type() == Type::BYTE_ARRAY);
    let label = |k: usize| label_of(&composed(&schema.column(k).path().string()));
    let names: Vec<Label> = numbers.iter().map(|&k| label(k)).collect();
    let (mut labels, mut cells): (Vec<Vec<String>>, Vec<Cells>) = (Vec::new(), Vec::new());
    if !(1..=2).contains(&text.len()) {
        found.faults.add(at, TableFault::NoLabels);
        return Ok(None);
    }
    let negative = ["demand", "value_added"].contains(&at.key);
    for g in 0..reader.num_row_groups() {
        let group = reader.get_row_group(g)?;
        let first = labels.len();
        for &k in &text {
            let ColumnReader::ByteArrayColumnReader(column) = group.get_column_reader(k)? else { continue };
            for (r, value) in values(column)?.into_iter().enumerate() {
                let value = value.and_then(|v| v.as_utf8().ok().map(|v| composed(v.trim()).into_owned()));
                match labels.get_mut(first + r) {
                    Some(parts) => parts.push(value.unwrap_or_default()),
                    None => labels.push(vec![value.unwrap_or_default()]),
                }
            }
        }
        cells.resize(labels.len(), Cells::default());
        for (c, &k) in numbers.iter().enumerate() {
            let column = match group.get_column_reader(k)? {
                ColumnReader::DoubleColumnReader(column) => values(column)?,
                ColumnReader::FloatColumnReader(column) => cast(values(column)?, f64::from),
                ColumnReader::Int32ColumnReader(column) => cast(values(column)?, f64::from),
                ColumnReader::Int64ColumnReader(column) => cast(values(column)?, |x| x as f64),
                _ => {
                    let (row, column, text) = (String::new(), label(k).text(), "the whole column".to_owned());
                    found.faults.add(at, TableFault::Cell { row, column, text });
                    continue;
                }
            };
            for (r, value) in column.into_iter().enumerate() {
                let Some(own) = cells.get_mut(first + r) else { continue };
                match value {
                    Some(x) if x.is_finite() && (x >= 0.0 || negative) => own.push(c, x),
                    value => {
                        let row = labels.get(first + r).map(|parts| parts.join("|")).unwrap_or_default();
                        let column = label(k).text();
                        let fault = match value {
                            Some(value) if value < 0.0 => TableFault::NegativeCell { row, column, value },
                            Some(value) => TableFault::Cell { row, column, text: value.to_string() },
                            None => TableFault::EmptyCell { row, column },
                        };
                        found.faults.add(at, fault);
                    }
                }
            }
        }
    }
    let row = |(parts, cells): (Vec<String>, Cells)| {
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_default();
        let label = match parts.next() {
            Some(rest) => Label { first, rest },
            None => Label::of(&first),
        };
        Row { label, line: 0, cells }
    };
    let rows = labels.into_iter().zip(cells).map(row).collect();
    Ok(Some(Matrix { columns: names, rows, digits: Digits::NONE, at: *at }))
}

/// All values of a column in a group of rows; nothing where there is none.
fn values<T: DataType>(mut column: ColumnReaderImpl<T>) -> Result<Vec<Option<T::T>>, ParquetError> {
    let mut all = Vec::new();
    loop {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let (records, read, _) = column.read_records(PIECE, Some(&mut levels), None, &mut values)?;
        if records == 0 && read == 0 {
            return Ok(all);
        }
        if levels.is_empty() {
            all.extend(values.into_iter().map(Some));
            continue;
        }
        let mut values = values.into_iter();
        all.extend(levels.iter().map(|level| if *level > 0 { values.next() } else { None }));
    }
}

fn cast<T>(values: Vec<Option<T>>, to: impl Fn(T) -> f64) -> Vec<Option<f64>> {
    values.into_iter().map(|value| value.map(&to)).collect()
}

/// The label that the name of a column gives: several in brackets and quotation marks, as Python writes them, or one.
fn label_of(name: &str) -> Label {
    let Some(inside) = name.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return Label::of(name);
    };
    let (mut parts, mut rest): (Vec<String>, _) = (Vec::new(), inside.chars());
    while let Some(c) = rest.next() {
        let mut part = String::new();
        match c {
            ',' | ' ' => continue,
            '\'' | '"' => {
                while let Some(next) = rest.next().filter(|next| *next != c) {
                    part.push(if next == '\\' { rest.next().unwrap_or(next) } else { next });
                }
            }
            other => {
                part.push(other);
                part.extend(rest.by_ref().take_while(|next| *next != ','));
            }
        }
        parts.push(part.trim().to_owned());
    }
    let mut parts = parts.into_iter();
    Label { first: parts.next().unwrap_or_default(), rest: parts.collect::<Vec<_>>().join("|") }
}

#[cfg(test)]
mod tests {
    use super::label_of;
    use crate::scenario::InputOutput;
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::fs::File;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    #[test]
    fn names_of_several_parts_are_labels() {
        for (name, first, rest) in [
            ("('reg1', 'food')", "reg1", "food"),
            ("(\"Côte d'Ivoire\", 'a, b')", "Côte d'Ivoire", "a, b"),
            (r#"('it\'s "', 1)"#, "it's \"", "1"),
            ("A|ore", "A", "ore"),
            ("indout", "indout", ""),
        ] {
            let label = label_of(name);
            assert_eq!((label.first.as_str(), label.rest.as_str()), (first, rest));
        }
    }

    /// Writes columns of numbers, and then the labels of the rows.
    fn write(path: &Path, columns: &[(&str, Vec<Option<f64>>)], labels: &[(&str, Vec<&str>)]) {
        let numbers = columns.iter().enumerate().map(|(k, _)| format!("OPTIONAL DOUBLE c{k};"));
        let texts = labels.iter().map(|(name, _)| format!("OPTIONAL BYTE_ARRAY {name} (UTF8);"));
        let text = format!("message schema {{ {} }}", numbers.chain(texts).collect::<String>());
        let plain = parse_message_type(&text).expect("a schema");
        // Names as Python has them are no identifiers.
        let fields = plain.get_fields().iter().enumerate().map(|(k, field)| match columns.get(k) {
            Some((name, _)) => {
                let repetition = parquet::basic::Repetition::OPTIONAL;
                let builder =
                    parquet::schema::types::Type::primitive_type_builder(name, parquet::basic::Type::DOUBLE);
                Arc::new(builder.with_repetition(repetition).build().expect("a type"))
            }
            None => field.clone(),
        });
        let schema =
            parquet::schema::types::Type::group_type_builder("schema").with_fields(fields.collect()).build();
        let schema = Arc::new(schema.expect("a schema"));
        let file = File::create(path).expect("a file");
        let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        for (_, values) in columns {
            let mut column = group.next_column().expect("a column").expect("one more");
            let there: Vec<f64> = values.iter().flatten().copied().collect();
            let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
            column.typed::<DoubleType>().write_batch(&there, Some(&levels), None).expect("values");
            column.close().expect("a column");
        }
        for (_, values) in labels {
            let mut column = group.next_column().expect("a column").expect("one more");
            let there: Vec<ByteArray> = values.iter().map(|v| ByteArray::from(*v)).collect();
            column
                .typed::<ByteArrayType>()
                .write_batch(&there, Some(&vec![1; there.len()]), None)
                .expect("values");
            column.close().expect("a column");
        }
        group.close().expect("a group");
        writer.close().expect("a file");
    }

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Folder(tempfile::tempdir().expect("a folder"))
        }
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }
    }

    #[test]
    fn tables_are_read_as_pandas_saves_them() {
        let folder = Folder::new();
        let some = |values: [f64; 2]| values.map(Some).to_vec();
        let labels = [("region", vec!["A", "A"]), ("sector", vec!["ore", "car"])];
        let (z, y, x, v) = (folder.path("Z"), folder.path("Y"), folder.path("x"), folder.path("V"));
        write(&z, &[("('A', 'ore')", some([1.0, 3.0])), ("('A', 'car')", some([20.0, 4.0]))], &labels);
        write(&y, &[("('A', 'h')", some([5.0, 40.0])), ("('A', 'stocks')", some([4.0, -3.0]))], &labels);
        write(&x, &[("indout", some([30.0, 44.0]))], &labels);
        let one = |x: f64| vec![Some(x)];
        write(&v, &[("('A', 'ore')", one(6.0)), ("('A', 'car')", one(11.0))], &[("inputtype", vec!["VA"])]);
        let table = InputOutput::load(&z, &y, Some(&x)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(table.labels(), ["A|ore", "A|car"]);
        assert_eq!(table.value_added("A"), 46.0);
        let given = InputOutput::load_with(&z, &y, Some(&x), Some(&v)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(given.value_added("A"), 17.0);
        // Faults of cells are told with their labels.
        write(&z, &[("A|ore", vec![Some(-1.0), Some(3.0)]), ("A|car", vec![None, Some(f64::NAN)])], &labels);
        let fault = InputOutput::load(&z, &y, None).expect_err("faults").to_string();
        for says in [
            "row `A|ore`, column `A|ore`: -1 is negative",
            "row `A|ore`, column `A|car`: the cell is empty",
            "row `A|car`, column `A|car`: `NaN` is not a finite number",
        ] {
            assert!(fault.contains(says), "{fault}");
        }
        // A damaged file is an error.
        let whole = std::fs::read(&y).expect("bytes");
        for end in [5, 40, whole.len() / 2, whole.len() - 9] {
            std::fs::write(&z, &whole[..end]).expect("a file");
            InputOutput::load(&z, &y, None).expect_err("half a file");
        }
    }
}
