//! The plan: a pure function from a step and what is known to the actions it takes.

use crate::action::{Action, Planned};
use crate::facts::Unknown;
use crate::kind;
use crate::names::Names;
use crate::note::{Passport, passport_path, results_path};
use crate::recipe::{Step, Work};
use crate::state::{Misfit, State};
use crate::tags::Tags;
use serde_json::json;
use std::collections::BTreeMap;

/// The initial database.
pub const DB_NAME: &str = "shop";
/// The database's master user.
pub const DB_USER: &str = "admin";
/// The cache's port.
pub const CACHE_PORT: u16 = 6379;
/// The database's port.
pub const DB_PORT: u16 = 3306;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// An earlier step has not told what this one needs.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The session has no opening.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// A parameter has no answer.
    #[error("the recipe has no parameter '{0}', which this step needs")]
    Parameter(String),
}

/// What the step makes, in order. Steps that only look or measure make nothing.
pub fn plan(step: &Step, state: &State) -> Result<Vec<Planned>, PlanError> {
    let opening = state.opened()?;
    let tags = Tags {
        session: opening.session.clone(),
        step: step.id.clone(),
        owner: opening.owner.clone(),
        cohort: opening.cohort.clone(),
        expires_at: opening.expires_at,
    };
    let names = Names(&opening.session);
    let actions = match Work::named(&step.action) {
        Some(Work::Prepare) => notes(state)?,
        Some(Work::SecurityGroups) => security_groups(&names, state)?,
        Some(Work::CacheSubnetGroup) => vec![(
            "cache-subnets",
            Action::CacheSubnetGroup(kind::CacheSubnetGroup {
                name: names.cache(),
                description: "recipe-walk: subnets of the cache".into(),
                subnets: state.facts.list("subnets")?,
            }),
        )],
        Some(Work::ParameterGroup) => parameter_group(&names, state)?,
        Some(Work::ReplicationGroup) => replication_group(&names, state)?,
        Some(Work::Database) => database(&names, state)?,
        Some(Work::AppInstance) => app_instance(&names, state)?,
        _ => Vec::new(),
    };
    Ok(actions
        .into_iter()
        .map(|(name, action)| Planned { name: name.to_owned(), action, tags: tags.clone() })
        .collect())
}

type Actions = Vec<(&'static str, Action)>;

fn answer<'a>(state: &'a State, key: &str) -> Result<&'a str, PlanError> {
    state.answers.get(key).ok_or_else(|| PlanError::Parameter(key.to_owned()))
}

/// An id that a call of the same step makes known only while it runs: shown as a shell variable until then.
fn id_of(state: &State, name: &str, shown: &str) -> String {
    state.facts.get(&format!("{name}.id")).map_or_else(|_| shown.to_owned(), str::to_owned)
}

/// What lets another machine go on with the session: its passport, and a place for its results.
fn notes(state: &State) -> Result<Actions, PlanError> {
    let (at, opening) = state.opening.as_ref().ok_or(Misfit::Opening)?;
    let passport = Passport::of(*at, opening, &state.answers);
    let note = |path: String, description: &str, text: String| {
        Action::Note(kind::Note { path, description: format!("recipe-walk: {description}"), text })
    };
    let session = &opening.session;
    Ok(vec![
        (
            "passport",
            note(
                passport_path(session),
                "what this session is",
                serde_json::to_string(&passport).unwrap_or_default(),
            ),
        ),
        ("results", note(results_path(session), "what it measured", "{}".into())),
    ])
}

fn security_groups(names: &Names<'_>, state: &State) -> Result<Actions, PlanError> {
    let vpc = state.facts.get("vpc")?;
    let group = |name: String, what: &str| {
        Action::SecurityGroup(kind::SecurityGroup {
            name,
            description: format!("recipe-walk: {what}"),
            vpc: vpc.to_owned(),
        })
    };
    let rule = |group: String, port| {
        Action::IngressRule(kind::IngressRule {
            group,
            source: id_of(state, "app-group", "$APP_GROUP_ID"),
            port,
        })
    };
    Ok(vec![
        ("app-group", group(names.app(), "the application")),
        ("cache-group", group(names.cache(), "the cache")),
        ("db-group", group(names.db(), "the database")),
        ("cache-rule", rule(id_of(state, "cache-group", "$CACHE_GROUP_ID"), CACHE_PORT)),
        ("db-rule", rule(id_of(state, "db-group", "$DB_GROUP_ID"), DB_PORT)),
    ])
}

fn parameter_group(names: &Names<'_>, state: &State) -> Result<Actions, PlanError> {
    Ok(vec![
        (
            "cache-parameters",
            Action::CacheParameterGroup(kind::CacheParameterGroup {
                name: names.lru(),
                description: "recipe-walk: evict the least recently used".into(),
                family: state.facts.get("cache_family")?.to_owned(),
            }),
        ),
        (
            "cache-policy",
            Action::CacheParameters(kind::CacheParameters {
                group: names.lru(),
                values: BTreeMap::from([
                    ("maxmemory-policy".to_owned(), "allkeys-lru".to_owned()),
                    // Leaves about 40 MB of a micro node, so that a lesson can fill it and see what is evicted.
                    ("reserved-memory-percent".to_owned(), "92".to_owned()),
                ]),
            }),
        ),
    ])
}

fn replication_group(names: &Names<'_>, state: &State) -> Result<Actions, PlanError> {
    Ok(vec![
        (
            "auth-token",
            Action::Secret(kind::Secret {
                path: names.auth_token(),
                description: "AUTH token of the cache".into(),
                length: 48,
            }),
        ),
        (
            "cache",
            Action::ReplicationGroup(kind::ReplicationGroup {
                id: names.cache(),
                description: "recipe-walk: query cache".into(),
                engine: answer(state, "cache_engine")?.to_owned(),
                engine_version: state.facts.get("cache_version")?.to_owned(),
                node_type: answer(state, "cache_node_type")?.to_owned(),
                nodes: 2,
                parameter_group: names.lru(),
                subnet_group: names.cache(),
                security_group: state.facts.get("cache-group.id")?.to_owned(),
                auth_token: names.auth_token(),
                port: CACHE_PORT,
            }),
        ),
    ])
}

fn database(names: &Names<'_>, state: &State) -> Result<Actions, PlanError> {
    Ok(vec![
        (
            "db-subnets",
            Action::DbSubnetGroup(kind::DbSubnetGroup {
                name: names.db(),
                description: "recipe-walk: subnets of the database".into(),
                subnets: state.facts.list("subnets")?,
            }),
        ),
        (
            "db-password",
            Action::Secret(kind::Secret {
                path: names.db_password(),
                description: "password of the database's master user".into(),
                length: 32,
            }),
        ),
        (
            "database",
            Action::DbInstance(kind::DbInstance {
                id: names.db(),
                class: answer(state, "db_class")?.to_owned(),
                engine_version: "8.4".into(),
                database: DB_NAME.into(),
                user: DB_USER.into(),
                password: names.db_password(),
                subnet_group: names.db(),
                security_group: state.facts.get("db-group.id")?.to_owned(),
                storage_gb: 20,
            }),
        ),
    ])
}

fn app_instance(names: &Names<'_>, state: &State) -> Result<Actions, PlanError> {
    let opening = state.opened()?;
    let role = names.app();
    // Recorded with the session and not taken from the clock: the same plan must come out after a crash,
    // or RunInstances would refuse its own token with other arguments.
    let hours_to_live = answer(state, "hours_to_live")?.parse::<u32>().unwrap_or(4);
    Ok(vec![
        (
            "role",
            Action::Role(kind::Role {
                name: role.clone(),
                description: "recipe-walk: the application instance".into(),
            }),
        ),
        (
            "role-policy",
            Action::RolePolicy(kind::RolePolicy {
                role: role.clone(),
                name: "instance".into(),
                document: instance_policy(
                    opening.session.as_str(),
                    &opening.place.region,
                    &opening.place.account,
                ),
            }),
        ),
        ("profile", Action::InstanceProfile(kind::InstanceProfile { name: role.clone() })),
        (
            "profile-role",
            Action::ProfileRole(kind::ProfileRole { profile: role.clone(), role: role.clone() }),
        ),
        (
            "instance",
            Action::Instance(kind::Instance {
                name: names.app(),
                token: format!("{}-instance-{}", opening.session, generation(state, "instance")),
                image: state.facts.get("image")?.to_owned(),
                instance_type: answer(state, "instance_type")?.to_owned(),
                subnet: state.facts.get("instance_subnet")?.to_owned(),
                security_group: state.facts.get("app-group.id")?.to_owned(),
                profile: role,
                hours_to_live,
            }),
        ),
    ])
}

/// A token must not be used again once its instance is gone (`IdempotentInstanceTerminated`).
fn generation(state: &State, name: &str) -> u32 {
    let Some(resource) = state.resource(name) else { return 1 };
    let mut action = resource.planned.action.clone();
    let Some(token) = action.token() else { return 1 };
    let generation = token.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(1);
    if resource.status == crate::transition::Status::Gone { generation + 1 } else { generation }
}

/// What the instance may do: speak to SSM as its agent does, and read its own session's parameters. AWS-FACTS section 3.
pub fn instance_policy(session: &str, region: &str, account: &str) -> String {
    let partition = crate::partition::of(region);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Agent",
                "Effect": "Allow",
                "Action": [
                    "ssm:UpdateInstanceInformation",
                    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
                    "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
                    "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply"
                ],
                "Resource": "*"
            },
            {
                "Sid": "OwnParameters",
                "Effect": "Allow",
                "Action": "ssm:GetParameter",
                "Resource": format!("arn:{partition}:ssm:{region}:{account}:parameter/recipe-walk/{session}/*")
            }
        ]
    })
    .to_string()
}
