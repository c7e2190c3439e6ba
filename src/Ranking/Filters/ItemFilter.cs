using System.Text.Json;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Filters;

/// <summary>A predicate over items, parsed from JSON and bounded in size and depth.</summary>
/// <remarks>
/// <c>{"all":[..]}</c>, <c>{"any":[..]}</c>, <c>{"not":{..}}</c>, or a condition <c>{"field":"kind","in":["video"]}</c>, <c>{"field":"quality","gte":0.5}</c>.
/// Fields: kind, itemId, creatorId, songId, region, language, tone, tags, communityIds (in and eq only); publishedAt (times), ageDays (days since publishing),
/// durationSeconds, quality, features.NAME, impressions, plays, likes, comments (numbers; the last four count events, at most two seconds late): eq, in,
/// gt, gte, lt, lte. An unknown number never matches a comparison; numbers are compared in single precision, as they are stored.
/// </remarks>
public sealed class ItemFilter
{
    /// <summary>Most clauses (conditions and groups) of one filter.</summary>
    public const int MaxNodes = 64;

    /// <summary>Most values of one <c>in</c>.</summary>
    public const int MaxValues = 200;

    /// <summary>Most groups within groups.</summary>
    public const int MaxDepth = 8;

    // A caller's filter with a few clauses of the server around it.
    private const int MaxParts = 2;

    private readonly FilterNode _root;

    private ItemFilter(FilterNode root) => _root = root;

    /// <summary>Whether <see cref="Matches"/> reads the row's <see cref="FilterRow.Attributes"/>.</summary>
    public bool ReadsAttributes => _root.ReadsAttributes;

    /// <summary>Parses a filter.</summary>
    /// <param name="json">The predicate.</param>
    /// <param name="path">Path of the predicate in the caller's document, for the errors.</param>
    /// <param name="checks">Receives the errors.</param>
    /// <returns>The filter; null when there were errors.</returns>
    public static ItemFilter? Parse(JsonElement json, string path, FieldChecks checks)
    {
        var before = checks.Errors.Count;
        var nodes = 0;
        var root = ParseNode(json, path, checks, ref nodes, 0);
        return checks.Errors.Count == before ? new ItemFilter(root!) : null;
    }

    /// <summary>
    /// Parses UTF-8 JSON that was validated before, or that combines validated filters: its parts are within the limits, the whole may exceed them. Throws
    /// <see cref="FormatException"/> when it is not valid.
    /// </summary>
    public static ItemFilter Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var checks = new FieldChecks();
            var nodes = -MaxParts * MaxNodes;
            var root = ParseNode(document.RootElement, "filter", checks, ref nodes, -MaxDepth);
            return checks.Errors.Count == 0 ? new ItemFilter(root!) : throw new FormatException(string.Join("; ", checks.Errors));
        }
        catch (JsonException e)
        {
            throw new FormatException("not JSON", e);
        }
    }

    /// <summary>Marks the rows of a view that match; bits of dead rows may be either.</summary>
    /// <param name="view">The view.</param>
    /// <param name="now">Time that ages are counted to, unix milliseconds.</param>
    /// <param name="bits">One bit a row, all chunks whole.</param>
    /// <param name="scratch">Workspace: bitmaps for intermediate results.</param>
    internal void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch) => _root.Mark(view, now, bits, scratch);

    /// <summary>Whether one item matches. Partitions use bitmaps instead, with the same result.</summary>
    public bool Matches(in FilterRow row) => _root.Matches(row);

    private static FilterNode? ParseNode(JsonElement json, string path, FieldChecks checks, ref int nodes, int depth)
    {
        if (++nodes > MaxNodes || depth > MaxDepth)
        {
            if (nodes == MaxNodes + 1 || depth > MaxDepth)
                checks.Add(path, "filterTooLarge", $"a filter has at most {MaxNodes} clauses and {MaxDepth} levels");
            return null;
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            checks.Add(path, "invalidFilter", "must be an object");
            return null;
        }
        if (json.TryGetProperty("field", out var field))
            return FilterCondition.Parse(json, field, path, checks);
        var members = json.EnumerateObject().ToArray();
        if (members is not [{ Name: "all" or "any" or "not" } group])
        {
            checks.Add(path, "invalidFilter", "must have exactly one of all, any, not, or a field with a comparison");
            return null;
        }
        if (group.Name == "not")
            return ParseNode(group.Value, $"{path}.not", checks, ref nodes, depth + 1) is { } inner ? new FilterNot(inner) : null;
        if (group.Value.ValueKind != JsonValueKind.Array || group.Value.GetArrayLength() == 0)
        {
            checks.Add($"{path}.{group.Name}", "invalidFilter", "must be a non-empty array");
            return null;
        }
        var children = new List<FilterNode>();
        var i = 0;
        foreach (var child in group.Value.EnumerateArray())
        {
            if (ParseNode(child, $"{path}.{group.Name}[{i++}]", checks, ref nodes, depth + 1) is { } node)
                children.Add(node);
            if (nodes > MaxNodes)
                return null;
        }
        return new FilterGroup([.. children], group.Name == "all");
    }
}
