//! EC2 instances, and their registration with SSM.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::security_group::filter;
use crate::tagging;
use aws_sdk_ec2::types::{
    CreditSpecificationRequest, Filter, HttpTokensState, IamInstanceProfileSpecification, Instance,
    InstanceMetadataEndpointState, InstanceMetadataOptionsRequest, InstanceStateName, InstanceType,
    ResourceType, ShutdownBehavior, Tag, TagSpecification,
};
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};
use base64::Engine as _;
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{Found, Probe, Stage};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;
use std::collections::BTreeMap;

/// States of an instance that still exists; a terminated one stays visible for about an hour.
pub(crate) const ALIVE: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

/// The filter for instances that still exist.
pub(crate) fn alive() -> Filter {
    let states = ALIVE.iter().map(ToString::to_string).collect();
    Filter::builder().name("instance-state-name").set_values(Some(states)).build()
}

/// The pattern of an instance's token in all its generations: a rebuilt session does not know how often it was made.
fn any_generation(token: &str) -> String {
    token.rsplit_once('-').map_or_else(|| token.to_owned(), |(stem, _)| format!("{stem}-*"))
}

impl AwsCloud {
    /// All instances that still exist, of those that the filter wants.
    pub(crate) async fn living_instances(&self, wanted: Filter) -> Result<Vec<Instance>, Failure> {
        let mut found = Vec::new();
        let call = self.ec2.describe_instances().filters(wanted).filters(alive()).max_results(1000);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let reservations = page.named("ec2:DescribeInstances")?.reservations.unwrap_or_default();
            found.extend(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()));
        }
        Ok(found)
    }

    /// The instance that was made with the recorded token, if it still exists.
    pub(crate) async fn living_instance(&self, planned: &Planned) -> Result<Option<Instance>, Failure> {
        let Action::Instance(kind::Instance { token, .. }) = &planned.action else { return Ok(None) };
        let answer = self
            .ec2
            .describe_instances()
            .filters(filter("client-token", &any_generation(token)))
            .filters(alive())
            .send()
            .await
            .named("ec2:DescribeInstances")?;
        Ok(answer.reservations().iter().find_map(|r| r.instances().first()).cloned())
    }

    /// Found by the recorded token, which is as good as a name.
    pub(crate) async fn find_instance(&self, planned: &Planned) -> Result<Found, Failure> {
        let Some(instance) = self.living_instance(planned).await? else { return Ok(Found::Absent) };
        let tags = instance.tags().iter().filter_map(|t| Some((t.key()?, t.value()?)));
        Ok(tagging::judge(planned, tags, output(&instance)))
    }

    pub(crate) async fn run_instance(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:RunInstances";
        let Action::Instance(kind::Instance {
            name,
            token,
            image,
            instance_type,
            subnet,
            security_group,
            profile,
            ..
        }) = &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let Action::Instance(request) = &planned.action else { return Err(missing(operation, "request")) };
        let mut tags = tagging::ec2(&planned.tags);
        tags.push(Tag::builder().key("Name").value(name).build());
        let metadata = InstanceMetadataOptionsRequest::builder()
            .http_tokens(HttpTokensState::Required)
            .http_endpoint(InstanceMetadataEndpointState::Enabled)
            .build();
        let mut call = self
            .ec2
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(token)
            .image_id(image)
            .instance_type(InstanceType::from(instance_type.as_str()))
            .subnet_id(subnet)
            .security_group_ids(security_group)
            .iam_instance_profile(IamInstanceProfileSpecification::builder().name(profile).build())
            .metadata_options(metadata)
            .instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate)
            // The Rust SDK sends it as it is; the service wants base64 (AWS-FACTS section 4).
            .user_data(base64::engine::general_purpose::STANDARD.encode(request.user_data()))
            .tag_specifications(
                TagSpecification::builder()
                    .resource_type(ResourceType::Instance)
                    .set_tags(Some(tags))
                    .build(),
            );
        // T types burst on credit; "unlimited" could cost more than the price list says.
        if instance_type.starts_with('t') {
            call = call
                .credit_specification(CreditSpecificationRequest::builder().cpu_credits("standard").build());
        }
        let answer = call.send().await.named(operation)?;
        let instance = answer.instances().first().ok_or_else(|| missing(operation, "instance"))?;
        Ok(output(instance))
    }

    pub(crate) async fn probe_instance(&self, id: &str) -> Result<Probe, Failure> {
        let call = self.ec2.describe_instances().instance_ids(id);
        let answer = absent(call.send().await.named("ec2:DescribeInstances"))?;
        let instance =
            answer.and_then(|a| a.reservations?.into_iter().find_map(|r| r.instances?.into_iter().next()));
        let state = instance.as_ref().and_then(|i| i.state()?.name().cloned());
        let status = state.as_ref().map_or("gone", InstanceStateName::as_str).to_owned();
        let mut probe = Probe { stage: Stage::Pending, status, event: None, attributes: BTreeMap::new() };
        match state {
            None | Some(InstanceStateName::Terminated) => {
                probe.stage = Stage::Gone;
                let reason = instance.as_ref().and_then(|i| Some(i.state_reason()?.message()?.to_owned()));
                probe.event =
                    instance.is_some().then(|| reason.unwrap_or_else(|| "it was terminated".into()));
            }
            Some(InstanceStateName::Running) => {
                if self.is_online(id).await? {
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
                let reason = instance.as_ref().and_then(|i| Some(i.state_reason()?.message()?.to_owned()));
                probe.stage = Stage::Failed(reason.unwrap_or_else(|| "it is being terminated".into()));
            }
            Some(InstanceStateName::Stopping | InstanceStateName::Stopped) => {
                probe.stage = Stage::Failed("somebody has stopped it".into());
            }
            Some(_) => {}
        }
        Ok(probe)
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

    pub(crate) async fn terminate_instance(&self, id: &str) -> Result<(), Failure> {
        let answer = self.ec2.terminate_instances().instance_ids(id).send().await;
        answer.named("ec2:TerminateInstances").map(|_| ())
    }
}

fn output(instance: &Instance) -> Output {
    let zone = instance.placement().and_then(|p| p.availability_zone()).unwrap_or_default();
    Output::id(instance.instance_id().unwrap_or_default()).with("zone", zone)
}
