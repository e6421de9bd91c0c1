//! The Gaussian copula: correlation matrices, their factors, and the nearest matrix that is one.
//!
//! Sums run in a fixed order and only exactly rounded operations and `libm` are used, so that factors have the
//! same bits on every machine; the matrices are small.

#![expect(clippy::needless_range_loop, reason = "rows and columns of a matrix by their numbers")]

use std::f64::consts::PI;

/// A square matrix, row by row.
pub(crate) type Square = Vec<Vec<f64>>;

/// Pivots below this are the rounding of zero.
const PIVOT: f64 = 1e-14;
/// How far the product of a factor with itself may be off the matrix: the root of the error that a pivot may have.
const PRODUCT: f64 = 1e-7;
/// Sweeps after which Jacobi's method has long converged.
const SWEEPS: usize = 40;
/// Largest move of an entry at which the projections have converged, and most rounds of them.
const STILL: f64 = 1e-12;
const ROUNDS: usize = 10_000;

/// Pearson's correlation of two normals whose rank correlation is `rank` (Pearson 1907): `2 sin(π ρ/6)`.
pub(crate) fn pearson(rank: f64) -> f64 {
    // The sine of π/6 rounds to less than 1/2.
    if rank.abs() == 1.0 { rank } else { 2.0 * libm::sin(PI * rank / 6.0) }
}

/// The rank correlation of two normals whose correlation is `r`.
pub(crate) fn spearman(r: f64) -> f64 {
    6.0 / PI * libm::asin(0.5 * r)
}

/// The lower triangle `L` with `L Lᵀ = a` and unit rows, where `a` is positive semidefinite with a unit diagonal.
///
/// Of leaves that others determine wholly, the column is zero but for rounding. `None` where `a` has a negative
/// eigenvalue.
pub(crate) fn factor(a: &Square) -> Option<Square> {
    let same = |l: &Square| {
        let product = |i: usize, j: usize| l[i].iter().zip(&l[j]).fold(0.0, |sum, (x, y)| sum + x * y);
        (0..a.len()).all(|i| (0..=i).all(|j| (product(i, j) - a[i][j]).abs() <= PRODUCT))
    };
    let l = cholesky(a);
    if same(&l) {
        return Some(l);
    }
    // A small pivot of a singular matrix has lost its digits, and so has every entry that is divided by it.
    Some(triangle(square_root(a))).filter(same)
}

/// Cholesky's factor of `a`, in which pivots that are the rounding of zero have no column.
fn cholesky(a: &Square) -> Square {
    let n = a.len();
    let mut l: Square = (0..n).map(|i| vec![0.0; i + 1]).collect();
    for j in 0..n {
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).take(j).fold(0.0, |sum, (x, y)| sum + x * y);
        let pivot = a[j][j] - dot(&l[j], &l[j]);
        let root = if pivot > PIVOT { pivot.sqrt() } else { 0.0 };
        l[j][j] = root;
        for i in j + 1..n {
            l[i][j] = if root > 0.0 { (a[i][j] - dot(&l[i], &l[j])) / root } else { 0.0 };
        }
    }
    l
}

/// A matrix `B` with `B Bᵀ = a`, but for negative eigenvalues of `a`.
fn square_root(a: &Square) -> Square {
    let (values, vectors) = eigen(a);
    let root = |(x, value): (&f64, &f64)| x * value.max(0.0).sqrt();
    vectors.iter().map(|row| row.iter().zip(&values).map(root).collect()).collect()
}

/// The lower triangle `L` with `L Lᵀ = B Bᵀ`: Givens rotations of columns leave nothing right of the diagonal (Golub
/// and Van Loan, 5.2.5).
fn triangle(mut b: Square) -> Square {
    for i in 0..b.len() {
        for j in i + 1..b.len() {
            let size = (b[i][i] * b[i][i] + b[i][j] * b[i][j]).sqrt();
            if size > 0.0 {
                let (c, s) = (b[i][i] / size, b[i][j] / size);
                for row in &mut b[i..] {
                    (row[i], row[j]) = (c * row[i] + s * row[j], c * row[j] - s * row[i]);
                }
            }
        }
        b[i].truncate(i + 1);
    }
    b
}

/// The smallest eigenvalue of a symmetric matrix.
pub(crate) fn smallest_eigenvalue(a: &Square) -> f64 {
    eigen(a).0.into_iter().fold(f64::INFINITY, f64::min)
}

/// The correlation matrix nearest to a symmetric one in the Frobenius norm.
///
/// Alternating projections onto the semidefinite matrices and those with a unit diagonal, with Dykstra's
/// correction: N. J. Higham, "Computing the nearest correlation matrix, a problem from finance", IMA Journal of
/// Numerical Analysis 22 (2002), 329-343.
pub(crate) fn nearest(a: &Square) -> Square {
    let n = a.len();
    let (mut y, mut correction) = (a.clone(), vec![vec![0.0; n]; n]);
    let mut x = y.clone();
    for _ in 0..ROUNDS {
        let mut r = y.clone();
        for (row, off) in r.iter_mut().zip(&correction) {
            row.iter_mut().zip(off).for_each(|(r, off)| *r -= off);
        }
        x = semidefinite(&r);
        let mut moved: f64 = 0.0;
        for i in 0..n {
            for j in 0..n {
                correction[i][j] = x[i][j] - r[i][j];
                let next = if i == j { 1.0 } else { x[i][j] };
                moved = moved.max((next - y[i][j]).abs()).max((next - x[i][j]).abs());
                y[i][j] = next;
            }
        }
        if moved <= STILL {
            break;
        }
    }
    // The last bits of the diagonal: a scaled semidefinite matrix is one too.
    let scale: Vec<f64> = (0..n).map(|i| x[i][i].sqrt()).collect();
    let entry = |i: usize, j: usize| if i == j { 1.0 } else { x[i][j] / (scale[i] * scale[j]) };
    (0..n).map(|i| (0..n).map(|j| entry(i, j).clamp(-1.0, 1.0)).collect()).collect()
}

/// The semidefinite matrix nearest to a symmetric one: negative eigenvalues become 0.
fn semidefinite(a: &Square) -> Square {
    let (values, vectors) = eigen(a);
    let n = a.len();
    let mut out = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum = (0..n)
                .filter(|&k| values[k] > 0.0)
                .fold(0.0, |sum, k| sum + values[k] * (vectors[i][k] * vectors[j][k]));
            (out[i][j], out[j][i]) = (sum, sum);
        }
    }
    out
}

/// Eigenvalues and, in columns, eigenvectors of a symmetric matrix, by Jacobi's method with cyclic sweeps: G. H.
/// Golub and C. F. Van Loan, "Matrix computations" (4th ed. 2013), 8.5.
fn eigen(a: &Square) -> (Vec<f64>, Square) {
    let n = a.len();
    let mut a = a.clone();
    let mut v: Square = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                // Beside the diagonal of a correlation matrix less than this is nothing.
                if a[p][q].abs() <= 1e-18 {
                    continue;
                }
                turned = true;
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                let turn = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
                for row in a.iter_mut().chain(v.iter_mut()) {
                    (row[p], row[q]) = turn(row[p], row[q]);
                }
                for k in 0..n {
                    (a[p][k], a[q][k]) = turn(a[p][k], a[q][k]);
                }
                (a[p][q], a[q][p]) = (0.0, 0.0);
            }
        }
        if !turned {
            break;
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), v)
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    fn square(rows: &[&[f64]]) -> Square {
        rows.iter().map(|row| row.to_vec()).collect()
    }

    fn product(l: &Square) -> Square {
        let at = |i: usize, j: usize| l[i].iter().zip(&l[j]).map(|(x, y)| x * y).sum();
        (0..l.len()).map(|i| (0..l.len()).map(|j| at(i, j)).collect()).collect()
    }

    fn distance(a: &Square, b: &Square) -> f64 {
        let squares = a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x - y) * (x - y));
        squares.sum::<f64>().sqrt()
    }

    #[test]
    fn nearest_meets_the_example_of_higham() {
        // Section 4 of the paper, to its four digits.
        let found = nearest(&square(&[&[1.0, 1.0, 0.0], &[1.0, 1.0, 1.0], &[0.0, 1.0, 1.0]]));
        let published = square(&[&[1.0, 0.7607, 0.1573], &[0.7607, 1.0, 0.7607], &[0.1573, 0.7607, 1.0]]);
        for (x, y) in found.iter().flatten().zip(published.iter().flatten()) {
            assert_abs_diff_eq!(x, y, epsilon = 5e-5);
        }
        let off = square(&[&[1.0, 1.0, 0.0], &[1.0, 1.0, 1.0], &[0.0, 1.0, 1.0]]);
        assert_abs_diff_eq!(distance(&found, &off), 0.5278, epsilon = 5e-5);
        assert_abs_diff_eq!(smallest_eigenvalue(&off), 1.0 - 2.0_f64.sqrt(), epsilon = 1e-14);
    }

    #[test]
    fn eigenvalues_of_equal_correlations_are_those_of_the_formula() {
        // 1 + (n − 1) r once, 1 − r otherwise.
        for (n, r) in [(2, -1.0), (3, -0.5), (7, 0.3), (12, 1.0)] {
            let a: Square = (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { r }).collect()).collect();
            let mut values = eigen(&a).0;
            values.sort_by(f64::total_cmp);
            let mut formula = vec![1.0 - r; n - 1];
            formula.push(1.0 + (n - 1) as f64 * r);
            formula.sort_by(f64::total_cmp);
            for (x, y) in values.iter().zip(&formula) {
                assert_abs_diff_eq!(x, y, epsilon = 1e-13);
            }
        }
    }

    #[test]
    fn what_is_wholly_determined_has_a_factor_of_ones() {
        let l = factor(&square(&[&[1.0, -1.0], &[-1.0, 1.0]])).unwrap();
        assert_eq!(l, [vec![1.0], vec![-1.0, 0.0]]);
        assert!(factor(&square(&[&[1.0, 1.0, 0.0], &[1.0, 1.0, 1.0], &[0.0, 1.0, 1.0]])).is_none());
    }

    #[test]
    fn a_singular_matrix_with_a_small_pivot_has_a_factor() {
        // The first four are close to dependent, all five are: the fourth pivot is 3e-11.
        let near = nearest(&square(&[
            &[1.0, 0.24016120117809, -0.620534213442535, -0.9913787362148521, -0.25973566744500387],
            &[0.24016120117809, 1.0, 0.8428468036026927, -0.21926587472028755, 0.42408697247221844],
            &[-0.620534213442535, 0.8428468036026927, 1.0, -0.5249031471917294, 0.6163434089658185],
            &[-0.9913787362148521, -0.21926587472028755, -0.5249031471917294, 1.0, -0.13289366291041776],
            &[-0.25973566744500387, 0.42408697247221844, 0.6163434089658185, -0.13289366291041776, 1.0],
        ]));
        assert!(distance(&product(&cholesky(&near)), &near) > 1e-6);
        let l = factor(&near).unwrap();
        assert!(l.iter().enumerate().all(|(i, row)| row.len() == i + 1));
        assert_abs_diff_eq!(distance(&product(&l), &near), 0.0, epsilon = 1e-14);
    }

    #[test]
    fn pearson_and_spearman_undo_each_other() {
        for k in -10..=10 {
            let rank = f64::from(k) / 10.0;
            assert_abs_diff_eq!(spearman(pearson(rank)), rank, epsilon = 1e-15);
        }
        assert_eq!((pearson(1.0), pearson(-1.0), pearson(0.0)), (1.0, -1.0, 0.0));
    }

    proptest! {
        #[test]
        fn the_nearest_is_a_correlation_matrix_that_no_other_beats(
            n in 2_usize..7, entries in prop::collection::vec(-1.0..1.0_f64, 36), step in 0.01..1.0_f64,
        ) {
            let at = |i: usize, j: usize| if i == j { 1.0 } else { entries[6 * i.min(j) + i.max(j)] };
            let a: Square = (0..n).map(|i| (0..n).map(|j| at(i, j)).collect()).collect();
            let x = nearest(&a);
            let l = factor(&x).expect("a correlation matrix has a factor");
            prop_assert!(distance(&product(&l), &x) < 1e-6);
            prop_assert!(smallest_eigenvalue(&x) > -1e-9);
            if factor(&a).is_some() {
                prop_assert!(distance(&a, &x) < 1e-6);
            }
            // The set is convex: from the nearest, towards any other correlation matrix, it gets farther.
            let other: Square = (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
            for far in [other, nearest(&a.iter().map(|r| r.iter().map(|x| -x).collect()).collect())] {
                let towards = |i: usize, j: usize| x[i][j] + step * (far[i][j] - x[i][j]);
                let mixed: Square = (0..n).map(|i| (0..n).map(|j| towards(i, j)).collect()).collect();
                prop_assert!(distance(&a, &mixed) > distance(&a, &x) - 1e-8);
            }
        }
    }
}
