//! Evidence: the files that prove a claim. What they are called and how they are recognised; the bytes are kept elsewhere.

use serde::{Deserialize, Serialize};

/// A file as chat hands it over: a link to it, and what its sender says of it. Nothing of this is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    /// The declared type, such as `image/png`.
    pub content_type: Option<String>,
    /// The declared size.
    pub bytes: i64,
    /// Where it can be fetched, for about a day.
    pub url: String,
}

/// A file that was looked into and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits. The same bytes are the same file.
    pub sha256: String,
    /// Its name, made safe to show and to save under.
    pub name: String,
    /// What it was found to be; never what its sender says.
    pub content_type: String,
    /// Its size; at least 1.
    pub bytes: i64,
    /// A list of leads or attendees: stored encrypted, and never shown but for its `rows`.
    pub restricted: bool,
    /// Lines of a CSV or rows of an XLSX that hold anything, all sheets together, headings included.
    pub rows: Option<i64>,
}

impl EvidenceFile {
    /// Which stored object holds its bytes.
    pub fn object(&self) -> Object {
        Object { sha256: self.sha256.clone(), restricted: self.restricted }
    }
}

/// What a stored object is called. The same bytes handed in as a restricted list and as an ordinary file are two objects,
/// so that the open copy can go while the list stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    pub sha256: String,
    pub restricted: bool,
}

macro_rules! kinds {
    ($($variant:ident => $word:literal, $extensions:expr, [$($content_type:literal),+];)*) => {
        /// A type of file that may be evidence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($variant),* }
        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$variant),*];

            /// As people call it.
            pub fn word(self) -> &'static str { match self { $(Kind::$variant => $word),* } }

            /// Extensions of file names, in lower case.
            pub fn extensions(self) -> &'static [&'static str] { match self { $(Kind::$variant => &$extensions),* } }

            /// Declared types that agree with it, its own first.
            fn content_types(self) -> &'static [&'static str] {
                match self { $(Kind::$variant => &[$($content_type),+]),* }
            }
        }
    };
}
kinds! {
    Pdf => "PDF", ["pdf"], ["application/pdf", "application/x-pdf"];
    Png => "PNG", ["png"], ["image/png", "image/apng"];
    Jpeg => "JPEG", ["jpg", "jpeg"], ["image/jpeg", "image/jpg", "image/pjpeg"];
    Webp => "WebP", ["webp"], ["image/webp"];
    Gif => "GIF", ["gif"], ["image/gif"];
    Txt => "TXT", ["txt"], ["text/plain"];
    // Browsers on a machine with Excel call every CSV an Excel file.
    Csv => "CSV", ["csv"], ["text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"];
    Xlsx => "XLSX", ["xlsx"],
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"];
    Docx => "DOCX", ["docx"],
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"];
    Pptx => "PPTX", ["pptx"],
        ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/zip"];
    Eml => "EML", ["eml"], ["message/rfc822", "text/plain"];
}

impl Kind {
    /// The type that a file name's extension stands for.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let lower = extension.to_ascii_lowercase();
        Kind::ALL.iter().copied().find(|kind| kind.extensions().contains(&lower.as_str()))
    }

    /// The type's own content type.
    pub fn content_type(self) -> &'static str {
        self.content_types()[0]
    }

    /// Whether a declared type agrees. What says nothing of the contents agrees with all.
    pub fn agrees_with(self, declared: &str) -> bool {
        let bare = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let says_nothing = matches!(bare.as_str(), "" | "application/octet-stream" | "binary/octet-stream");
        says_nothing || self.content_types().contains(&bare.as_str())
    }

    /// Whether it is one of the Office types, which are ZIP archives inside.
    pub fn is_office(self) -> bool {
        matches!(self, Kind::Xlsx | Kind::Docx | Kind::Pptx)
    }
}
