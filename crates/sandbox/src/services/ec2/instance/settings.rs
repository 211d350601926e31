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
    pub(crate) user_data: Option<String>,
    pub(crate) ebs_optimized: bool,
    pub(crate) http_endpoint: String,
    pub(crate) metadata_tags: String,
    pub(crate) disk: Disk,
}

/// What can be chosen of the root volume.
pub(crate) struct Disk {
    pub(crate) size: i64,
    pub(crate) delete: bool,
    pub(crate) encrypted: bool,
    pub(crate) kind: String,
    pub(crate) iops: Option<i64>,
    pub(crate) throughput: Option<i64>,
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
        let http_hops = p.int("MetadataOptions.HttpPutResponseHopLimit")?.unwrap_or(2);
        if !(1..=64).contains(&http_hops) {
            return Err(invalid(format!(
                "Value ({http_hops}) for parameter HttpPutResponseHopLimit is invalid."
            )));
        }
        for name in ["DisableApiTermination", "DisableApiStop"] {
            if p.bool(name)?.unwrap_or(false) {
                let text = format!("The recipe-walk sandbox does not implement the parameter {name}.");
                return Err(ApiError::bad("UnsupportedOperation", text));
            }
        }
        Ok(Self {
            shutdown_behavior: choice("InstanceInitiatedShutdownBehavior", "stop", &["stop", "terminate"])?,
            // AL2023 images ask for IMDSv2.
            http_tokens: choice("MetadataOptions.HttpTokens", "required", &["required", "optional"])?,
            http_hops,
            cpu_credits: choice("CreditSpecification.CpuCredits", "unlimited", &["standard", "unlimited"])?,
            monitoring: p.bool("Monitoring.Enabled")?.unwrap_or(false),
            user_data: user_data(p)?,
            ebs_optimized: p.bool("EbsOptimized")?.unwrap_or(false),
            http_endpoint: choice("MetadataOptions.HttpEndpoint", "enabled", &["enabled", "disabled"])?,
            metadata_tags: choice(
                "MetadataOptions.InstanceMetadataTags",
                "disabled",
                &["enabled", "disabled"],
            )?,
            disk: Disk::read(p)?,
        })
    }
}

impl Disk {
    fn read(p: &Params) -> Result<Self, ApiError> {
        let mut disk = Self {
            size: image::ROOT_SIZE,
            delete: true,
            encrypted: false,
            kind: "gp3".into(),
            iops: None,
            throughput: None,
        };
        for mapping in p.structs("BlockDeviceMapping") {
            let device = mapping.required("DeviceName")?;
            if device != image::ROOT_DEVICE {
                let text =
                    format!("The recipe-walk sandbox has no device {device}, only {}.", image::ROOT_DEVICE);
                return Err(ApiError::bad("InvalidBlockDeviceMapping", text));
            }
            disk.size = mapping.int("Ebs.VolumeSize")?.unwrap_or(disk.size);
            disk.delete = mapping.bool("Ebs.DeleteOnTermination")?.unwrap_or(true);
            disk.encrypted = mapping.bool("Ebs.Encrypted")?.unwrap_or(false);
            disk.iops = mapping.int("Ebs.Iops")?;
            disk.throughput = mapping.int("Ebs.Throughput")?;
            mapping.get("Ebs.VolumeType").unwrap_or("gp3").clone_into(&mut disk.kind);
        }
        if disk.size < image::ROOT_SIZE {
            let text = format!(
                "Volume of size {}GB is smaller than the image's snapshot, expect size >= {}GB",
                disk.size,
                image::ROOT_SIZE
            );
            return Err(ApiError::bad("InvalidBlockDeviceMapping", text));
        }
        // What each kind has by itself, and whether more can be asked for.
        let (iops, throughput, may) = match disk.kind.as_str() {
            "gp3" => (Some(3_000), Some(125), Some(3_000..=80_000)),
            "gp2" => (Some((3 * disk.size).clamp(100, 16_000)), None, None),
            "io1" | "io2" => (None, None, Some(100..=256_000)),
            "standard" => (None, None, None),
            other => return Err(invalid(format!("Invalid volume type '{other}'."))),
        };
        let refused = |what: &str| {
            let text = format!("The parameter {what} is not supported for {} volumes.", disk.kind);
            Err(ApiError::bad("InvalidParameterCombination", text))
        };
        match (disk.iops, may) {
            (Some(_), None) => return refused("iops"),
            (Some(count), Some(range)) if !range.contains(&count) => {
                return Err(invalid(format!("Volume iops of {count} is not supported.")));
            }
            (None, Some(_)) if iops.is_none() => {
                let text = format!("The parameter iops must be specified for {} volumes.", disk.kind);
                return Err(ApiError::bad("MissingParameter", text));
            }
            (asked, _) => disk.iops = asked.or(iops),
        }
        match disk.throughput {
            Some(_) if disk.kind != "gp3" => return refused("throughput"),
            Some(rate) if !(125..=2_000).contains(&rate) => {
                return Err(invalid(format!("Throughput of {rate} is not supported.")));
            }
            asked => disk.throughput = asked.or(throughput),
        }
        Ok(disk)
    }
}

/// The user data, in base64; refused where it is too long or not in its form.
pub(crate) fn user_data(p: &Params) -> Result<Option<String>, ApiError> {
    let Some(data) = p.get("UserData") else { return Ok(None) };
    let text = data.replace(['\n', '\r'], "");
    let raw = STANDARD
        .decode(text.as_bytes())
        .map_err(|_| ApiError::bad("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."))?;
    if raw.len() > MAX_USER_DATA {
        let text = format!("User data is limited to {MAX_USER_DATA} bytes");
        return Err(ApiError::bad("InvalidUserData.Malformed", text));
    }
    Ok((!raw.is_empty()).then_some(text))
}
