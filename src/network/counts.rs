//! How large a network is, and how much acts on it.

use super::{Flow, IndexVec, Lane, Network};

/// Numbers of the parts of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkCounts {
    /// Sites and reserves.
    pub sites: usize,
    /// Links, each once for every firm that has an input of its own.
    pub links: usize,
    /// Links that carry goods only once something has happened: with a nominal volume, to refill a reserve, or round a
    /// control.
    pub contingent_links: usize,
    /// Links that some control acts on.
    pub controlled_links: usize,
    /// Commodities.
    pub commodities: usize,
    /// Parties.
    pub parties: usize,
    /// Sites and reserves of each stage, in the order of the first of each.
    pub stages: Vec<(String, usize)>,
    /// By control, in the order of the scenario: the links that it acts on.
    pub controls: Vec<usize>,
    /// Events and outages.
    pub events: usize,
    /// Reserves.
    pub reserves: usize,
    /// Projects.
    pub projects: usize,
    /// Quantities that are drawn once a trial.
    pub drawn: usize,
}

impl Network {
    /// Counts the parts of the network.
    #[must_use]
    pub fn counts(&self) -> NetworkCounts {
        let mut stages: Vec<(String, usize)> = Vec::new();
        for site in &self.sites {
            match stages.iter_mut().find(|(stage, _)| stage == site.stage.as_str()) {
                Some((_, count)) => *count += 1,
                None => stages.push((site.stage.as_str().to_owned(), 1)),
            }
        }
        let controls = |lane: &Lane| &self.passages[lane.passage].controls;
        let contingent =
            |lane: &&Lane| matches!(lane.flow, Flow::Contingent(_) | Flow::Refill | Flow::Beside { .. });
        let mut by_control = IndexVec::filled(0, self.controls.len());
        for control in self.lanes.iter().flat_map(controls) {
            by_control[*control] += 1;
        }
        NetworkCounts {
            sites: self.sites.len(),
            links: self.lanes.len(),
            contingent_links: self.lanes.iter().filter(contingent).count(),
            controlled_links: self.lanes.iter().filter(|lane| !controls(lane).is_empty()).count(),
            commodities: self.commodities.len(),
            parties: self.parties.len(),
            stages,
            controls: by_control.to_vec(),
            events: self.events.len(),
            reserves: self.reserves.len(),
            projects: self.projects.len(),
            drawn: self.draws.len(),
        }
    }
}
