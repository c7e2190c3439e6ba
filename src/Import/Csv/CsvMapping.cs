using System.Text;

namespace KgOrleans.Import.Csv;

/// <summary>Which column of a file fills which member of a document.</summary>
/// <param name="Table">The file.</param>
/// <param name="Sort">What its rows become; null when they become nothing.</param>
/// <param name="Columns">Position of the column of each member.</param>
public sealed record CsvMapping(CsvTable Table, CsvSort? Sort, IReadOnlyDictionary<string, int> Columns)
{
    /// <summary>Prefix of members that are named features.</summary>
    public const string Feature = "features.";

    /// <summary>Member that stands for an event's type, by <see cref="CsvTypes"/>: a rating of 4 or more is a like, of 2 or less a dislike.</summary>
    public const string Rating = "rating";

    private static readonly Dictionary<CsvSort, string[]> Members = new()
    {
        [CsvSort.Items] =
        [
            "itemId", "creatorId", "songId", "kind", "title", "tags", "communityIds", "region", "language", "tone", "durationSeconds", "publishedAt",
            "expiresAt", "quality", "hidden",
        ],
        [CsvSort.Users] = ["userId", "region", "language", "tags", "follows", "friends", "communityIds"],
        [CsvSort.Events] = ["userId", "itemId", "type", Rating, "value", "timestamp", "eventId"],
    };

    /// <summary>All members that a column can fill.</summary>
    public static IEnumerable<string> AllMembers => Members.Values.SelectMany(m => m).Distinct();

    /// <summary>Whether a column can fill a member.</summary>
    public static bool IsMember(string name) => AllMembers.Contains(name) || (IsFeature(name) && name.Length > Feature.Length);

    /// <summary>
    /// Maps a file. A column goes to the member that the caller named for it, else to the preset's, else to the member of its own name, whatever its case and
    /// underscores. Rows with a user and an item become events, rows with one of them alone items or users.
    /// </summary>
    /// <param name="table">The file.</param>
    /// <param name="named">Members by column, as the caller named them.</param>
    /// <param name="preset">Members by column of a preset; null without one, when the names of columns count.</param>
    public static CsvMapping Of(CsvTable table, IReadOnlyDictionary<string, string> named, CsvPreset? preset)
    {
        var shape = preset?.Shapes.FirstOrDefault(s => s.Required.All(c => table.Columns.Contains(c, StringComparer.OrdinalIgnoreCase)));
        var columns = new Dictionary<string, int>();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var column = table.Columns[i];
            var member = Find(named, column) ?? (preset is null ? OwnName(column) : shape is null ? null : Find(shape.Members, column));
            if (member is not null)
                columns.TryAdd(member, i);
        }
        CsvSort? sort = (columns.ContainsKey("userId"), columns.ContainsKey("itemId")) switch
        {
            (true, true) => CsvSort.Events,
            (false, true) => CsvSort.Items,
            (true, false) => CsvSort.Users,
            _ => null,
        };
        var known = columns.Where(c => sort is { } s && (Members[s].Contains(c.Key) || (s != CsvSort.Events && IsFeature(c.Key)))).ToDictionary();
        return new CsvMapping(table, sort, known);
    }

    /// <summary>Position of the column of a member; -1 without one.</summary>
    public int this[string member] => Columns.GetValueOrDefault(member, -1);

    /// <summary>The mapping for people: a line for the file and one for each column.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Table.Name}: {Sort?.ToString().ToLowerInvariant() ?? "not imported (no column is userId or itemId)"}");
        for (var i = 0; i < Table.Columns.Count; i++)
        {
            var member = Columns.FirstOrDefault(c => c.Value == i).Key;
            text.Append('\n').Append($"  {Table.Columns[i]} -> {member ?? "(left out)"}");
        }
        return text.ToString();
    }

    private static bool IsFeature(string member) => member.StartsWith(Feature, StringComparison.Ordinal);

    private static string? Find(IReadOnlyDictionary<string, string> members, string column) =>
        members.FirstOrDefault(m => string.Equals(m.Key, column, StringComparison.OrdinalIgnoreCase)).Value;

    private static string? OwnName(string column)
    {
        if (column.StartsWith(Feature, StringComparison.Ordinal) && column.Length > Feature.Length)
            return column;
        var plain = column.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return AllMembers.FirstOrDefault(m => string.Equals(m, plain, StringComparison.OrdinalIgnoreCase));
    }
}
