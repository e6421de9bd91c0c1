//! How vectors that are walked together are declared: once each, with their meaning, their kind of number and their length.
//!
//! A walk has its view of them as a value of its own, so that the compiler knows that no row it writes moves a slice. All
//! vectors that one kind of number counts are cut to one length in it, so that one check of a number serves them all.

/// Vectors by number, and the view of them that walks read.
macro_rules! vectors {
    (
        $(#[$doc:meta])*
        $name:ident, $view:ident {
            $($(#[$field_doc:meta])* $field:ident: $ix:ty => $item:ty $([$size:ident])?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub(crate) $field: $crate::network::IndexVec<$ix, $item>,)*
        }

        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $view<'a> {
            $($(#[$field_doc])* pub(crate) $field: $crate::network::Items<'a, $ix, $item>,)*
        }

        impl $name {
            #[inline(always)]
            pub(crate) fn view(&self, _sizes: &$crate::step::plan::Sizes) -> $view<'_> {
                $view { $($field: self.$field.view()$(.first(_sizes.$size))?,)* }
            }
        }
    };
}
pub(crate) use vectors;

/// Rows of a block.
macro_rules! rows {
    ($(#[$doc:meta])* $name:ident { $($(#[$row_doc:meta])* $row:ident: $ix:ty [$size:ident];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name<const B: usize> {
            $($(#[$row_doc])* pub(crate) $row: $crate::schedule::rows::Rows<$ix, B>,)*
        }

        impl<const B: usize> $name<B> {
            pub(crate) fn new(sizes: &$crate::step::plan::Sizes) -> Self {
                $name { $($row: $crate::schedule::rows::rows(sizes.$size, 0.0),)* }
            }

            /// How many rows there are.
            pub(crate) fn count(sizes: &$crate::step::plan::Sizes) -> usize {
                0 $(+ sizes.$size)*
            }
        }
    };
}
pub(crate) use rows;

/// The view of rows that walks read.
macro_rules! read {
    ($(#[$doc:meta])* $name:ident, $view:ident { $($(#[$row_doc:meta])* $row:ident: $ix:ty [$size:ident];)* }) => {
        $crate::step::layout::rows! { $(#[$doc])* $name { $($(#[$row_doc])* $row: $ix [$size];)* } }

        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $view<'a, const B: usize> {
            $($(#[$row_doc])* pub(crate) $row: $crate::network::Items<'a, $ix, $crate::schedule::rows::Row<B>>,)*
        }

        impl<const B: usize> $name<B> {
            pub(crate) fn view(&self, sizes: &$crate::step::plan::Sizes) -> $view<'_, B> {
                $view { $($row: self.$row.view().first(sizes.$size),)* }
            }
        }
    };
}
pub(crate) use read;

/// The view of rows that walks write. Threads that share the sites of a trial have `parts` of it, or the `whole`.
macro_rules! written {
    ($(#[$doc:meta])* whole $name:ident, $view:ident { $($(#[$row_doc:meta])* $row:ident: $ix:ty [$size:ident];)* }) => {
        $crate::step::layout::rows! { $(#[$doc])* $name { $($(#[$row_doc])* $row: $ix [$size];)* } }

        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $view<'a, const B: usize> {
            $($(#[$row_doc])* pub(crate) $row: $crate::schedule::part::Part<'a, $ix, B>,)*
        }

        impl<const B: usize> $name<B> {
            pub(crate) fn view(&mut self) -> $view<'_, B> {
                $view { $($row: self.$row.part(),)* }
            }
        }
    };
    ($(#[$doc:meta])* parts $name:ident, $view:ident { $($(#[$row_doc:meta])* $row:ident: $ix:ty [$size:ident];)* }) => {
        $crate::step::layout::written! {
            $(#[$doc])* whole $name, $view { $($(#[$row_doc])* $row: $ix [$size];)* }
        }

        impl<const B: usize> $view<'_, B> {
            /// The same rows for a walk.
            #[inline(always)]
            pub(crate) fn walked(&mut self, sizes: &$crate::step::plan::Sizes) -> $view<'_, B> {
                $view { $($row: $crate::schedule::part::Part::new(&mut self.$row.items()[..sizes.$size]),)* }
            }

            /// Takes off the rows of the sites before a place.
            pub(crate) fn before(&mut self, to: &$crate::step::plan::Ends) -> Self {
                $view { $($row: self.$row.before(<$ix as $crate::step::plan::Divided>::end(to)),)* }
            }
        }
    };
}
pub(crate) use written;
