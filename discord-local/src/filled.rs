//! Commands filled in option by option, as a client's command form sends them, rather than typed as one line.
//!
//! A line can't say everything: a text that holds ` name:` of an option left out would be cut there. Here every value
//! comes with its option's name. What the client refuses is refused exactly as for a line.

use crate::answer::{Answer, Choice, Refused};
use crate::command_line::Typist;
use crate::interaction::Call;
use crate::model::World;
use crate::people::Person;
use crate::validate::message::Upload;

impl Person {
    /// Runs a command (`mdf request`, with its subcommands) with options as name and text. A file's text is its name.
    ///
    /// # Errors
    /// What the client wouldn't send: an unknown command, an option that is missing or wrong, no permission.
    pub async fn run_filled(
        &self,
        channel: u64,
        command: &str,
        options: &[(&str, &str)],
        files: &[Upload],
    ) -> Result<Answer, Refused> {
        let typist = Typist { user: self.user, channel, files, focused: false };
        let call = self.server.world().filled_call(&typist, command, options)?.0;
        Ok(self.server.ask(call).await)
    }

    /// Asks for suggestions for the last of these options, given those before it.
    ///
    /// # Errors
    /// As [`Person::run_filled`], and an option that doesn't suggest anything. No answer in time is "Loading options
    /// failed".
    pub async fn suggest_filled(
        &self,
        channel: u64,
        command: &str,
        options: &[(&str, &str)],
    ) -> Result<Vec<Choice>, Refused> {
        let typist = Typist { user: self.user, channel, files: &[], focused: true };
        let (mut call, suggests) = self.server.world().filled_call(&typist, command, options)?;
        if !suggests {
            return Err("the last option doesn't suggest anything".into());
        }
        call.kind = 4;
        let choices = self.server.ask_choices(call).await.ok_or("Loading options failed")?;
        let choices = choices.as_array().into_iter().flatten().map(|choice| Choice {
            name: choice["name"].as_str().unwrap_or_default().to_owned(),
            value: choice["value"].clone(),
        });
        Ok(choices.collect())
    }
}

impl World {
    /// The interaction that a filled-in command makes, and whether its last option suggests.
    fn filled_call(
        &mut self,
        typist: &Typist<'_>,
        command: &str,
        options: &[(&str, &str)],
    ) -> Result<(Call, bool), Refused> {
        let command = command.trim();
        let (name, words) = command.split_once(' ').unwrap_or((command, ""));
        let (app, known) = self.offered(typist.channel, typist.user, name, 1)?;
        let parsed = self.parse_filled(&known.body, words, options, typist)?;
        let data = self.command_data(&known, parsed.options, parsed.resolved);
        let (user, channel) = (typist.user, typist.channel);
        let call = Call { app, kind: 2, user, channel, source: None, data, what: parsed.name };
        Ok((call, parsed.suggests))
    }
}
