using System.Globalization;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Import.Csv;

/// <summary>Turns the types of other systems into event types.</summary>
public sealed class CsvTypes
{
    // A rating of five steps: from here on it praises, up to there it dismisses, and between it says neither.
    private const double Praise = 4;
    private const double Dismissal = 2;

    private readonly Dictionary<string, EventType> _types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["read"] = EventType.Impression,
        ["exposure"] = EventType.Impression,
        ["view"] = EventType.Play,
        ["click"] = EventType.Play,
        ["watch"] = EventType.Play,
        ["listen"] = EventType.Play,
        ["star"] = EventType.Like,
        ["favorite"] = EventType.Like,
        ["favourite"] = EventType.Like,
        ["addtocart"] = EventType.Like,
        ["transaction"] = EventType.Like,
        ["purchase"] = EventType.Like,
        ["buy"] = EventType.Like,
    };

    private readonly EventType? _only;

    /// <summary>The known types and those that the caller names.</summary>
    /// <param name="named">Entries such as <c>view=play</c>; one without <c>=</c> is the type of events in files that have no type.</param>
    /// <exception cref="FormatException">An entry names no event type.</exception>
    public CsvTypes(IEnumerable<string> named)
    {
        foreach (var type in EventTypes.All)
            _types[type.Type.ToString()] = type.Type;
        foreach (var entry in named)
        {
            var parts = entry.Split('=', 2);
            if (!Enum.TryParse<EventType>(parts[^1], ignoreCase: true, out var type) || !Enum.IsDefined(type) || char.IsAsciiDigit(parts[^1][0]))
            {
                var all = EventTypes.All.Select(t => t.Type.ToString().ToLowerInvariant());
                throw new FormatException($"{entry}: must end with one of {string.Join(", ", all)}");
            }
            if (parts.Length == 1)
                _only = type;
            else
                _types[parts[0]] = type;
        }
    }

    /// <summary>Whether events without a type have one.</summary>
    public bool HasDefault => _only is not null;

    /// <summary>Type of a text, or of a file without types when it is null; null with the reason when there is none.</summary>
    public EventType? Of(string? text, out string reason)
    {
        reason = "";
        if (text is null)
            return _only;
        if (_types.TryGetValue(text.Trim(), out var type))
            return type;
        reason = $"type '{text.Trim()}' has no counterpart: pass --type {text.Trim()}=like, or another type";
        return null;
    }

    /// <summary>Type of a rating of five steps; null with the reason when it says neither like nor dislike.</summary>
    public static EventType? OfRating(string text, out string reason)
    {
        reason = "";
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rating) || !double.IsFinite(rating))
            reason = "rating is not a number";
        else if (rating >= Praise)
            return EventType.Like;
        else if (rating <= Dismissal)
            return EventType.Dislike;
        else
            reason = $"rating between {Dismissal} and {Praise} says neither like nor dislike";
        return null;
    }
}
