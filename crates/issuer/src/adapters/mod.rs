//! What touches the world, each named for what it gives and by what.

pub(crate) mod blacklist_kv;
mod blacklist_memory;
pub(crate) mod brake;
pub(crate) mod clock;
pub(crate) mod code;
pub(crate) mod email;
pub(crate) mod entropy;
pub(crate) mod ground_worker;
pub(crate) mod mail;
pub(crate) mod password;
pub(crate) mod password_argon2;
pub(crate) mod password_pbkdf2;
pub(crate) mod sealing_aes;
pub(crate) mod signing_jsonwebtoken;
pub(crate) mod slip;
mod storage_json;
mod storage_sql;
pub(crate) mod waits;
pub(crate) mod webhook;
