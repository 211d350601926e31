//! Plays `refusals.txt`, and keeps docs/sandbox-errors.md in step with it.

use super::door::{Answer, Door, Signing};
use crate::{
    model::pace::Pace,
    protocol::Protocol,
    server::{
        ctx::Departure,
        fault::{Fault, FaultKind},
    },
    services::{
        ALL, ec2, elasticache, iam, rds,
        service::{Service, Wire},
    },
};
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

const TEXT: &str = include_str!("refusals.txt");
const SOURCES: &str = include_str!("sources.txt");
/// SSM's exceptions whose text is called `Message` (docs/aws-errors.md, "Envelopes and headers").
const CAPITAL: [&str; 6] = [
    "InvalidDocument",
    "InvalidInstanceId",
    "InvalidParameters",
    "MaxDocumentSizeExceeded",
    "InternalServerError",
    "ThrottlingException",
];

/// A line of the source and what belongs to it.
struct Entry {
    name: &'static str,
    lines: Vec<&'static str>,
}

struct Book {
    short: BTreeMap<&'static str, (&'static str, &'static str, &'static str)>,
    entries: Vec<Entry>,
}

fn book() -> Book {
    let mut book = Book { short: BTreeMap::new(), entries: Vec::new() };
    for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(rest) = line.strip_prefix("= ") {
            let mut words = rest.splitn(4, ' ');
            let mut next = || words.next().unwrap();
            book.short.insert(next(), (next(), next(), next()));
        } else if line.starts_with("docs/") {
            book.entries.push(Entry { name: line, lines: Vec::new() });
        } else {
            book.entries.last_mut().unwrap().lines.push(line);
        }
    }
    book
}

/// One world in which an entry is played.
struct Stage<'a> {
    book: &'a Book,
    door: Door,
    known: BTreeMap<String, String>,
    role: Option<(String, String, String)>,
}

impl<'a> Stage<'a> {
    async fn new(book: &'a Book) -> Self {
        // At AWS's own pace: what is being created stays so for as long as a test looks.
        let door = Door::open(Pace::Real).await;
        let world = door.ctx.world();
        let mut known = BTreeMap::from([("vpc".to_owned(), world.ec2.vpcs[0].id.clone())]);
        for (at, subnet) in world.ec2.subnets.iter().enumerate() {
            known.insert(format!("subnet{}", at + 1), subnet.id.clone());
        }
        let numbered = |count: usize, part: &dyn Fn(usize) -> String| {
            (1..=count).map(part).collect::<Vec<_>>().join("&")
        };
        let values = |n| format!("ParameterNameValues.ParameterNameValue.{n}.ParameterName=timeout");
        known.insert("twenty-one".into(), numbered(21, &values));
        known.insert("fifty-one".into(), numbered(51, &|n| format!("Tags.Tag.{n}.Key=k{n}")));
        Self { book, door, known, role: None }
    }

    /// Puts in what `$name` and `$a41` stand for.
    fn filled(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(part.len());
            let name = &part[..end];
            let repeated = name.strip_prefix('a').and_then(|n| n.parse().ok()).map(|n: usize| "a".repeat(n));
            let value = self.known.get(name).cloned().or(repeated);
            out.push_str(&value.unwrap_or_else(|| panic!("nothing is known as ${name}")));
            out.push_str(&part[end..]);
        }
        out
    }

    /// Sends what a line asks for; returns the service with the answer.
    async fn send(&mut self, line: &str) -> (&'static Service, Answer) {
        let (how, line) = match line.strip_prefix('@').and_then(|l| l.split_once(' ')) {
            Some((how, line)) => (how.to_owned(), line),
            None => (String::new(), line),
        };
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (service, operation, parameters) =
            if let Some((service, operation, parameters)) = self.book.short.get(first) {
                (*service, *operation, format!("{parameters}{rest}"))
            } else {
                let (operation, parameters) = rest.split_once(' ').unwrap();
                (first, operation, parameters.to_owned())
            };
        let signing = Signing { how, role: self.role.clone() };
        let parameters = self.filled(&parameters);
        let (answer, stamp) = self.door.call(service, operation, &parameters, &signing).await;
        self.known.insert("sent".into(), stamp);
        (ALL.by_name(service).unwrap(), answer)
    }

    async fn must(&mut self, line: &str) {
        let (line, capture) = line.split_once(" -> ").map_or((line, None), |(l, c)| (l, c.split_once('=')));
        let (_, answer) = self.send(line).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.body);
        if let Some((name, path)) = capture {
            let value = tag(&answer.body, path.rsplit('/').next().unwrap()).unwrap();
            self.known.insert(name.to_owned(), value);
        }
    }

    async fn hook(&mut self, what: &str) {
        let (word, argument) = what.split_once(' ').unwrap_or((what, ""));
        match word {
            "fault" => {
                self.door.ctx.faults.clear();
                let (calls, kind) = argument.split_once(' ').unwrap_or(("*", argument));
                let kind: FaultKind = kind.parse().unwrap();
                self.door.ctx.faults.add(Fault::new(calls, kind), &ALL.parts()).unwrap();
            }
            "role" => self.role(argument).await,
            "many" => self.many().await,
            "many-groups" => self.many_groups().await,
            "free-plan" => self.door.ctx.depart(Departure { free_plan: true, ..Departure::default() }),
            _ => {
                let now = self.door.ctx.now();
                let known = &mut self.known;
                let changed = self.door.ctx.change(|world| {
                    match word {
                        "second-vpc" => {
                            let other = crate::services::ec2::Ec2State::fresh("us-east-1");
                            known.insert("other-vpc".into(), other.vpcs[0].id.clone());
                            known.insert("other-subnet".into(), other.subnets[0].id.clone());
                            known.insert("other-group".into(), other.groups[0].id.clone());
                            world.ec2.vpcs.extend(other.vpcs.iter().cloned());
                            world.ec2.subnets.extend(other.subnets.iter().cloned());
                            world.ec2.groups.extend(other.groups.iter().cloned());
                        }
                        "expire" => world.iam.sessions.each_mut(|session| session.expires = now),
                        "available" => elasticache::set_status_for_tests(&mut world.elasticache, true),
                        "failed" => elasticache::set_status_for_tests(&mut world.elasticache, false),
                        "terminated" => {
                            world.ec2.instances.each_mut(|instance| instance.terminated_at = Some(now));
                        }
                        "fifteen-failovers" => world
                            .elasticache
                            .replication_groups
                            .each_mut(|group| group.failovers = vec![now; 15]),
                        "ten-thousand-parameters" => {
                            world.ssm.parameters = (0..10_000)
                                .map(|n| crate::services::ssm::Parameter {
                                    name: format!("/many/{n}"),
                                    kind: "String".into(),
                                    value: "v".into(),
                                    version: 1,
                                    earlier: Vec::new(),
                                    modified: now,
                                    description: None,
                                    tags: Vec::new(),
                                })
                                .collect();
                        }
                        other => panic!("no hook is called {other}"),
                    }
                    Ok(())
                });
                changed.unwrap();
            }
        }
    }

    /// A role that may do one thing, and its keys.
    async fn role(&mut self, action: &str) {
        self.must("role").await;
        let document = format!(
            "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22{action}%22%2C%22Resource%22%3A%22*%22%7D%7D"
        );
        self.must(&format!("policy &PolicyDocument={document}")).await;
        self.must("profile").await;
        self.must("iam AddRoleToInstanceProfile InstanceProfileName=app&RoleName=app").await;
        let keys = iam::keys_for(&self.door.ctx, "i-1", Some("app")).unwrap().unwrap();
        self.role = Some((keys.access_key_id, keys.secret_access_key, keys.token));
    }

    /// As much of everything as AWS allows.
    async fn many(&mut self) {
        self.must("rg").await;
        self.must("pg &CacheParameterGroupName=many-0").await;
        self.must("sn &CacheSubnetGroupName=many-0&SubnetIds.SubnetIdentifier.1=$subnet1").await;
        self.must("db &DBInstanceIdentifier=many-0").await;
        let two = "SubnetIds.SubnetIdentifier.1=$subnet1&SubnetIds.SubnetIdentifier.2=$subnet2";
        self.must(&format!("dbsn &DBSubnetGroupName=many-0&{two}")).await;
        let filled = self.door.ctx.change(|world| {
            elasticache::fill_for_tests(&mut world.elasticache);
            rds::fill_for_tests(&mut world.rds);
            Ok(())
        });
        filled.unwrap();
    }
}

impl Stage<'_> {
    /// As many security groups as AWS allows, one of them with as many rules.
    async fn many_groups(&mut self) {
        self.must("sg &GroupName=full -> full=groupId").await;
        self.must("sg &GroupName=last -> last=groupId").await;
        let filled = self.door.ctx.change(|world| {
            let groups = &mut world.ec2.groups;
            let rules = groups.iter().find_map(|g| g.rules.first()).cloned().unwrap();
            let ranges = (0..60).map(|n| format!("10.0.{n}.0/24"));
            let ranges = ranges.map(|range| ec2::Rule { peer: ec2::Peer::V4(range), ..rules.clone() });
            groups.get_mut("name:full").unwrap().rules.extend(ranges);
            let last = groups.last().unwrap().clone();
            let more = (groups.len()..ec2::SECURITY_GROUPS.value).map(|n| ec2::SecurityGroup {
                id: format!("sg-{n:017x}"),
                name: format!("g{n}"),
                ..last.clone()
            });
            groups.extend(more);
            Ok(())
        });
        filled.unwrap();
        let world = self.door.ctx.world();
        let six = world.ec2.groups.iter().rev().take(6).enumerate();
        let six = six.map(|(n, group)| format!("SecurityGroupId.{}={}", n + 1, group.id));
        self.known.insert("six-groups".into(), six.collect::<Vec<_>>().join("&"));
    }
}

/// The text of the first element of this name.
fn tag(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let unescaped = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(unescaped.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)))
}

/// Code and text of a refusal, after a look at the envelope and the headers around them.
fn refusal(service: &Service, answer: &Answer) -> (String, Option<String>) {
    let id =
        answer.head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).expect("a request id");
    let kind = |wanted: &str| {
        assert!(answer.head.contains(&format!("content-type: {wanted}\r\n")), "{}", answer.head);
    };
    assert!(answer.head.contains("date: "), "{}", answer.head);
    let body = answer.body.as_str();
    match &service.wire {
        Wire::Form(form) if form.protocol == Protocol::Ec2 => {
            kind("text/xml;charset=utf-8");
            assert!(answer.head.contains("server: amazonec2"), "{}", answer.head);
            let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n  <Errors>\n    <Error>\n      <Code>";
            assert!(body.starts_with(start) && !body.contains("<Type>"), "{body}");
            assert_eq!(tag(body, "RequestID").as_deref(), Some(id));
            (tag(body, "Code").unwrap(), tag(body, "Message"))
        }
        Wire::Form(form) => {
            kind("text/xml");
            let code = tag(body, "Code").unwrap();
            let namespace = if code == "InvalidAction" {
                "http://webservices.amazon.com/AWSFault/2005-15-09"
            } else {
                form.namespace
            };
            let unsigned = code == "MissingAuthenticationToken" || code == "IncompleteSignature";
            assert!(body.contains(&format!("<ErrorResponse xmlns=\"{namespace}\">")) || unsigned, "{body}");
            let side = if answer.status >= 500 { "Receiver" } else { "Sender" };
            assert_eq!(tag(body, "Type").as_deref(), Some(side), "{body}");
            assert_eq!(tag(body, "RequestId").as_deref(), Some(id));
            (code, tag(body, "Message"))
        }
        Wire::Json(_) => {
            kind("application/x-amz-json-1.1");
            let value: serde_json::Value = serde_json::from_str(body).expect(body);
            let code = value["__type"].as_str().expect(body).to_owned();
            let member = if CAPITAL.contains(&code.as_str()) || code == "ValidationException" {
                "Message"
            } else {
                "message"
            };
            assert_eq!(value.as_object().unwrap().len(), 1 + usize::from(!value[member].is_null()), "{body}");
            (code, value[member].as_str().map(str::to_owned))
        }
    }
}

/// Compares an answer with a `<` line.
fn check(name: &str, stage: &Stage<'_>, service: &Service, answer: &Answer, expected: &str) {
    let mut words = expected.splitn(3, ' ');
    let status: u16 = words.next().unwrap().parse().unwrap();
    assert_eq!(answer.status, status, "{name}: {}", answer.body);
    if status == 200 {
        let wanted = stage.filled(expected.split_once(' ').unwrap().1);
        match wanted.strip_prefix('!') {
            Some(absent) => assert!(!answer.body.contains(absent), "{name}: {}", answer.body),
            None => assert!(answer.body.contains(&wanted), "{name}: {}", answer.body),
        }
        return;
    }
    let (code, message) = refusal(service, answer);
    assert_eq!(code, words.next().unwrap(), "{name}: {}", answer.body);
    match words.next() {
        None => {}
        Some("-") => assert_eq!(message, None, "{name}"),
        Some(wanted) => {
            let (wanted, message) = (stage.filled(wanted), message.unwrap_or_default());
            match wanted.strip_prefix('~') {
                Some(part) => assert!(message.contains(part), "{name}: {message}"),
                None => assert_eq!(message, wanted, "{name}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_source_is_refused_as_aws_refuses_it() {
    let book = book();
    for entry in &book.entries {
        let mut stage = Stage::new(&book).await;
        let mut answered = None;
        for line in &entry.lines {
            let (mark, rest) = line.split_at(2);
            match mark {
                "! " => stage.hook(rest).await,
                "+ " => stage.must(rest).await,
                "> " => answered = Some(stage.send(rest).await),
                "< " => {
                    let (service, answer) = answered.take().expect("an answer");
                    check(entry.name, &stage, service, &answer, rest);
                }
                "x " | "t " => {}
                other => panic!("{}: what is {other}?", entry.name),
            }
        }
        assert!(answered.is_none(), "{}: an answer that nobody looks at", entry.name);
    }
}

/// A line of the source may have several entries; each adds what it is about in brackets.
#[test]
fn every_line_of_the_source_has_an_entry() {
    let book = book();
    let sources = || SOURCES.lines().filter(|line| !line.starts_with('#'));
    let about = |entry: &Entry, line: &str| {
        entry.name.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
    };
    let missing: Vec<&str> = sources().filter(|line| !book.entries.iter().any(|e| about(e, line))).collect();
    assert!(missing.is_empty(), "without an entry: {missing:#?}");
    let strange: Vec<&str> =
        book.entries.iter().filter(|e| !sources().any(|line| about(e, line))).map(|e| e.name).collect();
    assert!(strange.is_empty(), "not in sources.txt: {strange:#?}");
}

/// What takes more than a request has a test somewhere else, which is still there.
#[test]
fn the_tests_that_are_named_are_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let book = book();
    let lines = book.entries.iter().flat_map(|entry| &entry.lines);
    let mut named = 0;
    for (file, test) in lines.filter_map(|line| line.strip_prefix("t ")?.split_once(' ')) {
        let text = std::fs::read_to_string(root.join(file)).expect(file);
        assert!(text.contains(&format!("fn {test}(")), "{file} has no {test}");
        named += 1;
    }
    assert!(named > 4, "{named}");
}

/// The generated page.
fn page(book: &Book) -> String {
    let mut out = String::from(
        "# What the sandbox refuses\n\n\
         Generated from `crates/sandbox/src/strict/refusals.txt`, which a test plays as signed HTTP requests; do not edit.\n\
         Code and status are those of AWS everywhere. \"Text\" says whether the words were seen from AWS and are compared;\n\
         where they were not, the sandbox's own words are used.\n\n\
         The same request again, byte for byte, is no refusal: like AWS, the sandbox keeps no list of the requests that it\n\
         has seen, and answers one for as long as its signature holds. After 15 minutes, after the end of the session that\n\
         signed it, and at any other sandbox it is refused.\n",
    );
    out.push_str(
        "\nThe texts of the quotas of EC2, RDS and IAM are those of public reports. For those of ElastiCache none was found.\n",
    );
    let mut section = "";
    let mut never = String::new();
    for entry in &book.entries {
        let (of, what) = entry.name.split_once(": ").unwrap();
        if let Some(reason) = entry.lines.iter().find_map(|line| line.strip_prefix("x ")) {
            let _ = writeln!(never, "- {of}, {what}: {reason}");
            continue;
        }
        let elsewhere = entry.lines.iter().find_map(|line| line.strip_prefix("t ")?.split_once(' '));
        if of != section {
            section = of;
            let _ = write!(out, "\n## {of}\n\n| situation | answer | text |\n|---|---|---|\n");
        }
        if let Some((file, test)) = elsewhere {
            let _ =
                writeln!(out, "| {} | `{file}`: {} | - |", what.replace('|', "\\|"), test.replace('_', " "));
            continue;
        }
        let answers: Vec<&str> = entry.lines.iter().filter_map(|line| line.strip_prefix("< ")).collect();
        let mut codes: Vec<String> = Vec::new();
        for answer in &answers {
            let mut words = answer.split(' ');
            let (status, code) = (words.next().unwrap(), words.next().unwrap());
            let told = if status == "200" { "succeeds".to_owned() } else { format!("{code} {status}") };
            if !codes.contains(&told) {
                codes.push(told);
            }
        }
        let told = |answer: &&str| !answer.starts_with("200") && answer.splitn(3, ' ').count() == 3;
        let (texts, all) = (
            answers.iter().filter(|a| told(a)).count(),
            answers.iter().filter(|a| !a.starts_with("200")).count(),
        );
        if codes.is_empty() {
            codes.push("succeeds".into());
        }
        let text = match (texts, all) {
            (_, 0) => "-",
            (0, _) => "not seen",
            (t, a) if t == a => "compared",
            _ => "partly",
        };
        let _ = writeln!(out, "| {} | {} | {text} |", what.replace('|', "\\|"), codes.join(", "));
    }
    let _ = write!(out, "\n## What no request can trigger here, and why\n\n{never}");
    out
}

#[test]
fn the_page_about_refusals_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox-errors.md");
    let wanted = page(&book());
    if std::env::var_os("RECIPE_WALK_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/sandbox-errors.md is out of date: run this test with RECIPE_WALK_WRITE_DOCS=1"
    );
}
