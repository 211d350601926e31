//! The machines that a demo can be built for.

/// System and processor of a machine that runs the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// Linux on x86-64: EC2's t3, and most sandboxes.
    LinuxX86,
    /// Linux on 64-bit Arm: EC2's Graviton families such as t4g.
    LinuxArm,
    /// macOS on an Intel processor: a sandbox only.
    MacX86,
    /// macOS on an Apple processor: a sandbox only.
    MacArm,
}

impl Machine {
    /// What a machine calls itself in `uname -sm`.
    pub fn of_uname(said: &str) -> Option<Self> {
        match said.trim() {
            "Linux x86_64" => Some(Self::LinuxX86),
            "Linux aarch64" | "Linux arm64" => Some(Self::LinuxArm),
            "Darwin x86_64" => Some(Self::MacX86),
            "Darwin arm64" => Some(Self::MacArm),
            _ => None,
        }
    }

    /// The machine that this program runs on, where a demo can be built for it.
    pub fn here() -> Option<Self> {
        match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => Some(Self::LinuxX86),
            ("linux", "aarch64") => Some(Self::LinuxArm),
            ("macos", "x86_64") => Some(Self::MacX86),
            ("macos", "aarch64") => Some(Self::MacArm),
            _ => None,
        }
    }

    /// What an EC2 instance type is. Graviton families carry a g after their number: t4g, m7g, c7gn.
    pub fn of_instance_type(name: &str) -> Self {
        let family = name.split('.').next().unwrap_or_default();
        let after_number =
            family.trim_start_matches(char::is_alphabetic).trim_start_matches(char::is_numeric);
        if after_number.starts_with('g') { Self::LinuxArm } else { Self::LinuxX86 }
    }

    /// The architecture as Amazon Linux's public parameters and EC2 spell it.
    pub fn architecture(self) -> &'static str {
        match self {
            Self::LinuxX86 | Self::MacX86 => "x86_64",
            Self::LinuxArm | Self::MacArm => "arm64",
        }
    }

    /// For a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinuxX86 => "x86-64 Linux",
            Self::LinuxArm => "arm64 Linux",
            Self::MacX86 => "Intel macOS",
            Self::MacArm => "Apple macOS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_type_tells_its_processor() {
        for (name, machine) in [
            ("t3.micro", Machine::LinuxX86),
            ("g4dn.xlarge", Machine::LinuxX86),
            ("m7i.large", Machine::LinuxX86),
            ("t4g.micro", Machine::LinuxArm),
            ("c7gn.medium", Machine::LinuxArm),
        ] {
            assert_eq!(Machine::of_instance_type(name), machine, "{name}");
        }
    }

    #[test]
    fn a_machine_is_known_by_its_own_word() {
        assert_eq!(Machine::of_uname("Linux aarch64\n"), Some(Machine::LinuxArm));
        assert_eq!(Machine::of_uname("FreeBSD amd64"), None);
    }
}
