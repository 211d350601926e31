//! What else can be chosen of a new instance.

use crate::model::{error::ApiError, params::Params};
use crate::services::ec2::{call::invalid, image};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Raw bytes.
const MAX_USER_DATA: usize = 16_384;

/// Everything else that can be chosen.
pub(crate) struct Settings {
    pub(crate) shutdown_behavior: String,
    pub(crate) http_tokens: String,
    pub(crate) http_hops: i64,
    pub(crate) cpu_credits: String,
    pub(crate) monitoring: bool,
    pub(crate) volume_size: i64,
    pub(crate) delete_volume: bool,
    pub(crate) encrypted: bool,
}

impl Settings {
    pub(crate) fn read(p: &Params) -> Result<Self, ApiError> {
        let choice = |name: &str, default: &str, allowed: &[&str]| {
            let value = p.get(name).filter(|v| !v.is_empty()).unwrap_or(default);
            if allowed.contains(&value) {
                Ok(value.to_owned())
            } else {
                Err(invalid(format!("Value ({value}) for parameter {name} is invalid.")))
            }
        };
        choice("MetadataOptions.HttpEndpoint", "enabled", &["enabled", "disabled"])?;
        choice("MetadataOptions.InstanceMetadataTags", "disabled", &["enabled", "disabled"])?;
        let http_hops = p.int("MetadataOptions.HttpPutResponseHopLimit")?.unwrap_or(2);
        if !(1..=64).contains(&http_hops) {
            return Err(invalid(format!(
                "Value ({http_hops}) for parameter HttpPutResponseHopLimit is invalid."
            )));
        }
        let (mut volume_size, mut delete_volume, mut encrypted) = (image::ROOT_SIZE, true, false);
        for mapping in p.structs("BlockDeviceMapping") {
            let device = mapping.required("DeviceName")?;
            if device != image::ROOT_DEVICE {
                let text =
                    format!("The recipe-walk sandbox has no device {device}, only {}.", image::ROOT_DEVICE);
                return Err(ApiError::bad("InvalidBlockDeviceMapping", text));
            }
            volume_size = mapping.int("Ebs.VolumeSize")?.unwrap_or(volume_size);
            delete_volume = mapping.bool("Ebs.DeleteOnTermination")?.unwrap_or(true);
            encrypted = mapping.bool("Ebs.Encrypted")?.unwrap_or(false);
            let kind = mapping.get("Ebs.VolumeType").unwrap_or("gp3");
            if !matches!(kind, "gp2" | "gp3" | "io1" | "io2" | "standard") {
                return Err(invalid(format!("Invalid volume type '{kind}'.")));
            }
        }
        if volume_size < image::ROOT_SIZE {
            let text = format!(
                "Volume of size {volume_size}GB is smaller than the image's snapshot, expect size >= {}GB",
                image::ROOT_SIZE
            );
            return Err(ApiError::bad("InvalidBlockDeviceMapping", text));
        }
        Ok(Self {
            shutdown_behavior: choice("InstanceInitiatedShutdownBehavior", "stop", &["stop", "terminate"])?,
            // AL2023 images ask for IMDSv2.
            http_tokens: choice("MetadataOptions.HttpTokens", "required", &["required", "optional"])?,
            http_hops,
            cpu_credits: choice("CreditSpecification.CpuCredits", "unlimited", &["standard", "unlimited"])?,
            monitoring: p.bool("Monitoring.Enabled")?.unwrap_or(false),
            volume_size,
            delete_volume,
            encrypted,
        })
    }
}

/// Refuses user data that is too long, or not in its form.
pub(crate) fn check_user_data(p: &Params) -> Result<(), ApiError> {
    let Some(data) = p.get("UserData") else { return Ok(()) };
    let text = data.replace(['\n', '\r'], "");
    let raw = STANDARD
        .decode(text.as_bytes())
        .map_err(|_| ApiError::bad("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."))?;
    if raw.len() > MAX_USER_DATA {
        let text = format!("User data is limited to {MAX_USER_DATA} bytes");
        return Err(ApiError::bad("InvalidUserData.Malformed", text));
    }
    Ok(())
}
