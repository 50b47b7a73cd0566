//! Which names hold a secret themselves, told by their words.

/// A last word that means the secret itself.
const LAST: &str = "\
    apikey auth authorization bearer cookie cred credential credentials creds dsn jwt pass \
    passcode passphrase passwd password passwords privatekey pwd sas secret token secretkey \
    accesskey connectionstring";

/// What a `key` must be for, to be a secret.
const KEYS: &str = "\
    access account api app application auth client encryption license master private secret \
    shared signing ssh storage deploy";

/// Parts of words written together, as `PGPASSWORD` and `clientsecret`.
const WITHIN: &str = "password passwd passphrase secret credential apikey privatekey accesskey";

/// Whether the last words of a name say that it holds a secret.
pub(super) fn holds_a_secret(name: &str) -> bool {
    let words = words(name);
    // Charts call the name of a Secret that is there already `existingSecret`, and one of its keys `existingSecretPasswordKey`.
    if let [first, second, ..] = words.as_slice()
        && first == "existing"
        && second.starts_with("secret")
    {
        return false;
    }
    let mut from_last = words.iter().rev().map(String::as_str).skip_while(|word| is_number(word));
    let Some(last) = from_last.next() else {
        return false;
    };
    if is_in(last, LAST) {
        return true;
    }
    match (from_last.next(), last) {
        (Some(before), "key" | "keys") => is_in(before, KEYS) || is_in(before, LAST),
        (Some("connection" | "conn"), "string" | "str") => true,
        (Some("secret" | "credential"), "value" | "data" | "text") => true,
        (Some("password" | "token"), "value" | "hash" | "text") => true,
        (Some("secret"), "id") => true,
        _ => is_written_together(last),
    }
}

fn is_in(word: &str, table: &str) -> bool {
    table.split(' ').any(|known| known == word)
}

fn is_written_together(word: &str) -> bool {
    WITHIN.split(' ').any(|part| word.ends_with(part))
        || word.ends_with("token")
        || word.ends_with("pwd")
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a name in lower case: parted by anything but letters and digits, and where the case changes.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = name.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let begins = character.is_uppercase()
            && (before.is_lowercase()
                || before.is_ascii_digit()
                || (before.is_uppercase()
                    && characters.peek().is_some_and(|next| next.is_lowercase())));
        if (begins || !character.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        let names = "\
            password DB_PASSWORD dbPassword db.password PGPASSWORD MYSQL_PWD \
            spring.datasource.password API_KEY apiKey apikey x-api-key client_secret \
            clientSecret CLIENTSECRET token accessToken access_token GITHUB_TOKEN id_token \
            AWS_SECRET_ACCESS_KEY private_key privateKey SENTRY_DSN credentials auth REDIS_AUTH \
            Authorization Cookie set-cookie JWT AccountKey SharedAccessKey connectionString \
            signing_key passphrase PASSWORD_1 secretKey secret_id password_hash DBPass authtoken \
            HTTPPassword EXISTING_DB_PASSWORD existingPassword existing_token";
        for name in names.split(' ') {
            assert!(holds_a_secret(name), "{name}");
        }
    }

    #[test]
    fn names_about_secrets() {
        let names = "\
            tokens_total max_tokens token_count tokens secretName SECRET_NAME secretKeyRef \
            password_file PASSWORD_FILE passwordLength token_type tokenExpirationSeconds \
            token_ttl auth_url AUTH_HOST author authority authentication bypass compass passed \
            pass_rate key keys primary_key keyboard sort_key api_version secrets \
            imagePullSecrets credentialsSecretRef automountServiceAccountToken_enabled passive \
            monkey tokenizer cookie_domain secret_version dsn_count pod-template-hash \
            resourceVersion checksum/secret-config existingSecret existing_secret \
            existingSecretPasswordKey";
        for name in names.split(' ') {
            assert!(!holds_a_secret(name), "{name}");
        }
    }
}
