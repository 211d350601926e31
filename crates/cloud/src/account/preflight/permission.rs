//! Permissions, as far as AWS tells beforehand: EC2's dry runs, and the policy simulator where that is allowed.

use super::network::Place;
use super::not_seen;
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::ec2_tags;
use aws_sdk_ec2::types::{InstanceType, ResourceType, TagSpecification};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Finding, Weight};
use recipe_walk_engine::kind::{Look, MachineImage};
use recipe_walk_engine::partition;
use recipe_walk_engine::policy::{LEARNER, Question, questions};
use recipe_walk_engine::tags::Tags;

/// The simulator's limit for one request leaves room for all actions of a statement.
const SIMULATOR: &str = "iam:SimulatePrincipalPolicy";

impl AwsCloud {
    /// What EC2 says to the walk's two first calls when they are only tried.
    pub(super) async fn dry_runs(&self, place: &Place, preflight: &Preflight) -> Vec<Finding> {
        let (Some(vpc), Some(subnet)) = (&place.vpc, &place.subnet) else { return Vec::new() };
        let image = preflight.looks.iter().find_map(|look| match look {
            Look::MachineImage(MachineImage { instance_type }) => Some(instance_type.as_str()),
            Look::DefaultNetwork(_) | Look::CacheEngineVersion(_) | Look::DbEngineVersion(_) => None,
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
        for question in questions(LEARNER, partition, &place.region, &place.account) {
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

/// A simulation that could not be had.
fn advisory(what: &str, failure: &Failure) -> Finding {
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
        Some(failure) => Finding::note(what, failure.to_string(), "EC2 refused it when it was only tried."),
    }
}
