//! What memory moves at best: the floor that `PERFORMANCE.md` holds a step of a large network against.
//!
//! Rows of 16 trials, one after the other, of several streams at once, as a walk reads and writes them. What is updated
//! counts twice, as it is read and written.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memmap2::MmapMut;
use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;

type Row = [f64; 16];

/// Rows that hold zeros, in large pages where the system has them.
fn stream(rows: usize) -> MmapMut {
    let mut memory = MmapMut::map_anon(rows * size_of::<Row>()).expect("memory for a stream");
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    memory.fill(0);
    memory
}

/// Adds the rows of some streams to those of others.
struct Walk<'a, 's>(&'a [&'s [Row]], &'a mut [&'s mut [Row]], usize);

impl WithSimd for Walk<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Walk(read, updated, rows) = self;
        for row in 0..rows {
            // A row is two registers of AVX-512, and 16 without any.
            let mut sums = [simd.splat_f64s(0.0); 16];
            for stream in read {
                let (parts, _) = S::as_simd_f64s(&stream[row]);
                for (sum, x) in sums.iter_mut().zip(parts) {
                    *sum = simd.add_f64s(*sum, *x);
                }
            }
            for stream in &mut *updated {
                let (parts, _) = S::as_mut_simd_f64s(&mut stream[row]);
                for (x, sum) in parts.iter_mut().zip(&sums) {
                    *x = simd.add_f64s(*x, *sum);
                }
            }
        }
    }
}

fn streams(c: &mut Criterion) {
    let arch = Arch::new();
    let mut group = c.benchmark_group("floor/bytes");
    group.sample_size(10);
    for (read, updated) in [(6, 2), (10, 10), (15, 15)] {
        for (place, bytes) in [("second level", 1 << 20), ("memory", 384 << 20)] {
            let rows = bytes / ((read + updated) * size_of::<Row>());
            let (from, mut to): (Vec<_>, Vec<_>) =
                ((0..read).map(|_| stream(rows)).collect(), (0..updated).map(|_| stream(rows)).collect());
            let from: Vec<&[Row]> = from.iter().map(|memory| bytemuck::cast_slice(memory)).collect();
            let mut to: Vec<&mut [Row]> =
                to.iter_mut().map(|memory| bytemuck::cast_slice_mut(memory)).collect();
            group.throughput(Throughput::Bytes((rows * (read + 2 * updated) * size_of::<Row>()) as u64));
            group.bench_function(format!("{read} read, {updated} updated/{place}"), |b| {
                b.iter(|| arch.dispatch(Walk(black_box(&from), black_box(&mut to), rows)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, streams);
criterion_main!(benches);
