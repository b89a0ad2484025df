//! The public items of a crate, each with what its doc comment says before its sections.

use std::path::Path;

use syn::{Attribute, Expr, Fields, ImplItem, Item, Lit, Meta, TraitItem, Visibility};

use super::modules::rust_files;

/// A public item: a type, a function, a field, a variant.
pub(super) struct PublicItem {
    pub(super) file: String,
    pub(super) name: String,
    /// The text before `# Errors` and other sections.
    pub(super) doc: String,
}

/// The public items of the crate whose sources are in `source`.
pub(super) fn public_items(source: &Path) -> Vec<PublicItem> {
    let mut found = Vec::new();
    for file in rust_files(source) {
        let syntax = syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let mut items = Items { file: file.display().to_string(), found: &mut found };
        syntax.items.iter().for_each(|item| items.item(item));
    }
    found
}

struct Items<'a> {
    file: String,
    found: &'a mut Vec<PublicItem>,
}

impl Items<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) if is_public(&item.vis) => self.add(&item.sig.ident, &item.attrs),
            Item::Const(item) if is_public(&item.vis) => self.add(&item.ident, &item.attrs),
            Item::Type(item) if is_public(&item.vis) => self.add(&item.ident, &item.attrs),
            Item::Struct(item) if is_public(&item.vis) => {
                self.add(&item.ident, &item.attrs);
                self.fields(&item.fields, false);
            }
            Item::Enum(item) if is_public(&item.vis) => {
                self.add(&item.ident, &item.attrs);
                for variant in &item.variants {
                    self.add(&variant.ident, &variant.attrs);
                    self.fields(&variant.fields, true);
                }
            }
            Item::Trait(item) if is_public(&item.vis) => {
                self.add(&item.ident, &item.attrs);
                for function in &item.items {
                    if let TraitItem::Fn(function) = function {
                        self.add(&function.sig.ident, &function.attrs);
                    }
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                for function in &item.items {
                    match function {
                        ImplItem::Fn(function) if is_public(&function.vis) => {
                            self.add(&function.sig.ident, &function.attrs);
                        }
                        ImplItem::Const(constant) if is_public(&constant.vis) => {
                            self.add(&constant.ident, &constant.attrs);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// The named fields: those of a variant are as public as it is.
    fn fields(&mut self, fields: &Fields, are_public: bool) {
        for field in fields {
            if let Some(name) = &field.ident
                && (are_public || is_public(&field.vis))
            {
                self.add(name, &field.attrs);
            }
        }
    }

    fn add(&mut self, name: &syn::Ident, attributes: &[Attribute]) {
        let (file, name) = (self.file.clone(), name.to_string());
        self.found.push(PublicItem { file, name, doc: doc(attributes) });
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let Expr::Lit(literal) = &pair.value else { return None };
        let Lit::Str(text) = &literal.lit else { return None };
        pair.path.is_ident("doc").then(|| text.value())
    });
    let before_sections = lines.take_while(|line| !line.trim_start().starts_with('#'));
    before_sections.collect::<Vec<_>>().join(" ").trim().to_owned()
}
