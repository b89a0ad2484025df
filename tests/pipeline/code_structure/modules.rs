//! Which module of a crate uses which other: read from the `use` lines and the paths, outside of tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree, Visibility};

/// A module's path in its crate; empty for the root.
type ModulePath = Vec<String>;

/// The modules of a crate.
pub(super) struct Modules {
    /// What each module names, and what it shows to others under its own name.
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// Paths as they are written, from `crate`, `super`, `self` or a child module.
    named: Vec<Vec<String>>,
    /// Names that are shown here and defined elsewhere.
    reexported: BTreeMap<String, Vec<String>>,
}

/// Every Rust file below a folder.
pub(super) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

impl Modules {
    /// Reads the crate whose sources are in `source`.
    pub(super) fn read(source: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for file in rust_files(source) {
            let path = file.strip_prefix(source).unwrap().with_extension("");
            let mut path: ModulePath =
                path.iter().map(|segment| segment.to_string_lossy().into_owned()).collect();
            if path == ["main"] {
                continue;
            }
            path.retain(|segment| segment != "lib" && segment != "mod");
            let syntax = syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let mut module = Module::default();
            module.visit_file(&syntax);
            modules.insert(path, module);
        }
        Self { modules }
    }

    /// The groups of modules that know themselves through each other.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let uses = self.uses();
        let reached = |from: &ModulePath| {
            let mut seen = BTreeSet::new();
            let mut next = vec![from];
            while let Some(module) = next.pop() {
                for used in uses.get(module).into_iter().flatten().filter(|used| seen.insert(*used)) {
                    next.push(used);
                }
            }
            seen
        };
        let mut circles = BTreeSet::new();
        for module in self.modules.keys() {
            let there = reached(module);
            let circle: Vec<String> = there
                .iter()
                .filter(|other| there.contains(module) && reached(other).contains(module))
                .map(|module| if module.is_empty() { "lib".to_owned() } else { module.join("::") })
                .collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    /// Which room uses which, and where: a room is a module below the root.
    pub(super) fn uses_between_rooms(&self) -> Vec<(String, String, String)> {
        let mut between = Vec::new();
        for (module, used) in self.uses() {
            for used in used {
                if let (Some(room), Some(other)) = (module.first(), used.first())
                    && room != other
                {
                    between.push((room.clone(), other.clone(), module.join("/")));
                }
            }
        }
        between
    }

    fn uses(&self) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
        let of = |(path, module): (&ModulePath, &Module)| {
            let used = module.named.iter().filter_map(|named| self.defining_module(path, named));
            (path.clone(), used.filter(|used| used != path).collect())
        };
        self.modules.iter().map(of).collect()
    }

    /// The module that defines what `named` means in the module `within`; `None` for what is of another crate.
    fn defining_module(&self, within: &ModulePath, named: &[String]) -> Option<ModulePath> {
        let mut absolute = self.absolute(within, named)?;
        // Shown by one module, defined by another.
        for _ in 0..8 {
            let known =
                (0..=absolute.len()).rev().find(|end| self.modules.contains_key(&absolute[..*end]))?;
            let (module, item) = (absolute[..known].to_vec(), absolute.get(known));
            let shown = item.and_then(|item| self.modules[&module].reexported.get(item));
            match shown.and_then(|shown| self.absolute(&module, shown)) {
                Some(elsewhere) => absolute = elsewhere,
                None => return Some(module),
            }
        }
        None
    }

    fn absolute(&self, within: &ModulePath, named: &[String]) -> Option<Vec<String>> {
        let mut module = within.clone();
        let mut rest = named;
        match rest.first()?.as_str() {
            "crate" => (module, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                let path = [within.as_slice(), &[child.to_owned()]].concat();
                self.modules.contains_key(&path).then_some(())?;
            }
        }
        Some([module.as_slice(), rest].concat())
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_cfg_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    };
    attributes.iter().any(is_cfg_test)
}

impl Visit<'_> for Module {
    fn visit_item_mod(&mut self, item: &ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        let mut leaves = Vec::new();
        collect_leaves(&item.tree, &mut Vec::new(), &mut leaves);
        for (name, path) in leaves {
            if matches!(item.vis, Visibility::Inherited) {
                self.named.push(path);
            } else {
                self.reexported.insert(name, path);
            }
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.named.push(segments);
        }
        visit::visit_path(self, path);
    }
}

/// The names that a `use` makes known, each with its path.
fn collect_leaves(tree: &UseTree, before: &mut Vec<String>, leaves: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            collect_leaves(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((before.last().cloned().unwrap_or_default(), before.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaves.push((name.clone(), [before.as_slice(), &[name]].concat()));
        }
        UseTree::Rename(rename) => {
            let path = [before.as_slice(), &[rename.ident.to_string()]].concat();
            leaves.push((rename.rename.to_string(), path));
        }
        UseTree::Glob(_) => leaves.push(("*".to_owned(), before.clone())),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect_leaves(tree, before, leaves);
            }
        }
    }
}
