namespace KgOrleans.Api.Recommend;

/// <summary>The member <c>context</c> of <c>POST /v1/recommend</c>: what the request says about the moment and the place that it comes from. A scene declares which of its members it takes (contextKeys).</summary>
public sealed record RecommendContext
{
    /// <summary>Where the user is, as a region id: stands in for the region of the profile in the region channel.</summary>
    public string? City { get; init; }

    /// <summary>Song that the user hears or sings now, as an id: the continue channel starts from it.</summary>
    public string? SongId { get; init; }

    /// <summary>Hour of the day where the user is, a whole number 0..23: stands in for the UTC time of day in what the rankers are fed.</summary>
    public double? Hour { get; init; }

    /// <summary>Kind of device, as an id: a feature of rankers that know it.</summary>
    public string? Device { get; init; }
}
