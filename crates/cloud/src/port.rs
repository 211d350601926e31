//! The engine's port: what is asked of a kind goes to its file.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent, missing};
use jiff::Timestamp;
use recipe_walk_engine::action::{Output, Planned};
use recipe_walk_engine::cloud::Leftover;
use recipe_walk_engine::cloud::{
    Answer, BoxFuture, Cloud, Command, Found, Identity, Note, Place, Preflight, Probe, Remote, Undone,
};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::finding::Finding;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::kind::{Act, FailOver, Look};
use recipe_walk_engine::tags::Tags;
use secrecy::SecretString;
use std::collections::BTreeMap;

impl AwsCloud {
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
        self.find_it(planned)
    }
    fn differences<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Vec<Difference>> {
        self.compare_it(planned)
    }
    fn apply<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Output> {
        self.make_it(planned)
    }
    fn probe<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Probe> {
        self.probe_it(planned, id)
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
    fn sweep<'a>(&'a self, session: &'a SessionId, since: Timestamp) -> Answer<'a, Vec<Leftover>> {
        Box::pin(self.sweep_session(session, since))
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
    fn note_tags<'a>(&'a self, path: &'a str) -> Answer<'a, Option<BTreeMap<String, String>>> {
        Box::pin(self.tags_of_parameter(path))
    }
    fn secret<'a>(&'a self, path: &'a str) -> Answer<'a, Option<SecretString>> {
        Box::pin(async { absent(self.read_secret(path).await) })
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
