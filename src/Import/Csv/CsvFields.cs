using System.Globalization;
using System.Text.Json;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Csv;

/// <summary>The fields of one row by member. The first field that cannot be read is kept as the row's fault.</summary>
internal sealed class CsvFields(CsvMapping mapping)
{
    // Unix times below this are seconds (until the year 5138), above milliseconds (since 1973).
    private const double LargestSeconds = 1e11;

    private static readonly char[] Separators = ['|', ';', ','];

    private Row _row;

    /// <summary>Why the row cannot be used; null when it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Goes to a row.</summary>
    public CsvFields At(Row row)
    {
        (_row, Fault) = (row, null);
        return this;
    }

    /// <summary>Text of a member; null when there is no column, or nothing in it.</summary>
    public string? Text(string member)
    {
        var column = mapping[member];
        return column < 0 || string.IsNullOrWhiteSpace(_row[column]) ? null : _row[column].Trim();
    }

    /// <summary>An id behind a prefix.</summary>
    public string? Id(string member, IdScope ids)
    {
        if (Text(member) is not { } text || ids.Id(text) is not { } id)
            return null;
        if (Limits.IsId(id))
            return id;
        Fault ??= $"{member} is not an id: 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -";
        return null;
    }

    /// <summary>Ids between bars, semicolons or commas, each behind a prefix and each once.</summary>
    public string[] Ids(string member, IdScope ids) =>
        [.. (Text(member) ?? "").Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ids.Id).Distinct()];

    /// <summary>A code such as a region, as an id.</summary>
    public string? Code(string member) => Text(member) is { } text && TagId.From(text) is { Length: > 0 } code ? code : null;

    /// <summary>A number.</summary>
    public double? Number(string member)
    {
        if (Text(member) is not { } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : Fail<double>(member, "a number");
    }

    /// <summary>A truth value: true, false, 1 or 0.</summary>
    public bool? Truth(string member) => Text(member)?.ToLowerInvariant() switch
    {
        null => null,
        "1" or "true" => true,
        "0" or "false" => false,
        _ => Fail<bool>(member, "true or false"),
    };

    /// <summary>
    /// A time: unix seconds, unix milliseconds, or ISO 8601, which is UTC unless it says otherwise; also as Go prints times, with the zone's name behind its
    /// offset and the year 1 for no time.
    /// </summary>
    public DateTimeOffset? Time(string member)
    {
        if (Text(member) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 1e14)
            return DateTimeOffset.FromUnixTimeMilliseconds((long)(number < LargestSeconds ? number * 1_000 : number));
        if (text.Split(' ') is [var day, var clock, ['+' or '-', ..] offset, _])
            text = $"{day} {clock} {offset}";
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time.Year > 1 ? time : null
            : Fail<DateTimeOffset>(member, "a time: unix seconds or milliseconds, or ISO 8601");
    }

    /// <summary>Names between bars, semicolons or commas, or the strings of a JSON list or object, each as an id, each once.</summary>
    public string[] Names(string member)
    {
        var text = Text(member);
        var names = text is null ? [] : text[0] is '[' or '{' ? Strings(text) ?? [] : (IEnumerable<string>)text.Split(Separators);
        return [.. names.Where(n => !n.StartsWith('(')).Select(TagId.From).Where(n => n.Length > 0).Distinct().Take(Limits.ItemTags)];
    }

    /// <summary>Named features.</summary>
    public Dictionary<string, double>? Features()
    {
        Dictionary<string, double>? features = null;
        foreach (var member in mapping.Columns.Keys.Where(m => m.StartsWith(CsvMapping.Feature, StringComparison.Ordinal)))
        {
            if (Number(member) is { } number)
                (features ??= [])[member[CsvMapping.Feature.Length..]] = number;
        }
        return features;
    }

    /// <summary>Says that a member must be there.</summary>
    public void Require(string member, object? value)
    {
        if (value is null)
            Fault ??= $"{member} is empty";
    }

    /// <summary>Keeps a reason.</summary>
    public void Fail(string reason) => Fault ??= reason;

    private T? Fail<T>(string member, string what)
        where T : struct
    {
        Fault ??= $"{member} is not {what}";
        return null;
    }

    private static IEnumerable<string>? Strings(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. Leaves(document.RootElement)];
        }
        catch (JsonException)
        {
            // Python writes lists with single quotes.
            return json.Trim('[', ']', '{', '}').Split(',').Select(n => n.Trim(' ', '\'', '"'));
        }
    }

    private static IEnumerable<string> Leaves(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Leaves),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => Leaves(m.Value)),
        _ => [],
    };
}
