//! Security groups at the ports of real engines: these tests need redis-server and mariadbd on the machine.

use crate::{
    engines::{Engines, Preference, ca, ports_hindrance},
    model::{
        node::Node,
        pace::Pace,
        params::{Missing, Params},
    },
    server::ctx::Ctx,
    services::{
        ALL, ec2, elasticache, rds,
        tests::{ask, ask_later},
    },
    system::alias::plain_dir,
};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, SocketAddrV4, TcpStream},
    sync::Arc,
    time::Duration,
};

const AMI: &str = "ami-0c2a6f4e8d10b3951";

fn ec2(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Node {
    ask(&ec2::SERVICE, ctx, action, &Params::of(Missing::Ec2, pairs.iter().copied())).expect(action)
}

fn group(ctx: &Arc<Ctx>, name: &str) -> String {
    let made = ec2(ctx, "CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "d")]);
    made.find("groupId").expect("an id").to_owned()
}

/// Adds or revokes a rule for one port; `peer` is a group or a range.
fn rule(ctx: &Arc<Ctx>, action: &str, group: &str, port: &str, peer: &str) {
    let name = if peer.starts_with("sg-") {
        "IpPermissions.1.Groups.1.GroupId"
    } else {
        "IpPermissions.1.IpRanges.1.CidrIp"
    };
    let pairs = [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", port),
        ("IpPermissions.1.ToPort", port),
        (name, peer),
    ];
    ec2(ctx, action, &pairs);
}

const ADD: &str = "AuthorizeSecurityGroupIngress";
const REVOKE: &str = "RevokeSecurityGroupIngress";

async fn cache(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Node {
    ask_later(&elasticache::SERVICE, ctx, action, &Params::of(Missing::Blank, pairs.iter().copied()))
        .await
        .expect(action)
}

async fn database(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Node {
    ask_later(&rds::SERVICE, ctx, action, &Params::of(Missing::Blank, pairs.iter().copied()))
        .await
        .expect(action)
}

async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let wait = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), wait).await.expect(what);
}

fn connect(to: SocketAddrV4) -> std::io::Result<TcpStream> {
    TcpStream::connect_timeout(&SocketAddr::V4(to), Duration::from_millis(300))
}

/// New connections get no answer at all, as at a security group: not even a refusal.
fn is_closed(to: SocketAddrV4) -> bool {
    connect(to).is_err_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
}

/// `PING`, which a Redis without TLS answers at once.
fn ping(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a limit");
    stream.write_all(b"PING\r\n").expect("written");
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn open(dir: &std::path::Path) -> (Arc<Ctx>, Arc<Engines>) {
    ca::ca_pem(dir).expect("authority");
    let engines = Engines::start(dir, Preference::Any).expect("engines");
    let ctx =
        Ctx::open(dir, Pace::Fast, "http://127.0.0.1:1".into(), Some(Arc::clone(&engines)), ALL.parts())
            .expect("world");
    (ctx, engines)
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_answers_only_while_a_rule_lets_an_instance_in() {
    assert_eq!(ports_hindrance(), None, "this machine does not let ports be closed");
    let dir = plain_dir();
    let (ctx, engines) = open(dir.path());
    let (app, own) = (group(&ctx, "app"), group(&ctx, "cache"));
    let create = [
        ("ReplicationGroupId", "rg"),
        ("ReplicationGroupDescription", "d"),
        ("CacheNodeType", "cache.t3.micro"),
        ("NumCacheClusters", "2"),
        ("AutomaticFailoverEnabled", "true"),
        ("SecurityGroupIds.SecurityGroupId.1", own.as_str()),
    ];
    cache(&ctx, "CreateReplicationGroup", &create).await;
    let available = |ctx: &Arc<Ctx>| {
        let ctx = Arc::clone(ctx);
        move || {
            ctx.read(|w| w.elasticache.resources().iter().any(|r| r.id == "rg" && r.status == "available"))
        }
    };
    until("the cache is there", available(&ctx)).await;
    let layout = ctx.read(|w| w.elasticache.group("rg").map(|g| g.layout.clone())).expect("there");
    // Replication works behind closed ports: the group would not be available without it.
    let all: Vec<SocketAddrV4> = layout.endpoints().collect();
    assert!(all.iter().all(|address| is_closed(*address)), "closed without a rule");

    rule(&ctx, ADD, &own, "6379", &app);
    assert!(is_closed(layout.primary_endpoint), "there is no instance in the group that the rule names");
    let launch = [
        ("ImageId", AMI),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SecurityGroupId.1", app.as_str()),
    ];
    let launched = ec2(&ctx, "RunInstances", &launch);
    let instance = launched.find("instancesSet/item/instanceId").expect("an id").to_owned();
    let mut held = connect(layout.primary_endpoint).expect("open at once");
    assert!(all.iter().all(|address| connect(*address).is_ok()), "every endpoint");
    assert_eq!(ping(&mut held), "+PONG\r\n");

    rule(&ctx, REVOKE, &own, "6379", &app);
    assert!(all.iter().all(|address| is_closed(*address)), "closed at once");
    assert_eq!(ping(&mut held), "+PONG\r\n", "what is established lives on");

    // A failover behind closed ports: the promoted node opens sockets anew, and the old one replicates from it.
    assert_eq!(crate::services::control::kill(&ctx, "rg").expect("killed").resource, "rg-001");
    let recovered = || {
        ctx.read(|w| w.elasticache.group("rg").is_ok_and(|g| g.layout.primary == "rg-002" && !g.recovering))
            && engines.status().len() == 2
    };
    until("the replica takes over", recovered).await;
    assert!(all.iter().all(|address| is_closed(*address)), "closed after a failover");
    rule(&ctx, ADD, &own, "6000", &app);
    assert!(is_closed(layout.primary_endpoint), "another port");
    rule(&ctx, ADD, &own, "6379", "172.31.0.0/16");
    assert_eq!(
        ping(&mut connect(layout.primary_endpoint).expect("open for the instance's range")),
        "+PONG\r\n"
    );

    // The sandbox's own memory is enough after a crash of everything.
    ctx.stop();
    engines.stop().await;
    let (ctx, engines) = open(dir.path());
    (elasticache::SERVICE.resume)(Arc::clone(&ctx)).await;
    assert!(connect(layout.primary_endpoint).is_ok(), "open after a new start");
    let default = ctx.read(|w| w.ec2.groups[0].id.clone());
    let modify = [("ReplicationGroupId", "rg"), ("SecurityGroupIds.SecurityGroupId.1", default.as_str())];
    cache(&ctx, "ModifyReplicationGroup", &modify).await;
    assert!(is_closed(layout.primary_endpoint), "the default group lets in only its own");
    until("the change is done", available(&ctx)).await;
    let modify = [("ReplicationGroupId", "rg"), ("SecurityGroupIds.SecurityGroupId.1", own.as_str())];
    cache(&ctx, "ModifyReplicationGroup", &modify).await;
    assert!(connect(layout.primary_endpoint).is_ok(), "open again");
    ec2(&ctx, "TerminateInstances", &[("InstanceId.1", &instance)]);
    until("the last instance is gone", || is_closed(layout.primary_endpoint)).await;
    // Every engine listens on loopback only.
    for engine in engines.status() {
        for address in listeners(engine.pid) {
            assert!(address.starts_with("7F") || address.ends_with("7F"), "{address} of {}", engine.kind);
        }
    }
    ctx.stop();
    engines.stop().await;
}

/// The addresses at which a process listens, in the kernel's own spelling.
fn listeners(pid: u32) -> Vec<String> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("descriptors")
        .filter_map(|entry| Some(std::fs::read_link(entry.ok()?.path()).ok()?.to_string_lossy().into_owned()))
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let table = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields[3] == "0A" && sockets.contains(&format!("socket:[{}]", fields[9])) {
                found.push(fields[1].split(':').next().expect("an address").to_owned());
            }
        }
    }
    assert!(!found.is_empty(), "it listens nowhere");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_stays_closed_when_it_starts_again() {
    let dir = plain_dir();
    let (ctx, engines) = open(dir.path());
    let own = group(&ctx, "db");
    let create = [
        ("DBInstanceIdentifier", "db"),
        ("DBInstanceClass", "db.t3.micro"),
        ("Engine", "mysql"),
        ("MasterUsername", "admin"),
        ("MasterUserPassword", "TempPassword123"),
        ("AllocatedStorage", "20"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", own.as_str()),
    ];
    database(&ctx, "CreateDBInstance", &create).await;
    let status = |wanted: &'static str| {
        let ctx = Arc::clone(&ctx);
        move || ctx.read(|w| w.rds.resources().iter().any(|r| r.status == wanted))
    };
    until("the database is there", status("available")).await;
    let listen = ctx.read(|w| w.rds.attached().first().map(|one| one.endpoints[0])).expect("an address");
    assert!(is_closed(listen));
    let mut greeting = [0; 5];
    // The person's own machine is a peer too, where a range holds its address.
    rule(&ctx, ADD, &own, "3306", "0.0.0.0/0");
    connect(listen).expect("open at once").read_exact(&mut greeting).expect("a greeting");
    assert_eq!(greeting[4], 10);
    rule(&ctx, REVOKE, &own, "3306", "0.0.0.0/0");
    assert!(is_closed(listen));
    assert!(engines.kill("db"));
    let restarted = || ctx.read(|w| format!("{:?}", w.rds).contains("is complete"));
    until("the database is back", restarted).await;
    assert!(is_closed(listen), "closed after a new start of the engine");
    let default = ctx.read(|w| w.ec2.groups[0].id.clone());
    rule(&ctx, ADD, &default, "3306", "127.0.0.0/8");
    let modify =
        [("DBInstanceIdentifier", "db"), ("VpcSecurityGroupIds.VpcSecurityGroupId.1", default.as_str())];
    database(&ctx, "ModifyDBInstance", &modify).await;
    assert!(connect(listen).is_ok(), "another group, another answer");
    ctx.stop();
    engines.stop().await;
}
