namespace KgOrleans.Api.Recommend;

/// <summary>
/// The member <c>context</c> of <c>POST /v1/recommend</c>: the time and place that the request comes from. A scene declares the members that it takes
/// (contextKeys).
/// </summary>
public sealed record RecommendContext
{
    /// <summary>Region that the user is in, as an id. The region channel uses it instead of the profile's region.</summary>
    public string? City { get; init; }

    /// <summary>Song that the user hears or sings now, as an id. The continue channel starts from it.</summary>
    public string? SongId { get; init; }

    /// <summary>Hour of the day where the user is, a whole number 0..23. Rankers use it instead of the UTC time of day.</summary>
    public double? Hour { get; init; }

    /// <summary>Kind of device, as an id. Rankers that were trained with devices use it.</summary>
    public string? Device { get; init; }
}
