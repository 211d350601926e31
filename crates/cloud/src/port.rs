//! The engine's port, dispatched to one file per service.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::Leftover;
use recipe_walk_engine::cloud::{
    Answer, BoxFuture, Cloud, Command, Found, Identity, Note, Place, Preflight, Probe, Remote, Stage, Undone,
};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::Finding;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::kind::{self, Act, FailOver, Look};
use recipe_walk_engine::tags::Tags;
use std::collections::BTreeMap;

impl AwsCloud {
    async fn find_it(&self, planned: &Planned) -> Result<Found, Failure> {
        match &planned.action {
            Action::SecurityGroup(_) => self.find_security_group(planned).await,
            Action::IngressRule(_) => self.find_rule(planned).await,
            Action::CacheSubnetGroup(_) => self.find_cache_subnet_group(planned).await,
            Action::CacheParameterGroup(_) => self.find_parameter_group(planned).await,
            Action::CacheParameters(kind::CacheParameters { group, values })
            | Action::TemporaryCacheParameters(kind::TemporaryCacheParameters { group, values, .. }) => {
                self.find_parameters(group, values).await
            }
            Action::Secret(kind::Secret { path, .. }) | Action::Note(kind::Note { path, .. }) => {
                self.find_parameter(planned, path).await
            }
            Action::ReplicationGroup(_) => self.find_replication_group(planned).await,
            Action::DbSubnetGroup(_) => self.find_db_subnet_group(planned).await,
            Action::DbInstance(_) => self.find_db_instance(planned).await,
            Action::Role(_) => self.find_role(planned).await,
            Action::RolePolicy(_) => self.find_role_policy(planned).await,
            Action::InstanceProfile(_) => self.find_profile(planned).await,
            Action::ProfileRole(_) => self.find_profile_role(planned).await,
            Action::Instance(_) => self.find_instance(planned).await,
        }
    }

    async fn apply_it(&self, planned: &Planned) -> Result<Output, Failure> {
        match &planned.action {
            Action::SecurityGroup(_) => self.create_security_group(planned).await,
            Action::IngressRule(_) => self.create_rule(planned).await,
            Action::CacheSubnetGroup(_) => self.create_cache_subnet_group(planned).await,
            Action::CacheParameterGroup(_) => self.create_parameter_group(planned).await,
            Action::CacheParameters(kind::CacheParameters { group, values })
            | Action::TemporaryCacheParameters(kind::TemporaryCacheParameters { group, values, .. }) => {
                self.set_parameters(group, values).await
            }
            Action::Secret(_) => self.create_secret(planned).await,
            Action::Note(_) => self.create_note(planned).await,
            Action::ReplicationGroup(_) => self.create_replication_group(planned).await,
            Action::DbSubnetGroup(_) => self.create_db_subnet_group(planned).await,
            Action::DbInstance(_) => self.create_db_instance(planned).await,
            Action::Role(_) => self.create_role(planned).await,
            Action::RolePolicy(_) => self.put_role_policy(planned).await,
            Action::InstanceProfile(_) => self.create_profile(planned).await,
            Action::ProfileRole(_) => self.add_role_to_profile(planned).await,
            Action::Instance(_) => self.run_instance(planned).await,
        }
    }

    async fn probe_it(&self, planned: &Planned, id: &str) -> Result<Probe, Failure> {
        match &planned.action {
            Action::ReplicationGroup(_) => self.probe_replication_group(id).await,
            Action::DbInstance(_) => self.probe_db_instance(id).await,
            Action::Instance(_) => self.probe_instance(id).await,
            // Everything else is usable as soon as it is there.
            _ => {
                let there = matches!(self.find_it(planned).await?, Found::Ours(_));
                let stage = if there { Stage::Ready } else { Stage::Gone };
                Ok(Probe { stage, status: String::new(), event: None, attributes: BTreeMap::new() })
            }
        }
    }

    async fn undo_it(&self, planned: &Planned, id: &str) -> Result<Undone, Failure> {
        // The tag is looked at right before each deletion: a name alone proves nothing.
        match self.find_it(planned).await? {
            Found::Ours(_) => {}
            Found::Absent => return Ok(Undone::AlreadyGone),
            Found::Foreign(_) => return Ok(Undone::NotOurs),
        }
        let deleted = match &planned.action {
            Action::SecurityGroup(_) => self.delete_security_group(id).await,
            Action::IngressRule(kind::IngressRule { group, .. }) => self.delete_rule(group, id).await,
            Action::CacheSubnetGroup(kind::CacheSubnetGroup { name, .. }) => {
                self.delete_cache_subnet_group(name).await
            }
            Action::CacheParameterGroup(kind::CacheParameterGroup { name, .. }) => {
                self.delete_parameter_group(name).await
            }
            Action::CacheParameters(_) => Ok(()),
            Action::TemporaryCacheParameters(kind::TemporaryCacheParameters { group, before, .. }) => {
                self.set_parameters(group, before).await.map(|_| ())
            }
            Action::Secret(kind::Secret { path, .. }) | Action::Note(kind::Note { path, .. }) => {
                self.delete_parameter(path).await
            }
            Action::ReplicationGroup(kind::ReplicationGroup { id, .. }) => {
                self.delete_replication_group(id).await
            }
            Action::DbSubnetGroup(kind::DbSubnetGroup { name, .. }) => {
                self.delete_db_subnet_group(name).await
            }
            Action::DbInstance(kind::DbInstance { id, .. }) => self.delete_db_instance(id).await,
            Action::Role(kind::Role { name, .. }) => self.delete_role(name).await,
            Action::RolePolicy(kind::RolePolicy { role, name, .. }) => {
                self.delete_role_policy(role, name).await
            }
            Action::InstanceProfile(kind::InstanceProfile { name }) => self.delete_profile(name).await,
            Action::ProfileRole(kind::ProfileRole { profile, role }) => {
                self.remove_role_from_profile(profile, role).await
            }
            Action::Instance(_) => self.terminate_instance(id).await,
        };
        match deleted {
            Ok(()) => Ok(Undone::Deleted),
            Err(f) if f.kind() == Some(Kind::NotFound) => Ok(Undone::AlreadyGone),
            Err(f) => Err(f),
        }
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        let operation = "sts:GetCallerIdentity";
        let me = self.sts.get_caller_identity().send().await.named(operation)?;
        let account = me.account().ok_or_else(|| missing(operation, "Account"))?.to_owned();
        let arn = me.arn().unwrap_or_default().to_owned();
        let place = Place { account, region: self.region.clone(), endpoint: self.endpoint.clone() };
        Ok(Identity { place, arn })
    }
}

impl Cloud for AwsCloud {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(self.identify())
    }
    fn preflight<'a>(&'a self, preflight: &'a Preflight) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(self.look_before(preflight))
    }
    fn look<'a>(&'a self, look: &'a Look) -> Answer<'a, Facts> {
        Box::pin(self.look_up(look))
    }
    fn find<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Found> {
        Box::pin(self.find_it(planned))
    }
    fn differences<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Vec<Difference>> {
        Box::pin(self.compare_all(planned))
    }
    fn apply<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Output> {
        Box::pin(self.apply_it(planned))
    }
    fn probe<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Probe> {
        Box::pin(self.probe_it(planned, id))
    }
    fn undo<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Undone> {
        Box::pin(self.undo_it(planned, id))
    }
    fn send<'a>(&'a self, instance: &'a str, script: &'a str, timeout_seconds: u32) -> Answer<'a, String> {
        Box::pin(self.send_command(instance, script, timeout_seconds))
    }
    fn command<'a>(&'a self, instance: &'a str, command: &'a str) -> Answer<'a, Command> {
        Box::pin(self.look_at_command(instance, command))
    }
    fn cancel<'a>(&'a self, instance: &'a str, command: &'a str) -> Answer<'a, ()> {
        Box::pin(self.cancel_command(instance, command))
    }
    fn act<'a>(&'a self, act: &'a Act) -> Answer<'a, ()> {
        match act {
            Act::FailOver(FailOver { group }) => Box::pin(self.test_failover(group)),
        }
    }
    fn sweep<'a>(&'a self, session: &'a SessionId) -> Answer<'a, Vec<Leftover>> {
        Box::pin(self.sweep_session(session))
    }
    fn read_note<'a>(&'a self, path: &'a str) -> Answer<'a, Option<Note>> {
        Box::pin(self.note(path))
    }
    fn write_note<'a>(
        &'a self,
        path: &'a str,
        text: &'a str,
        new: Option<&'a Tags>,
    ) -> Answer<'a, Option<i64>> {
        Box::pin(self.put_note(path, text, new))
    }
    fn remove_note<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        Box::pin(async { absent(self.delete_parameter(path).await).map(|_| ()) })
    }
    fn mark<'a>(&'a self, id: &'a str, tags: &'a [(&'a str, String)]) -> Answer<'a, ()> {
        Box::pin(async move {
            if id.starts_with('/') { self.tag_note(id, tags).await } else { self.create_tags(id, tags).await }
        })
    }
    fn sessions(&self) -> Answer<'_, Vec<Remote>> {
        Box::pin(self.all_sessions())
    }
}
