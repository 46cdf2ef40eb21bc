//! Adds a user, to try signing in: `cargo xtask seed-user --help`.

#![expect(clippy::print_stdout, reason = "what was made up goes to standard output")]

use anyhow::{Context as _, Result, bail, ensure};
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::types::AttributeValue;
use clap::Parser;
use common::aws::{self, AwsConfig};
use common::client::Client;
use common::config::{Variables, environment};
use common::{clock, password};
use sign_in::item::from_user;
use sign_in::user::{MAX_PASSWORD, composed};
use sign_in::{Phone, Token, User, Username};

/// Adds a user to the table of users of the stack that the environment points to.
#[derive(Parser)]
#[command(name = "seed-user", bin_name = "cargo xtask seed-user")]
struct Options {
    /// The user's name
    username: String,
    /// Where codes are texted, in E.164: +15550100123
    #[arg(long)]
    phone: String,
    /// The language of the texts
    #[arg(long, default_value = "en")]
    locale: String,
    /// Read the password from standard input, instead of making one up and printing it
    #[arg(long)]
    password_stdin: bool,
    /// Take the place of the user there may be
    #[arg(long)]
    replace: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let username: Username = options.username.parse().context("the user name")?;
    let phone: Phone = options.phone.parse()?;
    let (password, is_made_up) = password(options.password_stdin)?;
    let user = User {
        username: username.as_str().to_owned(),
        password: password::hash(&composed(&password))?,
        phone,
        locale: options.locale,
    };
    let config = AwsConfig::read(Variables::from_env()).context(
        "start the local stack with `cargo xtask up`, or set the variables of an AWS account",
    )?;
    let client = aws::dynamodb(&config, &Client::new()?).await;
    let table = table(&client).await?;
    let item = from_user(&username.key(), &user, &clock::rfc3339(clock::now()));
    put(&client, &table, item, options.replace).await?;
    println!("user      {}", username.as_str());
    if is_made_up {
        println!("password  {password}");
    }
    Ok(())
}

fn password(from_stdin: bool) -> Result<(String, bool)> {
    if !from_stdin {
        return Ok((Token::random()?.expose()[..20].to_owned(), true));
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    let length = password.chars().count();
    ensure!((1..=MAX_PASSWORD).contains(&length), "a password has 1 to {MAX_PASSWORD} characters");
    Ok((password, false))
}

/// The table of users: `USERS_TABLE`, or the only one that is named like it.
async fn table(client: &DynamoDb) -> Result<String> {
    if let Some(table) = environment("USERS_TABLE") {
        return Ok(table);
    }
    let tables = client.list_tables().send().await.context("cannot list the tables")?;
    let mut found = tables.table_names().iter().filter(|name| name.contains("UsersTable"));
    match (found.next(), found.next()) {
        (Some(table), None) => Ok(table.clone()),
        (None, _) => bail!("there is no table of users: deploy the stack first"),
        (Some(_), Some(_)) => bail!("there are several tables of users: set USERS_TABLE to one"),
    }
}

async fn put(
    client: &DynamoDb,
    table: &str,
    item: std::collections::HashMap<String, AttributeValue>,
    replace: bool,
) -> Result<()> {
    let mut put = client.put_item().table_name(table).set_item(Some(item));
    if !replace {
        put = put.condition_expression("attribute_not_exists(pk)");
    }
    match put.send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let is_taken = error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception());
            ensure!(!is_taken, "there is a user of this name; --replace takes its place");
            Err(error).context("the user was not written")
        }
    }
}
