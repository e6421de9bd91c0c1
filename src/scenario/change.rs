//! A loaded scenario with one figure changed.

use super::check;
use super::document::Document;
use super::leaf::{Domain, Leaf, LeafValue, Origin, Reference};
use super::problem::{Problem, Problems, did_you_mean};
use super::read::Read;
use super::trail::Trail;
use super::{Assumption, Scenario};
use crate::Error;
use crate::draw::DistributionError;

impl Scenario {
    /// The numeric entry at a path, written as [`Scenario::assumptions`] writes it or without quotes.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is none.
    pub fn assumption(&self, path: &str) -> Result<Assumption, Error> {
        self.place(path).map(|(_, assumption)| assumption)
    }

    /// The scenario with another leaf at a path, checked as a file is. Draws of all other leaves stay.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no leaf at the path, [`Error::Scenario`] when the new one cannot
    /// stand there, such as a value out of its domain.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::scenario::Leaf;
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// let scenario = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?;
    /// let sure = scenario.with_leaf("controls.china.leakage", Leaf::number(0.0))?;
    /// assert_eq!(sure.assumption("controls.china.leakage")?.leaf.as_number(), Some(0.0));
    /// assert!(scenario.with_leaf("controls.china.leakage", Leaf::number(1.5)).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_leaf(&self, path: &str, leaf: Leaf) -> Result<Self, Error> {
        self.with_leaves([(path, leaf)])
    }

    /// The scenario with a leaf multiplied by `factor`, as [`Leaf::scaled`] does. The trials keep their luck.
    ///
    /// # Errors
    /// As [`Scenario::with_leaf`]; [`Error::Scenario`] also when the leaf cannot be multiplied by `factor`.
    pub fn with_scaled(&self, path: &str, factor: f64) -> Result<Self, Error> {
        let old = self.assumption(path)?;
        let leaf = old.leaf.scaled(factor).map_err(|fault| refused(old.path, fault.to_string()))?;
        self.with_leaves([(path, leaf)])
    }

    /// The scenario with other leaves at several paths, checked when all are in place.
    ///
    /// # Errors
    /// As [`Scenario::with_leaf`].
    pub fn with_leaves<P: AsRef<str>>(
        &self,
        leaves: impl IntoIterator<Item = (P, Leaf)>,
    ) -> Result<Self, Error> {
        let mut new = self.clone();
        for (path, leaf) in leaves {
            let (segments, found) = self.place(path.as_ref())?;
            if let Some(x) = leaf.numbers().into_iter().find(|x| !x.is_finite()) {
                return Err(refused(found.path, format!("{x} is not a finite number")));
            }
            match new.tables.leaf_mut(&segments) {
                Some(place) => *place = leaf,
                None => return Err(refused(found.path, "it cannot be changed here".to_owned())),
            }
        }
        let checked = check::check(&new.tables, &new.industries, &Document::empty());
        if !checked.problems.is_empty() {
            return Err(Error::Scenario(Problems(checked.problems)));
        }
        // Those of files beside the scenario still hold.
        let again = |w: &Problem| checked.warnings.iter().any(|c| c.path == w.path);
        new.warnings.retain(|w| !w.path.starts_with("correlations.") && !again(w));
        new.warnings.extend(checked.warnings);
        Ok(new)
    }

    /// The leaf that a path names, with the segments of its path.
    fn place(&self, path: &str) -> Result<(Vec<String>, Assumption), Error> {
        let mut found = None;
        let mut known = Vec::new();
        self.tables.leaves(
            &mut Trail::default(),
            Domain::Any,
            &Origin::default(),
            &mut |at, leaf, _, origin| {
                let written = at.join();
                if found.is_none() && (written == path || at.unquoted() == path) {
                    let assumption =
                        Assumption { path: written.clone(), leaf: leaf.clone(), origin: origin.clone() };
                    found = Some((at.to_vec(), assumption));
                }
                known.push(written);
            },
        );
        found.ok_or_else(|| Error::Unknown {
            what: "figure",
            name: path.to_owned(),
            hint: did_you_mean(path, known.iter().map(String::as_str)),
        })
    }
}

impl Leaf {
    /// The leaf multiplied by `factor`: its number, every value of its distribution, or what it makes of the
    /// assumption it refers to.
    ///
    /// # Errors
    /// `factor` must be finite and at least 0, and a distribution's parameters must stay in the range of `f64`.
    pub fn scaled(&self, factor: f64) -> Result<Self, DistributionError> {
        let value = match &self.value {
            LeafValue::Distribution(d) => LeafValue::Distribution(Box::new(d.scaled(factor)?)),
            _ if !(factor >= 0.0 && factor.is_finite()) => {
                return Err(DistributionError::BadFactor { distribution: "number", factor });
            }
            // As of a distribution, nothing is left of it.
            LeafValue::Custom(_) if factor == 0.0 => LeafValue::Number(0.0),
            LeafValue::Custom(sampler) => LeafValue::Custom(Box::new(sampler.scaled(factor)?)),
            LeafValue::Number(x) => LeafValue::Number(x * factor),
            LeafValue::Assumption(of) => LeafValue::Assumption(Box::new(Reference {
                id: of.id.clone(),
                times: of.times * factor,
                plus: of.plus * factor,
            })),
        };
        Ok(Leaf { value, origin: self.origin.clone() })
    }

    /// The numbers in it that nothing has checked yet.
    fn numbers(&self) -> [f64; 2] {
        match &self.value {
            LeafValue::Number(x) => [*x, 0.0],
            LeafValue::Assumption(of) => [of.times, of.plus],
            LeafValue::Distribution(_) | LeafValue::Custom(_) => [0.0; 2],
        }
    }
}

fn refused(path: String, message: String) -> Error {
    Error::Scenario(Problems(vec![Problem { file: None, line: 0, column: 0, path, message, help: None }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_of_the_scenarios_can_be_changed() {
        let scenario = Scenario::load("scenarios/japan_full_cut.toml").unwrap();
        let mut tables = scenario.tables.clone();
        let mut places = Vec::new();
        scenario.tables.leaves(
            &mut Trail::default(),
            Domain::Any,
            &Origin::default(),
            &mut |path, leaf, _, _| {
                places.push((path.to_vec(), leaf.clone()));
            },
        );
        assert!(places.len() > 1000);
        for (path, leaf) in places {
            assert_eq!(tables.leaf_mut(&path), Some(&mut leaf.clone()), "{path:?}");
        }
    }
}
