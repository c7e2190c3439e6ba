using System.IO.Hashing;
using System.Text;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>The window rules, minimum shares and traffic shares of a scene, compiled. Immutable.</summary>
public sealed class RuleSet
{
    /// <summary>Most window rules, and most shares of both sorts: each has a bit of a 32-bit mask.</summary>
    public const int Most = 32;

    // Enough to tell filters apart in a report.
    private const int LongestName = 120;
    private readonly ItemFilter?[] _windowFilters;
    private readonly ItemFilter?[] _shareFilters;

    /// <summary>Compiles rules.</summary>
    /// <param name="windows">Window rules, most important first.</param>
    /// <param name="windowFilters">The filter of each window rule; null for a rule with a field.</param>
    /// <param name="shares">Minimum shares, most important first.</param>
    /// <param name="shareFilters">The filter of each share; null for a share with a channel.</param>
    /// <param name="traffic">Traffic classes with their shares, most important first; null for none.</param>
    /// <exception cref="FormatException">There are too many rules, or a rule names a field that rules do not know.</exception>
    public RuleSet(
        IReadOnlyList<WindowRule> windows, IReadOnlyList<ItemFilter?> windowFilters, IReadOnlyList<ShareRule> shares, IReadOnlyList<ItemFilter?> shareFilters,
        IReadOnlyList<(ItemFilter Filter, TrafficShare Share)>? traffic = null)
    {
        traffic ??= [];
        if (windows.Count > Most || shares.Count + traffic.Count > Most)
            throw new FormatException($"a scene has at most {Most} window rules and {Most} shares");
        _windowFilters = [.. windowFilters];
        _shareFilters = [.. shareFilters, .. traffic.Select(t => t.Filter)];
        Windows = [.. windows.Select((w, i) => new Window(_windowFilters[i] is null ? FieldOf(w.Field) : Field.Filter, i, w.Max, w.In))];
        Shares = [.. shares];
        QuotaCount = traffic.Count;
        Names = [.. windows.Select(NameOf), .. shares.Select(NameOf), .. traffic.Select((t, i) => NameOf(t.Share, i))];
        LookBack = Math.Max(0, windows.Select(r => r.In).DefaultIfEmpty(0).Max() - 1);
        HasFilters = Array.Exists(_windowFilters, f => f is not null);
        Key = HasFilters ? XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(string.Join('\n', windows.Select(w => w.Filter?.GetRawText() ?? "")))) : 0;
    }

    /// <summary>What a rule compares.</summary>
    internal enum Field : byte
    {
        Creator,
        Song,
        Kind,
        Filter,
    }

    /// <summary>Names of the window rules, of the minimum shares, then of the traffic shares, as reports show them: <c>max 1 per creatorId in 2</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How many items before a position the windows reach.</summary>
    public int LookBack { get; }

    /// <summary>
    /// Identity of the rules' filters: under equal keys the bits of <see cref="RuleItem.Filters"/> mean the same. 0 when no rule has a filter.
    /// </summary>
    public ulong Key { get; }

    /// <summary>Number of window rules.</summary>
    public int WindowCount => Windows.Length;

    /// <summary>Number of shares: minimum shares, then traffic shares.</summary>
    public int ShareCount => Shares.Length + QuotaCount;

    /// <summary>Number of traffic shares. Each page has its quotas of them (<see cref="PageQuota"/>).</summary>
    public int QuotaCount { get; }

    internal bool HasFilters { get; }

    internal Window[] Windows { get; }

    internal ShareRule[] Shares { get; }

    /// <summary>What the rules see of an item.</summary>
    /// <param name="row">Its columns.</param>
    /// <param name="now">Time that ages are counted to, unix milliseconds.</param>
    /// <param name="attributes">Communities and features of the item; null when no rule reads them.</param>
    public RuleItem Describe(ref readonly ItemRow row, long now, ItemAttributes? attributes = null)
    {
        var filters = 0u;
        if (HasFilters)
        {
            var seen = new FilterRow(in row, row.Tags, now, attributes);
            for (var i = 0; i < _windowFilters.Length; i++)
                filters |= _windowFilters[i] is { } filter && filter.Matches(seen) ? 1u << i : 0;
        }
        return new RuleItem(row.Creator, row.Song, row.Kind, filters);
    }

    /// <summary>Which shares an item counts for: bit i for share i, traffic shares behind minimum shares.</summary>
    /// <param name="row">Its columns.</param>
    /// <param name="channelScores">
    /// Score of the item in each recall channel, NaN where the channel did not find it; may be shorter than the list of channels.
    /// </param>
    /// <param name="now">Time that ages are counted to, unix milliseconds.</param>
    /// <param name="attributes">Communities and features of the item; null when no rule reads them.</param>
    public uint SharesOf(ref readonly ItemRow row, ReadOnlySpan<float> channelScores, long now, ItemAttributes? attributes = null)
    {
        var shares = 0u;
        var seen = new FilterRow(in row, row.Tags, now, attributes);
        for (var i = 0; i < _shareFilters.Length; i++)
        {
            var counts = _shareFilters[i] is { } filter
                ? filter.Matches(seen)
                : Shares[i].Channel is { } channel && (int)channel < channelScores.Length && !float.IsNaN(channelScores[(int)channel]);
            shares |= counts ? 1u << i : 0;
        }
        return shares;
    }

    private static Field FieldOf(string? field) => field switch
    {
        "creatorId" => Field.Creator,
        "songId" => Field.Song,
        "kind" => Field.Kind,
        _ => throw new FormatException($"the field of a window rule must be creatorId, songId or kind, not {field}"),
    };

    private static string NameOf(WindowRule rule) =>
        rule.Filter is { } filter ? $"max {rule.Max} of {Short(filter.GetRawText())} in {rule.In}" : $"max {rule.Max} per {rule.Field} in {rule.In}";

    private static string NameOf(ShareRule share) =>
        $"min {share.Min} of {(share.Filter is { } filter ? Short(filter.GetRawText()) : share.Channel?.ToString().ToLowerInvariant())} in {share.In}";

    private static string NameOf(TrafficShare share, int i) => FormattableString.Invariant($"traffic share {i}: {share.Least}..{share.Most}");

    private static string Short(string text) => text.Length <= LongestName ? text : text[..LongestName] + "...";

    /// <summary>A window rule: at most Max items with one value among any In in a row.</summary>
    internal readonly record struct Window(Field Field, int Bit, int Max, int In);
}
