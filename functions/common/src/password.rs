//! Argon2id for passwords, kept as PHC strings.
//!
//! Parameters are those of the OWASP Password Storage Cheat Sheet: 19 MiB of memory, 2 passes, 1
//! lane. A stored hash carries its own, so they can be raised without touching what is stored.
//!
//! ```
//! use common::password;
//!
//! let stored = password::hash("correct horse battery staple")?;
//! assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
//! assert!(password::verify("correct horse battery staple", Some(&stored))?);
//! assert!(!password::verify("Tr0ub4dor&3", Some(&stored))?);
//! // There is no such user: the same work, and no.
//! assert!(!password::verify("Tr0ub4dor&3", None)?);
//! # Ok::<(), password::PasswordError>(())
//! ```

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// KiB of memory, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Bytes of salt, as the PHC string format recommends.
const SALT_LENGTH: usize = 16;
/// A hash that no password has: its salt and its output were made up.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gdXNlciBvZiBvdXJzIQ\
                       $bm8gb3V0cHV0IG9mIGFyZ29uMiBidXQgbWFkZSB1cC4";

/// What Argon2 fills to hash or check a password. It is kept from one to the next: to give it back
/// and take it again costs nearly as much as the hashing, and between other allocations the
/// allocator ends up with several of it. One password at a time, as an instance has one request.
static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// Why a password was neither right nor wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The operating system gave no salt.
    #[error("no randomness")]
    Random(#[from] getrandom::Error),
    /// Argon2 cannot work with these parameters.
    #[error("argon2 failed: {0}")]
    Argon2(argon2::password_hash::Error),
    /// What is stored is no PHC string.
    #[error("the stored hash is malformed")]
    Stored,
}

/// Hashes a password with a salt of its own. Takes tens of milliseconds, on purpose.
///
/// # Errors
/// When there is no randomness or no memory.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let mut salt = [0; SALT_LENGTH];
    getrandom::fill(&mut salt)?;
    let argon2 = argon2()?;
    let output = fill(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN)?;
    phc(&argon2, &salt, &output).map(|hash| hash.to_string()).map_err(PasswordError::Argon2)
}

fn phc(
    argon2: &Argon2<'_>,
    salt: &[u8],
    output: &[u8],
) -> Result<PasswordHash, argon2::password_hash::Error> {
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon2.params().try_into()?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(output)?),
    })
}

/// The output of Argon2, made in the memory that is kept.
fn fill(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    length: usize,
) -> Result<Vec<u8>, PasswordError> {
    let mut output = vec![0; length];
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    argon2
        .hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            &mut output,
            &mut memory[..blocks],
        )
        .map_err(|error| PasswordError::Argon2(error.into()))?;
    Ok(output)
}

/// Whether a password is the one that was hashed, compared in constant time.
///
/// `None` stands for a user there is not: it takes the same work, so that the time of the answer
/// does not tell who has an account.
///
/// # Errors
/// When what is stored is no hash of Argon2.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
    let parsed = PasswordHash::new(stored.unwrap_or(NOBODYS)).map_err(|_| PasswordError::Stored)?;
    let (Some(salt), Some(kept)) = (&parsed.salt, &parsed.hash) else {
        return Err(PasswordError::Stored);
    };
    let argon2 = of(&parsed).map_err(|_| PasswordError::Stored)?;
    let output = fill(&argon2, password, salt.as_ref(), kept.len())?;
    let output = Output::new(&output).map_err(|_| PasswordError::Stored)?;
    // Outputs compare in constant time.
    Ok(output == *kept && stored.is_some())
}

/// Argon2 with the parameters of a hash.
fn of(parsed: &PasswordHash) -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let version = parsed.version.map(Version::try_from).transpose()?.unwrap_or_default();
    Ok(Argon2::new(parsed.algorithm.as_str().parse()?, version, parsed.try_into()?))
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|error| PasswordError::Argon2(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::PasswordHasher as _;

    #[test]
    fn a_hash_is_what_the_library_makes_with_memory_of_its_own() {
        let (argon2, salt) = (argon2().unwrap(), [7; SALT_LENGTH]);
        let theirs: PasswordHash = argon2.hash_password_with_salt(b"secret", &salt).unwrap();
        let output = fill(&argon2, "secret", &salt, Params::DEFAULT_OUTPUT_LEN).unwrap();
        assert_eq!(phc(&argon2, &salt, &output).unwrap().to_string(), theirs.to_string());
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        assert_ne!(hash("secret").unwrap(), hash("secret").unwrap());
    }

    #[test]
    fn a_hash_of_other_parameters_is_verified_with_them() {
        let cheap =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let stored: PasswordHash = cheap.hash_password_with_salt(b"secret", &[7; 16]).unwrap();
        assert!(verify("secret", Some(&stored.to_string())).unwrap());
        assert!(!verify("other", Some(&stored.to_string())).unwrap());
    }

    #[test]
    fn nobodys_hash_costs_what_every_hash_costs() {
        let real = hash("secret").unwrap();
        let shape = |hash: &str| hash.rsplitn(3, '$').last().unwrap().to_owned();
        assert_eq!(shape(&real), shape(NOBODYS));
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(&real), lengths(NOBODYS));
        assert!(!verify("secret", None).unwrap());
    }

    #[test]
    fn what_is_no_hash_is_an_error_and_not_a_wrong_password() {
        for stored in ["", "secret", "$argon2id$v=19$m=1", "$2b$10$abcdefghijklmnopqrstuu"] {
            assert!(verify("secret", Some(stored)).is_err(), "{stored}");
        }
    }
}
