using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Filters;

internal static class FilterCondition
{
    /// <summary>Fields that hold ids.</summary>
    public static readonly string[] IdFields = ["itemId", "creatorId", "songId", "region", "language", "tone", "tags", "communityIds"];

    /// <summary>Fields that count events: they change without a write of the document.</summary>
    public static readonly string[] CounterFields = ["impressions", "plays", "likes", "comments"];

    /// <summary>Fields that hold numbers; times are numbers of another form.</summary>
    public static readonly string[] PlainNumbers = ["ageDays", "durationSeconds", "quality", .. CounterFields];

    /// <summary>What the name of a feature stands behind.</summary>
    public const string FeaturePrefix = "features.";

    private static readonly string[] KeyFields = ["kind", .. IdFields];
    private static readonly string[] NumberFields = ["publishedAt", .. PlainNumbers];
    private static readonly string[] Comparisons = ["eq", "in", "gt", "gte", "lt", "lte"];

    public static FilterNode? Parse(JsonElement json, JsonElement field, string path, FieldChecks checks)
    {
        var name = field.ValueKind == JsonValueKind.String ? field.GetString()! : "";
        var isKey = Array.IndexOf(KeyFields, name) >= 0;
        var feature = name.StartsWith(FeaturePrefix, StringComparison.Ordinal) ? name[FeaturePrefix.Length..] : null;
        if (!isKey && !Limits.IsId(feature) && Array.IndexOf(NumberFields, name) < 0)
        {
            checks.Add(
                $"{path}.field", "unknownField", $"must be one of {string.Join(", ", KeyFields.Concat(NumberFields))}, or {FeaturePrefix}NAME for a feature");
            return null;
        }
        var low = double.NegativeInfinity;
        var high = double.PositiveInfinity;
        double[]? oneOf = null;
        ulong[]? keys = null;
        var comparisons = 0;
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name == "field")
                continue;
            var at = $"{path}.{member.Name}";
            if (Array.IndexOf(Comparisons, member.Name) < 0)
            {
                checks.Add(at, "unknownMember", $"must be one of {string.Join(", ", Comparisons)}");
                continue;
            }
            comparisons++;
            if (member.Name is "eq" or "in")
            {
                var values = member.Name == "eq" ? [member.Value] : ArrayOf(member.Value);
                if (keys is not null || oneOf is not null)
                    checks.Add(at, "invalidFilter", "a condition has one eq or one in");
                else if (values.Length is 0 or > ItemFilter.MaxValues)
                    checks.Add(at, "invalidFilter", $"must be an array of 1..{ItemFilter.MaxValues} values");
                else if (isKey)
                    keys = Keys(name, values, at, checks);
                else
                    oneOf = [.. values.Select(v => Number(name, v, at, checks))];
            }
            else if (isKey)
                checks.Add(at, "invalidFilter", $"{name} can be compared by eq and in only");
            else
            {
                var number = Number(name, member.Value, at, checks);
                if (member.Name is "gt" or "gte")
                    low = Math.Max(low, member.Name == "gt" ? Math.BitIncrement(number) : number);
                else
                    high = Math.Min(high, member.Name == "lt" ? Math.BitDecrement(number) : number);
            }
        }
        if (comparisons == 0)
            checks.Add(path, "invalidFilter", $"needs one of {string.Join(", ", Comparisons)}");
        if (feature is not null)
            return new FilterFeatureCondition(Key64.Of(feature), low, high, oneOf);
        return isKey ? new FilterKeyCondition(name, keys ?? []) : new FilterNumberCondition(name, low, high, oneOf);
    }

    private static JsonElement[] ArrayOf(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];

    private static ulong[] Keys(string field, JsonElement[] values, string path, FieldChecks checks)
    {
        var keys = new ulong[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var text = values[i].ValueKind == JsonValueKind.String ? values[i].GetString()! : "";
            if (field == "kind")
            {
                // Only the documented names: Enum.TryParse would let numbers and lists of names through.
                var kind = Array.FindIndex(Enum.GetNames<ItemKind>(), n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
                if (kind < 0)
                    checks.Add(path, "unknownKind", "must be audio, video, live, room, song or user");
                keys[i] = (ulong)Math.Max(kind, 0);
            }
            else if (!Limits.IsId(text))
                checks.Add(path, "invalidId", "must hold ids");
            else
                keys[i] = Key64.Of(text);
        }
        return keys;
    }

    private static double Number(string field, JsonElement value, string path, FieldChecks checks)
    {
        if (field == "publishedAt")
        {
            if (UniversalTimeConverter.TryRead(value, out var time))
                return time.ToUnixTimeMilliseconds();
            checks.Add(path, "invalidTime", "must be an ISO 8601 time");
        }
        else if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
            return field == "ageDays" ? number : (float)number; // The columns are floats: 0.7 must equal a 0.7 that was stored.
        else
            checks.Add(path, "invalidNumber", "must be a finite number");
        return double.NaN;
    }
}
