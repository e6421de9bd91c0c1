//! The macros that declare the tables and the choices of the format.

/// Declares a table of the format. From one list of fields come the type, its constructor and setters, how it is read,
/// written, edited and laid over another, its leaves with their paths and streams, and its reference, so that none can
/// drift from the others.
///
/// A field is `required`, `optional` or `default` with `= VALUE`, with `(exact)` where the constructor and the setter take
/// the type itself and nothing that converts to it; `each(NOUN)` holds entries by id, `some(NOUN)` the same where it must
/// be given; `flat` stands for fields of a type that reads them itself. A [`Rule`](super::rule::Rule) after the type says
/// more about a leaf.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $fdoc:literal])+
                $mode:ident $(($noun:ident))? $field:ident : $ty:ty $(= $default:expr)? $(, $rule:expr)? ;
            )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[doc = $fdoc])+ pub $field: record!(@type $mode $ty), )*
            /// Source and basis of the leaves in this table that give none of their own.
            pub origin: $crate::scenario::origin::OwnOrigin,
        }

        record! { @new $name [] [] $( $mode $(($noun))? $field : $ty $(= $default)? ; )* }

        impl $name {
            $( record! { @setter [$( $fdoc )+] $mode $(($noun))? $field : $ty } )*

            /// States the source of the leaves in this table that give none of their own.
            #[must_use]
            pub fn source(mut self, source: impl Into<String>) -> Self {
                self.origin.state(|origin| origin.source = Some(source.into()));
                self
            }

            /// States what the leaves in this table rest on that do not say so themselves.
            #[must_use]
            pub fn basis(mut self, basis: $crate::scenario::Basis) -> Self {
                self.origin.state(|origin| origin.basis = Some(basis));
                self
            }

            /// What stands below at a key.
            fn below(key: &str) -> Option<$crate::scenario::rule::Below> {
                $( record! { @below $mode key $field : $ty, record!(@rule $($rule)?) } )*
                None
            }
        }

        impl $crate::scenario::entry::Entry for $name {
            fn leaves(
                &self,
                at: &$crate::scenario::path::Path<'_>,
                _rule: $crate::scenario::rule::Rule,
                origin: &$crate::scenario::origin::Origin,
                visit: &mut $crate::scenario::entry::Visit<'_>,
            ) {
                let origin = self.origin.or(origin);
                $({
                    let (rule, field) = (record!(@rule $($rule)?), stringify!($field));
                    let at = at.then_as(rule.key(field, self.$field.is_date()), rule.stream(field));
                    self.$field.leaves(&at, rule, origin, visit);
                })*
            }

            fn write(&self) -> Option<$crate::scenario::tree::Value> {
                let mut table = $crate::scenario::tree::Table::new(u32::MAX);
                $( record! { @write $mode self table $field : $ty, record!(@rule $($rule)?) $(, $default)? } )*
                self.origin.write_into(&mut table);
                Some($crate::scenario::tree::Value::Table(table))
            }

            fn get(&self, key: &str) -> Option<&dyn $crate::scenario::entry::Entry> {
                $(
                    if record!(@rule $($rule)?).form(stringify!($field), key).is_some() {
                        return Some(&self.$field);
                    }
                )*
                None
            }

            fn get_mut(&mut self, key: &str) -> Option<&mut dyn $crate::scenario::entry::Entry> {
                $(
                    if record!(@rule $($rule)?).form(stringify!($field), key).is_some() {
                        return Some(&mut self.$field);
                    }
                )*
                None
            }

            fn form(&self, key: &str) -> $crate::scenario::rule::Form {
                None
                    $( .or_else(|| record!(@rule $($rule)?).form(stringify!($field), key)) )*
                    .unwrap_or($crate::scenario::rule::Form::Plain)
            }

            fn clear(&mut self, key: &str) -> $crate::scenario::entry::Cleared {
                $(
                    if record!(@rule $($rule)?).form(stringify!($field), key).is_some() {
                        return record!(@clear $mode self $field $(= $default)?);
                    }
                )*
                $crate::scenario::entry::Cleared::Unknown
            }

            fn keys(&self) -> Vec<String> {
                vec![$( stringify!($field).to_owned() ),*]
            }

            fn replace(
                &mut self,
                given: $crate::scenario::Setting,
                form: $crate::scenario::rule::Form,
                at: &$crate::scenario::path::Path<'_>,
                reader: &mut $crate::scenario::entry::Reader<'_>,
            ) {
                $crate::scenario::entry::replace(self, given, form, at, reader);
            }
        }

        impl $crate::scenario::entry::Read for $name {
            const SHAPE: $crate::scenario::rule::Shape = $crate::scenario::rule::Shape::Fields(Self::below);
            const KINDS: &'static [$crate::scenario::rule::Kind] =
                record!(@kinds [] $( $mode $(($noun))? $field : $ty ; )*);

            fn expects() -> String {
                concat!("`", stringify!($name), "`").into()
            }

            fn read(
                node: &$crate::scenario::tree::Node,
                at: &$crate::scenario::path::Path<'_>,
                reader: &mut $crate::scenario::entry::Reader<'_>,
            ) -> Option<Self> {
                let table = reader.table(node, at, "a table")?;
                let origin = reader.begin(table, at);
                $( let $field = record!(@read $mode reader node table at $field : $ty, record!(@rule $($rule)?) $(, $default)?); )*
                reader.end();
                reader.unknown_keys::<Self>(table, at);
                Some($name { $($field: $field?,)* origin: origin? })
            }

            fn fields() -> Vec<$crate::scenario::rule::FieldDoc> {
                let fields = [$(
                    record!(@doc $mode $field : $ty, record!(@rule $($rule)?), concat!($($fdoc),+) $(, $default)?)
                ),*];
                fields.concat()
            }

            fn document(all: &mut indexmap::IndexMap<&'static str, $crate::scenario::rule::RecordDoc>) {
                if all.contains_key(stringify!($name)) {
                    return;
                }
                let own = $crate::scenario::rule::RecordDoc {
                    doc: concat!($($doc, "\n"),+),
                    fields: <Self as $crate::scenario::entry::Read>::fields(),
                };
                all.insert(stringify!($name), own);
                $( <$ty as $crate::scenario::entry::Read>::document(all); )*
            }
        }
    };

    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@type default $ty:ty) => { $ty };
    (@type each $ty:ty) => { $crate::scenario::ById<$ty> };
    (@type some $ty:ty) => { $crate::scenario::ById<$ty> };
    (@type flat $ty:ty) => { $ty };

    (@rule) => { $crate::scenario::rule::ANY };
    (@rule $rule:expr) => { const { $rule } };

    // The constructor takes what is required.
    (@new $name:ident [] [$($rest:ident = $init:expr,)*]) => {
        impl $name {
            /// With everything at its default.
            #[must_use]
            pub fn new() -> Self {
                $name { $($rest: $init,)* origin: $crate::scenario::origin::OwnOrigin::NONE }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    (@new $name:ident [$($required:ident : $ty:ty,)+] [$($rest:ident = $init:expr,)*]) => {
        impl $name {
            /// With what is required; everything else is at its default.
            #[must_use]
            pub fn new($($required: $ty),+) -> Self {
                $name {
                    $($required: $required.into(),)+
                    $($rest: $init,)*
                    origin: $crate::scenario::origin::OwnOrigin::NONE,
                }
            }
        }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] required (exact) $field:ident : $ty:ty ; $($more:tt)*) => {
        record! { @new $name [$($new)* $field : $ty,] [$($rest)*] $($more)* }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] required $field:ident : $ty:ty ; $($more:tt)*) => {
        record! { @new $name [$($new)* $field : impl Into<$ty>,] [$($rest)*] $($more)* }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] flat $field:ident : $ty:ty ; $($more:tt)*) => {
        record! { @new $name [$($new)* $field : impl Into<$ty>,] [$($rest)*] $($more)* }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] optional $((exact))? $field:ident : $ty:ty ; $($more:tt)*) => {
        record! { @new $name [$($new)*] [$($rest)* $field = None,] $($more)* }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] default $((exact))? $field:ident : $ty:ty = $default:expr ; $($more:tt)*) => {
        record! { @new $name [$($new)*] [$($rest)* $field = $default,] $($more)* }
    };
    (@new $name:ident [$($new:tt)*] [$($rest:tt)*] $mode:ident ($noun:ident) $field:ident : $ty:ty ; $($more:tt)*) => {
        record! { @new $name [$($new)*] [$($rest)* $field = $crate::scenario::ById::default(),] $($more)* }
    };

    // Kinds of entries are those that are held by id.
    (@kinds [$($kinds:tt)*]) => { &[$($kinds)*] };
    (@kinds [$($kinds:tt)*] each ($noun:ident) $field:ident : $ty:ty ; $($more:tt)*) => {
        record!(@kinds [$($kinds)* $crate::scenario::rule::Kind {
            noun: stringify!($noun),
            field: stringify!($field),
            below: <$ty as $crate::scenario::entry::Read>::KINDS,
            fields: <$ty as $crate::scenario::entry::Read>::fields,
        },] $($more)*)
    };
    (@kinds [$($kinds:tt)*] some ($noun:ident) $field:ident : $ty:ty ; $($more:tt)*) => {
        record!(@kinds [$($kinds)*] each ($noun) $field : $ty ; $($more)*)
    };
    (@kinds [$($kinds:tt)*] $mode:ident $((exact))? $field:ident : $ty:ty ; $($more:tt)*) => {
        record!(@kinds [$($kinds)*] $($more)*)
    };

    (@setter [$($fdoc:literal)+] optional (exact) $field:ident : $ty:ty) => {
        $(#[doc = $fdoc])+
        #[must_use]
        pub fn $field(mut self, $field: $ty) -> Self {
            self.$field = Some($field);
            self
        }
    };
    (@setter [$($fdoc:literal)+] default (exact) $field:ident : $ty:ty) => {
        $(#[doc = $fdoc])+
        #[must_use]
        pub fn $field(mut self, $field: $ty) -> Self {
            self.$field = $field;
            self
        }
    };
    (@setter [$($fdoc:literal)+] optional $field:ident : $ty:ty) => {
        $(#[doc = $fdoc])+
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (@setter [$($fdoc:literal)+] default $field:ident : $ty:ty) => {
        $(#[doc = $fdoc])+
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = $field.into();
            self
        }
    };
    (@setter [$($fdoc:literal)+] each ($noun:ident) $field:ident : $ty:ty) => {
        #[doc = concat!("Adds an entry to `", stringify!($field), "`, in the place of one of that id.")]
        ///
        $(#[doc = $fdoc])+
        #[must_use]
        pub fn $noun(mut self, id: impl Into<String>, $noun: impl Into<$ty>) -> Self {
            self.$field.insert(id.into(), $noun.into());
            self
        }
    };
    (@setter [$($fdoc:literal)+] some ($noun:ident) $field:ident : $ty:ty) => {
        record! { @setter [$($fdoc)+] each ($noun) $field : $ty }
    };
    (@setter [$($fdoc:literal)+] $mode:ident $((exact))? $field:ident : $ty:ty) => {};

    (@read required $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr) => {
        $reader.required::<$ty>($node, $table, $at, stringify!($field), $rule)
    };
    (@read optional $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr) => {
        $reader.optional::<$ty>($table, $at, stringify!($field), $rule)
    };
    (@read default $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr, $default:expr) => {
        $reader.optional::<$ty>($table, $at, stringify!($field), $rule).map(|given| given.unwrap_or_else(|| $default))
    };
    (@read each $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr) => {
        $reader
            .optional::<$crate::scenario::ById<$ty>>($table, $at, stringify!($field), $rule)
            .map(Option::unwrap_or_default)
    };
    (@read some $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr) => {
        $reader.required::<$crate::scenario::ById<$ty>>($node, $table, $at, stringify!($field), $rule)
    };
    (@read flat $reader:ident $node:ident $table:ident $at:ident $field:ident : $ty:ty, $rule:expr) => {
        <$ty as $crate::scenario::entry::Read>::read($node, $at, $reader)
    };

    (@write default $self:ident $table:ident $field:ident : $ty:ty, $rule:expr, $default:expr) => {
        let default: $ty = $default;
        if $self.$field != default {
            let key = $rule.key(stringify!($field), $self.$field.is_date());
            $self.$field.write().into_iter().for_each(|value| $table.put(key, value));
        }
    };
    (@write each $self:ident $table:ident $field:ident : $ty:ty, $rule:expr) => {
        if !$self.$field.is_empty() {
            $self.$field.write().into_iter().for_each(|value| $table.put(stringify!($field), value));
        }
    };
    (@write flat $self:ident $table:ident $field:ident : $ty:ty, $rule:expr) => {
        $self.$field.write_into(&mut $table);
    };
    (@write $mode:ident $self:ident $table:ident $field:ident : $ty:ty, $rule:expr) => {
        let key = $rule.key(stringify!($field), $self.$field.is_date());
        $self.$field.write().into_iter().for_each(|value| $table.put(key, value));
    };

    (@clear optional $self:ident $field:ident) => {{
        $self.$field = None;
        $crate::scenario::entry::Cleared::Yes
    }};
    (@clear default $self:ident $field:ident = $default:expr) => {{
        $self.$field = $default;
        $crate::scenario::entry::Cleared::Yes
    }};
    (@clear each $self:ident $field:ident) => {{
        $self.$field.clear();
        $crate::scenario::entry::Cleared::Yes
    }};
    (@clear $mode:ident $self:ident $field:ident) => { $crate::scenario::entry::Cleared::Required };

    (@below flat $key:ident $field:ident : $ty:ty, $rule:expr) => {
        let below = <$ty as $crate::scenario::entry::Read>::SHAPE.below($key);
        if below.field.is_some() {
            return Some(below);
        }
    };
    (@below $mode:ident $key:ident $field:ident : $ty:ty, $rule:expr) => {
        if $rule.form(stringify!($field), $key).is_some() {
            return Some($crate::scenario::rule::Below {
                field: Some(stringify!($field)),
                rule: $rule,
                shape: <record!(@type $mode $ty) as $crate::scenario::entry::Read>::SHAPE,
            });
        }
    };

    (@doc flat $field:ident : $ty:ty, $rule:expr, $doc:expr) => {
        <$ty as $crate::scenario::entry::Read>::fields()
    };
    (@doc $mode:ident $field:ident : $ty:ty, $rule:expr, $doc:expr $(, $default:expr)?) => {
        vec![$crate::scenario::rule::FieldDoc {
            field: stringify!($field),
            rule: $rule,
            presence: record!(@presence $mode $ty $(, $default)?),
            expects: $crate::scenario::entry::expected::<record!(@type $mode $ty)>($rule),
            doc: $doc.trim().to_owned(),
        }]
    };

    (@presence optional $ty:ty) => { $crate::scenario::rule::Presence::Optional };
    (@presence each $ty:ty) => { $crate::scenario::rule::Presence::Default(None) };
    (@presence default $ty:ty, $default:expr) => {{
        let default: $ty = $default;
        $crate::scenario::rule::Presence::Default($crate::scenario::entry::Entry::write(&default))
    }};
    (@presence $mode:ident $ty:ty) => { $crate::scenario::rule::Presence::Required };
}

/// Declares a choice between words: the type, how it is read and written, and its reference.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident { $( $(#[doc = $vdoc:literal])+ $variant:ident = $word:literal ),* $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub enum $name { $( $(#[doc = $vdoc])+ $variant ),* }

        impl $name {
            /// The word as it stands in a file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word ),* }
            }
        }

        impl $crate::scenario::entry::Entry for $name {
            fn write(&self) -> Option<$crate::scenario::tree::Value> {
                Some($crate::scenario::tree::Value::Text(self.word().to_owned()))
            }
            fn replace(
                &mut self,
                given: $crate::scenario::Setting,
                form: $crate::scenario::rule::Form,
                at: &$crate::scenario::path::Path<'_>,
                reader: &mut $crate::scenario::entry::Reader<'_>,
            ) {
                $crate::scenario::entry::replace(self, given, form, at, reader);
            }
        }

        impl $crate::scenario::entry::Read for $name {
            fn expects() -> String {
                [$(concat!("`\"", $word, "\"`")),*].join(" or ")
            }
            fn read(
                node: &$crate::scenario::tree::Node,
                at: &$crate::scenario::path::Path<'_>,
                reader: &mut $crate::scenario::entry::Reader<'_>,
            ) -> Option<Self> {
                let word = <String as $crate::scenario::entry::Read>::read(node, at, reader)?;
                match word.as_str() {
                    $( $word => Some($name::$variant), )*
                    _ => {
                        reader.not_a_choice(node, at, word, &[$($word),*]);
                        None
                    }
                }
            }
        }
    };
}

pub(crate) use {choice, record};
