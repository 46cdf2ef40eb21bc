//! Where the steps of a pipeline go, so that every arrow leads to the right and none crosses a step.
//!
//! A step stands in the column after the last one it waits for. An arrow that passes a column gets
//! a place of its own in it, as if a small step stood there, so it only bends between columns.

use super::Edge;

/// Height of a step, in the picture's units (pixels at 100 %).
pub(crate) const NODE_HEIGHT: u32 = 84;
/// Height of the place that an arrow passes through a column at.
const BEND_HEIGHT: u32 = 16;
/// Between what stands in one column.
const ROW_GAP: u32 = 24;
/// Between columns: room for arrows to bend.
const COLUMN_GAP: u32 = 72;
/// Around everything: room for the focus ring and thick frames.
const MARGIN: u32 = 4;

/// Where everything is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The frame of each step.
    pub(crate) frames: Vec<Frame>,
    /// The way of each edge.
    pub(crate) ways: Vec<Way>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Frame {
    pub(crate) const fn right(self) -> u32 {
        self.x + self.width
    }

    const fn middle(self) -> u32 {
        self.y + self.height / 2
    }
}

/// From one step to another: bends from the first point to the second, straight on to the third,
/// bends to the fourth and so on, to the last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Way(pub(crate) Vec<Point>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// What has a place in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Node(usize),
    /// An edge that passes.
    Bend(usize),
}

/// Places steps of these widths.
#[must_use]
pub(crate) fn layout(widths: &[u32], edges: &[Edge]) -> Layout {
    let columns = columns(widths.len(), edges);
    let slots = ordered(&columns, edges);
    let height_of = |slot: &Slot| match slot {
        Slot::Node(_) => NODE_HEIGHT,
        Slot::Bend(_) => BEND_HEIGHT,
    };
    let heights: Vec<u32> = slots
        .iter()
        .map(|column| column.iter().map(height_of).sum::<u32>() + gaps(column.len()))
        .collect();
    let tallest = heights.iter().copied().max().unwrap_or_default();
    let mut frames = vec![Frame::default(); widths.len()];
    let mut bends: Vec<Vec<Frame>> = vec![Vec::new(); edges.len()];
    let mut x = MARGIN;
    for (column, height) in slots.iter().zip(&heights) {
        let width = column.iter().map(|slot| match slot {
            Slot::Node(node) => widths[*node],
            Slot::Bend(_) => 0,
        });
        let width = width.max().unwrap_or_default();
        let mut y = MARGIN + (tallest - height) / 2;
        for slot in column {
            let frame = Frame { x, y, width, height: height_of(slot) };
            match slot {
                Slot::Node(node) => frames[*node] = frame,
                Slot::Bend(edge) => bends[*edge].push(frame),
            }
            y += frame.height + ROW_GAP;
        }
        x += width + COLUMN_GAP;
    }
    let ways = edges.iter().zip(&bends);
    let ways = ways.map(|(edge, bends)| way(frames[edge.from], bends, frames[edge.to])).collect();
    let width = frames.iter().map(|frame| frame.right()).max().unwrap_or_default() + MARGIN;
    Layout { width, height: tallest + 2 * MARGIN, frames, ways }
}

fn gaps(count: usize) -> u32 {
    u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX).saturating_mul(ROW_GAP)
}

fn way(from: Frame, bends: &[Frame], to: Frame) -> Way {
    let mut points = vec![Point { x: from.right(), y: from.middle() }];
    for bend in bends {
        points.push(Point { x: bend.x, y: bend.middle() });
        points.push(Point { x: bend.right(), y: bend.middle() });
    }
    points.push(Point { x: to.x, y: to.middle() });
    Way(points)
}

/// The column of each step: the length of the longest way to it.
fn columns(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut columns = vec![0; count];
    for to in 0..count {
        let before = edges.iter().filter(|edge| edge.to == to).map(|edge| columns[edge.from] + 1);
        columns[to] = before.max().unwrap_or_default();
    }
    columns
}

/// What stands in each column, from top to bottom: near what it comes from, so that few arrows
/// cross.
fn ordered(columns: &[usize], edges: &[Edge]) -> Vec<Vec<Slot>> {
    let count = columns.iter().max().map_or(0, |last| last + 1);
    let mut slots: Vec<Vec<Slot>> = Vec::with_capacity(count);
    for column in 0..count {
        let nodes = columns.iter().enumerate().filter(|(_, at)| **at == column);
        let nodes = nodes.map(|(node, _)| Slot::Node(node));
        let passes = |edge: &Edge| columns[edge.from] < column && column < columns[edge.to];
        let bends = edges.iter().enumerate().filter(|(_, edge)| passes(edge));
        let mut here: Vec<Slot> = nodes.chain(bends.map(|(edge, _)| Slot::Bend(edge))).collect();
        if let Some(before) = slots.last() {
            let row = |edge: usize| {
                let from = Slot::Node(edges[edge].from);
                before.iter().position(|slot| *slot == from || *slot == Slot::Bend(edge))
            };
            here.sort_by_key(|slot| match *slot {
                Slot::Bend(edge) => mean(row(edge).into_iter()),
                Slot::Node(node) => {
                    let to_it = edges.iter().enumerate().filter(|(_, edge)| edge.to == node);
                    mean(to_it.filter_map(|(edge, _)| row(edge)))
                }
            });
        }
        slots.push(here);
    }
    slots
}

/// The mean row, in thousandths.
fn mean(rows: impl Iterator<Item = usize>) -> usize {
    let (sum, count) = rows.fold((0, 0), |(sum, count), row| (sum + row, count + 1));
    (sum * 1000).checked_div(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edge(from: usize, to: usize) -> Edge {
        Edge { from, to, is_for_failure: false }
    }

    #[test]
    fn steps_stand_after_the_last_they_wait_for() {
        let edges = [edge(0, 1), edge(1, 3), edge(0, 3), edge(0, 2)];
        assert_eq!(columns(4, &edges), [0, 1, 1, 2]);
    }

    #[test]
    fn a_column_is_as_wide_as_its_widest_step_and_stands_in_the_middle() {
        let found = layout(&[100, 50, 80], &[edge(0, 1), edge(0, 2)]);
        let [first, upper, lower] = found.frames[..] else { panic!("three steps") };
        assert_eq!((upper.x, upper.width), (lower.x, 80));
        assert_eq!(first.middle(), u32::midpoint(upper.middle(), lower.middle()));
        assert_eq!(found.width, MARGIN + 100 + COLUMN_GAP + 80 + MARGIN);
    }

    #[test]
    fn an_arrow_past_a_step_goes_around_it() {
        let found = layout(&[100; 3], &[edge(0, 1), edge(1, 2), edge(0, 2)]);
        let (passed, way) = (found.frames[1], &found.ways[2].0);
        assert_eq!(way.len(), 4);
        assert_eq!((way[1].x, way[2].x), (passed.x, passed.right()));
        assert!(way[1].y > passed.y + passed.height);
    }

    #[test]
    fn nothing_takes_no_room_and_does_not_panic() {
        assert_eq!(layout(&[], &[]).frames, []);
    }

    /// Any steps, each waiting for any of those before it.
    fn graphs() -> impl Strategy<Value = (Vec<u32>, Vec<Edge>)> {
        prop::collection::vec((40_u32..400, any::<u16>(), any::<bool>()), 1..14).prop_map(|steps| {
            let mut edges = Vec::new();
            for (to, (_, waits, is_for_failure)) in steps.iter().enumerate() {
                let from = (0..to).filter(|from| waits >> from & 1 == 1);
                edges.extend(from.map(|from| Edge { from, to, is_for_failure: *is_for_failure }));
            }
            (steps.into_iter().map(|(width, ..)| width).collect(), edges)
        })
    }

    fn overlap(a: Frame, b: Frame) -> bool {
        a.x < b.right() && b.x < a.right() && a.y < b.y + b.height && b.y < a.y + a.height
    }

    proptest! {
        #[test]
        fn no_step_covers_another_and_all_are_in_the_picture((widths, edges) in graphs()) {
            let found = layout(&widths, &edges);
            for (at, frame) in found.frames.iter().enumerate() {
                prop_assert!(frame.width >= widths[at]);
                prop_assert!(frame.right() < found.width && frame.y + frame.height < found.height);
                let others = found.frames[..at].iter();
                prop_assert!(!others.into_iter().any(|other| overlap(*frame, *other)));
            }
        }

        #[test]
        fn every_arrow_leads_to_the_right_from_its_step_to_its_step((widths, edges) in graphs()) {
            let found = layout(&widths, &edges);
            for (edge, Way(points)) in edges.iter().zip(&found.ways) {
                prop_assert_eq!(points[0].x, found.frames[edge.from].right());
                prop_assert_eq!(points[points.len() - 1].x, found.frames[edge.to].x);
                prop_assert!(points.windows(2).all(|pair| pair[0].x < pair[1].x));
            }
        }

        #[test]
        fn no_arrow_crosses_a_step((widths, edges) in graphs()) {
            let found = layout(&widths, &edges);
            for (edge, Way(points)) in edges.iter().zip(&found.ways) {
                for (at, pair) in points.windows(2).enumerate() {
                    let [a, b] = [pair[0], pair[1]];
                    let is_bend = at % 2 == 0;
                    for frame in &found.frames {
                        let beside = frame.right() <= a.x || b.x <= frame.x;
                        let above = a.y < frame.y || frame.y + frame.height < a.y;
                        // Where it bends there are no columns; elsewhere it is straight.
                        prop_assert!(beside || (!is_bend && a.y == b.y && above), "{edge:?}");
                    }
                }
            }
        }
    }
}
