//! Microsoft's own types (CSDL) and samples, and what of an answer agrees with neither.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// The types of v1.0, by their names.
pub(super) struct Types {
    types: BTreeMap<String, Type>,
}

#[derive(Default)]
struct Type {
    base: Option<String>,
    /// The members of an object, and the type of each.
    properties: BTreeMap<String, String>,
    /// The names of an enumeration; empty for an object.
    names: Vec<String>,
}

/// An attribute of the element that a line begins, such as `Name`.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// The last part of a type's name: `virtualEvent` of `graph.virtualEvent`.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl Types {
    /// Reads the types from the notes beside the repository.
    pub(super) fn read(official: &Path) -> Self {
        let text = fs::read_to_string(official.join("csdl-types.md")).unwrap();
        let v1 = text.split("\n## ").find(|section| section.starts_with("1. v1.0")).unwrap();
        let (mut types, mut current) = (BTreeMap::<String, Type>::new(), String::new());
        for line in v1.lines().map(str::trim_start) {
            let Some(name) = attribute(line, "Name") else { continue };
            let element = line.trim_start_matches('<').split(' ').next().unwrap_or_default();
            if element.ends_with("Type") {
                name.clone_into(&mut current);
                let base = attribute(line, "BaseType").map(|base| short(base).to_owned());
                types.insert(current.clone(), Type { base, ..Type::default() });
                continue;
            }
            let Some(of) = types.get_mut(&current) else { continue };
            match element {
                "Member" => of.names.push(name.to_owned()),
                "Property" | "NavigationProperty" => {
                    let declared = attribute(line, "Type").unwrap_or_default();
                    of.properties.insert(name.to_owned(), declared.to_owned());
                }
                _ => {}
            }
        }
        Self { types }
    }

    /// The declared type of a member, of the type itself or of one that it is based on.
    fn member(&self, of: &str, name: &str) -> Option<&str> {
        let of = self.types.get(of)?;
        let inherited = || self.member(of.base.as_deref()?, name);
        of.properties.get(name).map(String::as_str).or_else(inherited)
    }

    /// What in `value` agrees neither with the declared type nor with what the sample has in its place.
    pub(super) fn strangers(&self, value: &Value, declared: &str, sample: &Value) -> Vec<String> {
        let of_collection = declared.strip_prefix("Collection(").and_then(|of| of.strip_suffix(')'));
        let fits = match (value, of_collection) {
            (Value::Null, _) => true,
            (Value::Array(entries), Some(of)) => {
                let shown = &sample[0];
                return entries.iter().flat_map(|entry| self.strangers(entry, of, shown)).collect();
            }
            (Value::Object(members), None) if !declared.starts_with("Edm.") => {
                return self.strange_members(members, declared, sample);
            }
            (_, None) => self.is_scalar(value, declared),
            _ => false,
        };
        let is_shown = std::mem::discriminant(value) == std::mem::discriminant(sample);
        if fits || is_shown { Vec::new() } else { vec![format!("{value} is no {declared}")] }
    }

    fn strange_members(&self, members: &Map<String, Value>, declared: &str, sample: &Value) -> Vec<String> {
        // An object may say that it is of a type that is based on the declared one.
        let own = members.get("@odata.type").and_then(Value::as_str);
        let of = short(own.unwrap_or(declared)).trim_start_matches('#');
        let mut strange = Vec::new();
        for (name, value) in members.iter().filter(|(name, _)| !name.contains("@odata.")) {
            match (self.member(of, name), sample.get(name)) {
                (Some(declared), shown) => {
                    let found = self.strangers(value, declared, shown.unwrap_or(&Value::Null));
                    strange.extend(found.into_iter().map(|stranger| format!("{name}: {stranger}")));
                }
                (None, Some(_)) => {}
                (None, None) => strange.push(format!("{name}: no member of {of}")),
            }
        }
        strange
    }

    fn is_scalar(&self, value: &Value, declared: &str) -> bool {
        match declared {
            "Edm.String" => value.is_string(),
            "Edm.Boolean" => value.is_boolean(),
            "Edm.Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "Edm.DateTimeOffset" => {
                value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
            }
            _ => {
                let names = self.types.get(short(declared)).map(|known| known.names.as_slice());
                let is_name =
                    |names: &[String]| names.iter().any(|name| Some(name.as_str()) == value.as_str());
                // The notes do not have every enumeration.
                value.is_string() && names.is_none_or(is_name)
            }
        }
    }
}

/// The members that a sample has and an answer lacks.
pub(super) fn lacking(answer: &Value, sample: &Value) -> Vec<String> {
    match (answer, sample) {
        (Value::Object(answer), Value::Object(sample)) => {
            let shown = sample.iter().filter(|(name, _)| !name.contains("@odata."));
            let lacking = shown.flat_map(|(name, shown)| match answer.get(name) {
                Some(there) => lacking(there, shown).into_iter().map(|of| format!("{name}.{of}")).collect(),
                None => vec![name.clone()],
            });
            lacking.collect()
        }
        (Value::Array(answer), Value::Array(sample)) => match (answer.first(), sample.first()) {
            (Some(answer), Some(sample)) => lacking(answer, sample),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
