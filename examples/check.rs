//! Checks a scenario.
fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    if path == "--format" { print!("{}", supplyshock::Scenario::format_reference()); return; }
    match supplyshock::Scenario::load(&path).and_then(|s| s.compile()) {
        Err(e) => { eprintln!("{e}"); std::process::exit(1) }
        Ok(m) => {
            println!("{} sites {} links {} steps {} drawn", m.sites().count(), m.links().count(), m.steps(), m.drawn().count());
            if let Err(e) = supplyshock::Ensemble::new(&m).trials(1000).check_baselines() { eprintln!("{e}"); std::process::exit(1) }
            println!("ok");
        }
    }
}
