namespace KgOrleans.Import;

/// <summary>What was refused and why: counts by reason, with the first few of each as examples.</summary>
public sealed class RejectionTally
{
    /// <summary>Examples kept of each reason.</summary>
    public const int Examples = 5;

    private readonly Dictionary<string, Reason> _reasons = [];

    /// <summary>All that was refused.</summary>
    public long Count { get; private set; }

    /// <summary>Reasons in the order of their first appearance.</summary>
    public IEnumerable<Reason> Reasons => _reasons.Values;

    /// <summary>Counts a refusal.</summary>
    public void Add(string reason, string example)
    {
        Entry(reason, 1).Keep(example);
    }

    /// <summary>Counts refusals that are known by number only.</summary>
    public void AddUnlisted(string reason, long count)
    {
        if (count > 0)
            Entry(reason, count);
    }

    private Reason Entry(string reason, long count)
    {
        if (!_reasons.TryGetValue(reason, out var entry))
            _reasons.Add(reason, entry = new Reason(reason));
        entry.Count += count;
        Count += count;
        return entry;
    }

    /// <summary>One reason with its count.</summary>
    public sealed class Reason
    {
        private readonly List<string> _examples = [];

        internal Reason(string text) => Text = text;

        /// <summary>The reason, for people.</summary>
        public string Text { get; }

        /// <summary>How many were refused for it.</summary>
        public long Count { get; internal set; }

        /// <summary>The first few, at most <see cref="RejectionTally.Examples"/>.</summary>
        public IReadOnlyList<string> Examples => _examples;

        internal void Keep(string example)
        {
            if (_examples.Count < RejectionTally.Examples)
                _examples.Add(example);
        }
    }
}
