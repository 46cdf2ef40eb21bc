//! Rules for what has a name and any number of values: headers and query parameters.

use lambda_http::http::HeaderMap;
use lambda_http::http::header::{HeaderName, HeaderValue};

/// Headers or query parameters.
pub trait Fields {
    /// A name in its one spelling.
    type Name: PartialEq + Clone;
    /// A value.
    type Value: Clone;

    /// Removes all values of a name and returns them.
    fn take(&mut self, name: &Self::Name) -> Vec<Self::Value>;
    /// True when the name has a value.
    fn has(&self, name: &Self::Name) -> bool;
    /// Adds a value to a name.
    fn push(&mut self, name: &Self::Name, value: Self::Value);
}

/// Rules for headers or for a query.
#[derive(Debug, Clone)]
pub struct FieldRules<N, V> {
    /// Names to remove.
    pub remove: Vec<N>,
    /// Old and new names.
    pub rename: Vec<(N, N)>,
    /// Values for names that are there.
    pub replace: Vec<(N, V)>,
    /// Values for names that are not there.
    pub add: Vec<(N, V)>,
    /// Further values.
    pub append: Vec<(N, V)>,
}

impl<N, V> Default for FieldRules<N, V> {
    fn default() -> Self {
        Self {
            remove: Vec::new(),
            rename: Vec::new(),
            replace: Vec::new(),
            add: Vec::new(),
            append: Vec::new(),
        }
    }
}

impl<N: PartialEq + Clone, V: Clone> FieldRules<N, V> {
    /// True when there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.remove.is_empty()
            && self.rename.is_empty()
            && self.replace.is_empty()
            && self.add.is_empty()
            && self.append.is_empty()
    }

    /// Applies the rules.
    pub fn apply(&self, fields: &mut impl Fields<Name = N, Value = V>) {
        for name in &self.remove {
            fields.take(name);
        }
        for (old, new) in &self.rename {
            let values = fields.take(old);
            if !values.is_empty() {
                fields.take(new);
            }
            for value in values {
                fields.push(new, value);
            }
        }
        for (name, value) in &self.replace {
            if !fields.take(name).is_empty() {
                fields.push(name, value.clone());
            }
        }
        for (name, value) in &self.add {
            if !fields.has(name) {
                fields.push(name, value.clone());
            }
        }
        for (name, value) in &self.append {
            fields.push(name, value.clone());
        }
    }
}

impl Fields for HeaderMap {
    type Name = HeaderName;
    type Value = HeaderValue;

    fn take(&mut self, name: &HeaderName) -> Vec<HeaderValue> {
        let values = self.get_all(name).iter().cloned().collect();
        self.remove(name);
        values
    }

    fn has(&self, name: &HeaderName) -> bool {
        self.contains_key(name)
    }

    fn push(&mut self, name: &HeaderName, value: HeaderValue) {
        self.append(name, value);
    }
}

/// The parameters of a query string, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string (WHATWG URL, "application/x-www-form-urlencoded parsing").
    #[must_use]
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish())
    }
}

impl Fields for Query {
    type Name = String;
    type Value = String;

    fn take(&mut self, name: &String) -> Vec<String> {
        let (taken, kept) = std::mem::take(&mut self.0).into_iter().partition(|(n, _)| n == name);
        self.0 = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    fn has(&self, name: &String) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    fn push(&mut self, name: &String, value: String) {
        self.0.push((name.clone(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn applied(rules: &FieldRules<String, String>, query: &str) -> String {
        let mut query = Query::parse(query);
        rules.apply(&mut query);
        query.to_string()
    }

    fn pair(a: &str, b: &str) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }

    #[test]
    fn rules_apply_in_their_order() {
        let rules = FieldRules {
            remove: vec!["debug".to_owned()],
            rename: vec![pair("q", "query")],
            replace: vec![pair("query", "x"), pair("absent", "y")],
            add: vec![pair("limit", "20"), pair("page", "1")],
            append: vec![pair("tag", "new")],
        };
        assert_eq!(
            applied(&rules, "debug=1&q=a&q=b&page=7&tag=old"),
            "page=7&tag=old&query=x&limit=20&tag=new"
        );
    }

    #[test]
    fn renaming_what_is_absent_keeps_what_has_the_new_name() {
        let rules = FieldRules { rename: vec![pair("q", "query")], ..FieldRules::default() };
        assert_eq!(applied(&rules, "query=kept"), "query=kept");
        assert_eq!(applied(&rules, "query=gone&q=new"), "query=new");
    }

    #[test]
    fn header_names_know_no_case_and_values_may_repeat() {
        let mut headers = HeaderMap::new();
        headers.append("X-A", HeaderValue::from_static("1"));
        headers.append("x-a", HeaderValue::from_static("2"));
        let name = HeaderName::from_static("x-b");
        let rules = FieldRules {
            rename: vec![(HeaderName::from_static("x-a"), name.clone())],
            ..FieldRules::default()
        };
        rules.apply(&mut headers);
        let values: Vec<_> = headers.get_all(&name).iter().collect();
        assert_eq!(values, ["1", "2"]);
        assert!(!headers.contains_key("x-a"));
    }

    proptest! {
        #[test]
        fn no_rules_change_no_query(pairs in proptest::collection::vec((".{0,5}", ".{0,5}"), 0..5)) {
            let query = Query(pairs.clone());
            prop_assert_eq!(Query::parse(&query.to_string()), Query(pairs));
        }
    }
}
