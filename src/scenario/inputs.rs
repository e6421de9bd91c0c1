//! The files that a scenario was read from, with a hash of every byte.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The files that a scenario was read from, so that a result can be tied to them: the hashes are of the bytes that were read.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// use supplyshock::Scenario;
/// use supplyshock::scenario::InputRole;
/// let half = Scenario::load("scenarios/japan_half_cut.toml")?;
/// let roles: Vec<_> = half.inputs().files().iter().map(|file| file.role).collect();
/// assert_eq!(roles[..2], [InputRole::Scenario, InputRole::Extended]);
/// assert_eq!(half.inputs().sha256(), Scenario::load("scenarios/japan_half_cut.toml")?.inputs().sha256());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inputs {
    pub(crate) files: Vec<InputFile>,
    pub(crate) assignments: Vec<String>,
    pub(crate) in_code: bool,
}

/// A file that a scenario was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputFile {
    /// Its path as it was given, or as the file that names it writes it, behind the folder of that file.
    pub path: String,
    /// Its role in the scenario.
    pub role: InputRole,
    /// Its length \[bytes\].
    pub bytes: u64,
    /// SHA-256 of all its bytes, in 64 hexadecimal digits.
    pub sha256: String,
}

/// The role of a file in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InputRole {
    /// The scenario itself.
    Scenario,
    /// A scenario that it extends, or one that that one does.
    Extended,
    /// A table: entries, a series, or a part of an input-output table.
    Table,
}

impl InputRole {
    /// The word for it in results.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            InputRole::Scenario => "scenario",
            InputRole::Extended => "extends",
            InputRole::Table => "table",
        }
    }
}

impl Inputs {
    /// Every file that was read, in the order of reading.
    #[must_use]
    pub fn files(&self) -> &[InputFile] {
        &self.files
    }

    /// The assignments laid over the files: `PATH=VALUE`, in the order given.
    #[must_use]
    pub fn assignments(&self) -> &[String] {
        &self.assignments
    }

    /// Whether the scenario was made or changed in code, so that it is not the files and assignments alone.
    #[must_use]
    pub fn is_changed_in_code(&self) -> bool {
        self.in_code
    }

    /// One hash of it all, in 64 hexadecimal digits. Paths do not count, so that a folder can be moved: it is the SHA-256 of
    /// a line `ROLE BYTES SHA256` for each file, in their order, and then a line `set BYTES SHA256` for each assignment.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut all = Sha256::new();
        let mut line = |word: &str, bytes: u64, hash: &str| all.update(format!("{word} {bytes} {hash}\n"));
        for file in &self.files {
            line(file.role.word(), file.bytes, &file.sha256);
        }
        for assignment in &self.assignments {
            let hash = hexadecimal(Sha256::new().chain_update(assignment));
            line("set", assignment.len() as u64, &hash);
        }
        hexadecimal(all)
    }
}

/// A hash as text.
pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
