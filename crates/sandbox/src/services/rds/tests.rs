//! RDS's refusals (docs/aws-errors.md, "RDS") on the control plane alone, and its life with a real database.

use std::sync::Arc;
use std::time::Duration;

use crate::engines::{Engines, Preference, ca};
use crate::model::error::ApiError;
use crate::model::pace::Pace;
use crate::model::{
    node::Node,
    params::{Missing, Params},
};
use crate::server::ctx::Ctx;
use crate::services::{ALL, tests::ask_later};
use crate::system::alias::plain_dir;

async fn call(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Result<Node, ApiError> {
    ask_later(&super::SERVICE, ctx, action, &Params::of(Missing::Blank, pairs.iter().copied())).await
}

async fn refused(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> (String, u16, String) {
    let error = call(ctx, action, pairs).await.expect_err(action);
    (error.code.into_owned(), error.status, error.message.unwrap_or_default())
}

async fn until(ctx: &Arc<Ctx>, wanted: &str) {
    let wait = async {
        loop {
            let status = match call(ctx, "DescribeDBInstances", &[("DBInstanceIdentifier", "db")]).await {
                Ok(answer) => {
                    answer.find("DBInstances/DBInstance/DBInstanceStatus").unwrap_or_default().to_owned()
                }
                Err(error) => error.code.into_owned(),
            };
            if status == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait).await.expect(wanted);
}

const BASE: &[(&str, &str)] = &[
    ("DBInstanceIdentifier", "db"),
    ("DBInstanceClass", "db.t3.micro"),
    ("Engine", "mysql"),
    ("EngineVersion", "8.4"),
    ("MasterUsername", "admin"),
    ("MasterUserPassword", "TempPassword123"),
    ("AllocatedStorage", "20"),
    ("DBName", "testdb"),
];

#[tokio::test(flavor = "multi_thread")]
async fn database_survives_a_killed_engine_and_a_restart() {
    let dir = plain_dir();
    ca::ca_pem(dir.path()).expect("authority");
    let engines = Engines::start(dir.path(), Preference::Any).expect("engines");
    let open = |engines| {
        Ctx::open(dir.path(), Pace::Fast, "http://127.0.0.1:1".into(), Some(engines), ALL.parts())
            .expect("world")
    };
    let ctx = open(Arc::clone(&engines));
    let made = call(&ctx, "CreateDBInstance", BASE).await.expect("created");
    assert_eq!(made.find("DBInstance/EngineVersion"), Some("8.4.7"));
    assert_eq!(made.find("DBInstance/Endpoint/Address"), None);
    until(&ctx, "available").await;
    let world = std::fs::read_to_string(dir.path().join("world.jsonl")).expect("world");
    assert!(!world.contains("TempPassword123"), "the password is in the state");
    let untyped = refused(&ctx, "DescribeEvents", &[("SourceIdentifier", "db")]).await;
    assert_eq!(untyped.0, "InvalidParameterCombination");
    let events = call(&ctx, "DescribeEvents", &[]).await.expect("events").document();
    assert!(events.contains("DB instance created") && events.contains("Sandbox: served by"), "{events}");

    assert!(engines.kill("db"));
    // From the first event of the loss to the last, nobody is told that the database is available.
    let recovered = async {
        loop {
            let world = ctx.world();
            let events = format!("{:?}", world.rds.events);
            let back = events.contains("is complete");
            if back || events.contains("has started") {
                assert_eq!(world.rds.resources()[0].status, if back { "available" } else { "rebooting" });
            }
            if back {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), recovered).await.expect("recovered");
    ctx.stop();
    engines.stop().await;

    let engines = Engines::start(dir.path(), Preference::Any).expect("engines");
    let ctx = open(Arc::clone(&engines));
    let resumed = (super::SERVICE.resume)(Arc::clone(&ctx));
    assert_eq!(ctx.world().rds.resources()[0].status, "rebooting", "nothing answers yet");
    resumed.await;
    assert_eq!(ctx.world().rds.resources()[0].status, "available");
    assert_eq!(engines.status().len(), 1);
    let id = [("DBInstanceIdentifier", "db")];
    assert_eq!(
        refused(&ctx, "DeleteDBInstance", &id).await.2,
        "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
    );
    let skip = [("DBInstanceIdentifier", "db"), ("SkipFinalSnapshot", "true")];
    call(&ctx, "DeleteDBInstance", &skip).await.expect("deleted");
    until(&ctx, "DBInstanceNotFound").await;
    assert!(engines.status().is_empty());
    assert_eq!(std::fs::read_dir(dir.path().join("engines/database")).expect("directory").count(), 0);
    engines.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_may_be_deleted_while_it_is_being_created() {
    let dir = plain_dir();
    ca::ca_pem(dir.path()).expect("authority");
    let engines = Engines::start(dir.path(), Preference::Any).expect("engines");
    let ctx = Ctx::open(
        dir.path(),
        Pace::Fast,
        "http://127.0.0.1:1".into(),
        Some(Arc::clone(&engines)),
        ALL.parts(),
    )
    .expect("world");
    call(&ctx, "CreateDBInstance", BASE).await.expect("created");
    let skip = [("DBInstanceIdentifier", "db"), ("SkipFinalSnapshot", "true")];
    call(&ctx, "DeleteDBInstance", &skip).await.expect("deleted");
    until(&ctx, "DBInstanceNotFound").await;
    let empty = async {
        let home = dir.path().join("engines/database");
        while !engines.status().is_empty()
            || std::fs::read_dir(&home).is_ok_and(|mut entries| entries.next().is_some())
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), empty).await.expect("nothing is left");
    engines.stop().await;
}
