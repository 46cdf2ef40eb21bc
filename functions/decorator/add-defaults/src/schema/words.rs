//! The words that generated names are made of: short, plain, and fit for any reader.

/// As many as six bits can tell apart.
pub(super) const ADJECTIVES: [&str; 64] = [
    "agile", "amber", "ample", "azure", "bold", "brave", "brief", "bright", "brisk", "broad",
    "calm", "civil", "clear", "clever", "coral", "cosy", "crisp", "deep", "eager", "early", "easy",
    "even", "exact", "fair", "fast", "fine", "firm", "fresh", "gentle", "glad", "gold", "grand",
    "green", "happy", "honest", "humble", "ideal", "keen", "kind", "large", "light", "lively",
    "loyal", "lucky", "mellow", "merry", "mild", "modest", "neat", "noble", "olive", "open",
    "proud", "quick", "quiet", "rapid", "ready", "silver", "smooth", "solid", "steady", "sunny",
    "vivid", "warm",
];

/// As many as six bits can tell apart.
pub(super) const NOUNS: [&str; 64] = [
    "acorn", "anchor", "apple", "arch", "aspen", "badger", "beacon", "birch", "breeze", "bridge",
    "brook", "canyon", "cedar", "cherry", "cloud", "clover", "comet", "cove", "crane", "creek",
    "dune", "eagle", "elm", "falcon", "fern", "field", "finch", "forest", "garden", "grove",
    "harbor", "heron", "hill", "island", "ivy", "lake", "lantern", "lark", "maple", "meadow",
    "mesa", "moon", "oak", "ocean", "orchid", "otter", "pearl", "pebble", "pine", "planet", "pond",
    "prairie", "reef", "river", "robin", "sail", "spruce", "star", "stone", "summit", "tulip",
    "valley", "willow", "wren",
];
