//! Passages of lanes: the controls, openings and contracts that decide on them.

use super::Quantities;
use super::forces::{contract, known_states, moment};
use crate::network::{ControlIx, IndexVec, Ix, Opening, Param, Passage, PassageIx, Site};
use crate::scenario::{ById, Control, Link, Reexport, Tables, split_link};
use indexmap::IndexMap;

/// Passages, that of lanes which nothing ever bars first. Lanes with luck of their own have one each.
pub(super) struct Passages<'a> {
    controls: &'a ById<Control>,
    pub(super) list: IndexVec<PassageIx, Passage>,
    /// Those that are nothing but a set of controls.
    shared: IndexMap<Vec<ControlIx>, PassageIx>,
}

impl<'a> Passages<'a> {
    pub(super) fn new(controls: &'a ById<Control>) -> Self {
        let list = vec![Passage::default()].into();
        Passages { controls, list, shared: IndexMap::from([(Vec::new(), PassageIx::OPEN)]) }
    }

    /// Controls on the goods that one country sends another.
    fn controls(&self, exporter: &str, importer: &str, commodity: &str) -> Vec<ControlIx> {
        self.controls
            .values()
            .enumerate()
            .filter(|(_, c)| {
                c.exporters.iter().any(|x| x == exporter)
                    && c.importers.iter().any(|x| x == importer)
                    && c.commodities.as_ref().is_none_or(|list| list.iter().any(|x| x == commodity))
            })
            .map(|(k, _)| ControlIx::new(k))
            .collect()
    }

    /// Number of the passage that only controls decide on.
    pub(super) fn of(&mut self, exporter: &str, importer: &str, commodity: &str) -> PassageIx {
        if self.controls.is_empty() {
            return PassageIx::OPEN;
        }
        self.shared(self.controls(exporter, importer, commodity))
    }

    fn shared(&mut self, controls: Vec<ControlIx>) -> PassageIx {
        let next = self.list.next();
        let number = *self.shared.entry(controls.clone()).or_insert(next);
        if number == next {
            self.list.push(Passage { controls, ..Passage::default() });
        }
        number
    }

    /// Number of the passage of a link of the scenario.
    pub(super) fn of_link(
        &mut self,
        id: &str,
        link: &Link,
        ends: [&Site; 2],
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> PassageIx {
        let Some((.., commodity)) = split_link(id) else { return PassageIx::OPEN };
        // A site's own goods cross no border.
        let controls = match ends[0].id == ends[1].id {
            true => Vec::new(),
            false => self.controls(&ends[0].country, &ends[1].country, commodity),
        };
        let licensed = controls.iter().any(|&c| self.controls[c.at()].licences.is_some());
        let open = match t.reserves.get(&ends[0].id) {
            Some(r) => {
                let from = moment(
                    t,
                    r.after.as_deref(),
                    q.optional(&["reserves", &ends[0].id, "opens_after_days"], r.opens_after_days.as_ref()),
                    q,
                );
                let during = r.during.as_ref().and_then(|d| known_states(t, d));
                (!from.is_start(q) || r.during.is_some()).then_some(Opening::From { from, during })
            }
            None => {
                let from = moment(
                    t,
                    link.after.as_deref(),
                    q.optional(&["links", id, "qualification_days"], link.qualification_days.as_ref()),
                    q,
                );
                (!from.is_start(q)).then_some(Opening::From { from, during: None })
            }
        };
        let contract = match &link.contract {
            Some(own) => (!controls.is_empty()).then(|| contract(["links", id], own, q)),
            None if link.contingent_volume_per_year.is_some()
                || ends.iter().any(|end| t.reserves.contains_key(&end.id)) =>
            {
                None
            }
            None => controls.iter().find_map(|&c| {
                let (control, spec) = self.controls.get_index(c.at())?;
                Some(contract(["controls", control], spec.contract.as_ref()?, q))
            }),
        };
        if open.is_none() && contract.is_none() && !licensed {
            return self.shared(controls);
        }
        let military_share = q.optional(&["links", id, "military_share"], link.military_share.as_ref());
        let own = Passage {
            controls,
            open,
            opening: None,
            link: Some(id.to_owned()),
            military_share: Some(military_share),
            contract,
        };
        self.own(own, ends[1])
    }

    /// Number of a passage of a lane's own, and of its opening alone where its buyer knows nothing else.
    fn own(&mut self, mut passage: Passage, buyer: &Site) -> PassageIx {
        if !buyer.aware && !passage.controls.is_empty() && passage.open.is_some() {
            let alone = Passage { open: passage.open.clone(), ..Passage::default() };
            passage.opening = Some(self.list.push(alone));
        }
        self.list.push(passage)
    }

    /// Number of the passage of a way round a control, beside a link.
    #[expect(clippy::too_many_arguments, reason = "a way round and the link it stands beside")]
    pub(super) fn round(
        &mut self,
        id: &str,
        r: &Reexport,
        link: (&str, &Link),
        ends: [&Site; 2],
        control: ControlIx,
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> PassageIx {
        let Some((.., commodity)) = split_link(link.0) else { return PassageIx::OPEN };
        let mut controls = self.controls(&ends[0].country, &r.via, commodity);
        controls.extend(self.controls(&r.via, &ends[1].country, commodity));
        controls.sort_unstable();
        controls.dedup();
        let from = moment(t, Some(&r.control), q.param(&["reexports", id, "setup_days"], &r.setup_days), q);
        let until = moment(t, Some(id), Param::known(0.0), q);
        let military_share = q.optional(&["links", link.0, "military_share"], link.1.military_share.as_ref());
        let own = Passage {
            controls,
            open: Some(Opening::Round { control, from, until }),
            opening: None,
            link: Some(format!("{} via {id}", link.0)),
            military_share: Some(military_share),
            contract: None,
        };
        self.own(own, ends[1])
    }

    pub(super) fn finish(self) -> IndexVec<PassageIx, Passage> {
        self.list
    }
}
