namespace KgOrleans.Ranking.Serving;

/// <summary>What a request says about the moment and the place that it comes from: its <c>context</c>, checked. Members are null when the request does not name them.</summary>
public sealed record ServingContext
{
    /// <summary>Largest <see cref="Hour"/>.</summary>
    public const int LastHour = 23;

    /// <summary>Where the user is, as a region id. It stands in for the region of the profile in the region channel.</summary>
    public string? City { get; init; }

    /// <summary>Song that the user hears or sings now, as an id. The continue channel starts from it.</summary>
    public string? SongId { get; init; }

    /// <summary>Hour of the day where the user is, 0..23. It stands in for the UTC time of day in the features <c>context.hourSin</c> and <c>context.hourCos</c>.</summary>
    public int? Hour { get; init; }

    /// <summary>Kind of device, as an id: the feature <c>context.device</c>.</summary>
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
