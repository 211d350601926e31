//! A sandbox in which an entry is played, and the hooks that prepare it.

use super::book::Book;
use crate::{
    model::pace::Pace,
    server::{
        ctx::Departure,
        fault::{Fault, FaultKind},
    },
    services::{ALL, ec2, elasticache, iam, rds, service::Service},
    strict::{
        door::{Answer, Door, tag},
        keys::Signing,
    },
};
use std::collections::BTreeMap;

/// One world in which an entry is played.
pub(super) struct Stage<'a> {
    book: &'a Book,
    pub(super) door: Door,
    known: BTreeMap<String, String>,
    role: Option<(String, String, String)>,
}

impl<'a> Stage<'a> {
    pub(super) async fn new(book: &'a Book) -> Self {
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
    pub(super) fn filled(&self, text: &str) -> String {
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
    pub(super) async fn send(&mut self, line: &str) -> (&'static Service, Answer) {
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

    pub(super) async fn must(&mut self, line: &str) {
        let (line, capture) = line.split_once(" -> ").map_or((line, None), |(l, c)| (l, c.split_once('=')));
        let (_, answer) = self.send(line).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.body);
        if let Some((name, path)) = capture {
            let value = tag(&answer.body, path.rsplit('/').next().unwrap()).unwrap();
            self.known.insert(name.to_owned(), value);
        }
    }

    pub(super) async fn hook(&mut self, what: &str) {
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
