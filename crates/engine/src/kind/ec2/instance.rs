//! EC2 instances.

use crate::kind::prelude::*;

/// The AMI's root volume, GB.
const ROOT_VOLUME: f64 = 8.0;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "ec2", code: "L-1216C47A", what: "EC2 vCPUs (on-demand standard)" };

/// How IAM knows it.
const ARN: Arn =
    Arn { service: "ec2", resource: "instance", concerns: |action| !action.contains("SecurityGroup") };

/// An EC2 instance: IMDSv2 only, no key pair, ends itself when the session should be over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// `Name` tag.
    pub name: String,
    /// AMI id.
    pub image: String,
    /// Instance type.
    pub instance_type: String,
    /// Subnet id.
    pub subnet: String,
    /// Security group id.
    pub security_group: String,
    /// Instance profile name.
    pub profile: String,
    /// Hours after its start at which it ends itself.
    pub hours_to_live: u32,
}

impl Kind for Instance {
    fn describe(&self) -> String {
        format!("EC2 instance {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Users,
            nature: Nature::Own,
            wait: Some(Wait {
                command: ("ec2", "wait instance-running"),
                option: "instance-ids",
                runs_commands: true,
            }),
            secret: SecretUse::None,
            charges: vec![
                Charge::hourly(&self.instance_type, 1.0, "ec2"),
                // The default subnet gives a public IPv4 address.
                Charge::hourly("public-ipv4", 1.0, "public_ipv4"),
                Charge::storage("ebs.gp3", ROOT_VOLUME, "ebs"),
            ],
            quota: Some((QUOTA, virtual_processors(&self.instance_type))),
            id_query: Some("Instances[0].InstanceId"),
            attributes: &["private_ip"],
            service_role: None,
        }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        let line = Line::new("ec2", "run-instances")
            .arg("image-id", &self.image)
            .arg("instance-type", &self.instance_type)
            .arg("client-token", planned.token())
            .arg("subnet-id", &self.subnet)
            .arg("security-group-ids", &self.security_group)
            .field("iam-instance-profile", "Name", &self.profile)
            .arg("metadata-options", "HttpTokens=required,HttpEndpoint=enabled")
            .arg("instance-initiated-shutdown-behavior", "terminate")
            .arg(
                "block-device-mappings",
                format!(
                    "DeviceName={},Ebs={{Encrypted=true,VolumeType=gp3,DeleteOnTermination=true}}",
                    Self::ROOT_DEVICE
                ),
            )
            .arg("user-data", self.user_data());
        let line =
            if self.bursts() { line.arg("credit-specification", "CpuCredits=unlimited") } else { line };
        line.ec2_tags(&planned.tags, &Self::TAGGED, Some(&self.name))
    }
    fn undo_line(&self, id: &str) -> Option<Line> {
        Some(Line::new("ec2", "terminate-instances").arg("instance-ids", id))
    }
    fn tag_line(&self, planned: &Planned, _: &Place) -> Option<Line> {
        let look = Line::new("ec2", "describe-instances")
            .filters(&[("client-token", &planned.token())])
            .arg("query", "Reservations[0].Instances[0].InstanceId");
        Some(Line::new("ec2", "create-tags").answer("resources", look))
    }
}

impl Instance {
    /// The root volume's device in Amazon Linux's images.
    pub const ROOT_DEVICE: &str = "/dev/xvda";
    /// What a launch makes, as tag specifications name it.
    pub const TAGGED: [&str; 3] = ["instance", "volume", "network-interface"];

    /// The script that it runs at its start, in plain text: base64 is the cloud's business.
    pub fn user_data(&self) -> String {
        format!(
            "#!/bin/sh\n# The last net: the instance ends itself when the session should be over.\n\
             shutdown -P +{}\n",
            self.hours_to_live.saturating_mul(60)
        )
    }

    /// Whether it bursts on credit. It starts with none (docs/aws.md, "Billing"): in `standard` the measuring client would
    /// be held down to a tenth of a processor, and every comparison be false, so it may spend what it has not earned.
    pub fn bursts(&self) -> bool {
        self.instance_type.starts_with('t')
    }
}

/// The virtual processors of an instance type: four for each "x" in the size, two in smaller ones.
fn virtual_processors(instance_type: &str) -> u32 {
    let size = instance_type.rsplit('.').next().unwrap_or_default();
    match size.strip_suffix("xlarge") {
        Some("") => 4,
        Some(times) => times.parse().map_or(2, |times: u32| times.saturating_mul(4)),
        None => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{Instance, virtual_processors};

    #[test]
    fn it_powers_off_after_its_hours() {
        let instance: Instance = serde_json::from_value(serde_json::json!({
            "name": "n", "image": "i", "instance_type": "t3.micro", "subnet": "s", "security_group": "g", "profile": "p",
            "hours_to_live": 4
        }))
        .expect("a request");
        assert!(instance.user_data().ends_with("\nshutdown -P +240\n"), "{}", instance.user_data());
    }

    #[test]
    fn processors_follow_the_size() {
        for (instance_type, count) in
            [("t3.micro", 2), ("m7g.large", 2), ("m7i.xlarge", 4), ("c7i.8xlarge", 32)]
        {
            assert_eq!(virtual_processors(instance_type), count, "{instance_type}");
        }
    }
}
