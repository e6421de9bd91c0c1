//! In which order sites are solved: buyers before their suppliers, cycles together.

/// Strongly connected components of the graph `edges` (for each node the nodes it points to), such
/// that every component comes before those it points to. Tarjan (1972), without recursion.
pub(crate) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = edges.len();
    let (mut index, mut low) = (vec![UNSEEN; n], vec![0; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut found) = (Vec::new(), Vec::new());
    let mut next = 0;
    let mut calls: Vec<(usize, usize)> = Vec::new();
    for root in 0..n {
        if index[root] != UNSEEN {
            continue;
        }
        calls.push((root, 0));
        while let Some(&mut (v, ref mut k)) = calls.last_mut() {
            if *k == 0 && index[v] == UNSEEN {
                index[v] = next;
                low[v] = next;
                next += 1;
                stack.push(v);
                on_stack[v] = true;
            }
            if let Some(&w) = edges[v].get(*k) {
                *k += 1;
                if index[w] == UNSEEN {
                    calls.push((w, 0));
                } else if on_stack[w] {
                    low[v] = low[v].min(index[w]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[v]);
            }
            if low[v] == index[v] {
                let mut component = Vec::new();
                while let Some(w) = stack.pop() {
                    on_stack[w] = false;
                    component.push(w);
                    if w == v {
                        break;
                    }
                }
                component.sort_unstable();
                found.push(component);
            }
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn buyers_come_before_suppliers_and_cycles_stay_together() {
        // 0 -> 1 -> 2 -> 1, 2 -> 3; 4 -> 3
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![3]];
        let found = components(&edges);
        let place = |v: usize| found.iter().position(|c| c.contains(&v)).unwrap();
        assert!(found.contains(&vec![1, 2]));
        assert_eq!(found.len(), 4);
        for (v, targets) in edges.iter().enumerate() {
            for &w in targets {
                assert!(place(v) <= place(w), "{v} -> {w}");
            }
        }
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let n = 1_000_000;
        let edges: Vec<Vec<usize>> = (0..n).map(|v| if v + 1 < n { vec![v + 1] } else { vec![] }).collect();
        assert_eq!(components(&edges).len(), n);
    }
}
