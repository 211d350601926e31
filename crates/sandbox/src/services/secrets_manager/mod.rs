//! Secrets Manager: GetRandomPassword only, which the source document uses for names.

use crate::model::account::part::Part;
use crate::services::{
    operation::{Needs, Operation},
    service::{BROKEN, Json, Refusals, Service, Wire, denied_json, no_resume},
};
use crate::{
    model::{error::ApiError, value},
    system::ids,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    password_length: i64,
    exclude_characters: String,
    exclude_numbers: bool,
    exclude_punctuation: bool,
    exclude_uppercase: bool,
    exclude_lowercase: bool,
    include_space: bool,
    require_each_included_type: bool,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            password_length: 32,
            exclude_characters: String::new(),
            exclude_numbers: false,
            exclude_punctuation: false,
            exclude_uppercase: false,
            exclude_lowercase: false,
            include_space: false,
            require_each_included_type: true,
        }
    }
}

pub(crate) static SERVICE: Service = Service {
    part: Part::stateless("secretsmanager", "secretsmanager"),
    wire: Wire::Json(Json { target: "secretsmanager", cbor: false, check: |_, _| Ok(()), capital: &[] }),
    operations: &[Operation::json("GetRandomPassword", |_, input| random(input), Needs::Own)],
    refusals: Refusals {
        throttled: ("ThrottlingException", 400, "Rate exceeded"),
        broken: ("InternalServiceError", 500, BROKEN),
        denied: denied_json,
    },
    resume: no_resume,
};

fn random(input: &Value) -> Result<Value, ApiError> {
    Ok(json!({"RandomPassword": password(&value::read(input)?)?}))
}

fn password(input: &Input) -> Result<String, ApiError> {
    let invalid = |text: &str| ApiError::bad("InvalidParameterException", text);
    if !(1..=4096).contains(&input.password_length) {
        return Err(invalid("PasswordLength must be between 1 and 4096."));
    }
    let length = input.password_length as usize;
    let kinds: Vec<Vec<u8>> = [
        (!input.exclude_lowercase, "abcdefghijklmnopqrstuvwxyz"),
        (!input.exclude_uppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        (!input.exclude_numbers, "0123456789"),
        (!input.exclude_punctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        (input.include_space, " "),
    ]
    .into_iter()
    .filter(|(included, _)| *included)
    .map(|(_, set)| set.bytes().filter(|b| !input.exclude_characters.as_bytes().contains(b)).collect())
    .filter(|set: &Vec<u8>| !set.is_empty())
    .collect();
    let all = kinds.concat();
    if all.is_empty() {
        return Err(invalid("You must include at least one character type."));
    }
    if input.require_each_included_type && kinds.len() > length {
        return Err(invalid("PasswordLength is too short to include one character of each included type."));
    }
    loop {
        let candidate = ids::draw(length, &all);
        // Drawing again keeps all allowed passwords equally likely.
        let complete = kinds.iter().all(|set| candidate.bytes().any(|b| set.contains(&b)));
        if complete || !input.require_each_included_type {
            return Ok(candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_has_the_kinds_that_were_asked_for() {
        let input = json!({"PasswordLength": 6, "ExcludePunctuation": true, "ExcludeUppercase": true,
            "RequireEachIncludedType": true});
        for _ in 0..50 {
            let answer = random(&input).unwrap();
            let password = answer["RandomPassword"].as_str().unwrap();
            assert_eq!(password.len(), 6);
            assert!(password.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            assert!(password.bytes().any(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn impossible_passwords_are_refused() {
        for input in [
            json!({"PasswordLength": 0}),
            json!({"PasswordLength": 2}),
            json!({"ExcludeLowercase": true, "ExcludeUppercase": true, "ExcludeNumbers": true,
                "ExcludePunctuation": true}),
        ] {
            assert!(random(&input).is_err(), "{input}");
        }
    }
}
