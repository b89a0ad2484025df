//! Other people's programs read the files: openpyxl the workbooks, pandas the CSV.

use std::path::Path;
use std::process::Command;

use reader::files::{self, TeamsOptions, csv, csv::CsvOptions, xlsx};
use reader::text::Text;
use tools::programs;

use crate::samples;

const PACKAGES: [&str; 2] = ["openpyxl==3.1.5", "pandas==2.3.3"];

/// Runs a script that lies beside this file on a folder of files; its assertions are the test's.
fn read(script: &str, folder: &Path) {
    let Some(python) = programs::python(&PACKAGES) else {
        assert!(std::env::var_os("CI").is_none(), "CI must read the files with pandas and openpyxl");
        return programs::skipped("pandas and openpyxl cannot be installed, so nobody else reads the files");
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
    let output = Command::new(python.join("python")).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn openpyxl_reads_the_register_as_it_is_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut register = samples::register();
    let line = register.rows[1].line.as_mut().unwrap();
    line.name = Some("=HYPERLINK(\"http://example.com\")".to_owned());
    line.number = Some("+1042".to_owned());
    std::fs::write(folder.path().join("register.xlsx"), xlsx::register(&register).unwrap()).unwrap();
    let (session, _) = samples::session();
    std::fs::write(folder.path().join("session.xlsx"), xlsx::session(&session, &samples::rules()).unwrap())
        .unwrap();

    read("read_xlsx.py", folder.path());
}

#[test]
fn pandas_reads_what_teams_would_have_given() {
    let folder = tempfile::tempdir().unwrap();
    let (session, mut reports) = samples::session();
    reports[0].records[3].name = Some(Text::from("=HYPERLINK(\"x\")\ttab\nline"));
    let zone = samples::rules().zone;
    for (name, engagement_columns) in [("seven.csv", false), ("fifteen.csv", true)] {
        let options = TeamsOptions { engagement_columns, ..TeamsOptions::default() };
        let bytes = files::teams_csv(&session, &reports, &zone, options).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let registration = samples::registration("Daan Mulgrew", "daan.mulgrew@contoso.com");
    let registrants = files::teams_registrants(&[registration], &zone, TeamsOptions::default()).unwrap();
    std::fs::write(folder.path().join("registrants.csv"), registrants).unwrap();

    read("read_teams_csv.py", folder.path());
}

#[test]
fn pandas_reads_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    let (session, mut reports) = samples::session();
    reports[0].records[1].name = Some(Text::from("@Ferreira, \"Aiko\""));
    let zone = samples::rules().zone;
    let records = csv::records(&session, &reports, &zone, CsvOptions::default()).unwrap();
    std::fs::write(folder.path().join("records.csv"), records).unwrap();
    let register = csv::register(&samples::register(), CsvOptions::default()).unwrap();
    std::fs::write(folder.path().join("register.csv"), register).unwrap();

    read("read_csv.py", folder.path());
}
