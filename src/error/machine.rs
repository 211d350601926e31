//! What this machine does not let a sandbox do: what it means, and what mends it.

use super::{CommandError, Kind};
use recipe_walk_sandbox::Hindrance;

impl From<&Hindrance> for CommandError {
    fn from(hindrance: &Hindrance) -> Self {
        let error = |kind| Self::new(kind, hindrance.to_string()).caused_by(hindrance);
        let elsewhere = "XDG_STATE_HOME=/var/tmp/recipe-walk-state recipe-walk";
        match hindrance {
            Hindrance::Programs { .. } => error(Kind::Disk)
                .means("It lies on a file system that is mounted noexec; the sandbox's instance runs programs there.")
                .next(elsewhere),
            Hindrance::Locks { .. } => error(Kind::Disk)
                .means("Locks keep two programs from changing one session; some network file systems have none.")
                .next(elsewhere),
            Hindrance::Sockets { .. } => error(Kind::Disk)
                .means("The sandbox speaks with its engines over sockets; not every file system has them.")
                .next(elsewhere),
            Hindrance::Loopback { .. } => error(Kind::Sandbox)
                .means("Each engine has a loopback address of its own; this machine's network has 127.0.0.1 alone.")
                .next("sudo ip address add 127.0.0.1/8 dev lo"),
            Hindrance::Listening(_) => error(Kind::Sandbox)
                .means("The machine's loopback network is down, or something forbids programs to listen.")
                .next("sudo ip link set lo up"),
            Hindrance::OpenFiles { .. } => error(Kind::Sandbox)
                .means("A shell can only lower that limit: open a new one, or have it raised.")
                .next("sudo prlimit --nofile=65536 --pid $$"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hindrance_names_its_cause_and_its_mend() {
        let refused = || std::io::Error::from_raw_os_error(37);
        let dir = || "/s".into();
        for hindrance in [
            Hindrance::Programs { dir: dir() },
            Hindrance::Locks { dir: dir(), source: refused() },
            Hindrance::Sockets { dir: dir(), source: refused() },
            Hindrance::Loopback { address: [127, 70, 1, 1].into(), source: refused() },
            Hindrance::Listening(refused()),
            Hindrance::OpenFiles { limit: 64 },
        ] {
            let error = CommandError::from(&hindrance);
            assert!(!error.meaning.is_empty() && error.next.len() == 1, "{error:?}");
            let cause = std::error::Error::source(&hindrance).map(ToString::to_string);
            assert!(cause.is_none_or(|cause| error.meaning.contains(&cause)), "{error:?}");
        }
    }
}
