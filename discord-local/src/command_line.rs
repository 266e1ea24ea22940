//! A command as a person types it, read against a registered definition, as the client does while they type.
//!
//! `/mdf request campaign:CMP-7 note:a text with spaces`: the command, its subcommands, then `name:value`. A value runs to the
//! next known `name:` that hasn't been used, so texts may hold spaces and colons.

use serde_json::{Map, Value, json};

use crate::answer::Refused;
use crate::limits;
use crate::model::World;
use crate::permissions::MANAGE_CHANNELS;
use crate::validate::message::Upload;

/// Who types, where, and with which files at hand.
pub(crate) struct Typist<'a> {
    pub user: u64,
    pub channel: u64,
    pub files: &'a [Upload],
    /// Autocomplete: the last option is the focused one, and nothing is required yet.
    pub focused: bool,
}

/// A command ready to be sent.
pub(crate) struct Parsed {
    pub options: Vec<Value>,
    pub resolved: Value,
    /// The command's full name, with subcommands.
    pub name: String,
    /// For autocomplete: the choices of the focused option if it suggests, else what is wrong.
    pub suggests: bool,
}

impl World {
    /// Reads what follows `/name` against the command's definition.
    pub(crate) fn parse_line(
        &mut self,
        definition: &Value,
        line: &str,
        by: &Typist<'_>,
    ) -> Result<Parsed, Refused> {
        let place = descend(definition, line)?;
        let pieces = split(place.rest, &place.known)
            .map_err(|reason| Refused(format!("/{}: {reason}", place.name)))?;
        self.parse_pieces(place, pieces, by)
    }

    /// Reads options that were filled in one by one, as a client's command form gives them. `words` are the subcommands.
    pub(crate) fn parse_filled(
        &mut self,
        definition: &Value,
        words: &str,
        options: &[(&str, &str)],
        by: &Typist<'_>,
    ) -> Result<Parsed, Refused> {
        let place = descend(definition, words)?;
        if !place.rest.is_empty() {
            return Err(format!("/{} has no {}.", place.name, place.rest).into());
        }
        let mut pieces: Vec<(&Value, String)> = Vec::with_capacity(options.len());
        for (name, text) in options {
            let option = place.known.iter().find(|option| option["name"].as_str() == Some(name));
            let option = option.ok_or_else(|| format!("/{} has no option {name}.", place.name))?;
            if pieces.iter().any(|(used, _)| used["name"] == option["name"]) {
                return Err(format!("/{}: {name} is there twice.", place.name).into());
            }
            pieces.push((option, (*text).to_owned()));
        }
        self.parse_pieces(place, pieces, by)
    }

    fn parse_pieces(
        &mut self,
        place: Place<'_, '_>,
        pieces: Vec<(&Value, String)>,
        by: &Typist<'_>,
    ) -> Result<Parsed, Refused> {
        let Place { name, path, known, .. } = place;
        let mut resolved = Value::Object(Map::new());
        let mut suggests = false;
        let mut given = Vec::with_capacity(pieces.len());
        for (at, (option, text)) in pieces.iter().enumerate() {
            let focused = by.focused && at + 1 == pieces.len();
            if focused {
                suggests = option["autocomplete"].as_bool().unwrap_or(false);
                given.push(
                    json!({ "name": option["name"], "type": option["type"], "value": text, "focused": true }),
                );
                continue;
            }
            // A file is uploaded when the command is sent; while something is still typed, nobody knows it.
            if by.focused && option["type"].as_u64() == Some(11) {
                continue;
            }
            let value = self.value(option, text, by, &mut resolved).map_err(|reason| {
                Refused(format!("/{name}: {}: {reason}", option["name"].as_str().unwrap_or_default()))
            })?;
            given.push(json!({ "name": option["name"], "type": option["type"], "value": value }));
        }
        if !by.focused {
            let missing = known.iter().find(|option| {
                option["required"].as_bool() == Some(true)
                    && !pieces.iter().any(|(o, _)| o["name"] == option["name"])
            });
            if let Some(missing) = missing {
                return Err(format!(
                    "/{name}: {} is required.",
                    missing["name"].as_str().unwrap_or_default()
                )
                .into());
            }
        }
        for child in path.iter().rev() {
            given = vec![json!({ "name": child["name"], "type": child["type"], "options": given })];
        }
        Ok(Parsed { options: given, resolved, name, suggests })
    }

    /// A value as the client would send it, checked as the client would check it.
    fn value(
        &mut self,
        option: &Value,
        text: &str,
        by: &Typist<'_>,
        resolved: &mut Value,
    ) -> Result<Value, String> {
        let choices = option["choices"].as_array().filter(|choices| !choices.is_empty());
        if let Some(choices) = choices {
            return choice(choices, text);
        }
        match option["type"].as_u64() {
            Some(3) => string(option, text),
            Some(4) => integer(option, text),
            Some(5) => match text.to_lowercase().as_str() {
                "true" | "yes" => Ok(json!(true)),
                "false" | "no" => Ok(json!(false)),
                _ => Err("must be true or false.".to_owned()),
            },
            Some(6) => self.user_value(text, by, resolved),
            Some(7) => self.channel_value(option, text, by, resolved),
            Some(8) => self.role_value(text, by, resolved),
            Some(9) => self.user_value(text, by, resolved).or_else(|_| self.role_value(text, by, resolved)),
            Some(10) => decimal(option, text),
            Some(11) => self.file_value(text, by, resolved),
            _ => Err("is of a kind that can't be typed.".to_owned()),
        }
    }

    fn user_value(&self, text: &str, by: &Typist<'_>, resolved: &mut Value) -> Result<Value, String> {
        let guild = self.guild_of(by.channel);
        let members = self.guilds.get(&guild).map(|guild| guild.members.keys().copied().collect::<Vec<_>>());
        let members = members.unwrap_or_default();
        let id = mention(text, "<@").or_else(|| text.parse().ok()).or_else(|| {
            let name = text.strip_prefix('@').unwrap_or(text);
            members.iter().copied().find(|user| self.user_name(*user) == name)
        });
        let id =
            id.filter(|id| self.users.contains_key(id)).ok_or_else(|| format!("there is no user {text}."))?;
        resolved["users"][id.to_string()] = self.user_json(id);
        if let Some(member) = self.partial_member_json(guild, id, Some(by.channel)) {
            resolved["members"][id.to_string()] = member;
        }
        Ok(json!(id.to_string()))
    }

    fn role_value(&self, text: &str, by: &Typist<'_>, resolved: &mut Value) -> Result<Value, String> {
        let guild = self.guild_of(by.channel);
        let roles = self.roles_json(guild);
        let name = text.strip_prefix('@').unwrap_or(text);
        let wanted = mention(text, "<@&").map(|id| id.to_string());
        let found = roles.into_iter().find(|role| {
            role["id"].as_str() == wanted.as_deref().or(Some(text)) || role["name"].as_str() == Some(name)
        });
        let role = found.ok_or_else(|| format!("there is no role {text}."))?;
        let id = role["id"].clone();
        resolved["roles"][id.as_str().unwrap_or_default()] = role;
        Ok(id)
    }

    fn channel_value(
        &self,
        option: &Value,
        text: &str,
        by: &Typist<'_>,
        resolved: &mut Value,
    ) -> Result<Value, String> {
        let guild = self.guild_of(by.channel);
        let name = text.strip_prefix('#').unwrap_or(text);
        let id = mention(text, "<#").or_else(|| text.parse().ok());
        let found = self.channels.iter().find(|(key, channel)| {
            channel.guild == guild && (Some(**key) == id || (id.is_none() && channel.name == name))
        });
        let known = found.filter(|(id, _)| {
            self.sees(**id, by.user) || self.guild_permissions(guild, by.user) & MANAGE_CHANNELS != 0
        });
        let (id, _) = known.ok_or_else(|| format!("there is no channel {text}."))?;
        let json = self.partial_channel_json(*id, by.user);
        let types = option["channel_types"].as_array().filter(|types| !types.is_empty());
        if types.is_some_and(|types| !types.contains(&json["type"])) {
            return Err(format!("{text} isn't a channel of the right kind."));
        }
        resolved["channels"][id.to_string()] = json;
        Ok(json!(id.to_string()))
    }

    fn file_value(&mut self, text: &str, by: &Typist<'_>, resolved: &mut Value) -> Result<Value, String> {
        let upload = by.files.iter().find(|file| file.filename == text);
        let upload = upload.ok_or_else(|| format!("there is no file {text} at hand."))?;
        upload.fits(self.file_limit(by.channel))?;
        let id = self.offer_file(upload, by.channel);
        resolved["attachments"][id.to_string()] = self.attachment_json(id).unwrap_or_default();
        Ok(json!(id.to_string()))
    }
}

/// The command or subcommand that a line names.
struct Place<'d, 'l> {
    /// Its full name, without `/`.
    name: String,
    /// The groups and subcommands on the way, outermost first.
    path: Vec<&'d Value>,
    /// Its options.
    known: Vec<&'d Value>,
    /// What follows its name.
    rest: &'l str,
}

/// Follows the words of a line down to the subcommand that they name.
fn descend<'d, 'l>(definition: &'d Value, line: &'l str) -> Result<Place<'d, 'l>, Refused> {
    let mut name = definition["name"].as_str().unwrap_or_default().to_owned();
    let mut rest = line.trim();
    let mut path = Vec::new();
    let mut node = definition;
    while let Some(children) = nested(node) {
        let word = rest.split_whitespace().next().unwrap_or_default();
        let Some(child) = children.iter().find(|child| child["name"].as_str() == Some(word)) else {
            let names: Vec<&str> = children.iter().filter_map(|child| child["name"].as_str()).collect();
            return Err(format!("/{name} needs one of: {}.", names.join(", ")).into());
        };
        rest = rest[word.len()..].trim_start();
        name = format!("{name} {word}");
        path.push(child);
        node = child;
    }
    let known = node["options"].as_array().into_iter().flatten().collect();
    Ok(Place { name, path, known, rest })
}

/// The subcommands or groups of a definition, if it has any.
fn nested(node: &Value) -> Option<&Vec<Value>> {
    let children = node["options"].as_array()?;
    matches!(children.first()?["type"].as_u64(), Some(1 | 2)).then_some(children)
}

/// The number in `<@1>`, `<@!1>`, `<@&1>`, `<#1>`.
fn mention(text: &str, open: &str) -> Option<u64> {
    let inner = text.strip_prefix(open)?.strip_suffix('>')?;
    inner.strip_prefix('!').unwrap_or(inner).parse().ok()
}

/// Cuts a line at known `name:`s, each used once.
fn split<'a>(line: &str, known: &[&'a Value]) -> Result<Vec<(&'a Value, String)>, String> {
    let mut starts: Vec<(usize, &Value)> = Vec::new();
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if before.is_whitespace() && !c.is_whitespace() {
            let here = known.iter().find(|option| {
                let name = option["name"].as_str().unwrap_or_default();
                line[at..].strip_prefix(name).is_some_and(|rest| rest.starts_with(':'))
            });
            if let Some(option) = here.filter(|o| !starts.iter().any(|(_, used)| used["name"] == o["name"])) {
                starts.push((at, option));
            }
        }
        before = c;
    }
    let first = starts.first().map_or(line.len(), |(at, _)| *at);
    if !line[..first].trim().is_empty() {
        let names: Vec<&str> = known.iter().filter_map(|option| option["name"].as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(format!("\"{}\" belongs to no option (there are: {known}).", line[..first].trim()));
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([line.len()]);
    Ok(starts
        .iter()
        .zip(ends)
        .map(|((at, option), end)| {
            let name = option["name"].as_str().unwrap_or_default();
            (*option, line[at + name.len() + 1..end].trim().to_owned())
        })
        .collect())
}

fn choice(choices: &[Value], text: &str) -> Result<Value, String> {
    let found = choices.iter().find(|choice| {
        let value = &choice["value"];
        choice["name"].as_str() == Some(text)
            || value.as_str() == Some(text)
            || value.as_f64().is_some_and(|number| text.parse() == Ok(number))
    });
    found.map(|choice| choice["value"].clone()).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().filter_map(|choice| choice["name"].as_str()).collect();
        format!("\"{text}\" isn't one of: {}.", names.join(", "))
    })
}

fn string(option: &Value, text: &str) -> Result<Value, String> {
    let length = text.chars().count() as u64;
    let min = option["min_length"].as_u64().unwrap_or(0);
    let max = option["max_length"].as_u64().unwrap_or(limits::OPTION_VALUE as u64);
    if length == 0 {
        return Err("is empty.".to_owned());
    }
    if length < min {
        return Err(format!("must have at least {min} characters."));
    }
    if length > max {
        return Err(format!("must have at most {max} characters."));
    }
    Ok(json!(text))
}

fn integer(option: &Value, text: &str) -> Result<Value, String> {
    let number: i64 = text.parse().map_err(|_| format!("\"{text}\" isn't a whole number."))?;
    // The client's numbers are doubles; beyond 2^53 they wouldn't be exact.
    if number.unsigned_abs() > 1 << 53 {
        return Err(format!("{text} is too large."));
    }
    in_range(option, number as f64)?;
    Ok(json!(number))
}

fn decimal(option: &Value, text: &str) -> Result<Value, String> {
    let number: f64 = text.parse().map_err(|_| format!("\"{text}\" isn't a number."))?;
    if !number.is_finite() || number.abs() > 9_007_199_254_740_992.0 {
        return Err(format!("{text} is too large."));
    }
    in_range(option, number)?;
    Ok(json!(number))
}

fn in_range(option: &Value, number: f64) -> Result<(), String> {
    if let Some(min) = option["min_value"].as_f64().filter(|min| number < *min) {
        return Err(format!("must be at least {min}."));
    }
    if let Some(max) = option["max_value"].as_f64().filter(|max| number > *max) {
        return Err(format!("must be at most {max}."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str, names: &[&str]) -> Result<Vec<(String, String)>, String> {
        let options: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        let known: Vec<&Value> = options.iter().collect();
        let pieces = split(line, &known)?;
        Ok(pieces
            .into_iter()
            .map(|(o, text)| (o["name"].as_str().unwrap_or_default().to_owned(), text))
            .collect())
    }

    #[test]
    fn values_run_to_the_next_known_name() {
        let got =
            cut("campaign:CMP-7 note:see http://x.y, 10:30 at noon cost:25k", &["campaign", "cost", "note"]);
        let want = [("campaign", "CMP-7"), ("note", "see http://x.y, 10:30 at noon"), ("cost", "25k")];
        assert_eq!(got, Ok(want.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()));
    }

    #[test]
    fn a_name_counts_once_and_only_at_the_start_of_a_word() {
        let got = cut("note:a note:b xcost:1", &["note", "cost"]);
        assert_eq!(got, Ok(vec![("note".to_owned(), "a note:b xcost:1".to_owned())]));
    }

    #[test]
    fn text_before_the_first_name_is_refused() {
        assert!(cut("CMP-7 cost:1", &["cost"]).is_err());
        assert_eq!(cut("", &["cost"]), Ok(vec![]));
    }
}
