//! Why a file is not taken as evidence, and what is said about it.

use crate::domain::escape::short;
use crate::domain::evidence::Kind;
use crate::domain::refusal::Refusal;
use crate::limits;

/// Most characters of a file's name in a sentence.
const NAME_SHOWN: usize = 80;

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// 0 bytes.
    Empty,
    /// More bytes than this.
    TooLarge(usize),
    /// Its name holds a path.
    NamePath,
    /// Its name holds control characters, or some that turn text around.
    NameUnseen,
    /// Its name is nothing but an extension, or nothing at all.
    NameBlank,
    /// Its name says a type that is not accepted.
    NotAccepted,
    /// Its name has the extension of a program before the last.
    HidesProgram(String),
    /// An archive, by its name or by its bytes.
    Archive,
    /// Its bytes are something else than its name says.
    Disguised { says: Kind, is: &'static str },
    /// Its declared type is another than its name says.
    Declared { says: Kind, declared: String },
    /// Said to be text, and isn't.
    NoText(Kind),
    /// Said to be an e-mail, and has no such head.
    NoMail,
    /// An e-mail that carries what is not taken by itself, or not in the open.
    Carries(&'static str),
    /// An Office file with a password, or one from before 2007.
    Locked(Kind),
    /// An Office file that is not built as one is.
    Damaged { says: Kind, why: &'static str },
    /// An Office file with macros.
    Macros(Kind),
    /// An Office file that has its template fetched from another machine.
    Template(Kind),
    /// An Office file that holds something that a person could start.
    Embedded(Kind),
    /// An Office file with more entries than the limit.
    ManyEntries(Kind),
    /// An Office file that unpacks to more than the limit, or to far more than it has packed.
    Bomb(Kind),
}

impl Unfit {
    /// The answer: what is wrong with the file of this name, and what would be right. `most_bytes` is the limit of size.
    pub fn refusal(&self, name: &str, most_bytes: usize) -> Refusal {
        let name = short(name, NAME_SHOWN);
        let name = if name.trim().is_empty() { "The file" } else { name.as_str() };
        Refusal::bad_input(self.sentence(name), self.hint(most_bytes))
    }

    fn sentence(&self, name: &str) -> String {
        match self {
            Unfit::Empty => format!("{name} is empty: it has 0 bytes."),
            Unfit::TooLarge(most) => format!("{name} is larger than {}.", size(*most)),
            Unfit::NamePath => format!("{name}: the file's name holds a path."),
            Unfit::NameUnseen => format!("{name}: the file's name holds characters that nobody sees."),
            Unfit::NameBlank => format!("{name} has no name before its extension."),
            Unfit::NotAccepted => format!("{name} is not of a type that is accepted as evidence."),
            Unfit::HidesProgram(extension) => {
                format!("{name} has a second extension, {}, which is a program's.", short(extension, 10))
            }
            Unfit::Archive => format!("{name} is an archive; archives are not accepted."),
            Unfit::Disguised { says, is } => {
                format!("{name} is called {} file, but what is in it is {is}.", called(*says))
            }
            Unfit::Declared { says, declared } => {
                format!("{name} is called {} file, but was sent as {}.", called(*says), short(declared, 60))
            }
            Unfit::NoText(says) => format!("{name} is called {} file, but holds no text.", called(*says)),
            Unfit::NoMail => format!("{name} is called an EML file, but doesn't begin as an e-mail does."),
            Unfit::Carries("a table") => {
                format!("{name} carries a table: a list of people would lie open in it.")
            }
            Unfit::Carries(what) => format!("{name} carries {what}."),
            Unfit::Locked(says) => format!(
                "{name} is called {} file, but is locked with a password or in the format of before 2007.",
                called(*says)
            ),
            Unfit::Damaged { says, why } => {
                format!("{name} is called {} file, but is damaged or no such file: {why}.", called(*says))
            }
            Unfit::Macros(_) => format!("{name} holds macros."),
            Unfit::Template(_) => format!("{name} takes its template from another machine."),
            Unfit::Embedded(_) => format!("{name} holds another file that could be started from it."),
            Unfit::ManyEntries(_) => {
                format!("{name} has more than {} parts inside.", limits::OFFICE_ENTRIES_MAX)
            }
            Unfit::Bomb(_) => format!("{name} would unpack to far more than such a file has."),
        }
    }

    fn hint(&self, most_bytes: usize) -> String {
        match self {
            Unfit::NamePath | Unfit::NameUnseen | Unfit::NameBlank => {
                "Give it a plain name, such as invoice-1042.pdf, and attach it again.".to_owned()
            }
            Unfit::Disguised { .. } | Unfit::Declared { .. } => {
                format!("Save it anew in the format that its name says. {}", accepted(most_bytes))
            }
            Unfit::Archive => format!("Attach what is in it, file by file. {}", accepted(most_bytes)),
            Unfit::Carries(_) => {
                "Save the mail without it, or as a PDF, and attach what counts of it as a file of its own."
                    .to_owned()
            }
            Unfit::Locked(_)
            | Unfit::Damaged { .. }
            | Unfit::Macros(_)
            | Unfit::Template(_)
            | Unfit::Embedded(_)
            | Unfit::ManyEntries(_)
            | Unfit::Bomb(_) => "Save it as a PDF, or anew without macros, passwords and embedded files, \
                 and attach that."
                .to_owned(),
            _ => accepted(most_bytes),
        }
    }
}

/// What is accepted, in one sentence.
pub fn accepted(most_bytes: usize) -> String {
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    format!("Accepted are {} and {last} files of up to {}.", others.join(", "), size(most_bytes))
}

/// A type with its article.
fn called(kind: Kind) -> String {
    let article = if matches!(kind, Kind::Xlsx | Kind::Eml) { "an" } else { "a" };
    format!("{article} {}", kind.word())
}

/// A limit of size as people say it.
fn size(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    const KIB: usize = 1024;
    match bytes {
        bytes if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        bytes if bytes >= KIB && bytes.is_multiple_of(KIB) => format!("{} KiB", bytes / KIB),
        bytes => format!("{bytes} bytes"),
    }
}
