//! Figures as reports print them: `10%`, `uniform(0, 0.2)`, `discrete(0: 0.4, 1: 0.6)`, `0.1 + 1.5 * need`.

use super::distribution::FORMS;
use crate::number::figure;
use crate::scenario::date::Date;
use crate::scenario::problem::{EntryFault, suggest};
use crate::scenario::tree::{Keyed, Node, Place, Table, Value};

/// The value that a text stands for, as it would stand in a file: a number, a date, or a table with a distribution or a reference.
pub(super) fn expand(text: &str, at: Place) -> Result<Value, EntryFault> {
    let text = text.trim();
    if let Ok(x) = figure(text) {
        return Ok(Value::Float(x));
    }
    if let Some(date) = Date::parse(text) {
        return Ok(Value::Date(date));
    }
    match text.split_once('(') {
        Some((name, rest)) => call(text, name.trim(), rest, at),
        None => reference(text, at).ok_or_else(|| no_figure(text, None)),
    }
}

fn no_figure(text: &str, name: Option<&str>) -> EntryFault {
    let suggestion = name.and_then(|name| suggest(name, FORMS.iter().map(|form| form.0)));
    EntryFault::NoFigure { text: text.to_owned(), suggestion }
}

fn call(text: &str, name: &str, rest: &str, at: Place) -> Result<Value, EntryFault> {
    let unread = || no_figure(text, None);
    let (inner, bounds) = rest.rsplit_once(')').ok_or_else(unread)?;
    let parts: Vec<&str> = inner.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| figure(part).map(Value::Float).map_err(|_| no_figure(part, None));
    let list = |parts: &[&str]| -> Result<Value, EntryFault> {
        let items: Result<Vec<Node>, EntryFault> =
            parts.iter().map(|part| Ok(Node { value: number(part)?, at })).collect();
        Ok(Value::List(items?))
    };
    // A constant is a range of no width.
    if let ("constant", [value]) = (name, parts.as_slice()) {
        return Ok(table([("uniform", table([("low", number(value)?), ("high", number(value)?)], at))], at));
    }
    let Some((form, parameters, _)) = FORMS.iter().find(|form| form.0 == name) else {
        return Err(no_figure(text, Some(name)));
    };
    let mut given: Vec<(&str, Value)> = match *form {
        "discrete" => {
            let pairs: Option<Vec<(&str, &str)>> = parts.iter().map(|part| part.split_once(':')).collect();
            let (values, weights): (Vec<&str>, Vec<&str>) = pairs.ok_or_else(unread)?.into_iter().unzip();
            vec![("values", list(&values)?), ("weights", list(&weights)?)]
        }
        "empirical" if inner.contains(" values") => {
            return Err(EntryFault::SampleNotShown { text: text.to_owned() });
        }
        "empirical" => vec![("values", list(&parts)?)],
        _ if parts.len() > parameters.len() => {
            return Err(EntryFault::TooManyParameters { form, given: parts.len(), parameters });
        }
        _ => {
            let named = parameters.iter().map(|parameter| parameter.trim_end_matches('?')).zip(&parts);
            named
                .map(|(parameter, part)| Ok((parameter, number(part)?)))
                .collect::<Result<_, EntryFault>>()?
        }
    };
    let bounds = bounds.trim();
    if !bounds.is_empty() {
        if !matches!(*form, "normal" | "log_normal") || given.len() > 2 {
            return Err(unread());
        }
        let ends =
            bounds.strip_prefix("within").map(str::trim).and_then(|b| b.strip_prefix('[')?.strip_suffix(']'));
        let (low, high) = ends.and_then(|ends| ends.split_once(',')).ok_or_else(unread)?;
        for (key, end, none) in [("low", low.trim(), "-inf"), ("high", high.trim(), "inf")] {
            if end != none {
                given.push((key, number(end)?));
            }
        }
    }
    Ok(table([(*form, table(given, at))], at))
}

/// `plus + times * id`, of which one of the first two may be left out.
fn reference(text: &str, at: Place) -> Option<Value> {
    let mut given = Vec::new();
    let mut rest = text;
    for (key, sign) in [("plus", " + "), ("times", " * ")] {
        if let Some((number, behind)) = rest.split_once(sign)
            && let Ok(x) = figure(number)
        {
            given.push((key, Value::Float(x)));
            rest = behind.trim();
        }
    }
    // A word by itself is rather a slip than the name of an assumption.
    if given.is_empty() || rest.is_empty() {
        return None;
    }
    Some(table([("assumption", Value::Text(rest.to_owned()))].into_iter().chain(given), at))
}

/// A table of values that stand where the text does.
fn table<'k>(entries: impl IntoIterator<Item = (&'k str, Value)>, at: Place) -> Value {
    let mut table = Table::new(at.source);
    for (key, value) in entries {
        let entry = Keyed { key_at: at, node: Node { value, at }, replaced: false };
        table.entries.insert(key.to_owned(), entry);
    }
    Value::Table(table)
}
