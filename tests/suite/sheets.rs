//! Sites and links in CSV files beside a scenario.

use crate::small::{Folder, SMALL, problems_in};
use supplyshock::Scenario;
use supplyshock::scenario::Change;

/// The small scenario without its sites and links, which stand in files.
fn rest() -> String {
    let (start, end) = (SMALL.find("[sites.mine]"), SMALL.find("[reserves.depot]"));
    let (start, end) = (start.expect("sites"), end.expect("a reserve"));
    format!(
        "{}[sites]\ntable = \"sites.csv\"\n[links]\ntable = \"far/links.csv\"\n{}",
        &SMALL[..start],
        &SMALL[end..]
    )
}

/// A row for each input, and a column that gives a key of one input alone.
const SITES: &str = "\
id,country,stage,capacity_per_year,spare_capacity,value_added_per_unit,input,input.use_per_unit,input.cover_days,input.cover_days.uniform.low,input.cover_days.uniform.high,input.restoration_days,inputs.metal.criticality.assumption,inputs.metal.criticality.times,inputs.metal.criticality.plus,inputs.metal.throttle,output,output.stock_target_days,output.final_demand_per_year
mine,MM,mine,,0.2,100,,,,,,,,,,,ore,,
smelter,CN,metal,9e5,,1000,ore,2,21,,,35,,,,,metal,14,
mill,JP,metal,,0.1,1200,ore,2.5,30,,,,,,,,metal,,
cars,JP,sector,,,0.3,metal,1e-3,,30,60,,need,1.5,0.1,hard,car,,1e9
";

const LINKS: &str = "\
from\tto\tcommodity\tshare\tlead_time_days\tsurge_limit
mine\tsmelter\tore\t\t7\t
mine\tmill\tore\t\t21\t
smelter\tcars\tmetal\t0.7\t28\t
mill\tcars\tmetal\t0.3\t14\t1.5
depot\tcars\tmetal\t\t7\t
";

fn folder(sites: &str, links: &str) -> Folder {
    Folder::with(&[("small.toml", &rest()), ("sites.csv", sites), ("far/links.csv", links)])
}

fn load(folder: &Folder, name: &str) -> Scenario {
    Scenario::load(folder.path(name)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn files_give_what_the_scenario_gives() {
    let folder = folder(SITES, LINKS);
    let read = load(&folder, "small.toml");
    let whole = Scenario::parse("small.toml", SMALL).expect("no fault");
    assert_eq!(read.tables(), whole.tables());
    assert_eq!(Scenario::parse("x", &read.to_toml().expect("text")).expect("reads").tables(), whole.tables());
}

#[test]
fn an_entry_of_several_rows_gathers_what_they_say() {
    let sites = SITES.to_owned()
        + "yard,JP,plant,,,,ore,1,30,,,,,,,,metal,,5\nyard,JP,,,,,metal,0.5,20,,,,,,,,scrap,,\n";
    let links = LINKS.to_owned() + "mine\tyard\tore\t\t7\t\nmill\tyard\tmetal\t\t7\t\n";
    let folder = folder(&sites, &links);
    let text =
        rest().replace("ore = { unit = \"t\" }\n", "ore = { unit = \"t\" }\nscrap = { unit = \"t\" }\n");
    folder.write("small.toml", text.as_bytes());
    let found = problems_in(&folder.path("small.toml"));
    assert_eq!(found.len(), 1, "{found:#?}");
    // What is wrong between entries is placed at the first row of its own.
    assert_eq!((found[0].line, found[0].path.as_str()), (6, "sites.yard.outputs.scrap"));
    assert!(found[0].file.as_deref().is_some_and(|f| f.ends_with("sites.csv")), "{}", found[0]);
    let sites = sites
        .replace("stock_target_days,", "stock_target_days,output.yield_per_unit,")
        .replace(",,1e9", ",,,1e9")
        .replace(",,5\n", ",,,5\n")
        .replace("scrap,,\n", "scrap,,0.1,\n")
        .replace("14,\n", "14,,\n")
        .replace("ore,,\n", "ore,,,\n")
        .replace("hard,metal,,\n", "hard,metal,,,\n")
        .replace(",metal,,\n", ",metal,,,\n");
    folder.write("sites.csv", sites.as_bytes());
    let scenario = load(&folder, "small.toml");
    let yard = &scenario.tables().sites["yard"];
    assert!(yard.inputs.keys().eq(["ore", "metal"]) && yard.outputs.keys().eq(["metal", "scrap"]));
    assert_eq!(yard.outputs["scrap"].yield_per_unit.as_ref().and_then(|l| l.as_number()), Some(0.1));
    assert_eq!(yard.stage.as_str(), "plant");
}

#[test]
fn entries_in_both_are_joined_and_a_file_laid_over_changes_them() {
    let folder = folder(SITES, LINKS);
    let more = rest()
        + "[sites.pit]\ncountry = \"MM\"\nstage = \"mine\"\noutputs.ore = {}\n[sites.yard]\ncountry = \"JP\"\nstage = \"plant\"\n\
           inputs.ore = { use_per_unit = 1, cover_days = 9 }\noutputs.metal = {}\n[links.\"pit>yard:ore\"]\nlead_time_days = 7\n";
    folder.write("small.toml", more.as_bytes());
    let both = load(&folder, "small.toml");
    assert!(both.tables().sites.keys().eq(["mine", "smelter", "mill", "cars", "pit", "yard"]));
    folder.write(
        "over.toml",
        b"extends = \"small.toml\"\nremove = [\"site:mill\", \"site:yard\", \"link:depot>cars:metal\", \"reserve:depot\", \"event:quake\"]\n\
          [sites.smelter]\nspare_capacity = 0.4\n[sites.smelter.inputs.ore]\ncover_months = 2\n\
          [links.\"smelter>cars:metal\"]\nshare = 1\n",
    );
    let over = load(&folder, "over.toml");
    let t = over.tables();
    assert!(t.sites.keys().eq(["mine", "smelter", "cars", "pit"]));
    assert!(t.links.keys().eq(["mine>smelter:ore", "smelter>cars:metal"]), "{:?}", t.links.keys());
    let days = |path: &str| over.assumption(path).expect("a figure");
    assert_eq!(days("sites.smelter.inputs.ore.cover_days").leaf.as_number(), Some(730.0 / 12.0));
    assert_eq!(days("sites.smelter.inputs.ore.use_per_unit").leaf.as_number(), Some(2.0));
    assert_eq!(
        days("sites.smelter.spare_capacity").origin.changed,
        Some(Change::Overlay("over.toml".into()))
    );
    assert_eq!(days("sites.smelter.capacity_per_year").origin.changed, None);
    // An assignment, too.
    let set = ["sites.mill.spare_capacity=0.5", "links.mine>mill:ore.lead_time_days=14"];
    let set = Scenario::load_with(folder.path("small.toml"), set).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(set.assumption("sites.mill.spare_capacity").expect("x").leaf.as_number(), Some(0.5));
    assert_eq!(set.assumption("links.mine>mill:ore.lead_time_days").expect("x").leaf.as_number(), Some(14.0));
    // What is removed and given again starts afresh, and what is not there cannot be removed.
    folder.write(
        "again.toml",
        b"extends = \"small.toml\"\nremove = [\"site:pit\", \"site:nobody\"]\n[sites.yard]\ncountry = \"JP\"\n",
    );
    let found = problems_in(&folder.path("again.toml"));
    assert!(
        found.iter().any(|p| p.message() == "there is no site `nobody` to remove" && p.line == 2),
        "{found:#?}"
    );
    folder.write(
        "again.toml",
        b"extends = \"small.toml\"\nremove = [\"site:mine\"]\n[sites.mine]\ncountry = \"MM\"\nstage = \"mine\"\noutputs.ore = {}\n\
          [links.\"mine>smelter:ore\"]\nlead_time_days = 9\n[links.\"mine>mill:ore\"]\nlead_time_days = 9\n",
    );
    let again = load(&folder, "again.toml");
    assert_eq!(again.tables().sites["mine"].spare_capacity.as_number(), Some(0.0));
    assert_eq!(
        again.assumption("links.mine>mill:ore.lead_time_days").expect("x").leaf.as_number(),
        Some(9.0)
    );
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (sites, links, line, path, message) in [
        (
            SITES.replace("mill,JP", "mill,JPN"),
            LINKS.into(),
            4,
            "sites.mill.country",
            "no party that answers for country `JPN`",
        ),
        (
            SITES.replace("2.5,30", "2.5,-30"),
            LINKS.into(),
            4,
            "sites.mill.inputs.ore.cover_days",
            "-30 is out of range",
        ),
        (
            SITES.replace("2.5,30", "2.5,many"),
            LINKS.into(),
            4,
            "sites.mill.inputs.ore.cover_days",
            "expected a number, found text",
        ),
        (
            SITES.replace("mill,JP,metal", "mill,,metal"),
            LINKS.into(),
            4,
            "sites.mill",
            "`country` is missing",
        ),
        (
            SITES.replace("mill,JP,metal,", "mill,JP,metal"),
            LINKS.into(),
            4,
            "sites",
            "the row has 18 cells, and there are 19 columns",
        ),
        (SITES.replace("mill,", ","), LINKS.into(), 4, "sites", "the row has no `id`"),
        (SITES.replace(",ore,2.5", ",,2.5"), LINKS.into(), 4, "sites.mill", "the row has no `input`"),
        (
            SITES.replace("spare_capacity", "spair_capacity"),
            LINKS.into(),
            1,
            "sites",
            "unknown column `spair_capacity`",
        ),
        (
            SITES.replace(",input,", ",stage2,").replace("stage2", "name"),
            LINKS.into(),
            1,
            "sites",
            "is about entries that no column `input` names",
        ),
        (
            SITES.replace("spare_capacity", "stage"),
            LINKS.into(),
            1,
            "sites",
            "two columns are called `stage`",
        ),
        (SITES.replace("id,", "name,"), LINKS.into(), 1, "sites", "there is no column `id`"),
        (
            SITES.to_owned() + "mine,MM,mine,,0.2,100,,,,,,,,,,,ore,,\n",
            LINKS.into(),
            6,
            "sites.mine",
            "there are rows of `mine` further up",
        ),
        (
            SITES.replace("mill,JP", "smelter,JP"),
            LINKS.into(),
            4,
            "sites.smelter",
            "`country` is given by an earlier row of `smelter`",
        ),
        (
            SITES.to_owned(),
            LINKS.replace("mill\tcars", "mil\tcars"),
            5,
            "links.\"mil>cars:metal\"",
            "no site `mil`",
        ),
        (
            SITES.to_owned(),
            LINKS.replace("\t14\t", "\t\t"),
            5,
            "links.\"mill>cars:metal\"",
            "`lead_time_days` is missing",
        ),
        (
            SITES.to_owned(),
            LINKS.replace("from", "frm"),
            1,
            "links",
            "there is no column `from`, `to`, `commodity`",
        ),
    ] {
        let folder = folder(&sites, &links);
        let found = problems_in(&folder.path("small.toml"));
        let fault = found.iter().find(|p| p.path == path && p.message().contains(message));
        let fault = fault.unwrap_or_else(|| panic!("{path}: {message} in {found:#?}"));
        assert_eq!(fault.line, line, "{fault}");
        assert!(fault.file.as_deref().is_some_and(|f| f.ends_with(".csv")), "{fault}");
    }
    let folder = folder(SITES, LINKS);
    folder.write("small.toml", (rest() + "[sites.mill]\ncountry = \"JP\"\n").as_bytes());
    let found = problems_in(&folder.path("small.toml"));
    assert!(found[0].message().starts_with("`mill` stands in `") && found[0].line > 20, "{}", found[0]);
    folder.write("small.toml", rest().replace("sites.csv", "cites.csv").as_bytes());
    let found = problems_in(&folder.path("small.toml"));
    assert!(found[0].message().starts_with("cannot read `") && found[0].line > 20, "{}", found[0]);
    // A file with nothing but faults is not told row by row.
    let many: String = (0..500).map(|k| format!("s{k},JP,x,-1,,,,,,,,,,,,,ore,,\n")).collect();
    folder.write("small.toml", rest().as_bytes());
    folder.write(
        "sites.csv",
        (SITES.lines().next().expect("a header").to_owned() + "\n" + &many.replace(",-1,", ",many,"))
            .as_bytes(),
    );
    let found = problems_in(&folder.path("small.toml"));
    assert_eq!(found.len(), 101);
    assert!(
        found.iter().any(|p| p.message() == "the file is read no further than line 102"),
        "{:?}",
        found.last()
    );
}

#[test]
fn a_network_of_many_sites_is_read_from_its_files() {
    const SITES: usize = 20_000;
    let mut sites =
        "id,country,stage,input,input.use_per_unit,input.cover_days,output,output.final_demand_per_year\n"
            .to_owned();
    let mut links = "id,lead_time_days\n".to_owned();
    for n in 0..SITES {
        match n {
            0 => sites += "s0,JP,mine,,,,ore,\n",
            _ => {
                sites += &format!("s{n},JP,plant,ore,0.1,9,metal,{n}\n");
                links += &format!("s0>s{n}:ore,7\n");
            }
        }
    }
    let text = "scenario = { title = \"many\", currency = \"JPY\" }\ntime = { start = 2026-01-01, horizon_days = 70 }\n\
                parties.JP.gdp_per_year = 1e12\ncommodities = { ore.unit = \"t\", metal.unit = \"t\" }\n\
                sites.table = \"sites.csv\"\nlinks.table = \"links.csv\"\n";
    let folder = Folder::with(&[("many.toml", text), ("sites.csv", &sites), ("links.csv", &links)]);
    let scenario = load(&folder, "many.toml");
    assert_eq!((scenario.tables().sites.len(), scenario.tables().links.len()), (SITES, SITES - 1));
    scenario.compile().expect("it compiles");
}
