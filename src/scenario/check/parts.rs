//! Parts of a site: products that overlap, and firms that hold stocks of their own.

use super::Checker;
use crate::scenario::leaf::LeafValue;
use crate::scenario::problem::NetworkFault;
use crate::scenario::types::Site;
use std::collections::HashMap;

/// Most firms of a site.
const FIRM_LIMIT: u32 = 100;

impl Checker<'_> {
    /// Whether the parts of output that are to overlap are there.
    pub(super) fn parts(&mut self, id: &str, site: &Site) {
        let mut kinds: HashMap<&str, Vec<Option<&str>>> = HashMap::new();
        for (commodity, input) in &site.inputs {
            let kind = input.kind.as_deref();
            match &input.group {
                Some(group) => {
                    let kinds = kinds.entry(group).or_default();
                    if kind.is_none() || !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                None if kind.is_some() => {
                    self.doubt(&["sites", id, "inputs", commodity, "kind"], NetworkFault::NoGroup);
                }
                None => {}
            }
        }
        if site.overlap.value != LeafValue::Number(0.0) && kinds.values().all(|kinds| kinds.len() < 2) {
            self.doubt(&["sites", id, "overlap"], NetworkFault::NoOverlap);
        }
    }

    /// Whether the firms of a site and the covers that differ between them go together.
    pub(super) fn firms(&mut self, id: &str, site: &Site) {
        let firms = site.firms;
        if !(1..=FIRM_LIMIT).contains(&firms) {
            self.add(&["sites", id, "firms"], NetworkFault::FirmCount { count: firms, limit: FIRM_LIMIT });
        }
        let mut differ = false;
        for (commodity, input) in &site.inputs {
            let path = |key| ["sites", id, "inputs", commodity.as_str(), key];
            let spread = input.cover_spread.value != LeafValue::Number(0.0);
            differ |= spread || input.cover_multiples.is_some();
            if spread && firms == 1 {
                self.doubt(&path("cover_spread"), NetworkFault::OneFirm);
            }
            let Some(multiples) = &input.cover_multiples else { continue };
            let path = path("cover_multiples");
            let mean = multiples.iter().sum::<f64>() / multiples.len() as f64;
            if spread {
                self.add(&path, NetworkFault::SpreadTwice);
            }
            if multiples.len() != firms as usize {
                self.add(&path, NetworkFault::MultipleCount { count: multiples.len(), firms });
            } else if !((mean - 1.0).abs() <= 1e-6 && multiples.iter().all(|m| *m >= 0.0)) {
                self.add(&path, NetworkFault::MultipleMean { mean });
            }
        }
        if firms > 1 && !differ {
            self.doubt(&["sites", id, "firms"], NetworkFault::FirmsAlike);
        }
    }
}
