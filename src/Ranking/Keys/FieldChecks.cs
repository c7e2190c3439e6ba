namespace KgOrleans.Ranking.Keys;

/// <summary>Collects the errors of a document, and holds the checks that several kinds of document share.</summary>
public sealed class FieldChecks
{
    // A name that is too long is cut in the path of its error.
    private const int ShownName = 32;

    private readonly List<FieldError> _errors = [];

    /// <summary>The errors found, in the order of the checks.</summary>
    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>Adds an error.</summary>
    public void Add(string field, string code, string message) => _errors.Add(new FieldError(field, code, message));

    /// <summary>Checks a required id.</summary>
    public void Id(string field, string? id)
    {
        if (string.IsNullOrEmpty(id))
            Add(field, "required", "is required");
        else if (!Limits.IsId(id))
            Add(field, "invalidId", $"must be 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -, and not . or .. (it has {id.Length} characters)");
    }

    /// <summary>Checks an id that may be absent.</summary>
    public void OptionalId(string field, string? id)
    {
        if (id is not null)
            Id(field, id);
    }

    /// <summary>Checks a list of ids of bounded length.</summary>
    public void Ids(string field, IReadOnlyList<string>? ids, int max)
    {
        if (ids is null)
            return;
        if (ids.Count > max)
            Add(field, "tooMany", $"has {ids.Count} entries, at most {max} are allowed");
        for (var i = 0; i < Math.Min(ids.Count, max); i++)
        {
            if (!Limits.IsId(ids[i]))
                Id($"{field}[{i}]", ids[i]);
        }
    }

    /// <summary>Checks that a number is finite and within a closed range.</summary>
    public void Range(string field, double? value, double min, double max)
    {
        if (value is not { } number)
            return;
        if (!double.IsFinite(number))
            Add(field, "notFinite", "must be a finite number");
        else if (number < min || number > max)
            Add(field, "outOfRange", FormattableString.Invariant($"is {number}, must be {min}..{max}"));
    }

    /// <summary>Checks that a time lies between two others, both included.</summary>
    public void Time(string field, DateTimeOffset? value, DateTimeOffset earliest, DateTimeOffset latest)
    {
        if (value is not { } time || (time >= earliest && time <= latest))
            return;
        Add(field, "outOfRange", FormattableString.Invariant(
            $"is {time.UtcDateTime:O}, must be between {earliest.UtcDateTime:O} and {latest.UtcDateTime:O}"));
    }

    /// <summary>Checks the length of a text.</summary>
    public void Text(string field, string? text, int max)
    {
        if (text?.Length > max)
            Add(field, "tooLong", $"has {text.Length} characters, at most {max} are allowed");
    }

    /// <summary>Checks named numbers: their count, their names, and that each is finite and within a range.</summary>
    public void Numbers(string field, IReadOnlyDictionary<string, double>? numbers, int max, double low, double high)
    {
        if (numbers is null)
            return;
        if (numbers.Count > max)
        {
            Add(field, "tooMany", $"has {numbers.Count} entries, at most {max} are allowed");
            return;
        }
        foreach (var (name, value) in numbers)
        {
            if (!Limits.IsId(name))
                Id(PathOf(field, name), name);
            else
                Range($"{field}.{name}", value, low, high);
        }
    }

    /// <summary>Path of a named entry, for an error: a name of any length is cut to 32 characters.</summary>
    public static string PathOf(string field, string name) => $"{field}.{name[..Math.Min(name.Length, ShownName)]}";
}
