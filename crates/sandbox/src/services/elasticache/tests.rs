//! ElastiCache's refusals (docs/aws-errors.md, "ElastiCache") on the control plane alone, and its life with real
//! engines.

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

pub(crate) async fn call(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Result<Node, ApiError> {
    ask_later(&super::SERVICE, ctx, action, &Params::of(Missing::Blank, pairs.iter().copied())).await
}

async fn refused(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> (String, u16, String) {
    let error = call(ctx, action, pairs).await.expect_err(action);
    (error.code.into_owned(), error.status, error.message.unwrap_or_default())
}

async fn status(ctx: &Arc<Ctx>) -> String {
    match call(ctx, "DescribeReplicationGroups", &[("ReplicationGroupId", "rg")]).await {
        Ok(answer) => answer.find("ReplicationGroups/ReplicationGroup/Status").unwrap_or_default().to_owned(),
        Err(error) => error.code.into_owned(),
    }
}

async fn until(ctx: &Arc<Ctx>, wanted: &str) {
    let wait = async {
        while status(ctx).await != wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect(wanted);
}

const BASE: &[(&str, &str)] = &[
    ("ReplicationGroupId", "rg"),
    ("ReplicationGroupDescription", "d"),
    ("CacheNodeType", "cache.t3.micro"),
    ("NumCacheClusters", "2"),
    ("AutomaticFailoverEnabled", "true"),
    ("MultiAZEnabled", "true"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    BASE.iter().copied().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn cache_without_engines_passes_through_every_status() {
    let (_dir, ctx) = Ctx::for_tests();
    let params =
        [("CacheParameterGroupName", "pg"), ("CacheParameterGroupFamily", "redis7"), ("Description", "d")];
    call(&ctx, "CreateCacheParameterGroup", &params).await.expect("created");
    let pairs =
        with(&[("CacheParameterGroupName", "pg"), ("Tags.Tag.1.Key", "k"), ("Tags.Tag.1.Value", "v")]);
    let made = call(&ctx, "CreateReplicationGroup", &pairs).await.expect("created");
    assert_eq!(made.find("ReplicationGroup/Status"), Some("creating"));
    let again = refused(&ctx, "CreateReplicationGroup", &pairs).await;
    assert_eq!(again.2, "Replication group with specified name already exists.");
    let id = [("ReplicationGroupId", "rg")];
    assert_eq!(
        refused(&ctx, "DeleteReplicationGroup", &id).await.2,
        "Replication group rg has status creating which is not valid for deletion."
    );
    let arn = made.find("ReplicationGroup/ARN").expect("an ARN").to_owned();
    let resource = [("ResourceName", arn.as_str())];
    let early = refused(&ctx, "ListTagsForResource", &resource).await;
    assert_eq!(early.2, "Cluster not in available state to perform tagging operations.");
    until(&ctx, "available").await;
    let tags = call(&ctx, "ListTagsForResource", &resource).await.expect("tags");
    assert_eq!(tags.find("TagList/Tag/Value"), Some("v"));
    let in_use = refused(&ctx, "DeleteCacheParameterGroup", &[("CacheParameterGroupName", "pg")]).await;
    assert_eq!(in_use.0, "InvalidCacheParameterGroupState");

    let node_group = [("ReplicationGroupId", "rg"), ("NodeGroupId", "0002")];
    assert_eq!(refused(&ctx, "TestFailover", &node_group).await.0, "NodeGroupNotFoundFault");
    let node_group = [("ReplicationGroupId", "rg"), ("NodeGroupId", "0001")];
    call(&ctx, "TestFailover", &node_group).await.expect("failover");
    let moved = async {
        while ctx
            .read(|w| w.elasticache.group("rg").is_ok_and(|g| g.recovering || g.layout.primary == "rg-001"))
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), moved).await.expect("the role moves");

    call(&ctx, "DeleteReplicationGroup", &id).await.expect("deleted");
    until(&ctx, "ReplicationGroupNotFoundFault").await;
    call(&ctx, "DeleteCacheParameterGroup", &[("CacheParameterGroupName", "pg")]).await.expect("free again");
    let events = call(&ctx, "DescribeEvents", &[("SourceType", "replication-group")]).await.expect("events");
    let text = events.document();
    for message in
        ["Replication group rg created", "Test Failover API called for node group 0001", "rg deleted"]
    {
        assert!(text.contains(message), "{message} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_outlive_a_lost_primary_and_a_restart() {
    let dir = plain_dir();
    ca::ca_pem(dir.path()).expect("authority");
    let engines = Engines::start(dir.path(), Preference::Any).expect("engines");
    let open = |engines| {
        Ctx::open(dir.path(), Pace::Fast, "http://127.0.0.1:1".into(), Some(engines), ALL.parts())
            .expect("world")
    };
    let ctx = open(Arc::clone(&engines));
    let pairs = with(&[("TransitEncryptionEnabled", "true"), ("AuthToken", "abcdefghij0123456789")]);
    call(&ctx, "CreateReplicationGroup", &pairs).await.expect("created");
    until(&ctx, "available").await;
    let layout = ctx.read(|w| w.elasticache.group("rg").map(|group| group.layout.clone())).expect("layout");
    assert!(crate::services::control::kill(&ctx, "rg-009").expect_err("no such node").message.is_some());
    assert_eq!(crate::services::control::kill(&ctx, "rg").expect("killed").resource, "rg-001");
    let recovered = async {
        loop {
            let done = ctx.read(|w| {
                let group = w.elasticache.group("rg").expect("there");
                group.layout.primary == "rg-002" && !group.recovering
            });
            if done && engines.status().len() == 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), recovered).await.expect("recovered");
    ctx.stop();
    engines.stop().await;

    let engines = Engines::start(dir.path(), Preference::Any).expect("engines");
    let ctx = open(Arc::clone(&engines));
    let resumed = (super::SERVICE.resume)(Arc::clone(&ctx));
    assert_eq!(status(&ctx).await, "modifying", "nothing answers yet, neither primary nor reader");
    resumed.await;
    assert_eq!(status(&ctx).await, "available");
    // A replica that is lost leaves the reader without an answer.
    assert!(engines.kill("rg-001"));
    let back = async {
        loop {
            let world = ctx.world();
            let events = format!("{:?}", world.elasticache.events);
            let [lost, back] = ["Recovering cache", "Finished recovery"].map(|e| events.matches(e).count());
            let shown = world.elasticache.group("rg").expect("there").status_word();
            assert_eq!(shown, if lost == back { "available" } else { "modifying" });
            // The first loss was the primary's, before the new start.
            if back == 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("back");
    let again = ctx.read(|w| w.elasticache.group("rg").map(|group| group.layout.clone())).expect("layout");
    assert_eq!(
        (again.primary_endpoint, again.reader_endpoint),
        (layout.primary_endpoint, layout.reader_endpoint)
    );
    assert_eq!(engines.status().len(), 2);
    call(&ctx, "DeleteReplicationGroup", &[("ReplicationGroupId", "rg")]).await.expect("deleted");
    until(&ctx, "ReplicationGroupNotFoundFault").await;
    assert!(engines.status().is_empty());
    engines.stop().await;
}
