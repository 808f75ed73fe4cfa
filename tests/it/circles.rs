//! No file of the sources imports, by whatever detour, a file that imports it.
//!
//! An arrow leads from a file to the file of each module that its paths name: `super::a::B` and
//! `crate::m::a::B` to `a.rs`, and `super::B` to the file of the module above, even where that only
//! hands on what a third file has. A `mod` line is no arrow, and neither is what tests import.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

/// A module by its path from the crate's root.
type Module = Vec<String>;

fn sources(folder: &Path, module: &Module, found: &mut BTreeMap<Module, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let inner: Module = module.iter().cloned().chain([name.clone()]).collect();
        if path.is_dir() {
            sources(&path, &inner, found);
        } else if path.extension().is_some_and(|e| e == "rs") && name != "main" {
            let is_above = name == "mod" || name == "lib";
            found.insert(if is_above { module.clone() } else { inner }, path);
        }
    }
}

/// Collects the modules that a file names.
struct Named<'a> {
    files: &'a BTreeMap<Module, PathBuf>,
    /// The file's own module.
    file: &'a Module,
    /// The module of the place that is looked at, which may be one inside the file.
    here: Module,
    found: BTreeSet<Module>,
    /// Modules of this file that only tests have.
    tests: BTreeSet<Module>,
}

impl Named<'_> {
    fn name(&mut self, path: &[String]) {
        let mut at = self.here.clone();
        let mut names = path.iter();
        let first = path.first().map_or("", String::as_str);
        match first {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            child => {
                at.push(child.to_owned());
                if !self.files.contains_key(&at) {
                    return;
                }
            }
        }
        names.next();
        for name in names {
            if name == "super" {
                at.pop();
            } else {
                at.push(name.clone());
            }
        }
        while !self.files.contains_key(&at) {
            // What is inside a file's own inner module belongs to the file.
            at.pop();
        }
        if at != *self.file {
            self.found.insert(at);
        }
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| -> Vec<String> {
            before.iter().cloned().chain([name.to_string()]).collect()
        };
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.name(before),
            syn::UseTree::Name(name) => self.name(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.name(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.name(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|t| self.tree(before, t)),
        }
    }

    /// The paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.name(&std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.name(&std::mem::take(&mut path));
                    self.tokens(group.stream());
                }
                _ => self.name(&std::mem::take(&mut path)),
            }
        }
        self.name(&path);
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        let syn::Meta::List(list) = &a.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

impl<'ast> Visit<'ast> for Named<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let inner: Module = self
            .here
            .iter()
            .cloned()
            .chain([item.ident.to_string()])
            .collect();
        if is_for_tests(&item.attrs) {
            self.tests.insert(inner);
        } else if let Some((_, items)) = &item.content {
            let outer = std::mem::replace(&mut self.here, inner);
            items.iter().for_each(|i| self.visit_item(i));
            self.here = outer;
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if names.len() > 1 {
            self.name(&names);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// Which modules each module's file names.
fn arrows() -> (
    BTreeMap<Module, PathBuf>,
    BTreeMap<Module, BTreeSet<Module>>,
) {
    let mut files = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root, &Module::new(), &mut files);
    let (mut arrows, mut tests) = (BTreeMap::new(), BTreeSet::new());
    for (module, path) in &files {
        let mut named = Named {
            files: &files,
            file: module,
            here: module.clone(),
            found: BTreeSet::new(),
            tests: BTreeSet::new(),
        };
        named.visit_file(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap());
        arrows.insert(module.clone(), named.found);
        tests.extend(named.tests);
    }
    arrows.retain(|module, _| !tests.contains(module));
    (files, arrows)
}

/// Every module that a module's file reaches over one arrow or more.
fn reached(from: &Module, arrows: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for to in arrows.get(next).into_iter().flatten() {
            if seen.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    seen
}

#[test]
fn files_import_in_no_circle() {
    let (files, arrows) = arrows();
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        arrows.keys().map(|m| (m, reached(m, &arrows))).collect();
    let both = |a: &Module, b: &Module| reached[a].contains(b) && reached[b].contains(a);
    let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
    for module in arrows.keys().filter(|m| both(m, m)) {
        let circle = arrows.keys().filter(|other| both(module, other));
        circles.insert(circle.map(|m| m.join("::")).collect());
    }
    let inside = |circle: &Vec<String>| -> Vec<String> {
        let modules = circle
            .iter()
            .map(|m| m.split("::").map(str::to_owned).collect());
        let modules: Vec<Module> = modules.collect();
        let within = |from: &Module| -> Vec<String> {
            let to = arrows[from].iter().filter(|m| modules.contains(m));
            to.map(|m| format!("{} -> {}", from.join("::"), m.join("::")))
                .collect()
        };
        modules.iter().flat_map(within).collect()
    };
    assert!(
        circles.is_empty(),
        "{:#?}",
        circles.iter().map(inside).collect::<Vec<_>>()
    );
    assert!(files.len() > 200 && arrows.values().map(BTreeSet::len).sum::<usize>() > 500);
}
