//! The order in which sites are solved, and those that do the same in every trial.

use crate::network::{Flow, IndexVec, Ix, Network, Param, SiteIx, components};

/// Sites that need each other, or one that needs no other of its kind.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) sites: Vec<SiteIx>,
    pub(super) cyclic: bool,
    /// Whether its activity is the same in every trial.
    pub(super) steady: bool,
    /// Whether that has been found.
    pub(super) solved: bool,
}

/// All components, after those that they serve.
pub(super) fn ordered(model: &Network) -> Vec<Component> {
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); model.active.len()];
    for input in &model.inputs {
        for e in input.weighted() {
            edges[input.site.at()].push(model.outputs[model.lanes[e].output].site.at());
        }
    }
    let component = |sites: Vec<usize>| {
        let cyclic = sites.len() > 1 || edges[sites[0]].contains(&sites[0]);
        let sites = sites.into_iter().map(SiteIx::new).collect();
        Component { sites, cyclic, steady: false, solved: false }
    };
    let mut order: Vec<Component> = components(&edges).into_iter().map(component).collect();
    let mut steady = IndexVec::filled(false, model.active.len());
    for component in &mut order {
        // The flows within a cycle are moved by those to others.
        component.sites.iter().for_each(|&n| steady[n] = true);
        component.steady = component.sites.iter().all(|&n| is_taken_alike(model, &steady, n));
        component.sites.iter().for_each(|&n| steady[n] = component.steady);
    }
    order
}

/// Whether the flows that drive a site are the same in every trial, if these sites do the same.
fn is_taken_alike(model: &Network, steady: &IndexVec<SiteIx, bool>, n: SiteIx) -> bool {
    let known = |param: Param| param.draw.is_none();
    let mut driving = model.outputs[model.sites[n].outputs].iter().filter(|output| output.driving);
    driving.all(|output| {
        let lanes = model.served[output.served()].iter().map(|&e| &model.lanes[e]);
        let mut inputs = lanes.filter(|lane| lane.flow.is_weighted()).map(|lane| &model.inputs[lane.input]);
        known(output.yields)
            && known(output.final_demand)
            && inputs.all(|input| {
                let mut lanes = model.lanes[input.weighted()].iter();
                // It may have to fill in for a by-product that is short.
                let splits = |flow| matches!(flow, Flow::FixedShare(_) | Flow::Rest);
                steady[input.site]
                    && known(input.usage)
                    && lanes.all(|lane| splits(lane.flow) && model.outputs[lane.output].driving)
            })
    })
}
