//! Why a file could not be made.

/// Why a file could not be made. None of it holds what a report says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Excel has no more rows.
    #[error(
        "the sheet `{sheet}` would have {rows} rows, and Excel has 1048576: take fewer sessions, or CSV, which has no limit"
    )]
    TooManyRows {
        /// The name of the sheet in the workbook.
        sheet: &'static str,
        /// How many rows it would have, the heading among them.
        rows: usize,
    },
    /// Excel has no more columns.
    #[error(
        "the sheet `{sheet}` would have {columns} columns, and Excel has 16384: take fewer sessions, or CSV, which has no limit"
    )]
    TooManyColumns {
        /// The name of the sheet in the workbook.
        sheet: &'static str,
        /// How many columns it would have.
        columns: usize,
    },
    /// No program opens so many cells.
    #[error(
        "it would have {cells} cells, and {program} opens no such file: take fewer sessions, or CSV, which has no limit"
    )]
    TooManyCells {
        /// The program that would open it.
        program: &'static str,
        /// How many cells it would have in all.
        cells: usize,
    },
    /// The CSV could not be written.
    #[error("the CSV could not be written")]
    Csv(#[source] ::csv::Error),
    /// The JSON could not be written.
    #[error("the JSON could not be written")]
    Json(#[source] serde_json::Error),
    /// The page could not be written.
    #[error("the HTML could not be written")]
    Html(#[source] askama::Error),
    /// The workbook could not be written.
    #[error("the workbook could not be written")]
    Xlsx(#[source] rust_xlsxwriter::XlsxError),
}

impl FileError {
    /// Whether what was asked for is more than such a file holds, and less of it may fit.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooManyRows { .. } | Self::TooManyColumns { .. } | Self::TooManyCells { .. })
    }
}

impl From<::csv::Error> for FileError {
    fn from(source: ::csv::Error) -> Self {
        Self::Csv(source)
    }
}

impl From<serde_json::Error> for FileError {
    fn from(source: serde_json::Error) -> Self {
        Self::Json(source)
    }
}

impl From<askama::Error> for FileError {
    fn from(source: askama::Error) -> Self {
        Self::Html(source)
    }
}

impl From<rust_xlsxwriter::XlsxError> for FileError {
    fn from(source: rust_xlsxwriter::XlsxError) -> Self {
        Self::Xlsx(source)
    }
}
