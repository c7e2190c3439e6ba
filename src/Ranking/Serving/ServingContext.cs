namespace KgOrleans.Ranking.Serving;

/// <summary>A request's <c>context</c>, checked: the time and place that it comes from. Members that the request does not name are null.</summary>
public sealed record ServingContext
{
    /// <summary>Largest <see cref="Hour"/>.</summary>
    public const int LastHour = 23;

    /// <summary>Region that the user is in, as an id. The region channel uses it instead of the profile's region.</summary>
    public string? City { get; init; }

    /// <summary>Song that the user hears or sings now, as an id. The continue channel starts from it.</summary>
    public string? SongId { get; init; }

    /// <summary>
    /// Hour of the day where the user is, 0..23. The features <c>context.hourSin</c> and <c>context.hourCos</c> use it instead of the UTC time of day.
    /// </summary>
    public int? Hour { get; init; }

    /// <summary>Kind of device, as an id. It is the feature <c>context.device</c>.</summary>
    public string? Device { get; init; }

    /// <summary>JSON names of the members that the request has.</summary>
    public IEnumerable<string> Names()
    {
        if (Device is not null)
            yield return "device";
        if (City is not null)
            yield return "city";
        if (SongId is not null)
            yield return "songId";
        if (Hour is not null)
            yield return "hour";
    }
}
