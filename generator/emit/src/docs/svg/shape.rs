//! Points, boxes and lines, in whole units of the picture; y grows downwards.

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Rect {
    pub(super) const fn right(self) -> i32 {
        self.x + self.width
    }

    pub(super) const fn bottom(self) -> i32 {
        self.y + self.height
    }

    pub(super) const fn center_x(self) -> i32 {
        self.x + self.width / 2
    }

    pub(super) const fn center_y(self) -> i32 {
        self.y + self.height / 2
    }

    /// The smallest box around all of `rects`, if there is any.
    pub(super) fn around(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(|one, other| {
            let (x, y) = (one.x.min(other.x), one.y.min(other.y));
            Self {
                x,
                y,
                width: one.right().max(other.right()) - x,
                height: one.bottom().max(other.bottom()) - y,
            }
        })
    }

    /// This box and some room on each side.
    pub(super) const fn grown(self, left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            x: self.x - left,
            y: self.y - top,
            width: self.width + left + right,
            height: self.height + top + bottom,
        }
    }
}

/// A piece of an arrow: horizontal or vertical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Segment {
    pub(super) const fn is_horizontal(self) -> bool {
        self.from.y == self.to.y
    }

    /// Where the two cross at a right angle, apart from their ends.
    pub(super) fn crossing(self, other: Self) -> Option<Point> {
        let (horizontal, vertical) = match (self.is_horizontal(), other.is_horizontal()) {
            (true, false) => (self, other),
            (false, true) => (other, self),
            _ => return None,
        };
        let inside = |value: i32, one: i32, other: i32| one.min(other) < value && value < one.max(other);
        let (x, y) = (vertical.from.x, horizontal.from.y);
        (inside(x, horizontal.from.x, horizontal.to.x) && inside(y, vertical.from.y, vertical.to.y))
            .then_some(Point { x, y })
    }
}
