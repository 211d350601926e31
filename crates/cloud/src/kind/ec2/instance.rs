//! EC2 instances, and their registration with SSM.

use super::{filter, owned, pairs, tag_filter};
use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, CreditSpecificationRequest, EbsBlockDevice, Filter, HttpTokensState,
    IamInstanceProfileSpecification, Instance as Machine, InstanceMetadataEndpointState,
    InstanceMetadataOptionsRequest, InstanceStateName, InstanceType, ResourceType, ShutdownBehavior,
    StateReason, Tag, TagSpecification, VolumeType,
};
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};
use base64::Engine as _;
use recipe_walk_engine::kind::Instance;
use std::collections::BTreeMap;

/// States of an instance that still exists; a terminated one stays visible for about an hour.
const ALIVE: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

impl AwsCloud {
    /// All instances that still exist, of those that a filter wants.
    async fn living_instances(&self, wanted: Option<Filter>) -> Result<Vec<Machine>, Failure> {
        let mut found = Vec::new();
        let states = ALIVE.iter().map(ToString::to_string).collect();
        let alive = Filter::builder().name("instance-state-name").set_values(Some(states)).build();
        let filters = wanted.into_iter().chain([alive]).collect();
        let call = self.ec2.describe_instances().set_filters(Some(filters)).max_results(1000);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let reservations = page.named("ec2:DescribeInstances")?.reservations.unwrap_or_default();
            found.extend(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()));
        }
        Ok(found)
    }

    /// The instance that was made with the recorded token, if it still exists. The token is as good as a name.
    async fn living_instance(&self, planned: &Planned) -> Result<Option<Machine>, Failure> {
        let token = filter("client-token", &planned.any_token());
        let machines = self.living_instances(Some(token)).await?;
        let ours = |machine: &Machine| machine.client_token().is_some_and(|token| planned.is_token(token));
        Ok(machines.into_iter().find(ours))
    }

    async fn is_online(&self, id: &str) -> Result<bool, Failure> {
        let operation = "ssm:DescribeInstanceInformation";
        let only = InstanceInformationStringFilter::builder()
            .key("InstanceIds")
            .values(id)
            .build()
            .map_err(|_| missing(operation, "filter"))?;
        let answer = self.ssm.describe_instance_information().filters(only).send().await.named(operation)?;
        let mut list = answer.instance_information_list().iter();
        Ok(list.any(|i| i.instance_id() == Some(id) && i.ping_status() == Some(&PingStatus::Online)))
    }
}

impl Resource for Instance {
    const ERRORS: Errors = &[
        ("InvalidInstanceID.NotFound", Kind::NotFound),
        ("InsufficientInstanceCapacity", Kind::Capacity),
        // With other arguments too: what they belong to may be gone and made anew since, under another id.
        ("IdempotentInstanceTerminated", Kind::TokenUsed),
        ("IdempotentParameterMismatch", Kind::TokenUsed),
        // Not registered yet, or not any more: the wait for the instance decides, a call soon after may still meet it.
        ("InvalidInstanceId", Kind::NotYet),
    ];
    // The tagging service shows a terminated one for an hour and more, and its session would seem to be there still.
    const BOARD: Board = Board::Own(|cloud, wanted| {
        Box::pin(async move {
            let machines = cloud.living_instances(Some(tag_filter(wanted))).await?;
            let carrier = |machine: &Machine| Carrier {
                id: format!(":instance/{}", machine.instance_id().unwrap_or_default()),
                tags: owned(machine.tags()),
            };
            Ok(machines.iter().map(carrier).collect())
        })
    });

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let Some(machine) = cloud.living_instance(planned).await? else { return Ok(Found::Absent) };
        Ok(tagging::judge(&planned.tags, pairs(machine.tags()), output(&machine)))
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:RunInstances";
        let mut tags = tagging::ec2(&planned.tags);
        tags.push(Tag::builder().key("Name").value(&self.name).build());
        // What the launch makes beside the instance is ours as well, and in a bill it is told by its tags.
        let tagged = Instance::TAGGED.map(|kind| {
            TagSpecification::builder()
                .resource_type(ResourceType::from(kind))
                .set_tags(Some(tags.clone()))
                .build()
        });
        let volume = EbsBlockDevice::builder()
            .encrypted(true)
            .volume_type(VolumeType::Gp3)
            .delete_on_termination(true)
            .build();
        let root = BlockDeviceMapping::builder().device_name(Instance::ROOT_DEVICE).ebs(volume).build();
        let metadata = InstanceMetadataOptionsRequest::builder()
            .http_tokens(HttpTokensState::Required)
            .http_endpoint(InstanceMetadataEndpointState::Enabled)
            .build();
        let mut call = cloud
            .ec2
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(planned.token())
            .image_id(&self.image)
            .instance_type(InstanceType::from(self.instance_type.as_str()))
            .subnet_id(&self.subnet)
            .security_group_ids(&self.security_group)
            .iam_instance_profile(IamInstanceProfileSpecification::builder().name(&self.profile).build())
            .metadata_options(metadata)
            .instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate)
            // The Rust SDK sends it as it is; the service wants base64 (docs/aws.md, "EC2").
            .user_data(base64::engine::general_purpose::STANDARD.encode(self.user_data()))
            .block_device_mappings(root)
            .set_tag_specifications(Some(tagged.to_vec()));
        if self.bursts() {
            call = call
                .credit_specification(CreditSpecificationRequest::builder().cpu_credits("unlimited").build());
        }
        let answer = call.send().await.named(operation)?;
        let machine = answer.instances().first().ok_or_else(|| missing(operation, "instance"))?;
        Ok(output(machine))
    }

    async fn probe(&self, cloud: &AwsCloud, _: &Planned, id: &str) -> Result<Probe, Failure> {
        let call = cloud.ec2.describe_instances().instance_ids(id);
        let answer = absent(call.send().await.named("ec2:DescribeInstances"))?;
        let instance =
            answer.and_then(|a| a.reservations?.into_iter().find_map(|r| r.instances?.into_iter().next()));
        let state = instance.as_ref().and_then(|i| i.state()?.name().cloned());
        let status = state.as_ref().map_or("gone", InstanceStateName::as_str).to_owned();
        let mut probe = Probe { stage: Stage::Pending, status, event: None, attributes: BTreeMap::new() };
        match state {
            None | Some(InstanceStateName::Terminated) => {
                probe.stage = Stage::Gone;
                let reason = instance.as_ref().and_then(|i| told(i.state_reason()?));
                probe.event =
                    instance.is_some().then(|| reason.unwrap_or_else(|| "it was terminated".into()));
            }
            Some(InstanceStateName::Running) => {
                if cloud.is_online(id).await? {
                    probe.stage = Stage::Ready;
                    probe.status = "running, reached through SSM".into();
                    if let Some(ip) = instance.as_ref().and_then(|i| i.private_ip_address()) {
                        probe.attributes.insert("private_ip".into(), ip.to_owned());
                    }
                } else {
                    probe.status = "running, not in SSM's reach yet".into();
                }
            }
            Some(InstanceStateName::ShuttingDown) => {
                let reason = instance.as_ref().and_then(|i| told(i.state_reason()?));
                probe.stage = Stage::Failed(reason.unwrap_or_else(|| "it is being terminated".into()));
            }
            Some(InstanceStateName::Stopping | InstanceStateName::Stopped) => {
                probe.stage = Stage::Failed("somebody has stopped it".into());
            }
            Some(_) => {}
        }
        Ok(probe)
    }

    async fn undo(&self, cloud: &AwsCloud, id: &str) -> Result<(), Failure> {
        let answer = cloud.ec2.terminate_instances().instance_ids(id).send().await;
        answer.named("ec2:TerminateInstances").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self { instance_type, security_group, profile, .. } = self;
        let Some(there) = cloud.living_instance(planned).await? else { return Ok(Vec::new()) };
        let mut found = Differences::default();
        let id = there.instance_id().unwrap_or_default();
        let profiled = there.iam_instance_profile().and_then(|p| p.arn()?.rsplit('/').next());
        found.compare(
            "instance profile",
            profile,
            profiled,
            "Without the role, the agent has no permission and the instance never comes online.",
            &cloud.typed(&Line::new("ec2", "associate-iam-instance-profile").arg("instance-id", id).field(
                "iam-instance-profile",
                "Name",
                profile,
            )),
        );
        let groups: Vec<&str> = there.security_groups().iter().filter_map(|g| g.group_id()).collect();
        if !groups.contains(&security_group.as_str()) {
            found.compare(
                "security group",
                security_group,
                Some(&groups.join(", ")),
                "Cache and database let in this group only.",
                &cloud.typed(
                    &Line::new("ec2", "modify-instance-attribute")
                        .arg("instance-id", id)
                        .arg("groups", security_group),
                ),
            );
        }
        let tokens = there.metadata_options().and_then(|m| m.http_tokens()).map(HttpTokensState::as_str);
        found.compare(
            "metadata tokens",
            "required",
            tokens,
            "Version 1 of the metadata service gives the role's keys to whoever can make the instance fetch a URL.",
            &cloud.typed(
                &Line::new("ec2", "modify-instance-metadata-options")
                    .arg("instance-id", id)
                    .arg("http-tokens", "required"),
            ),
        );
        let kind = there.instance_type().map(|t| t.as_str().to_owned());
        found.compare("instance type", instance_type, kind.as_deref(), "", "");
        if let Some(key) = there.key_name() {
            found.compare("key pair", "none", Some(key), "", "");
        }
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let session = traces.session;
        let tag = tag_filter(Wanted { key: tags::SESSION, value: Some(session.as_str()) });
        // A launch's tags may show later than its token, and somebody may have taken them off.
        let token = filter("client-token", &format!("{session}-*"));
        let mut found: Vec<Leftover> = Vec::new();
        for wanted in [tag, token] {
            for machine in cloud.living_instances(Some(wanted)).await? {
                let id = machine.instance_id().unwrap_or_default();
                // The token is as good as a name: nobody can give one afterwards.
                let token = machine.client_token().unwrap_or_default();
                let tagged = names(pairs(machine.tags()), session);
                let kind = machine.instance_type().map(|kind| Charge::hourly(kind.as_str(), 1.0, "ec2"));
                let left = traces.of("EC2 instance", token, tagged, kind.map(|kind| vec![kind]));
                if let Some(left) = left.filter(|_| !found.iter().any(|l| l.id == id)) {
                    let by = if tagged { left.by } else { "token".to_owned() };
                    found.push(Leftover { id: id.to_owned(), by, ..left });
                }
            }
        }
        Ok(found)
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        let machines = cloud.living_instances(None).await?;
        let standard = machines.iter().filter(|m| m.instance_type().is_some_and(|t| is_standard(t.as_str())));
        let processors = standard
            .filter_map(|m| m.cpu_options())
            .map(|c| c.core_count().unwrap_or(1) * c.threads_per_core().unwrap_or(1));
        Ok(Some(Usage::of(usize::try_from(processors.sum::<i32>()).unwrap_or(0))))
    }
}

/// Why an instance ended; what EC2 says of a key that may not be used names no key (docs/aws.md, "EC2").
fn told(reason: &StateReason) -> Option<String> {
    let message = reason.message()?;
    Some(if reason.code() == Some("Client.InternalError") || message.starts_with("Client.InternalError") {
        format!(
            "{message}: most likely its root volume is encrypted with a key of the account's own that these credentials \
             may not use; `aws ec2 get-ebs-default-kms-key-id` names it, and kms:CreateGrant on it is what is missing"
        )
    } else {
        message.to_owned()
    })
}

fn output(instance: &Machine) -> Output {
    let zone = instance.placement().and_then(|p| p.availability_zone()).unwrap_or_default();
    Output::id(instance.instance_id().unwrap_or_default()).with("zone", zone)
}

/// Whether an instance type counts against the quota of the standard families (A, C, D, H, I, M, R, T, Z).
fn is_standard(instance_type: &str) -> bool {
    const OTHERS: [&str; 5] = ["hpc", "inf", "dl", "trn", "mac"];
    instance_type.starts_with(|c: char| "acdhimrtz".contains(c))
        && !OTHERS.iter().any(|family| instance_type.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_keys_are_named_as_the_cause() {
        let reason = |code: &str, message: &str| {
            told(&StateReason::builder().code(code).message(message).build()).expect("a text")
        };
        for (code, message) in [
            ("Client.InternalError", "Client.InternalError: Client error on launch"),
            ("Client.InternalError", "Client error on launch"),
        ] {
            let said = reason(code, message);
            assert!(said.contains(message) && said.contains("kms:CreateGrant"), "{said}");
        }
        let said = reason("Server.InternalError", "Server.InternalError: Internal error on launch");
        assert_eq!(said, "Server.InternalError: Internal error on launch");
    }

    #[test]
    fn families_count_where_aws_counts_them() {
        for (instance_type, expected) in [
            ("t3.micro", true),
            ("m7g.large", true),
            ("g5.xlarge", false),
            ("inf2.xlarge", false),
            ("mac1.metal", false),
        ] {
            assert_eq!(is_standard(instance_type), expected, "{instance_type}");
        }
    }
}
