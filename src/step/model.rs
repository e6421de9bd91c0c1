//! A scenario made ready to run.

use super::known::Known;
use super::plan::Plan;
use crate::network::Network;
use std::ops::Deref;
use std::sync::Arc;

/// A compiled scenario, to be run by an [`Ensemble`](crate::Ensemble). A clone shares the network.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) network: Arc<Network>,
    /// The network as it is walked.
    pub(crate) plan: Arc<Plan>,
    /// The baseline, where it is the same in every trial and has been solved.
    pub(crate) known: Option<Arc<Known>>,
}

impl Deref for Model {
    type Target = Network;

    fn deref(&self) -> &Network {
        &self.network
    }
}
