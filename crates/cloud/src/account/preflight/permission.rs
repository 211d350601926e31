//! Permissions, as far as AWS tells beforehand: EC2's dry runs, and the policy simulator where that is allowed.

use super::network::Place;
use super::{not_seen, refused_key};
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::ec2_tags;
use aws_sdk_ec2::types::{InstanceType, ResourceType, TagSpecification};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Finding, Weight};
use recipe_walk_engine::kind::{Look, MachineImage, PermissionsBoundary, Role};
use recipe_walk_engine::partition;
use recipe_walk_engine::policy::{LEARNER, Question, of_owner, questions};
use recipe_walk_engine::tags::{self, Tags};
use recipe_walk_engine::typed;

/// The simulator's limit for one request leaves room for all actions of a statement.
const SIMULATOR: &str = "iam:SimulatePrincipalPolicy";

impl AwsCloud {
    /// What EC2 says to the walk's two first calls when they are only tried.
    pub(super) async fn dry_runs(&self, place: &Place, preflight: &Preflight) -> Vec<Finding> {
        let (Some(vpc), Some(subnet)) = (&place.vpc, &place.subnet) else { return Vec::new() };
        let image = preflight.looks.iter().find_map(|look| match look {
            Look::MachineImage(MachineImage { instance_type }) => Some(instance_type.as_str()),
            Look::DefaultNetwork(_)
            | Look::CacheEngineVersion(_)
            | Look::DbEngineVersion(_)
            | Look::PermissionsBoundary(_) => None,
        });
        let Some(instance_type) = image else { return Vec::new() };
        // Tagged as the walk tags: a policy may ask for it. The id is nobody's.
        let tags = Tags {
            session: recipe_walk_engine::id::SessionId::from_bytes([0; 8]),
            step: "preflight".into(),
            owner: String::new(),
            cohort: String::new(),
            expires_at: jiff::Timestamp::now(),
        };
        let specification = |kind: ResourceType| {
            let list = Some(ec2_tags(&tags));
            TagSpecification::builder().resource_type(kind).set_tags(list).build()
        };
        let group = self
            .trying
            .create_security_group()
            .dry_run(true)
            .group_name("recipe-walk-preflight")
            .description("recipe-walk: preflight")
            .vpc_id(vpc)
            .tag_specifications(specification(ResourceType::SecurityGroup));
        let image = match self.image(instance_type).await {
            Ok(image) => image,
            Err(failure) => return vec![not_seen("Machine image", &failure, Weight::Blocking)],
        };
        let instance = self
            .trying
            .run_instances()
            .dry_run(true)
            .min_count(1)
            .max_count(1)
            .image_id(image)
            .instance_type(InstanceType::from(instance_type))
            .subnet_id(subnet)
            .tag_specifications(specification(ResourceType::Instance));
        let (group, instance) = tokio::join!(group.send(), instance.send());
        vec![
            tried("May make a security group", group.named("ec2:CreateSecurityGroup").err()),
            tried("May launch an instance", instance.named("ec2:RunInstances").err()),
        ]
    }

    /// What the policy simulator says to every action of the walk. Advisory: it does not see everything that decides.
    pub(super) async fn simulate(&self, preflight: &Preflight) -> Finding {
        let what = "Permissions";
        let place = &preflight.identity.place;
        let principal = match self.principal(&preflight.identity.arn).await {
            Ok(Some(principal)) => principal,
            Ok(None) => return Finding::good(what, "the account's root user may do everything"),
            Err(failure) => return advisory(what, &failure),
        };
        let partition = partition::of(&place.region);
        let mut lacking = Vec::new();
        let mut asked = 0;
        let policy = if preflight.owner.is_empty() { LEARNER.to_owned() } else { of_owner(&preflight.owner) };
        for question in questions(&policy, partition, &place.region, &place.account) {
            asked += question.actions.len();
            match self.ask(&principal, &question).await {
                Ok(denied) => lacking.extend(denied),
                Err(failure) => return advisory(what, &failure),
            }
        }
        lacking.sort();
        lacking.dedup();
        if lacking.is_empty() {
            return Finding::good(what, format!("the policy simulator allows all {asked} checks"));
        }
        Finding::note(
            what,
            format!("the policy simulator denies {}", lacking.join(", ")),
            "A step that needs one of them would be refused. The simulator does not see everything (for instance \
             service control policies), so this is advice.",
        )
        .mend("recipe-walk policy")
    }

    /// Whether the role of the instance is bounded. A policy such as the printed one lets nobody make a role without the
    /// boundary; that would come out only when cache and database are there.
    pub(super) async fn boundary_finding(
        &self,
        look: &PermissionsBoundary,
        preflight: &Preflight,
    ) -> Option<Finding> {
        let what = "Permissions boundary";
        let name = look.policy.rsplit('/').next().unwrap_or_default();
        match self.has_policy(&look.policy).await {
            Ok(true) => return Some(Finding::good(what, name)),
            Err(failure) => return Some(not_seen(what, &failure, Weight::Note)),
            Ok(false) => {}
        }
        let place = &preflight.identity.place;
        let question = |context: &[(&str, &str)]| Question {
            actions: vec!["iam:CreateRole".into()],
            resource: format!(
                "arn:{}:iam::{}:role{}rw-preflight-app",
                partition::of(&place.region),
                place.account,
                Role::path(&preflight.owner)
            ),
            context: context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        };
        // Where it cannot be asked, the walk itself finds out.
        let principal = self.principal(&preflight.identity.arn).await.ok()??;
        let without = self.ask(&principal, &question(&[])).await.ok()?;
        let with = question(&[("iam:PermissionsBoundary", &look.policy)]);
        if without.is_empty() || !self.ask(&principal, &with).await.ok()?.is_empty() {
            return Some(Finding::good(what, "none; the role's own policy is what bounds it"));
        }
        Some(
            Finding::blocking(
                what,
                format!("this account has no policy {name}"),
                "You may make the instance's role only with that boundary. Somebody who administers the account has to \
                 make the policy, once for all.",
            )
            .mend("recipe-walk policy --boundary > boundary.json")
            .mend(typed!(
                "aws iam create-policy --policy-name {} --policy-document file://boundary.json",
                name
            )),
        )
    }

    /// Whether the people of a class can reach each other's things. Only the simulator tells.
    pub(super) async fn isolation_finding(&self, preflight: &Preflight) -> Option<Finding> {
        if preflight.attendees < 2 {
            return None;
        }
        let what = "Isolation of attendees";
        let place = &preflight.identity.place;
        let secret = Question {
            actions: vec!["ssm:GetParameter".into()],
            resource: format!(
                "arn:{}:ssm:{}:{}:parameter/recipe-walk/rw-preflight/db-password",
                partition::of(&place.region),
                place.region,
                place.account
            ),
            context: vec![(format!("aws:ResourceTag/{}", tags::OWNER), "somebody else".into())],
        };
        let principal = match self.principal(&preflight.identity.arn).await {
            Ok(Some(principal)) => principal,
            Ok(None) => return Some(shared(what)),
            Err(failure) => return Some(advisory(what, &failure)),
        };
        Some(match self.ask(&principal, &secret).await {
            Ok(denied) if denied.is_empty() => shared(what),
            Ok(_) => Finding::good(what, "with these permissions, what another owner made is out of reach"),
            Err(failure) => advisory(what, &failure),
        })
    }

    /// The ARN that the simulator takes: a role stands for its sessions. The root user has none.
    async fn principal(&self, arn: &str) -> Result<Option<String>, Failure> {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        if resource == "root" {
            return Ok(None);
        }
        let Some(session) = resource.strip_prefix("assumed-role/") else { return Ok(Some(arn.to_owned())) };
        let role = session.split('/').next().unwrap_or_default();
        // Its path is not in the session's ARN.
        let answer = self.iam.get_role().role_name(role).send().await.named("iam:GetRole")?;
        Ok(answer.role().map(|r| r.arn().to_owned()).or_else(|| Some(arn.to_owned())))
    }

    async fn ask(&self, principal: &str, question: &Question) -> Result<Vec<String>, Failure> {
        let mut call = self
            .iam
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(question.actions.clone()))
            .resource_arns(&question.resource);
        for (key, value) in &question.context {
            call = call.context_entries(
                ContextEntry::builder()
                    .context_key_name(key)
                    .context_key_type(ContextKeyTypeEnum::String)
                    .context_key_values(value)
                    .build(),
            );
        }
        let answer = call.send().await.named(SIMULATOR)?;
        let denied = answer
            .evaluation_results()
            .iter()
            .filter(|r| *r.eval_decision() != PolicyEvaluationDecisionType::Allowed);
        Ok(denied.map(|r| r.eval_action_name().to_owned()).collect())
    }
}

fn shared(what: &str) -> Finding {
    Finding::note(
        what,
        "none: with these permissions everybody can read the secrets of all, command their instances and delete their \
         things",
        "That may do among friends. Else each attendee gets a policy of their own, and walks with --owner and that name.",
    )
    .mend("recipe-walk policy --owner NAME")
}

/// A simulation that could not be had.
fn advisory(what: &str, failure: &Failure) -> Finding {
    if failure.kind() == Some(Kind::Credentials) {
        return refused_key(what, failure);
    }
    Finding::note(
        what,
        format!("not simulated: {failure}"),
        "Permissions are seen only when they are used; the walk names the one that is missing.",
    )
    .mend("recipe-walk policy")
}

/// A dry run's answer: success is a refusal by the name of `DryRunOperation`.
fn tried(what: &str, failure: Option<Failure>) -> Finding {
    match failure {
        None => Finding::good(what, "yes"),
        Some(Failure::Refused(r)) if r.code == "DryRunOperation" => Finding::good(what, "yes"),
        Some(failure) if failure.kind() == Some(Kind::Denied) => {
            let permission = failure.missing_permission().unwrap_or_default();
            Finding::blocking(
                what,
                format!("no: {permission} is missing"),
                "The walk needs it. Somebody who administers the account has to allow it.",
            )
            .mend("recipe-walk policy")
        }
        Some(failure) if failure.kind() == Some(Kind::Credentials) => refused_key(what, &failure),
        Some(failure) => Finding::note(what, failure.to_string(), "EC2 refused it when it was only tried."),
    }
}
