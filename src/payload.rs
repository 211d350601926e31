//! The demo for the instance, as the build script left it: one for each machine that it was at hand for.

use crate::error::{CommandError, Kind};
use recipe_walk_engine::deliver::Payload;
use recipe_walk_engine::machine::Machine;
use recipe_walk_engine::parameter::Rule;
use recipe_walk_engine::recipe::Recipe;
use std::io::Read as _;

/// The embedded demos.
pub(crate) const PAYLOADS: &[Payload] = include!(concat!(env!("OUT_DIR"), "/payloads.rs"));

/// The recipe's parameter that decides on what machine the demo runs; none where no demo runs.
pub(crate) fn instance_type(recipe: &Recipe) -> Option<&str> {
    recipe.parameter_of("instance", "instance_type").filter(|_| recipe.program.is_none())
}

/// The demo for a machine.
pub(crate) fn of(payloads: &[Payload], machine: Machine) -> Option<&Payload> {
    payloads.iter().find(|payload| payload.machine == machine)
}

/// The demo's program itself.
pub(crate) fn unpack(payload: &Payload) -> std::io::Result<Vec<u8>> {
    let mut binary = Vec::new();
    lzma_rust2::XzReader::new(payload.xz, true).read_to_end(&mut binary)?;
    Ok(binary)
}

/// Whether a demo is what its checksum says.
pub(crate) fn is_sound(payload: &Payload) -> bool {
    unpack(payload).is_ok_and(|binary| recipe_walk_engine::deliver::sha256(&binary) == payload.sha256)
}

/// Leaves the instance types that a demo is there for, and the first of them as the default. Where there is none,
/// everything stays: a sandbox runs the demo on this very machine, whatever the type says.
pub(crate) fn fit(recipe: &mut Recipe, payloads: &[Payload]) {
    let Some(id) = instance_type(recipe).map(str::to_owned) else { return };
    let Some(parameter) = recipe.parameters.iter_mut().find(|p| p.id == id) else { return };
    let Rule::Choice { choices } = &mut parameter.rule else { return };
    let fits = |choice: &String| of(payloads, Machine::of_instance_type(choice)).is_some();
    if !choices.iter().any(fits) {
        return;
    }
    choices.retain(fits);
    if let Some(first) = choices.first().filter(|_| !choices.contains(&parameter.default)) {
        parameter.default.clone_from(first);
    }
}

/// Refuses a walk on AWS that could not measure anything in the end.
pub(crate) fn check(instance_type: &str, payloads: &[Payload]) -> Result<(), CommandError> {
    let machine = Machine::of_instance_type(instance_type);
    if of(payloads, machine).is_some() {
        return Ok(());
    }
    let name = machine.name();
    Err(CommandError::new(
        Kind::Usage,
        format!("this recipe-walk has no demo program for {instance_type} ({name}), so it cannot walk on AWS"),
    )
    .means("It was built where no demo for such an instance was at hand.")
    .means("A released recipe-walk has it; or build again with RECIPE_WALK_PAYLOAD set, as CONTRIBUTING.md says.")
    .next("recipe-walk --sandbox"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(machine: Machine) -> Payload {
        Payload { machine, xz: &[], sha256: "00" }
    }

    fn types(payloads: &[Payload]) -> (Vec<String>, String) {
        let mut recipe = crate::embedded::recipe(None).expect("parses");
        fit(&mut recipe, payloads);
        let parameter = recipe.parameters.into_iter().find(|p| p.id == "instance_type").expect("there");
        let Rule::Choice { choices } = parameter.rule else { panic!("no choice") };
        (choices, parameter.default)
    }

    #[test]
    fn every_payload_unpacks_to_what_its_checksum_says() {
        for payload in PAYLOADS {
            let binary = unpack(payload).expect("unpacks");
            assert!(is_sound(payload), "{}", payload.sha256);
            // e_machine of an ELF header: 62 is x86-64, 183 is AArch64.
            match payload.machine {
                Machine::LinuxX86 => assert_eq!((&binary[..4], binary[18]), (&b"\x7fELF"[..], 62)),
                Machine::LinuxArm => assert_eq!((&binary[..4], binary[18]), (&b"\x7fELF"[..], 183)),
                Machine::MacX86 | Machine::MacArm => assert_eq!(binary[..4], [0xcf, 0xfa, 0xed, 0xfe]),
            }
        }
        assert!(Machine::here().is_none_or(|here| of(PAYLOADS, here).is_some()));
    }

    #[test]
    fn the_instance_type_follows_the_payloads() {
        let (x86, arm) = (demo(Machine::LinuxX86), demo(Machine::LinuxArm));
        assert_eq!(types(&[x86]), (vec!["t3.micro".into()], "t3.micro".into()));
        assert_eq!(types(&[arm]), (vec!["t4g.micro".into()], "t4g.micro".into()));
        assert_eq!(types(&[x86, arm]), (vec!["t3.micro".into(), "t4g.micro".into()], "t3.micro".into()));
        // A Mac without released payloads: its sandbox still walks.
        assert_eq!(types(&[demo(Machine::MacArm)]).0.len(), 2);
    }

    #[test]
    fn walks_on_aws_without_payload_are_refused_with_help() {
        assert!(check("t3.micro", &[demo(Machine::LinuxX86)]).is_ok());
        let error = check("t4g.micro", &[demo(Machine::LinuxX86)]).expect_err("refused");
        assert!(error.message.contains("t4g.micro (arm64 Linux)"), "{}", error.message);
        assert!(error.meaning.iter().any(|m| m.contains("RECIPE_WALK_PAYLOAD")));
    }
}
