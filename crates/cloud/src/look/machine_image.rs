//! The newest machine image.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, missing};
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind::MachineImage;
use recipe_walk_engine::machine::Machine;

impl AwsCloud {
    pub(super) async fn look_up_image(&self, look: &MachineImage) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        facts.set("image", self.image(&look.instance_type).await?);
        Ok(facts)
    }

    pub(crate) async fn image(&self, instance_type: &str) -> Result<String, Failure> {
        let operation = "ssm:GetParameter";
        let architecture = Machine::of_instance_type(instance_type).architecture();
        let name = format!("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}");
        let answer = self.ssm.get_parameter().name(name).send().await.named(operation)?;
        answer.parameter.and_then(|p| p.value).ok_or_else(|| missing(operation, "Value"))
    }
}
