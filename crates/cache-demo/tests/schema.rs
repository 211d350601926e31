//! The schema of the results, against the types that it is made from and against every result that any test sees.

use jsonschema::Validator;
use recipe_walk_measurements::{Kind, Line, Measurement, SCHEMA, figure, figures};
use serde_json::{Value, json};
use std::sync::LazyLock;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
});

/// Panics unless `value` is a line of output: by the schema, and by the types, which must know every field.
pub(crate) fn check(value: &Value) {
    let errors: Vec<String> = VALIDATOR.iter_errors(value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{value}");
    let line: Line = serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}"));
    assert_eq!(&serde_json::to_value(&line).expect("JSON"), value);
    if let Line::Result(outcome) = line {
        let kind = outcome.measurement.kind();
        assert_eq!(Measurement::read(kind.name(), value).as_ref(), Ok(&outcome.measurement));
    }
}

/// Panics unless the text is a table: a header, and lines with as many cells.
pub(crate) fn check_csv(text: &str) {
    let cells = |line: &str| line.split('"').step_by(2).map(|bare| bare.matches(',').count()).sum::<usize>();
    let mut lines = text.split_terminator("\r\n");
    let header = lines.next().expect("a header");
    assert!(header.starts_with("kind,") && cells(header) > 1, "{text}");
    let rows: Vec<usize> = lines.map(cells).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| *row == cells(header)), "{rows:?}: {text}");
}

/// Regenerate: `RECIPE_WALK_BLESS=1 cargo test --manifest-path crates/cache-demo/Cargo.toml schema`.
#[test]
fn the_schema_file_is_that_of_the_types() {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Line>();
    let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    if std::env::var_os("RECIPE_WALK_BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../measurements/schema.json");
        std::fs::write(file, &text).expect("written");
        return;
    }
    assert_eq!(text, SCHEMA, "the types have changed: bless the schema");
}

#[test]
fn lines_of_another_shape_are_refused() {
    let line = json!({"type": "progress", "stage": "a", "done": 1, "total": 2, "message": "m"});
    check(&line);
    for (name, value) in [("done", json!("1")), ("done", json!(-1)), ("type", json!("result"))] {
        let mut wrong = line.clone();
        wrong[name] = value;
        assert!(!VALIDATOR.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn every_kind_has_figures_and_the_nearest_name() {
    for kind in Kind::ALL {
        assert!(!figures(kind).is_empty(), "{kind}");
        for one in figures(kind) {
            assert!(!one.description().is_empty(), "{kind} {}", one.path());
            assert_eq!(
                figure(kind.name(), one.path()).map(|f| f.path().to_owned()).as_deref(),
                Ok(one.path())
            );
        }
    }
    for (kind, path) in [
        ("compare", "/queries/0/ratio"),
        ("compare", "/queries/-1/cache/p99_ms"),
        ("load", "/stages/-1/database_queries_saved_percent"),
        ("load", "/stages/0/database/requests_per_s"),
        ("load", "/counters/hits"),
        ("patterns", "/eviction/hot_kept_percent"),
        ("failover", "/errors"),
        ("stampede", "/rows/1/values/1"),
    ] {
        assert!(figure(kind, path).is_ok(), "{kind} {path}");
    }
    for (kind, path, nearest) in [
        ("compare", "/queries/0/ration", "'/queries/0/ratio'"),
        ("compare", "/queries/0", "'/queries/0/ratio'"),
        ("load", "/stages/-1/database_queries_saved", "'/stages/0/database_queries_saved_percent'"),
        ("comparison", "/queries/0/ratio", "'compare'"),
        ("failover", "errors", "'/errors'"),
    ] {
        let refusal = figure(kind, path).expect_err(path).to_string();
        assert!(refusal.ends_with(&format!("did you mean {nearest}?")), "{refusal}");
    }
}
