//! The reports of the tenant, found by their ids and sources: a tenant may have a hundred thousand.

use std::collections::HashMap;

use shared::model::ReportSource;

use crate::report::SimReport;

/// Reports in the order in which they came.
#[derive(Default)]
pub(crate) struct Reports {
    /// `None` where another with the same id came later.
    all: Vec<Option<SimReport>>,
    by_id: HashMap<String, usize>,
    by_source: HashMap<ReportSource, Vec<usize>>,
}

impl Reports {
    /// Adds a report, which takes the place of one with the same id.
    pub(crate) fn add(&mut self, report: SimReport) {
        let number = self.all.len();
        if let Some(before) = self.by_id.insert(report.id.clone(), number) {
            self.all[before] = None;
        }
        self.by_source.entry(report.source.clone()).or_default().push(number);
        self.all.push(Some(report));
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &SimReport> {
        self.all.iter().flatten()
    }

    /// Those of one source.
    pub(crate) fn of(&self, source: &ReportSource) -> impl Iterator<Item = &SimReport> {
        let numbers = self.by_source.get(source).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|number| self.all[*number].as_ref())
    }

    /// The one with this id.
    pub(crate) fn with_id(&self, id: &str) -> Option<&SimReport> {
        self.all[*self.by_id.get(id)?].as_ref()
    }
}
