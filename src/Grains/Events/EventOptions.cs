using KgOrleans.Ranking.Events;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Events;

/// <summary>What events mean: section <c>Kg:Events</c>. What is not configured is as in docs/events.md.</summary>
public sealed class EventOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Kg:Events";

    private const double LargestWeight = 100;
    private const double LargestValue = 1_000_000;
    private const int NameLength = 32;

    // A hundred years: never.
    private const double LongestHalfLifeDays = 36_500;
    private const double ShortestHalfLifeDays = 0.01;

    /// <summary>Default of <see cref="RetentionDays"/>: a year for whoever trains on it, and a month more.</summary>
    public const int DefaultRetentionDays = 400;

    /// <summary>
    /// Days after their arrival for which events are kept at least, for exports and training; 0 for ever, 1..36,500. Counters and users' states keep what they
    /// made of them.
    /// </summary>
    public int RetentionDays { get; set; } = DefaultRetentionDays;

    /// <summary>Days in which a learnt interest loses half its weight.</summary>
    public double InterestHalfLifeDays { get; set; } = EventTypeTable.DefaultInterestHalfLifeDays;

    /// <summary>Event types by name: weights of the built-in ones, and own ones.</summary>
    public Dictionary<string, EventTypeOptions> Types { get; set; } = [];

    /// <summary>The table of event types. The options must be valid (<see cref="Check"/>).</summary>
    public EventTypeTable ToTable()
    {
        var types = EventTypeTable.Default.All.ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, options) in Types)
        {
            types[name] = types.TryGetValue(name, out var builtIn)
                ? builtIn with { Interest = (float)(options.Weight ?? builtIn.Interest) }
                : Own(name, options);
        }
        return new EventTypeTable(types.Values, TimeSpan.FromDays(InterestHalfLifeDays));
    }

    /// <summary>Whether the options are valid.</summary>
    public bool IsValid()
    {
        var checks = new SettingChecks();
        Check(checks);
        return checks.Errors.Count == 0;
    }

    internal void Check(SettingChecks checks)
    {
        checks.Range($"{Section}:RetentionDays", RetentionDays, 0, EventLogOptions.MaxRetentionDays);
        Range(checks, "InterestHalfLifeDays", InterestHalfLifeDays, ShortestHalfLifeDays, LongestHalfLifeDays);
        var numbers = new Dictionary<int, string>();
        foreach (var (name, options) in Types.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            Range(checks, $"Types:{name}:Weight", options.Weight, -LargestWeight, LargestWeight);
            if (EventTypeTable.Default.All.Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                CheckBuiltIn(checks, name, options);
            else
                CheckOwn(checks, name, options, numbers);
        }
    }

    private static void CheckBuiltIn(SettingChecks checks, string name, EventTypeOptions options)
    {
        (string Member, bool IsSet)[] own =
        [
            (nameof(options.Number), options.Number is not null), (nameof(options.MaxValue), options.MaxValue is not null),
            (nameof(options.DefaultValue), options.DefaultValue is not null), (nameof(options.WeightByValue), options.WeightByValue is not null),
            (nameof(options.LeastPositive), options.LeastPositive is not null), (nameof(options.Undo), options.Undo is not null),
            (nameof(options.Removes), options.Removes is not null),
        ];
        foreach (var (member, _) in own.Where(m => m.IsSet))
            checks.Add($"{Section}:Types:{name}:{member}", "is set, but only the Weight of a built-in type can be");
    }

    private static void CheckOwn(SettingChecks checks, string name, EventTypeOptions options, Dictionary<int, string> numbers)
    {
        if (name.Length > NameLength || !char.IsAsciiLetterLower(name.FirstOrDefault()) || !name.All(char.IsAsciiLetterOrDigit) || name == "retired")
        {
            checks.Add(
                $"{Section}:Types:{name}", $"is no name of a type: a lower-case letter and up to {NameLength - 1} letters and digits, and not 'retired'");
        }
        if (options.Weight is null)
            checks.Add($"{Section}:Types:{name}:Weight", "is missing: an own type needs a weight");
        if (options.Number is not { } number)
        {
            checks.Add(
                $"{Section}:Types:{name}:Number",
                $"is missing: an own type is stored by a number, {EventTypeTable.FirstOwn}..{EventTypeTable.Numbers - 1}");
        }
        else
        {
            checks.Range($"{Section}:Types:{name}:Number", number, EventTypeTable.FirstOwn, EventTypeTable.Numbers - 1);
            if (!numbers.TryAdd(number, name))
                checks.Add($"{Section}:Types:{name}:Number", $"is {number}, which type {numbers[number]} has");
        }
        var most = options.MaxValue ?? 0;
        Range(checks, $"Types:{name}:MaxValue", options.MaxValue, 0, LargestValue);
        Range(checks, $"Types:{name}:DefaultValue", options.DefaultValue, 0, most);
        Range(checks, $"Types:{name}:LeastPositive", options.LeastPositive, 0, most);
        if (options.WeightByValue == true && most == 0)
            checks.Add($"{Section}:Types:{name}:WeightByValue", "is true, but MaxValue is 0: the events have no value");
        if (options.Removes == true && options.Undo == false)
            checks.Add($"{Section}:Types:{name}:Removes", "is true, but Undo is false: what removes an item must be possible to take back");
    }

    private static void Range(SettingChecks checks, string setting, double? value, double least, double most)
    {
        if (value is { } number && !(number >= least && number <= most))
            checks.Add($"{Section}:{setting}", FormattableString.Invariant($"is {number}, it must be {least}..{most}"));
    }

    private static EventTypeInfo Own(string name, EventTypeOptions options)
    {
        var most = options.MaxValue ?? 0;
        return new EventTypeInfo(
            (EventType)options.Number!.Value, name, most, options.DefaultValue ?? Math.Min(1, most), (float)options.Weight!.Value,
            options.WeightByValue == true, Seen: false, options.Undo != false, most == 0 ? "none" : FormattableString.Invariant($"0..{most}"))
        {
            LeastPositive = options.LeastPositive ?? 0,
            Removes = options.Removes == true,
        };
    }
}
